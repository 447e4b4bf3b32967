"""How fast a noisy, quantised quantity changes: a straight line through averages, with its uncertainty.

The scatter of the averages about the line shows what noise and every slow wobble do to it. What no scatter shows is a
reading that stands on one step of its encoder: noise of standard deviation s before a step q leaves an error of up to
q / 2 exp(-2 pi^2 s^2 / q^2) in an average (after B. Widrow, I. Kollar: Quantization Noise, 2008), almost nothing for
s > q / 2 and half a step without noise.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

#: Averages on a line.
BLOCKS = 30
#: s of one average, shortest first; a line is as long as all its averages together.
BLOCK_TIMES = (1.0, 4.0, 16.0)
#: A rate whose uncertainty is within this part of it needs no longer line.
GOOD = 0.2
#: Part of its time that an average may lack before its line begins anew.
LARGEST_LACK = 0.5
#: Largest correlation of one average's error with the next one's that is reckoned with.
LARGEST_CORRELATION = 0.9


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of change.

    Attributes:
        value: 1/s; NaN: not known yet.
        uncertainty: 1/s, expanded, k = 2.
        since: s, time at which the line begins.
    """

    value: float = math.nan
    uncertainty: float = math.nan
    since: float = math.nan


UNKNOWN = Rate()


class ChangeRate:
    """Rate of change over the shortest line that tells it well; else over the longest that there is.

    Attributes:
        rate: latest.
    """

    def __init__(self) -> None:
        self.rate = UNKNOWN
        self._lines = tuple(_Line(time) for time in BLOCK_TIMES)

    def update(self, value: float, step: float, now: float) -> None:
        """Take a reading.

        Args:
            value: the quantity.
            step: smallest step of a reading, in the same unit; 0: none.
            now: s.
        """
        changed = [line.update(value, step, now) for line in self._lines]
        if any(changed):
            self.rate = self._best()

    def _best(self) -> Rate:
        known = [line.rate for line in self._lines if line.rate is not UNKNOWN]
        good = [rate for rate in known if rate.uncertainty <= GOOD * abs(rate.value)]
        return (*good, *known[-1:], UNKNOWN)[0]


class _Line:
    """The line through averages of one length."""

    def __init__(self, block_time: float) -> None:
        self.rate = UNKNOWN
        self._block_time = block_time
        self._blocks: deque[_Block] = deque(maxlen=BLOCKS)
        self._block: _Block | None = None

    def update(self, value: float, step: float, now: float) -> bool:
        """Take a reading; return True if the rate is another one now."""
        block, self._block = self._block, self._block or _Block(now)
        if block is None or now - block.begin < self._block_time:
            self._block.add(value, now)
            return False
        self._block = _Block(now)
        self._block.add(value, now)
        if now - block.begin > (1.0 + LARGEST_LACK) * self._block_time:
            self._blocks.clear()
        else:
            self._blocks.append(block)
        full = len(self._blocks) == BLOCKS
        self.rate = _fit(self._blocks, step) if full else UNKNOWN
        return True


class _Block:
    """Average of some readings.

    Attributes:
        begin: s, of the first.
        count: readings.
    """

    def __init__(self, begin: float) -> None:
        self.begin = begin
        self.count = 0
        self._value = self._time = self._square = 0.0
        self._first = math.nan

    def add(self, value: float, now: float) -> None:
        if not self.count:
            self._first = value
        away = value - self._first
        self.count += 1
        self._value += away
        self._square += away * away
        self._time += now - self.begin

    @property
    def value(self) -> float:
        return self._first + self._value / self.count

    @property
    def time(self) -> float:
        return self.begin + self._time / self.count

    @property
    def variance(self) -> float:
        mean = self._value / self.count
        return max(0.0, self._square / self.count - mean * mean)


def _fit(blocks: Sequence[_Block], step: float) -> Rate:
    """Return slope of the line of least squares and its expanded uncertainty."""
    count = len(blocks)
    time = sum(block.time for block in blocks) / count
    value = sum(block.value for block in blocks) / count
    width = sum((block.time - time) ** 2 for block in blocks)
    slope = sum((block.time - time) * (block.value - value) for block in blocks) / width
    left = [block.value - value - slope * (block.time - time) for block in blocks]
    squares = sum(x * x for x in left)
    scatter = math.sqrt(squares / (count - 2) / width * _together(left, squares))
    span = blocks[-1].time - blocks[0].time
    stuck = max(_stuck(block.variance, step) for block in blocks)
    return Rate(slope, math.hypot(2.0 * scatter, 2.0 * stuck / span), blocks[0].begin)


def _together(left: Sequence[float], squares: float) -> float:
    """Return by how much the variance of the slope grows because neighbouring errors go together (AR(1))."""
    if squares == 0.0:
        return 1.0
    products = sum(a * b for a, b in zip(left, left[1:], strict=False))
    correlation = min(max(products / squares, 0.0), LARGEST_CORRELATION)
    return (1.0 + correlation) / (1.0 - correlation)


def _stuck(variance: float, step: float) -> float:
    """Return the largest error that rounding leaves in an average of readings with a variance."""
    if step == 0.0:
        return 0.0
    noise = max(0.0, variance / step**2 - 1.0 / 12.0)
    return 0.5 * step * math.exp(-2.0 * math.pi**2 * noise)
