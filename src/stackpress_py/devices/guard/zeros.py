"""When the present readings of the force sensors may become their zeros; pure."""

import math
from collections import deque
from collections.abc import Sequence

from stackpress_py.devices.press.reading import Reading
from stackpress_py.devices.press.sensors import ForceSensor, Tare
from stackpress_py.quantities import format_force, format_length

#: m; a ram that strays no farther in the window stands still.
STANDSTILL = 20e-6


class ZeroWatch:
    """The last readings, over a window.

    Args:
        sensors: force sensors in the order of the readings.
        rules: from the profile.
    """

    def __init__(self, sensors: Sequence[ForceSensor], rules: Tare) -> None:
        self._sensors = tuple(sensors)
        self._rules = rules
        self._readings: deque[tuple[float, Reading]] = deque()

    def restart(self) -> None:
        """Forget what was seen."""
        self._readings.clear()

    def step(self, reading: Reading, now: float) -> None:
        """Take a reading (time in s)."""
        self._readings.append((now, reading))
        while now - self._readings[0][0] > self._rules.window:
            self._readings.popleft()

    def zeros(self) -> tuple[str, tuple[float, ...]]:
        """Return why the readings cannot be zeros (empty: they can), and their means, N."""
        readings = [reading for _, reading in self._readings]
        problem = self._why_not_at_rest(readings)
        if problem:
            return problem, ()
        means = self._means(readings)
        return self._why_no_zeros(means), means

    def judge(self, offsets: Sequence[float]) -> str | None:
        """Return which zeros (N) are wrong and by how much; empty: none; None: it cannot be told now.

        They are judged while nothing can touch. A press that does not tell its position may be
        loaded: there only readings at zero say something.
        """
        readings = [reading for _, reading in self._readings]
        if self._why_not_at_rest(readings):
            return None
        drifts = [mean - zero for mean, zero in zip(self._means(readings), offsets, strict=True)]
        wrong = ", ".join(
            f"{sensor.name} reads {format_force(drift, 3)}"
            for drift, sensor in zip(drifts, self._sensors, strict=True)
            if not abs(drift) <= self._rules.drift * sensor.range
        )
        return None if wrong and self._rules.position_below is None else wrong

    @staticmethod
    def _means(readings: Sequence[Reading]) -> tuple[float, ...]:
        columns = zip(*(reading.forces for reading in readings), strict=True)
        return tuple(math.fsum(column) / len(readings) for column in columns)

    def _why_not_at_rest(self, readings: Sequence[Reading]) -> str:
        if len(readings) < 2 or self._span() < 0.8 * self._rules.window:
            return f"the press was not watched for {self._rules.window:g} s yet: try again"
        if self._rules.position_below is None:
            return ""
        positions = [reading.position for reading in readings]
        if not max(positions) - min(positions) <= STANDSTILL:
            return "the ram moves: stop it first"
        if not positions[-1] <= self._rules.position_below:
            return (
                f"the ram is at {format_length(positions[-1], 4)}, where it may touch something:"
                f" open it to {format_length(self._rules.position_below, 4)} or less"
            )
        return ""

    def _span(self) -> float:
        return self._readings[-1][0] - self._readings[0][0]

    def _why_no_zeros(self, means: Sequence[float]) -> str:
        for sensor, mean in zip(self._sensors, means, strict=True):
            limit = self._rules.largest * sensor.range
            if not abs(mean) <= limit:
                return (
                    f"{sensor.name} reads {format_force(mean, 4)}, and a zero is at most"
                    f" {format_force(limit, 4)}: unload it, or look at the sensor"
                )
        return ""
