"""What the press's sensors make of the truth: range, gain, noise, steps, drift, creep."""

import math
import random

from .config import SensorConfig


class LoadCell:
    """One load cell; force in N.

    Attributes:
        stuck: N that it repeats while not None (an injected fault).
        failed: it tells NaN (an injected fault).
    """

    def __init__(
        self, config: SensorConfig, full_scale: float, saturation: float, rng: random.Random
    ) -> None:
        self._c = config
        self._full_scale = full_scale
        self._saturation = saturation
        self._rng = rng
        self._gain = 1.0 + rng.choice((-1.0, 1.0)) * config.gain_error
        self._zero = rng.choice((-1.0, 1.0)) * config.zero_n_fs * full_scale
        self._creep = 0.0
        self.stuck: float | None = None
        self.failed = False

    def settle(self, force: float, dt: float) -> None:
        """Let the cell creep under a force for ``dt`` seconds."""
        loaded = min(force, self._saturation)
        self._creep += (self._c.creep_fs * loaded - self._creep) * min(
            1.0, dt / self._c.creep_time_s
        )

    def read(self, force: float, warming: float) -> float:
        """Read a force; ``warming`` is K of the frame since the start."""
        if self.failed:
            return math.nan
        if self.stuck is not None:
            return self.stuck
        full = self._full_scale
        drift = self._c.zero_drift_fs_per_k * full * warming
        value = force * self._gain + self._zero + drift + self._creep
        value += self._rng.gauss(0.0, self._c.noise_fs * full)
        value = max(-self._saturation, min(self._saturation, value))
        quantum = self._c.quantum_fs * full
        return round(value / quantum) * quantum if quantum > 0.0 else value


class Encoder:
    """Position of the ram, m."""

    def __init__(self, config: SensorConfig, rng: random.Random) -> None:
        self._c = config
        self._rng = rng

    def read(self, position: float) -> float:
        """Read a position."""
        value = position + self._rng.gauss(0.0, self._c.position_noise_um * 1e-6)
        quantum = self._c.position_quantum_um * 1e-6
        return round(value / quantum) * quantum if quantum > 0.0 else value


class Thermocouple:
    """A thermocouple with its transmitter, degC.

    Attributes:
        open: the wire is broken (an injected fault); it then tells NaN.
    """

    def __init__(self, config: SensorConfig, error: float, rng: random.Random) -> None:
        self._noise = config.thermocouple_noise_k
        self._error = error
        self._rng = rng
        self.open = False

    def read(self, temperature: float) -> float:
        """Read a temperature."""
        if self.open:
            return math.nan
        return temperature + self._error + self._rng.gauss(0.0, self._noise)
