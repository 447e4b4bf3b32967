"""The press as physics: what commands do to the world, and what its sensors tell of it.

It knows neither registers nor a clock: :mod:`plc` drives it in real time, the dry run offline. SI units, forces
compressive-positive, positions and velocities positive towards closing, temperatures in degrees Celsius.
"""

import math
import random
from dataclasses import dataclass
from typing import NamedTuple

from . import sample, thermal
from .cell import Cycler
from .command import Command
from .config import SimConfig
from .drive import Drive
from .force_loop import ForceLoop
from .hydraulics import Hydraulics
from .mechanics import Mechanics
from .sensors import Encoder, LoadCell, frame_thermometer, platen_thermometer

__all__ = ["LONGEST_STEP", "Command", "Plant", "Readings", "TakenSample", "Truth"]

#: s, longest step of the mechanics.
LONGEST_STEP = 1e-3
#: m/s below which the ram stands still.
STANDSTILL = 1e-6
#: s that are no step any more.
NOTHING = 1e-9


class Readings(NamedTuple):
    """One reading of each sensor: N, m, m/s, degC, and A of the cycler, + charging; NaN where a sensor has failed."""

    force_high: float
    force_low: float
    position: float
    velocity: float
    upper_temperature: float
    lower_temperature: float
    frame_temperature: float
    current: float


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really there.

    Attributes:
        time: s since the start.
        force: N, on ram and load cells.
        sample_pressure: Pa; differs from force over area by the friction on the die's wall.
        position, velocity: m, m/s, of the drive; of the ram where oil moves it.
        upper_temperature, lower_temperature, die_temperature, frame_temperature: degC.
        upper_power, lower_power: W, + heating, - cooling.
        stiffness: N/m, of frame and stack together; 0 without contact.
        density: relative density of the sample; NaN without one.
        peak_pressure: Pa, largest so far on this sample; NaN without one.
        broken: this sample has fractured.
        has_sample: a sample lies in the die.
    """

    time: float
    force: float
    sample_pressure: float
    position: float
    velocity: float
    upper_temperature: float
    lower_temperature: float
    die_temperature: float
    frame_temperature: float
    upper_power: float
    lower_power: float
    stiffness: float
    density: float
    peak_pressure: float
    broken: bool
    has_sample: bool


@dataclass(frozen=True, slots=True)
class TakenSample:
    """What was taken out of the die: largest pressure it saw (Pa), relative density, whether it broke."""

    peak_pressure: float
    density: float
    broken: bool


class Plant:
    """A press with its sensors, at rest and open at the start.

    ``seed`` takes the place of the configuration's; ``longest_step`` (s) of the mechanics trades fidelity for speed.

    Attributes:
        time: s since the start.
        mechanics, thermal: the physics.
        high, low, encoder, upper_thermometer, lower_thermometer, frame_thermometer: the sensors.
    """

    def __init__(
        self, config: SimConfig, seed: int | None = None, longest_step: float = LONGEST_STEP
    ) -> None:
        self.config = config
        self._longest_step = longest_step
        self.time = 0.0
        self.thermal = thermal.Thermal(
            config.upper_platen, config.lower_platen, config.surroundings
        )
        # Each sensor has its own noise: reading one of them more often does not change the others.
        root = random.Random(config.seed if seed is None else seed)
        rngs = [random.Random(root.getrandbits(64)) for _ in range(7)]
        self.mechanics = Mechanics(config.press, _drive(config, rngs[6]))
        self.high = LoadCell(config.force_high, rngs[0])
        self.low = LoadCell(config.force_low, rngs[1])
        self.encoder = Encoder(config.encoder, rngs[2])
        self.upper_thermometer = platen_thermometer(config.upper_platen, rngs[3])
        self.lower_thermometer = platen_thermometer(config.lower_platen, rngs[4])
        self.frame_thermometer = frame_thermometer(config.surroundings, rngs[5])
        self._cycler = Cycler(config.cell)
        self._laid = math.nan
        self._ambient = config.surroundings.ambient_c
        self._lag = config.press.load_cell_lag_ms * 1e-3
        self._felt = 0.0
        self._slow_left = 0.0
        self._expansion = 0.0
        self._expansion_rate = 0.0

    # ---- what happens ----------------------------------------------------------------------------

    @property
    def area(self) -> float:
        """Area of the die, m^2."""
        return self.mechanics.area

    @property
    def force(self) -> float:
        """True force on ram and load cells, N."""
        return self.mechanics.force

    @property
    def has_sample(self) -> bool:
        """True while a sample lies in the die."""
        return self.mechanics.sample is not None

    @property
    def moving(self) -> bool:
        """True while the ram moves."""
        return abs(self.mechanics.drive.velocity) > STANDSTILL

    @property
    def open_enough(self) -> bool:
        """True while a hand can reach into the press."""
        return self.mechanics.drive.position <= self.config.press.open_enough_mm * 1e-3

    def place(self) -> None:
        """Lay a fresh sample into the die.

        Raises:
            ValueError: one is there already.
        """
        if self.mechanics.sample is not None:
            raise ValueError("a sample lies in the die already")
        self.mechanics.lay(sample.make(self.config.sample, self.area))
        self._laid = self.time

    def take(self) -> TakenSample:
        """Take the sample out of the die.

        Raises:
            ValueError: there is none.
        """
        body = self.mechanics.sample
        if body is None:
            raise ValueError("no sample lies in the die")
        self.mechanics.lay(None)
        self._laid = math.nan
        return TakenSample(body.peak, body.density, body.broken)

    def step(self, dt: float, command: Command) -> None:
        """Let ``dt`` s (> 0) pass under a command."""
        self.thermal.upper.output = min(1.0, max(-1.0, command.upper_power))
        self.thermal.lower.output = min(1.0, max(-1.0, command.lower_power))
        drive, longest = self.mechanics.drive, self._longest_step
        drive.order(command)
        left, end = dt, self.time + dt
        while left > NOTHING:
            part = left if left <= longest else left / math.ceil(left / longest - 1e-6)
            part = min(part, drive.until_tick)
            self._advance(part)
            self.time += part
            left -= part
        self.time = end
        self.high.settle(self._felt, dt)
        self.low.settle(self._felt, dt)

    def _advance(self, dt: float) -> None:
        mechanics = self.mechanics
        if self._slow_left < 0.5 * dt:
            self._step_slow()
        self._slow_left -= dt
        self._expansion += self._expansion_rate * dt
        before = mechanics.force
        mechanics.step(self._expansion, self.thermal.die - self._ambient, dt)
        # The amplifier's low pass of a force that moved evenly over the step.
        behind = (mechanics.force - before) / dt * self._lag
        lagging = (self._felt - before + behind) * math.exp(-dt / self._lag)
        self._felt = mechanics.force - behind + lagging

    def _step_slow(self) -> None:
        # Expansion moves on evenly between two slow steps: a staircase would be a hammer.
        self.thermal.step(self.mechanics.force)
        self._slow_left += thermal.STEP
        expansion = self.thermal.expansion
        if self.has_sample:
            expansion += self._cycler.swelling(self.time + self._slow_left - self._laid)
        self._expansion_rate = (expansion - self._expansion) / self._slow_left

    # ---- what is seen ----------------------------------------------------------------------------

    def sense(self) -> Readings:
        """Read every sensor once."""
        heat, drive = self.thermal, self.mechanics.drive
        warming = heat.frame - self._ambient
        return Readings(
            self.high.read(self._felt, warming, self.time),
            self.low.read(self._felt, warming, self.time),
            self.encoder.read(drive.position),
            self.encoder.read_velocity(drive.velocity),
            self.upper_thermometer.read(heat.upper.sensed),
            self.lower_thermometer.read(heat.lower.sensed),
            self.frame_thermometer.read(heat.frame),
            self._cycler.current(self.time - self._laid),
        )

    def truth(self) -> Truth:
        """Return what is really there."""
        mechanics, heat = self.mechanics, self.thermal
        body = mechanics.sample
        return Truth(
            time=self.time,
            force=mechanics.force,
            sample_pressure=mechanics.pressure,
            position=mechanics.drive.position,
            velocity=mechanics.drive.velocity,
            upper_temperature=heat.upper.temperature,
            lower_temperature=heat.lower.temperature,
            die_temperature=heat.die,
            frame_temperature=heat.frame,
            upper_power=heat.upper.power,
            lower_power=heat.lower.power,
            stiffness=mechanics.stiffness,
            density=math.nan if body is None else body.density,
            peak_pressure=math.nan if body is None else body.peak,
            broken=body is not None and body.broken,
            has_sample=self.has_sample,
        )


def _drive(config: SimConfig, rng: random.Random) -> Drive | Hydraulics:
    """Return what moves the ram of that press."""
    if config.press.actuation == "force":
        return ForceLoop(config.press, config.force_loop, rng)
    if config.press.actuation == "pump_and_valve":
        return Hydraulics(config.press, config.hydraulics)
    return Drive(config.press)
