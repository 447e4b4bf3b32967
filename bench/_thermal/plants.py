"""The simulated platens of the matrix: how they differ from what the law was tuned for, and the loop around them.

They are the platens, die, frame and thermocouples of the simulated press; its mechanics only matter as the force that
presses the die against the upper platen, and that is given.
"""

import itertools
import math
import random
from dataclasses import dataclass, replace

from stackpress_py.paths import config
from stackpress_py.sim.config import PlatenConfig
from stackpress_py.sim.loading import load
from stackpress_py.sim.sensors import frame_thermometer, platen_thermometer
from stackpress_py.sim.thermal import STEP, Thermal

#: The press for which `config/control/reference_plc.yaml` and the contenders were tuned.
BASE = load(config("sim", "reference.yaml"))
#: s between two measurements; a command acts from the second step of the plant after the measurement on.
PERIOD = 2.0 * STEP
#: Factor by which platens differ from the tuning, up and down.
SPREAD = 2.0
#: K, bound of each thermocouple's constant error; it is drawn anew for every plant.
SENSOR_ERROR = 0.3
#: Forces (N) that press the die: none, 1 MPa, 74 MPa; and one that comes and goes.
FORCES = {"open": 0.0, "1 MPa": 113.0, "74 MPa": 8370.0, "on and off": 8370.0}
#: s for which a force that comes and goes is there, or not.
TURN = 240.0
DRAWN = 40
SEEDS = 4


@dataclass(frozen=True)
class Factors:
    """What a platen is, as multiples of the reference; ``lag``: of element, thermocouple and dead time."""

    capacity: float = 1.0
    loss: float = 1.0
    heater: float = 1.0
    lag: float = 1.0

    def platen(self, base: PlatenConfig, error: float) -> PlatenConfig:
        """Return the constants of a platen whose thermocouple errs by ``error`` K."""
        return replace(
            base,
            heater_power_w=base.heater_power_w * self.heater,
            heater_capacity_j_k=base.heater_capacity_j_k * self.lag,
            plate_capacity_j_k=base.plate_capacity_j_k * self.capacity,
            loss_w_k=base.loss_w_k * self.loss,
            sensor_lag_s=base.sensor_lag_s * self.lag,
            sensor_dead_time_s=base.sensor_dead_time_s * self.lag,
            sensor_error_k=error,
        )

    def __str__(self) -> str:
        parts = (self.capacity, self.loss, self.heater, self.lag)
        return "C {:.2g} G {:.2g} P {:.2g} lag {:.2g}".format(*parts)


@dataclass(frozen=True)
class Case:
    """One plant.

    Attributes:
        upper, lower: what the platens are.
        contact: key of FORCES.
        seed: of the sensors' errors and noise.
    """

    upper: Factors
    lower: Factors
    contact: str
    seed: int

    def __str__(self) -> str:
        return f"{self.upper} | {self.lower}, {self.contact}, seed {self.seed}"


def cases() -> list[Case]:
    """Return the reference with several sensors, every corner of the spread, and plants drawn at random within it."""
    same = [Factors()] * SEEDS
    ends = (1.0 / SPREAD, SPREAD)
    corners = [Factors(*factors) for factors in itertools.product(ends, repeat=4)]
    found = [
        Case(factors, factors, contact, seed)
        for seed, factors in enumerate(same + corners, 1)
        for contact in ("open", "1 MPa")
    ]
    return found + [_drawn(seed) for seed in range(101, 101 + DRAWN)]


def _drawn(seed: int) -> Case:
    rng = random.Random(seed)
    parts = [SPREAD ** rng.uniform(-1.0, 1.0) for _ in range(8)]
    return Case(Factors(*parts[:4]), Factors(*parts[4:]), rng.choice(list(FORCES)), seed)


@dataclass(frozen=True, slots=True)
class Seen:
    """One measurement: s, and degC of both platens and of the frame."""

    time: float
    upper: float
    lower: float
    frame: float


class Platens:
    """The platens of one plant with their sensors, as warm as the room.

    Attributes:
        heat: the physics.
        time: s since the start.
    """

    def __init__(self, case: Case) -> None:
        rng = random.Random(case.seed)
        errors = [rng.uniform(-SENSOR_ERROR, SENSOR_ERROR) for _ in range(2)]
        upper = case.upper.platen(BASE.upper_platen, errors[0])
        lower = case.lower.platen(BASE.lower_platen, errors[1])
        self.heat = Thermal(upper, lower, BASE.surroundings)
        self.time = 0.0
        self._force, self._comes = FORCES[case.contact], case.contact == "on and off"
        self._upper, self._lower = platen_thermometer(upper, rng), platen_thermometer(lower, rng)
        self._frame = frame_thermometer(BASE.surroundings, rng)

    @property
    def temperatures(self) -> tuple[float, float]:
        """True temperatures of the plates, degC."""
        return self.heat.upper.temperature, self.heat.lower.temperature

    def sense(self) -> Seen:
        """Read every sensor once."""
        heat = self.heat
        upper, lower = self._upper.read(heat.upper.sensed), self._lower.read(heat.lower.sensed)
        return Seen(self.time, upper, lower, self._frame.read(heat.frame))

    def step(self, upper: float, lower: float) -> None:
        """Let one period pass after new powers (-1..1) were commanded."""
        heat, force = self.heat, self._force
        if self._comes and math.floor(self.time / TURN) % 2 == 0:
            force = 0.0
        heat.step(force)
        heat.upper.output, heat.lower.output = upper, lower
        heat.step(force)
        self.time += PERIOD
