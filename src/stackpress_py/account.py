"""Requested versus reached: the account of one held quantity.

The same account is kept by the controllers (action results), by the sequencer (phase results) and by the report,
which makes it again from the recorded messages. Quantities are pressure in Pa or temperature in degrees Celsius
(tolerances in K); time in seconds on any steady clock.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

#: A gap between two samples longer than this (s) counts as unknown, neither in nor out of tolerance.
LONGEST_GAP = 0.5


class Approach(IntEnum):
    """Side from which a target is approached; numbers as in HoldResult."""

    FROM_BELOW = 0
    FROM_ABOVE = 1

    @classmethod
    def to(cls, target: float, present: float) -> "Approach":
        """Return the side from which a target is approached from a present value."""
        return cls.FROM_ABOVE if present > target else cls.FROM_BELOW


@dataclass(frozen=True, slots=True)
class HoldOutcome:
    """What was asked and what was reached; fields and units as in ``msg/HoldResult``."""

    requested: float
    tolerance: float
    reached: bool
    approach: Approach
    time_to_reach: float
    peak: float
    overshoot: float
    mean: float
    minimum: float
    maximum: float
    worst_deviation: float
    duration: float
    time_in_tolerance: float


def farthest(target: float, *values: float) -> float:
    """Return the value that is farthest from the target: the platen that counts. NaN if any is not finite."""
    if not all(math.isfinite(value) for value in values):
        return math.nan
    return max(values, key=lambda value: abs(value - target))


class HoldAccount:
    """Account of one target, fed with every sample from the command on.

    ``reached`` becomes true when the value has been in tolerance for ``settling_time`` without a break; from then on
    everything counts as the hold, in tolerance or not.

    Args:
        target: requested value.
        tolerance: half-width of the band about the target; > 0.
        settling_time: s in tolerance that count as reached.
        approach: side from which the target is approached; decides what a peak and an overshoot are.
    """

    def __init__(
        self, target: float, tolerance: float, settling_time: float, approach: Approach
    ) -> None:
        if not (math.isfinite(target) and math.isfinite(tolerance) and tolerance > 0.0):
            raise ValueError(
                f"target {target} and tolerance {tolerance} must be finite, and the tolerance above 0"
            )
        self.target = target
        self.tolerance = tolerance
        self.settling_time = settling_time
        self.approach = approach
        self._begin: float | None = None
        self._last: float | None = None
        self._last_inside = False
        self._stable_since: float | None = None
        self._reached_at: float | None = None
        self._peak = math.nan
        self._hold = _Statistics()

    @property
    def reached(self) -> bool:
        """True from the end of the first unbroken stretch of ``settling_time`` in tolerance."""
        return self._reached_at is not None

    @property
    def in_tolerance(self) -> bool:
        """True if the last sample lay inside the band."""
        return self._last_inside

    @property
    def time_in_tolerance(self) -> float:
        """Seconds in tolerance since it was reached."""
        return self._hold.inside

    @property
    def worst_deviation(self) -> float:
        """Largest |value - target| since it was reached; 0 before."""
        return self._hold.worst

    @property
    def overshoot(self) -> float:
        """How far the value went beyond the target, seen in the direction of approach; never negative."""
        if math.isnan(self._peak):
            return 0.0
        beyond = self._peak - self.target
        return max(0.0, beyond if self.approach is Approach.FROM_BELOW else -beyond)

    def update(self, value: float, now: float) -> None:
        """Take one sample; a value that is not finite counts as unknown and breaks the stable stretch."""
        if self._begin is None:
            self._begin = now
        step = 0.0 if self._last is None else now - self._last
        if not 0.0 <= step <= LONGEST_GAP:
            step, self._stable_since = 0.0, None
        self._last = now
        if not math.isfinite(value):
            self._last_inside, self._stable_since = False, None
            return
        self._note_peak(value)
        inside = abs(value - self.target) <= self.tolerance
        if not inside:
            self._stable_since = None
        elif self._stable_since is None:
            self._stable_since = now
        if self.reached:
            stayed = inside and self._last_inside
            self._hold.add(value, abs(value - self.target), step, step if stayed else 0.0)
        elif self._stable_since is not None and now - self._stable_since >= self.settling_time:
            self._reached_at = self._stable_since
            self._hold.add(value, abs(value - self.target), 0.0, 0.0)
        self._last_inside = inside

    def result(self) -> HoldOutcome:
        """Return the account as it stands."""
        hold = self._hold
        begin = self._begin if self._begin is not None else math.nan
        return HoldOutcome(
            requested=self.target,
            tolerance=self.tolerance,
            reached=self.reached,
            approach=self.approach,
            time_to_reach=math.nan if self._reached_at is None else self._reached_at - begin,
            peak=self._peak,
            overshoot=self.overshoot,
            mean=hold.mean,
            minimum=hold.minimum,
            maximum=hold.maximum,
            worst_deviation=hold.worst if self.reached else math.nan,
            duration=hold.duration,
            time_in_tolerance=hold.inside,
        )

    def _note_peak(self, value: float) -> None:
        # Before an approach from above has crossed into the band the lowest value so far is the nearest one;
        # from below it is the highest: either way the extreme in the direction of travel.
        if math.isnan(self._peak):
            self._peak = value
        elif self.approach is Approach.FROM_BELOW:
            self._peak = max(self._peak, value)
        else:
            self._peak = min(self._peak, value)


class _Statistics:
    """Time-weighted statistics of the hold."""

    def __init__(self) -> None:
        self.duration = 0.0
        self.inside = 0.0
        self.minimum = math.nan
        self.maximum = math.nan
        self.worst = 0.0
        self._integral = 0.0
        self._first = math.nan

    @property
    def mean(self) -> float:
        return self._integral / self.duration if self.duration > 0.0 else self._first

    def add(self, value: float, deviation: float, step: float, step_inside: float) -> None:
        if math.isnan(self.minimum):
            self.minimum = self.maximum = self._first = value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        self.worst = max(self.worst, deviation)
        self.duration += step
        self.inside += step_inside
        self._integral += value * step
