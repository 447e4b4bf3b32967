"""A cell that breathes: its stack swells while it is charged and shrinks while it is discharged. SI units."""

import math

from .config import CellConfig


class Cycler:
    """Charges and discharges a cell at a constant current, with a rest after each.

    The stack's thickness follows the charge that was put in, as for plated lithium: 4.85 um per mAh/cm^2.
    """

    def __init__(self, config: CellConfig) -> None:
        self._swelling = config.breathing_um * 1e-6
        self._period = config.period_s
        self._start = config.start_s
        self._current = config.current_a
        self._rest = 0.5 * config.rest_share
        self._charging = 0.5 - self._rest

    def swelling(self, age: float) -> float:
        """Return by how much (m) a cell is thicker, ``age`` s after it was laid in."""
        phase = self._phase(age)
        if phase < 0.0:
            return 0.0
        charged = min(1.0, phase / self._charging)
        discharged = min(1.0, max(0.0, phase - 0.5) / self._charging)
        return self._swelling * (charged - discharged)

    def current(self, age: float) -> float:
        """Return the current (A), + while it charges; NaN if no cycler is there."""
        if self._current == 0.0:
            return math.nan
        phase = self._phase(age)
        if 0.0 <= phase < self._charging:
            return self._current
        return -self._current if 0.5 <= phase < 0.5 + self._charging else 0.0

    def _phase(self, age: float) -> float:
        """Return the part of the cycle that is over, 0..1; below 0: the cycler has not begun, or there is no cell."""
        since = age - self._start  # NaN without a cell
        return since / self._period % 1.0 if since >= 0.0 else -1.0
