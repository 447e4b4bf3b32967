"""The law of a press that a person moves: it commands nothing, and tells by its stages what is to be done.

APPROACH and RAMP: bring the force to the target. HOLD: keep it. UNLOAD and OPEN: release, and open. FREEZE: leave
everything as it is. A person takes the time that it takes; only a press that is not measured is given up.
"""

from stackpress_py.control.law import ForceSample, Move, Stage
from stackpress_py.control.untuned import UntunedLaw


class ByHandLaw(UntunedLaw):
    """The law of a press that is moved by hand."""

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        if self.stage is not Stage.UNLOAD:
            kept = abs(sample.force - self._target) <= self._asked()
            self.stage = Stage.HOLD if kept else Stage.RAMP
        return None
