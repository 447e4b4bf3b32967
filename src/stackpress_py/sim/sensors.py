"""What the press's sensors make of the truth: range, gain, noise, steps, drift, creep. SI, temperatures in degC."""

import math
import random
from collections.abc import Iterator

import numpy as np

from .config import EncoderConfig, LoadCellConfig, PlatenConfig, SurroundingsConfig

SECONDS_PER_HOUR = 3600.0
#: Numbers that are drawn at once: one at a time costs more than all the rest of a reading.
BLOCK = 1024


def normals(rng: random.Random) -> Iterator[float]:
    """Yield numbers of the standard normal distribution for ever."""
    generator = np.random.default_rng(rng.getrandbits(64))
    while True:
        yield from generator.standard_normal(BLOCK).tolist()


class LoadCell:
    """One load cell with its amplifier; its gain, zero and drifts are drawn once within the configured bounds.

    Attributes:
        failed: it tells NaN (a fault from outside).
        stuck: N that it repeats (a fault from outside); None: it works.
    """

    def __init__(self, config: LoadCellConfig, rng: random.Random) -> None:
        self.failed = False
        self.stuck: float | None = None
        span = config.range_n
        self._span = span
        self._saturation = config.saturation_n
        self._gain = 1.0 + rng.uniform(-1.0, 1.0) * config.gain_error
        self._gain_drift = rng.uniform(-1.0, 1.0) * config.gain_drift_per_k
        self._zero = rng.uniform(-1.0, 1.0) * config.zero_fs * span
        self._zero_drift = rng.uniform(-1.0, 1.0) * config.zero_drift_fs_per_k * span
        self._hourly = rng.uniform(-1.0, 1.0) * config.zero_drift_fs_per_h * span
        self._noise = config.noise_fs * span
        self._quantum = config.quantum_fs * span
        self._creep_share = config.creep
        self._creep_time = config.creep_time_s
        self._creep = 0.0
        self._step = self._share = 0.0
        self._normals = normals(rng)

    def settle(self, force: float, dt: float) -> None:
        """Let the cell creep under a force (N) for ``dt`` s."""
        if dt != self._step:
            self._step, self._share = dt, -math.expm1(-dt / self._creep_time)
        goal = self._creep_share * min(force, self._saturation)
        self._creep += (goal - self._creep) * self._share

    def read(self, force: float, warming: float, time: float) -> float:
        """Return one reading (N); ``warming`` is K of the frame above the room, ``time`` s since the start."""
        if self.failed:
            return math.nan
        if self.stuck is not None:
            return self.stuck
        value = force * (self._gain + self._gain_drift * warming) + self._creep
        value += self._zero + self._zero_drift * warming + self._hourly * time / SECONDS_PER_HOUR
        value += self._noise * next(self._normals)
        value = min(self._saturation, max(-self._saturation, value))
        return round(value / self._quantum) * self._quantum


class Encoder:
    """The encoder of the ram: position (m) and velocity (m/s)."""

    def __init__(self, config: EncoderConfig, rng: random.Random) -> None:
        self._normals = normals(rng)
        self._noise = config.noise_um * 1e-6
        self._quantum = config.quantum_um * 1e-6
        self._velocity_quantum = config.velocity_quantum_um_s * 1e-6

    def read(self, position: float) -> float:
        """Return one reading of the position."""
        noisy = position + self._noise * next(self._normals)
        return round(noisy / self._quantum) * self._quantum

    def read_velocity(self, velocity: float) -> float:
        """Return one reading of the velocity."""
        return round(velocity / self._velocity_quantum) * self._velocity_quantum


class Thermometer:
    """A thermocouple with its transmitter, degC.

    Attributes:
        open: the wire is broken (a fault from outside); it tells NaN.
    """

    def __init__(self, error: float, noise: float, resolution: float, rng: random.Random) -> None:
        self.open = False
        self._error = error
        self._noise = noise
        self._resolution = resolution
        self._normals = normals(rng)

    def read(self, temperature: float) -> float:
        """Return one reading."""
        if self.open:
            return math.nan
        value = temperature + self._error + self._noise * next(self._normals)
        return round(value / self._resolution) * self._resolution


def platen_thermometer(config: PlatenConfig, rng: random.Random) -> Thermometer:
    """Return the thermocouple of a platen."""
    c = config
    return Thermometer(c.sensor_error_k, c.sensor_noise_k, c.sensor_resolution_k, rng)


def frame_thermometer(config: SurroundingsConfig, rng: random.Random) -> Thermometer:
    """Return the sensor beside the load cells."""
    c = config
    return Thermometer(
        c.frame_sensor_error_k, c.frame_sensor_noise_k, c.frame_sensor_resolution_k, rng
    )
