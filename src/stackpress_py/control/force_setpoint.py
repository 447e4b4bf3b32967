"""The law of a press with a force loop of its own: it gets the set-point and the rate, and is watched.

The press closes the loop with its own sensor and its own constants. What is done here is to lead the set-point within
rate and acceleration limits, to trim it so that our force arrives (:mod:`stackpress_py.control.trim`), to wait for a
press that is slower than asked, and to give up when it does not follow or the sample breaks.
"""

from collections.abc import Mapping

from stackpress_py.control.law import ForceMove, ForceSample, Move, PressFacts, Stage
from stackpress_py.control.reserve import reserve
from stackpress_py.control.setpoint import Setpoint
from stackpress_py.control.trim import Trim
from stackpress_py.control.untuned import PRESSING, UntunedLaw

#: Contact forces that the press is asked for until contact is seen, for its own sensor may read more; and as a part of
#: the limit of force, for it may be coarser than ours.
TOUCH, COARSE_TOUCH = 3.0, 2e-3
#: Part of the target that this may be.
GENTLE_TOUCH = 0.5
#: s after contact in which a force that falls is the landing's.
LANDING = 1.0
#: Times the rate of a ramp at which the press may follow a trim that changes.
MARGIN = 3.0
#: Part of the target within which the force has arrived, and s after which it has, however far off it is.
ARRIVED, LONGEST_ARRIVAL = 2.5e-3, 10.0
#: s after which a difference between the load cells that is too large to be trimmed is one.
DISAGREEMENT = 10.0
#: Part of the target before which it is decided how far below it is aimed.
LAST_AIM = 0.01


class ForceSetpointLaw(UntunedLaw):
    """The law of a press that is moved by the set-point of a force."""

    def __init__(self, facts: PressFacts) -> None:
        super().__init__(facts)
        self._reference = Setpoint(facts)
        self._trim = Trim(facts)
        self._aim = 0.0
        self._decided = False
        self._landed: float | None = None

    @property
    def learned(self) -> Mapping[str, str]:
        """What the law has learned of the press, for people."""
        return self._trim.learned

    def _set_target(self, force: float, rate: float, tolerance: float) -> None:
        super()._set_target(force, rate, tolerance)
        self._decided = False

    def _why_lost(self, sample: ForceSample, last: ForceSample) -> str:
        if self.stage not in PRESSING:
            return self._why_no_contact(sample.time)
        if self._reference.stuck(sample.time):
            return (
                f"the press does not follow: {self._reference.value:.0f} N are asked of it and"
                f" {sample.force:.0f} N are measured: look at its own controller"
            )
        if self._trim.disagreeing > DISAGREEMENT:
            return (
                f"the press stands at {sample.force:.0f} N and takes it for"
                f" {self._reference.value:.0f} N: compare its load cell with ours"
            )
        if self.stage is Stage.UNLOAD or self._lands(sample.time):
            return ""
        return self._reference.why_broken(sample, last, self._trim.noise)

    def _lands(self, now: float) -> bool:
        return self._landed is not None and now - self._landed < LANDING

    def _setpoint(self) -> float:
        return self._reference.value

    def _restart(self, sample: ForceSample) -> None:
        force = sample.force
        if self.stage is Stage.APPROACH:
            # Less than what it has been looking for would make it look again.
            self._landed, force = sample.time, max(force, self._touch())
        self._reference.restart(force)
        self._trim.restart(sample.force)
        self._aim, self._decided = self._target, False

    def _touch(self) -> float:
        least = max(TOUCH * self.contact_force, COARSE_TOUCH * self.facts.force_limit)
        return min(least, GENTLE_TOUCH * self._target)

    def _blind(self) -> Move | None:
        # The press sees its own sensor: it goes on holding what it was told last.
        return self._move

    def _approach(self, sample: ForceSample, dt: float) -> Move | None:
        return ForceMove(self._touch(), self._rate)

    def _follow(self, sample: ForceSample, dt: float) -> Move | None:
        reference, trim = self._reference, self._trim
        self._decide(sample)
        reference.step(sample, dt, self._aim, self._rate, 0.0)
        asked = trim.step(sample, dt, reference.value, reference.rate, self._rate)
        near = abs(trim.force - self._aim) <= ARRIVED * self._target
        self._judge(dt, reference.stands_at(self._aim), near, LONGEST_ARRIVAL)
        return ForceMove(asked, min(self.facts.force_rate, MARGIN * self._rate))

    def _decide(self, sample: ForceSample) -> None:
        """Decide how far below a target that lies above the force is aimed."""
        target, missing = self._target, self._target - self._reference.value
        if self._decided and missing < LAST_AIM * target:
            return  # an aim that moves with the noise is never reached
        self._decided = True
        # A trim is learned so slowly where the sensor is noisy that the noise does not make the force wander.
        below = reserve(target, sample.uncertainty, 0.0) if missing > 0.0 else 0.0
        self._aim = target - below

    def _open(self, sample: ForceSample) -> Move | None:
        return ForceMove(0.0, self._rate)
