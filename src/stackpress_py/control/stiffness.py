"""How stiff the stack is: learned while pressing, since it is unknown beforehand and changes a hundredfold.

Two estimators, for the two things a stack does. While it is compacted the force follows the ram over a long travel,
and :class:`RampStiffness` takes the slope. While a force is held it is elastic, often thirty times stiffer, and hardly
moves: :class:`HoldStiffness` weighs what little movement there is against the noise, and keeps to what it knew as long
as there is nothing to learn. SI units.
"""

import math
from collections import deque

from stackpress_py.control.reference import clamp

#: Standard deviations of the noise by which the force must have changed within the window.
SPAN = 10.0
#: Least and largest number of samples in it.
LEAST, MOST = 5, 120
#: m that the ram must have moved, so that the encoder's steps do not count.
LEAST_TRAVEL = 1.0e-6


class RampStiffness:
    """Slope of force over ram position by least squares over the latest samples.

    The window is as short as the noise allows, since a powder stiffens while it is compacted. One without enough
    change of force and position says nothing; the last estimate then stands.

    Args:
        minimum, maximum: N/m, range of the estimate.

    Attributes:
        value: N/m.
        known: it was measured since the last restart.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self._minimum, self._maximum = minimum, maximum
        self.value = maximum
        self.known = False
        self._window: deque[tuple[float, float]] = deque()
        self._sums = [0.0, 0.0, 0.0, 0.0]
        self._origin = (0.0, 0.0)

    def step(self, position: float, force: float, noise: float) -> float:
        """Take a sample (m, N) whose force has that standard deviation (N); return the stiffness in N/m."""
        window = self._window
        if not window:
            self._origin = (position, force)
        # Sums about a near point do not lose digits.
        position -= self._origin[0]
        force -= self._origin[1]
        window.append((position, force))
        self._add(position, force, 1.0)
        span = SPAN * noise
        while len(window) > MOST or (len(window) > LEAST and _tells(window[1], window[-1], span)):
            old_position, old_force = window.popleft()
            self._add(old_position, old_force, -1.0)
        if len(window) >= LEAST and _tells(window[0], window[-1], span):
            self._take_slope(len(window))
        return self.value

    def restart(self, value: float) -> None:
        """Forget the samples, and take ``value`` (N/m) as the estimate."""
        self._window.clear()
        self._sums = [0.0, 0.0, 0.0, 0.0]
        self.value = clamp(value, self._minimum, self._maximum)
        self.known = False

    def _add(self, x: float, f: float, sign: float) -> None:
        sums = self._sums
        sums[0] += sign * x
        sums[1] += sign * f
        sums[2] += sign * x * x
        sums[3] += sign * x * f

    def _take_slope(self, n: int) -> None:
        sum_x, sum_f, sum_xx, sum_xf = self._sums
        variance = sum_xx - sum_x * sum_x / n
        covariance = sum_xf - sum_x * sum_f / n
        if covariance > 0.0 and variance > 0.0:
            self.value = clamp(covariance / variance, self._minimum, self._maximum)
            self.known = True


def _tells(first: tuple[float, float], last: tuple[float, float], span: float) -> bool:
    """Return True if force and position (m, N) differ enough between two samples."""
    return abs(last[1] - first[1]) >= span and abs(last[0] - first[0]) >= LEAST_TRAVEL


#: s over which what was learned in a hold fades.
MEMORY = 5.0
#: Relative standard deviation above which a slope is not believed.
DOUBT = 0.15
#: s in which a larger stiffness is taken over, and a smaller one: a loop that takes a stack for too soft swings, one
#: that takes it for too stiff is only slow; and a stack that gives way for once is not soft for good.
HARDENING, SOFTENING = 0.2, 10.0
#: A stack does not become stiffer than so many times the first guess while its force stands still.
HIGHEST = 2.0


class HoldStiffness:
    """Stiffness while a force is held, from what the observer predicts wrongly after movements.

    A prediction error is noise, which no movement can have caused, and what a wrong stiffness adds to it: their
    correlation with the prediction's sensitivity tells the right one, unbiased though the loop itself makes the
    movements (recursive prediction error method: Ljung, System Identification, 2nd ed., 11.4). As long as the
    movement is too small to be told from noise the last value stands.

    Args:
        minimum, maximum: N/m, range of the estimate.

    Attributes:
        value: N/m.
    """

    def __init__(self, minimum: float, maximum: float) -> None:
        self._minimum, self._maximum = minimum, maximum
        self.restart(maximum)

    def restart(self, value: float) -> None:
        """Begin a hold with a first guess (N/m)."""
        self.value = clamp(value, self._minimum, self._maximum)
        self._highest = min(self._maximum, HIGHEST * self.value)
        self._weight = self._evidence = 0.0

    def step(self, dt: float, sensitivity: float, error: float, noise: float) -> float:
        """Take a sample.

        Args:
            dt: s since the last one.
            sensitivity: m, of the prediction to the stiffness.
            error: N, of the prediction.
            noise: N, standard deviation of one measurement.

        Returns:
            N/m, the stiffness.
        """
        fade = 1.0 - dt / MEMORY
        self._weight = fade * self._weight + sensitivity * sensitivity
        self._evidence = fade * self._evidence + sensitivity * (error + self.value * sensitivity)
        if self._evidence * DOUBT > noise * math.sqrt(self._weight):
            found = clamp(self._evidence / self._weight, self._minimum, self._highest)
            time = SOFTENING if found < self.value else HARDENING
            self.value += (found - self.value) * min(1.0, dt / time)
        return self.value
