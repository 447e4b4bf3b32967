"""The average of the latest readings."""

import math
from collections import deque


class RecentAverage:
    """Average of the readings of the last ``time`` s; 0 s: the latest reading alone.

    Attributes:
        value: latest average; NaN: there are no readings.
    """

    def __init__(self, time: float) -> None:
        self.value = math.nan
        self._time = time
        self._readings: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def add(self, value: float, now: float) -> float:
        """Take a reading and return the average."""
        readings = self._readings
        readings.append((now, value))
        self._sum += value
        while len(readings) > 1 and now - readings[0][0] >= self._time:
            self._sum -= readings.popleft()[1]
        if len(readings) == 1:
            self._sum = value
        self.value = self._sum / len(readings)
        return self.value

    def clear(self) -> None:
        """Forget all readings."""
        self._readings.clear()
        self._sum = 0.0
        self.value = math.nan
