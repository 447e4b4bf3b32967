"""What of a reading is noise, and what is not: learned from the readings themselves."""

import math
from collections import deque

#: Readings from which the noise is known, and which are remembered: a sensor of another range must soon be believed.
LEAST, MOST = 32, 60
#: Standard deviations that noise explains: one reading in a thousand million lies beyond by chance.
EXPLAINED = 6.0
#: Variance of the second difference of independent readings over that of one: 1 + 4 + 1.
_SECOND_DIFFERENCE = 6.0


class Noise:
    """Standard deviation of single readings, from their second differences: a ramp or a drift does not count.

    After J. von Neumann et al., Ann. Math. Stat. 12 (1941) 153, who take first differences.
    """

    def __init__(self) -> None:
        self._squares: deque[float] = deque(maxlen=MOST)
        self._sum = 0.0
        self._before = self._last = math.nan

    @property
    def deviation(self) -> float:
        """Standard deviation; 0 while it is not known."""
        count = len(self._squares)
        if count < LEAST:
            return 0.0
        return math.sqrt(max(0.0, self._sum) / (_SECOND_DIFFERENCE * count))

    @property
    def margin(self) -> float:
        """What noise may add to a reading at most; 0 while that is not known."""
        return EXPLAINED * self.deviation

    def add(self, value: float) -> None:
        """Take a reading."""
        second = value - 2.0 * self._last + self._before
        self._before, self._last = self._last, value
        if math.isnan(second):
            return
        if len(self._squares) == MOST:
            self._sum -= self._squares[0]
        self._squares.append(second * second)
        self._sum += second * second

    def interrupt(self) -> None:
        """Note that the next reading does not follow the last one."""
        self._before = self._last = math.nan
