"""A set-point that waits for the press, and the judgement whether the press follows it."""

from stackpress_py.control.law import (
    LARGEST_DROP,
    LONGEST_STEP,
    NOISE_SHARE,
    ForceSample,
    PressFacts,
)
from stackpress_py.control.reference import Reference

#: s in which the set-point builds up its full rate.
BUILD_UP_TIME = 0.5
#: s by which a press may be late without making the set-point wait.
LAG = 1.0
#: Part of the larger of set-point and target by which the force may be off likewise.
BAND = 0.05
#: Part of that band by which the force must move towards the set-point to count as following.
PROGRESS = 0.1
#: s without that after which a press does not follow; the second if its force is too high.
PATIENCE = 5.0
PATIENCE_ABOVE = 2.0


class Setpoint:
    """The set-point of a press whose force loop this program does not close, or only coarsely.

    It stands while the force is far behind, so that a press that is slower than asked makes the ramp longer and is
    not driven into its limits; but a press that does not even come nearer is given up.

    Args:
        facts: of the press.
    """

    def __init__(self, facts: PressFacts) -> None:
        self._longest_gap = max(LONGEST_STEP, 3.0 * facts.period)
        self._contact = facts.contact_force
        self._reference = Reference(0.0)
        self._falling = False
        self._patience = PATIENCE
        self._stuck_since: float | None = None
        self._mark = 0.0

    @property
    def value(self) -> float:
        """Present set-point, N."""
        return self._reference.value

    @property
    def rate(self) -> float:
        """Present rate of the set-point, N/s."""
        return self._reference.rate

    def restart(self, value: float) -> None:
        """Stand at a force (N)."""
        self._reference.restart(max(0.0, value))
        self._falling = False
        self._stuck_since = None

    def step(
        self, sample: ForceSample, dt: float, target: float, rate: float, slack: float
    ) -> None:
        """Go on towards a target.

        Args:
            sample: latest measurement; its force is known.
            dt: s since the last step, > 0.
            target: N.
            rate: N/s, largest.
            slack: N by which the force is off in normal operation.
        """
        reference = self._reference
        error = reference.value - sample.force
        largest = max(reference.value, target)
        band = max(3.0 * sample.uncertainty, BAND * largest, LAG * rate, 2.0 * slack)
        waiting = abs(error) > band and error * (target - reference.value) > 0.0
        reference.step(dt, target, 0.0 if waiting else rate, _acceleration(target, rate))
        self._falling = target < reference.value
        self._judge(sample, target, band)

    def _judge(self, sample: ForceSample, target: float, band: float) -> None:
        # A force between set-point and target is met by the set-point in a moment.
        missing = min(self.value, target) - sample.force
        beyond = sample.force - max(self.value, target)
        self._patience = PATIENCE if missing > 0.0 or target < self.value else PATIENCE_ABOVE
        if max(missing, beyond) <= band:
            self._stuck_since = None
            return
        moved = sample.force - self._mark if missing > 0.0 else self._mark - sample.force
        if self._stuck_since is None or moved >= PROGRESS * band:
            self._stuck_since, self._mark = sample.time, sample.force

    def stuck(self, now: float) -> bool:
        """Return True if the force has been far off for long without coming nearer."""
        return self._stuck_since is not None and now - self._stuck_since > self._patience

    def why_broken(self, sample: ForceSample, last: ForceSample) -> str:
        """Return why the stack must have broken or lost contact since the last sample, or an empty text."""
        if sample.time - last.time > self._longest_gap or self._comes_down(last):
            # Much may have happened rightly in the meantime; or the press itself is taking force off.
            return ""
        drop = last.force - sample.force
        noise = NOISE_SHARE * max(sample.uncertainty, last.uncertainty)
        if drop > LARGEST_DROP * last.force + 10.0 * noise:
            return (
                f"the force fell from {last.force:.0f} N to {sample.force:.0f} N at once:"
                " the sample broke or slipped"
            )
        if self.value > 2.0 * self._contact and sample.force < 0.0:
            return "contact was lost: look at the sample and the die"
        return ""

    def _comes_down(self, last: ForceSample) -> bool:
        return self._falling or last.force > 1.2 * self.value


def _acceleration(target: float, rate: float) -> float:
    full = rate / BUILD_UP_TIME
    # A small target is approached so gently that the last build-up time covers no more than the target itself.
    return min(full, target / BUILD_UP_TIME**2) if target > 0.0 else full
