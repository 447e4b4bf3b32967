"""How stiff the stack is: learned while pressing, since it is unknown beforehand and changes a hundredfold."""

from collections import deque

from stackpress_py.control.reference import clamp


class StiffnessEstimator:
    """Slope of force over ram position by least squares over the last samples.

    The position is the ram's own, so the slope holds frame, die and sample in series: just what the force loop
    sees. A window without enough motion and force change says nothing about stiffness (noise, or thermal expansion
    at constant force); the last estimate then stands.

    Args:
        minimum, maximum: N/m, range of the estimate.
        window: samples.
        least_travel: m that the ram must have moved within the window.
    """

    def __init__(
        self, minimum: float, maximum: float, window: int = 12, least_travel: float = 1.0e-6
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self.value = maximum
        self._least_travel = least_travel
        self._samples: deque[tuple[float, float]] = deque(maxlen=window)

    def step(self, position: float, force: float, noise: float) -> float:
        """Take a sample (m, N) whose force has the given standard uncertainty (N); return the stiffness in N/m."""
        self._samples.append((position, force))
        n = len(self._samples)
        if n < 3:
            return self.value
        positions = [x for x, _ in self._samples]
        forces = [f for _, f in self._samples]
        travel = max(positions) - min(positions)
        change = max(forces) - min(forces)
        if travel < self._least_travel or change < 8.0 * noise:
            return self.value
        mean_x, mean_f = sum(positions) / n, sum(forces) / n
        variance = sum((x - mean_x) ** 2 for x in positions)
        covariance = sum((x - mean_x) * (f - mean_f) for x, f in self._samples)
        slope = covariance / variance
        if slope > 0.0:
            # A doubling or halving per sample at most: one bad window must not throw the loop.
            low, high = max(self.minimum, 0.5 * self.value), min(self.maximum, 2.0 * self.value)
            self.value = clamp(slope, low, high)
        return self.value

    def restart(self, value: float | None = None) -> None:
        """Forget the samples, and take ``value`` (N/m) as the estimate if one is given."""
        self._samples.clear()
        if value is not None:
            self.value = clamp(value, self.minimum, self.maximum)
