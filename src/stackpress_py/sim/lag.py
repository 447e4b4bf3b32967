"""Dead times and lags that are exact for steps of any length: a long step loses nothing but what happens inside it."""

import math
from collections import deque

#: s within which a moment counts as the end of a step.
SAME = 1e-12


class Delay:
    """A dead time between an order and its effect.

    Attributes:
        value: what has its effect now.
    """

    def __init__(self, dead_time: float) -> None:
        self.value = 0.0
        self._dead_time = dead_time
        self._ordered = 0.0
        self._now = 0.0
        self._coming: deque[tuple[float, float]] = deque()

    def order(self, value: float) -> None:
        """Order a value from now on."""
        if value != self._ordered:
            self._ordered = value
            self._coming.append((self._now + self._dead_time, value))

    def pieces(self, dt: float) -> list[tuple[float, float]]:
        """Let ``dt`` s pass; return the values that had their effect one after the other, each with its time (s)."""
        now = self._now
        self._now = end = now + dt
        coming = self._coming
        if not coming:
            return [(self.value, dt)]
        pieces = []
        while coming and coming[0][0] < end - SAME:
            due, value = coming.popleft()
            if due > now + SAME:
                pieces.append((self.value, due - now))
                now = due
            self.value = value
        pieces.append((self.value, end - now))
        return pieces


class Follower:
    """What follows a command (0..1) late, with a first-order lag, and has an effect only above a dead band.

    Attributes:
        effect: 0..1 now.
    """

    def __init__(self, dead_time: float, lag: float, dead_band: float) -> None:
        self.effect = 0.0
        self._delay = Delay(dead_time)
        self._lag = lag
        self._dead_band = dead_band
        self._value = 0.0

    def order(self, command: float) -> None:
        """Order a value from now on."""
        self._delay.order(command)

    def advance(self, dt: float) -> float:
        """Let ``dt`` s pass; return the time integral (s) of the effect."""
        total = 0.0
        for goal, time in self._delay.pieces(dt):
            if goal > self._dead_band or self._value > self._dead_band:
                total += self._above(goal, time)
            else:
                self._value = goal + (self._value - goal) * math.exp(-time / self._lag)
        full = 1.0 - self._dead_band
        self.effect = max(0.0, self._value - self._dead_band) / full
        return total / full

    def _above(self, goal: float, time: float) -> float:
        """Follow a goal; return the integral (s) of what is above the dead band."""
        start, band, lag = self._value, self._dead_band, self._lag
        decay = math.exp(-time / lag)
        self._value = end = goal + (start - goal) * decay
        if min(start, end) < band < max(start, end):
            crossed = lag * math.log((start - goal) / (band - goal))
            if start < band:
                start, time, decay = band, time - crossed, math.exp((crossed - time) / lag)
            else:
                time, decay = crossed, math.exp(-crossed / lag)
        elif max(start, end) <= band:
            return 0.0
        return (goal - band) * time + (start - goal) * lag * (1.0 - decay)
