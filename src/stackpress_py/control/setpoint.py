"""A set-point that waits for the press, and the judgement whether the press follows it."""

from stackpress_py.control.law import (
    LARGEST_DROP,
    LONGEST_STEP,
    NOISE_SHARE,
    ForceSample,
    PressFacts,
)
from stackpress_py.control.reference import SmoothReference

#: s in which the set-point builds up its full rate, and s over which that is smoothed.
BUILD_UP_TIME, SMOOTHING = 0.4, 0.2
#: s within which the set-point would be at its target with the rate that it has near it: the slower it comes, the less
#: what is not known of the press can make the force overshoot. Taken off slower still: near nothing everything changes.
TAIL, TAIL_DOWN = 1.0, 2.0
#: Part of the target by which it moves each second at least.
SLOWEST = 2e-3
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
        self._reference = SmoothReference(0.0, SMOOTHING)
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
        limit = 0.0 if waiting else self._rate_limit(target, rate)
        reference.step(dt, target, limit, _acceleration(target, rate))
        self._falling = target < reference.value
        self._judge(sample, target, band)

    def _rate_limit(self, target: float, rate: float) -> float:
        if target <= 0.0:
            return rate
        distance = target - self._reference.value
        tail = TAIL if distance > 0.0 else TAIL_DOWN
        return min(rate, max(abs(distance) / tail, SLOWEST * target))

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

    def stands_at(self, target: float) -> bool:
        """Return True if the set-point stands at a target (N)."""
        return self._reference.value == target and self._reference.rate == 0.0

    def stuck(self, now: float, longer: float = 0.0) -> bool:
        """Return True if the force has been far off for long, and so many s longer, without coming nearer."""
        patience = self._patience + longer
        return self._stuck_since is not None and now - self._stuck_since > patience

    def why_broken(self, sample: ForceSample, last: ForceSample, noise: float = 0.0) -> str:
        """Return why the stack must have broken or lost contact since the last sample, or an empty text.

        Args:
            sample: latest measurement.
            last: the one before.
            noise: N, standard deviation of a measurement, if it is known to be more than what is declared.
        """
        if sample.time - last.time > self._longest_gap or self._comes_down(last):
            # Much may have happened rightly in the meantime; or the press itself is taking force off.
            return ""
        drop = last.force - sample.force
        noise = max(noise, NOISE_SHARE * max(sample.uncertainty, last.uncertainty))
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
