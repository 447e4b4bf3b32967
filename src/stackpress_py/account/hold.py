"""Requested versus reached: the account of one held quantity.

Quantities are pressure in Pa or temperature in degrees Celsius (tolerances in K).

What counts as in tolerance is judged so that neither noise nor luck decides: a reading is outside if the average of the
last :data:`AVERAGING` s is, or if it is so far out by itself that noise does not explain it. Highest, lowest and worst
values are of single readings all the same.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

from stackpress_py.account.average import RecentAverage
from stackpress_py.account.noise import Noise

#: A gap between two samples longer than this (s) counts as unknown, neither in nor out of tolerance.
LONGEST_GAP = 0.5
#: s over which a pressure is averaged before it is judged: a load cell's reading has noise that is no pressure. Slow
#: quantities that come filtered, temperatures, are judged by each reading (0 s).
AVERAGING = 0.5


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
    worst_average: float
    duration: float
    time_in_tolerance: float
    time_below: float
    time_above: float
    excursions: int


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
        averaging: s over which values are averaged before they are judged; 0: each reading is.

    Attributes:
        sure_overshoot: part of :attr:`overshoot` that noise does not explain.
    """

    def __init__(
        self,
        target: float,
        tolerance: float,
        settling_time: float,
        approach: Approach,
        averaging: float = 0.0,
    ) -> None:
        if not (math.isfinite(target) and math.isfinite(tolerance) and tolerance > 0.0):
            raise ValueError(
                f"target {target} and tolerance {tolerance} must be finite, and the tolerance above 0"
            )
        self.target = target
        self.tolerance = tolerance
        self.settling_time = settling_time
        self.approach = approach
        self.sure_overshoot = 0.0
        self._begin: float | None = None
        self._last: float | None = None
        self._side: int | None = None
        self._stable_since: float | None = None
        self._reached_at: float | None = None
        self._peak = math.nan
        self._hold = _Statistics()
        self._average = RecentAverage(averaging)
        self._noise = Noise() if averaging > 0.0 else None

    @property
    def reached(self) -> bool:
        """True from the end of the first unbroken stretch of ``settling_time`` in tolerance."""
        return self._reached_at is not None

    @property
    def in_tolerance(self) -> bool:
        """True if the last sample counts as inside the band."""
        return self._side == 0

    @property
    def average(self) -> float:
        """Average that the last sample was judged by; NaN: not known."""
        return self._average.value

    @property
    def time_in_tolerance(self) -> float:
        """Seconds in tolerance since it was reached."""
        return self._hold.inside

    @property
    def worst_deviation(self) -> float:
        """Largest |value - target| since it was reached; 0 before."""
        return self._hold.worst

    @property
    def worst_average(self) -> float:
        """Largest |average - target| since it was reached; 0 before."""
        return self._hold.worst_average

    @property
    def overshoot(self) -> float:
        """How far the value went beyond the target, seen in the direction of approach; never negative."""
        return 0.0 if math.isnan(self._peak) else max(0.0, self._beyond(self._peak))

    def update(self, value: float, now: float) -> None:
        """Take one sample; a value that is not finite counts as unknown and breaks the stable stretch."""
        if self._begin is None:
            self._begin = now
        step = 0.0 if self._last is None else now - self._last
        if not 0.0 <= step <= LONGEST_GAP:
            step = 0.0
            self._interrupt()
        self._last = now
        if not math.isfinite(value):
            self._interrupt()
            self._side = None
            return
        before, self._side = self._side, self._judge(value, now)
        self._note_peak(value)
        if self._side != 0:
            self._stable_since = None
        elif self._stable_since is None:
            self._stable_since = now
        if self.reached:
            self._hold.pass_time(step, before, self._side)
            self._hold.add(value, value - self.target, self.average - self.target, step)
        elif self._stable_since is not None and now - self._stable_since >= self.settling_time:
            self._reached_at = self._stable_since
            self._hold.add(value, value - self.target, self.average - self.target, 0.0)

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
            worst_average=hold.worst_average if self.reached else math.nan,
            duration=hold.duration,
            time_in_tolerance=hold.inside,
            time_below=hold.below,
            time_above=hold.above,
            excursions=hold.excursions,
        )

    def _interrupt(self) -> None:
        """What comes next does not follow what was."""
        self._stable_since = None
        self._average.clear()
        if self._noise is not None:
            self._noise.interrupt()

    def _judge(self, value: float, now: float) -> int:
        """Return the side of the band on which a sample counts: 0 inside, -1 below, 1 above."""
        margin = 0.0 if self._noise is None else self._noise.margin
        average = self._average.add(value, now)
        sure = max(self._beyond(average), self._beyond(value) - margin)
        self.sure_overshoot = max(self.sure_overshoot, sure)
        side = self._side_of(average, self.tolerance) or self._side_of(
            value, self.tolerance + margin
        )
        if self._noise is not None:
            # What left the tolerance is no noise: it must not excuse itself, or what comes after it.
            if side == 0 or not self.reached:
                self._noise.add(value)
            else:
                self._noise.interrupt()
        return side

    def _side_of(self, value: float, allowed: float) -> int:
        away = value - self.target
        if abs(away) <= allowed:
            return 0
        return 1 if away > 0.0 else -1

    def _beyond(self, value: float) -> float:
        """Return how far a value lies beyond the target, seen in the direction of approach."""
        away = value - self.target
        return away if self.approach is Approach.FROM_BELOW else -away

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
        self.duration = self.inside = self.below = self.above = 0.0
        self.excursions = 0
        self.minimum = math.nan
        self.maximum = math.nan
        self.worst = self.worst_average = 0.0
        self._integral = 0.0
        self._first = math.nan

    @property
    def mean(self) -> float:
        return self._integral / self.duration if self.duration > 0.0 else self._first

    def add(self, value: float, deviation: float, average_deviation: float, step: float) -> None:
        if math.isnan(self.minimum):
            self.minimum = self.maximum = self._first = value
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        self.worst = max(self.worst, abs(deviation))
        self.worst_average = max(self.worst_average, abs(average_deviation))
        self.duration += step
        self._integral += value * step

    def pass_time(self, step: float, before: int | None, side: int) -> None:
        """Count the time between two samples, of which one that is outside makes it outside."""
        if side != 0 and before in (0, None):
            self.excursions += 1
        if before is None:
            return
        outside = side or before
        if outside == 0:
            self.inside += step
        elif outside < 0:
            self.below += step
        else:
            self.above += step
