"""The law of a press with a force loop of its own: it gets the set-point and the rate, and is watched.

The press closes the loop with its own sensor and its own constants. What is left to do here is to lead the set-point
within rate and acceleration limits, to wait for a press that is slower than asked, and to give up when it does not
follow or the sample breaks. A difference between the press's sensor and ours stays.
"""

from stackpress_py.control.law import ForceMove, ForceSample, Move, PressFacts, Stage
from stackpress_py.control.setpoint import Setpoint
from stackpress_py.control.untuned import PRESSING, UntunedLaw

#: Contact forces that the press is asked for until contact is seen: more than one, for its own sensor may read more.
TOUCH = 3.0


class ForceSetpointLaw(UntunedLaw):
    """The law of a press that is moved by the set-point of a force."""

    def __init__(self, facts: PressFacts) -> None:
        super().__init__(facts)
        self._reference = Setpoint(facts)

    def _why_lost(self, sample: ForceSample, last: ForceSample) -> str:
        if self.stage not in PRESSING:
            return self._why_no_contact(sample.time)
        if self._reference.stuck(sample.time):
            return (
                f"the press does not follow: {self._reference.value:.0f} N are asked of it and"
                f" {sample.force:.0f} N are measured: look at its own controller"
            )
        return "" if self.stage is Stage.UNLOAD else self._reference.why_broken(sample, last)

    def _setpoint(self) -> float:
        return self._reference.value

    def _restart(self, sample: ForceSample) -> None:
        self._reference.restart(sample.force)

    def _blind(self) -> Move | None:
        # The press sees its own sensor: it goes on holding what it was told last.
        return self._move

    def _approach(self, sample: ForceSample, dt: float) -> Move | None:
        return ForceMove(min(TOUCH * self.contact_force, self._target), self._rate)

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        reference = self._reference
        reference.step(sample, dt, self._target, self._rate, 0.0)
        if self.stage is not Stage.UNLOAD:
            standing = reference.stands_at(self._target)
            self.stage = Stage.HOLD if standing else Stage.RAMP
        # A set-point that was restarted from noise about the limit must not be refused for it.
        return ForceMove(min(reference.value, self.facts.force_limit), self._rate)

    def _open(self, sample: ForceSample) -> Move | None:
        return ForceMove(0.0, self._rate)
