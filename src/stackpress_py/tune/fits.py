"""Least squares with standard uncertainties, and what makes a fit one that is not believed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from stackpress_py.tune.trial import DoubtError

Array: TypeAlias = npt.NDArray[np.float64]
#: Fine steps in a coarse one, where a minimum is sought.
COARSE = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """A number that was measured.

    Attributes:
        value: in SI.
        deviation: standard uncertainty (k = 1), same unit.
    """

    value: float
    deviation: float

    def believed(self, what: str, share: float, advice: str) -> "Measured":
        """Return it.

        Args:
            what: it is, for the message.
            share: largest standard uncertainty relative to the value.
            advice: what to do if it is larger.

        Raises:
            DoubtError: its uncertainty is too large.
        """
        if not (math.isfinite(self.value) and self.deviation <= share * abs(self.value)):
            raise DoubtError(
                f"{what} cannot be told: it came out as {self.value:.3g} with a standard uncertainty"
                f" of {self.deviation:.2g}; {advice}"
            )
        return self


@dataclass(frozen=True, slots=True)
class Fit:
    """A linear fit.

    Attributes:
        values: of the coefficients.
        covariance: of them, with correlated residuals allowed for.
        residuals: measured less fitted.
    """

    values: Array
    covariance: Array
    residuals: Array

    def __getitem__(self, index: int) -> Measured:
        variance = max(0.0, float(self.covariance[index, index]))
        return Measured(float(self.values[index]), math.sqrt(variance))

    @property
    def spread(self) -> float:
        """Standard deviation of the residuals."""
        return float(np.std(self.residuals))


def least_squares(columns: Sequence[Array], measured: Array) -> Fit:
    """Fit a sum of columns, each times a coefficient.

    Residuals that resemble their neighbours are worth less than their number: the covariance is widened by
    (1 + r) / (1 - r) with r their first autocorrelation, as for a first-order autoregressive process
    (Bartlett, J. R. Stat. Soc. 98 (1935) 536).
    """
    matrix = np.column_stack(columns)
    scale = np.sqrt(np.sum(matrix * matrix, axis=0))
    scale[scale == 0.0] = 1.0
    found, *_ = np.linalg.lstsq(matrix / scale, measured, rcond=None)
    values = found / scale
    residuals = measured - matrix @ values
    free = max(1, len(measured) - len(values))
    variance = float(residuals @ residuals) / free * _widening(residuals)
    inverse = np.linalg.pinv((matrix / scale).T @ (matrix / scale))
    covariance = variance * inverse / np.outer(scale, scale)
    return Fit(values, covariance, residuals)


def _widening(residuals: Array) -> float:
    total = float(residuals @ residuals)
    if total == 0.0 or len(residuals) < 4:
        return 1.0
    correlation = min(0.99, max(0.0, float(residuals[1:] @ residuals[:-1]) / total))
    return (1.0 + correlation) / (1.0 - correlation)


def running_integral(time: Array, values: Array) -> Array:
    """Return the integral of samples by the trapezoidal rule, 0 at the first."""
    parts = 0.5 * (values[1:] + values[:-1]) * np.diff(time)
    return np.concatenate(([0.0], np.cumsum(parts)))


def squared_error(columns: Sequence[Array], measured: Array) -> float:
    """Return the mean square of what a fit leaves; quicker than the fit itself."""
    matrix = np.column_stack(columns)
    scale = np.sqrt(np.sum(matrix * matrix, axis=0))
    scale[scale == 0.0] = 1.0
    matrix /= scale
    values = np.linalg.lstsq(matrix.T @ matrix, matrix.T @ measured, rcond=None)[0]
    left = measured - matrix @ values
    return float(left @ left) / len(measured)


def lowest(function: Callable[[float], float], begin: float, end: float, step: float) -> float:
    """Return where a function is lowest: sought in coarse steps first, then in fine ones, refined by a parabola.

    Args:
        function: with one broad minimum.
        begin: of the places where it is sought.
        end: of them.
        step: fine step.
    """
    coarse = step * COARSE
    places = np.arange(begin, end + 0.5 * coarse, coarse)
    middle = float(places[int(np.argmin([function(float(place)) for place in places]))])
    fine = np.arange(max(begin, middle - coarse), min(end, middle + coarse) + 0.5 * step, step)
    values = [function(float(place)) for place in fine]
    at = int(np.argmin(values))
    if at in (0, len(values) - 1):
        return float(fine[at])
    left, lowest_value, right = values[at - 1], values[at], values[at + 1]
    bend = left - 2.0 * lowest_value + right
    shift = 0.0 if bend <= 0.0 else 0.5 * (left - right) / bend
    return float(fine[at]) + shift * step
