"""The press as physics: what the controller's outputs do to the world, and what its sensors make of it.

It knows neither registers nor a clock; :mod:`plc` drives it, and the dry run does so offline.
"""

import random
from dataclasses import dataclass

from . import mechanics, sample, thermal
from .config import Config
from .sensors import Encoder, LoadCell, Thermocouple


@dataclass(frozen=True, slots=True)
class Sensed:
    """What the sensors tell: N, m, m/s, degC; NaN where a sensor has failed."""

    force_high: float
    force_low: float
    position: float
    velocity: float
    upper_temperature: float
    lower_temperature: float
    frame_temperature: float


class Plant:
    """A press with its sensors.

    Attributes:
        time: s since the start.
        press: mechanics; ``press.force`` is the true force, ``press.pressure`` that of the sample.
        thermal: platens and die.
    """

    #: m of opening that a robot needs.
    ROBOT_CLEARANCE = 2e-3

    def __init__(self, config: Config) -> None:
        self.config = config
        rng = random.Random(config.seed)
        c = config.sensors
        self.time = 0.0
        self.press = mechanics.Press(config.mechanics)
        self.thermal = thermal.Thermal(config.thermal)
        self.high = LoadCell(c, c.high_range_kn * 1e3, c.high_saturation_kn * 1e3, rng)
        self.low = LoadCell(c, c.low_range_n, c.low_saturation_n, rng)
        self.encoder = Encoder(c, rng)
        self.upper_thermocouple = Thermocouple(c, c.upper_thermocouple_error_k, rng)
        self.lower_thermocouple = Thermocouple(c, c.lower_thermocouple_error_k, rng)
        self.frame_sensor = Thermocouple(c, 0.0, rng)
        self._thermal_due = 0.0
        self._expansion = 0.0
        self._expansion_rate = 0.0

    @property
    def clear_for_robot(self) -> bool:
        """True while a robot can reach into the press without being hit."""
        drive = self.press.drive
        return drive.position < self.ROBOT_CLEARANCE and abs(drive.velocity) < 1e-5

    def place_sample(self) -> None:
        """Lay a fresh sample into the die."""
        self.press.sample = sample.make(self.config.sample, self.press.area)

    def take_sample(self) -> sample.Sample | None:
        """Take out what lies in the die."""
        taken, self.press.sample = self.press.sample, None
        return taken

    def advance(self, seconds: float, velocity: float) -> None:
        """Let time pass under a velocity command (m/s); the platens' outputs stand in ``thermal``."""
        steps = max(1, round(seconds / mechanics.STEP))
        for _ in range(steps):
            self.time += mechanics.STEP
            self._step_thermal()
            self._expansion += self._expansion_rate * mechanics.STEP
            self.press.step(velocity, self._expansion)
        self.high.settle(self.press.force, seconds)
        self.low.settle(self.press.force, seconds)

    def _step_thermal(self) -> None:
        if self.time < self._thermal_due:
            return
        self._thermal_due += thermal.STEP
        self.thermal.step(self.press.force > 0.0)
        # Expansion moves on evenly between two thermal steps: a staircase would be a hammer.
        self._expansion_rate = (self.thermal.expansion - self._expansion) / thermal.STEP

    def sense(self) -> Sensed:
        """Read every sensor once."""
        warming = self.thermal.frame - self.config.thermal.ambient_c
        force, drive = self.press.force, self.press.drive
        return Sensed(
            force_high=self.high.read(force, warming),
            force_low=self.low.read(force, warming),
            position=self.encoder.read(drive.position),
            velocity=drive.velocity,
            upper_temperature=self.upper_thermocouple.read(self.thermal.upper.sensed),
            lower_temperature=self.lower_thermocouple.read(self.thermal.lower.sensed),
            frame_temperature=self.frame_sensor.read(self.thermal.frame),
        )
