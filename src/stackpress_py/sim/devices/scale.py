"""The weighing inside a load cell transmitter: gross, net, peak, standstill. Units of its display."""

import math
from collections import deque
from collections.abc import Callable

from .settings import ScaleSettings


class Scale:
    """A load cell as its transmitter sees it.

    Attributes:
        gross: units above the zero, not rounded; the last good one after the cell was lost.
        tare: units that net leaves out.
        peak: largest gross since it was reset.
        broken: the cell is not connected (its source tells NaN).
        stable: the weight stands still.
        division, capacity: units.
    """

    def __init__(self, settings: ScaleSettings, force: Callable[[], float]) -> None:
        self.gross = 0.0
        self.tare = 0.0
        self.peak = 0.0
        self.broken = False
        self.stable = False
        self.division = settings.division
        self.capacity = settings.capacity
        self._force = force
        self._unit = settings.unit_n
        self._period = 1.0 / settings.sample_hz
        self._spread = settings.stable_divisions * settings.division
        self._recent: deque[float] = deque(maxlen=max(2, round(settings.stable_s / self._period)))
        self._zero = 0.0
        self._next = 0.0

    @property
    def net(self) -> float:
        """Units of gross less the tare."""
        return self.gross - self.tare

    @property
    def average(self) -> float:
        """Units, mean gross of the time that standstill takes."""
        return sum(self._recent) / len(self._recent) if self._recent else self.gross

    @property
    def raw(self) -> float:
        """Units without any zero."""
        return self.gross + self._zero

    def truth(self) -> dict[str, object]:
        """Return gross and tare (units), and whether the weight stands still."""
        return {"gross": self.gross, "tare": self.tare, "stable": self.stable}

    def advance(self, now: float) -> None:
        """Take the samples that are due by now; only the last second of a long pause is seen."""
        self._next = max(self._next, now - 1.0)
        while self._next <= now:
            self._next += self._period
            self._sample()

    def set_zero(self) -> None:
        """Take the weight of now for zero."""
        self._zero += self.gross
        self.gross = self.peak = 0.0
        self._recent.clear()

    def reset_zero(self) -> None:
        """Go back to the zero of the calibration."""
        self.gross, self._zero = self.raw, 0.0
        self._recent.clear()

    def set_tare(self) -> None:
        """Take the weight of now for the tare."""
        self.tare = self.gross

    def rounded(self, value: float) -> float:
        """Return a weight in whole divisions."""
        return round(value / self.division) * self.division

    def counts(self, value: float) -> int:
        """Return a weight as the display shows it, its decimal point left out."""
        return round(self.rounded(value) * 10.0**self.decimals)

    @property
    def decimals(self) -> int:
        """Decimals that a division needs."""
        for digits in range(6):
            scaled = self.division * 10**digits
            if abs(scaled - round(scaled)) < 1e-9:
                return digits
        return 6

    def _sample(self) -> None:
        force = self._force()
        self.broken = math.isnan(force)
        if self.broken:
            self.stable = False
            self._recent.clear()
            return
        self.gross = force / self._unit - self._zero
        self.peak = max(self.peak, self.gross)
        self._recent.append(self.gross)
        full = len(self._recent) == self._recent.maxlen
        self.stable = full and max(self._recent) - min(self._recent) <= self._spread
