"""What prediction errors tell: how noisy a sensor is, and whether something has changed unexpectedly. SI units."""

import math

from stackpress_py.control.reference import clamp

#: Bounds of the noise relative to the declared one.
LEAST_NOISE, MOST_NOISE = 0.2, 10.0
#: s over which prediction errors are averaged to see that they lie on one side.
BIAS_TIME = 0.2
#: Standard deviations of that average beyond which something must have changed.
SUSPICIOUS = 3.0


class LearnedNoise:
    """Learns the noise of a sensor from how successive errors differ from one another.

    Args:
        forgetting: share of a squared error that enters the estimate.
    """

    def __init__(self, forgetting: float) -> None:
        self._forgetting = forgetting
        self._ratio = 1.0
        self._last_error = 0.0

    def restart(self) -> None:
        """Begin with another series of errors; what was learned stays."""
        self._last_error = 0.0

    def step(self, error: float, declared: float) -> float:
        """Take an error (N); return the standard deviation (N) of a measurement, which is declared to be so large."""
        difference = error - self._last_error
        self._last_error = error
        found = min(0.5 * difference * difference / (declared * declared), 9.0 * self._ratio)
        ratio = self._ratio + self._forgetting * (found - self._ratio)
        self._ratio = clamp(ratio, LEAST_NOISE**2, MOST_NOISE**2)
        return declared * math.sqrt(self._ratio)


class Suspicion:
    """Sees that prediction errors lie on one side."""

    def __init__(self) -> None:
        self._bias = 0.0

    def restart(self) -> None:
        """Forget what was seen."""
        self._bias = 0.0

    def step(self, dt: float, error: float, deviation: float) -> float:
        """Take an error (N) after ``dt`` s; return how suspicious their mean is: above 1 something has changed."""
        share = dt / (BIAS_TIME + dt)
        self._bias += share * (error - self._bias)
        return abs(self._bias) / (SUSPICIOUS * deviation * math.sqrt(0.5 * share))
