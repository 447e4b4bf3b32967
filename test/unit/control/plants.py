"""Small plants to test the control laws on: their own physics, apart from the simulated press."""

import random
from collections import deque
from dataclasses import dataclass, field

from stackpress_py.control.force import ForceController, ForceOutput, ForceTuning
from stackpress_py.control.law import ForceSample
from stackpress_py.control.thermal import ThermalTuning

DT = 1.0 / 60.0
AREA = 1.131e-4

FORCE_TUNING = ForceTuning(
    dead_time=0.05,
    frame_stiffness=6e7,
    contact_force=10.0,
    approach_velocity=8e-3,
    touch_velocity=1e-3,
    press_velocity=2e-3,
    ram_acceleration=0.02,
    touch_position=0.046,
    open_position=0.0,
)

THERMAL_TUNING = ThermalTuning(
    heat_capacity=700.0,
    loss=1.5,
    heater_power=800.0,
    cooling_conductance=15.0,
    coolant_temperature=15.0,
    dead_time=5.0,
)


@dataclass
class SpringPress:
    """A velocity-driven ram on a spring that creeps, with dead time, lag, noise and two force ranges."""

    stiffness: float
    creep: float = 0.0
    seed: int = 1
    time: float = 0.0
    position: float = 0.0
    velocity: float = 0.0
    contact: float = 0.048
    broken: bool = False
    _pipe: deque[float] = field(default_factory=lambda: deque([0.0, 0.0], maxlen=3))

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def force(self) -> float:
        """True force, N."""
        return 0.0 if self.broken else max(0.0, (self.position - self.contact) * self.stiffness)

    def step(self, command: float) -> None:
        """Advance by one cycle; the command acts after two cycles and a lag of 10 ms."""
        self._pipe.append(command)
        for _ in range(10):
            self.velocity += (self._pipe[0] - self.velocity) * (DT / 10.0) / 0.010
            self.position += self.velocity * DT / 10.0
        self.contact += self.creep * DT if self.force > 0.0 else 0.0
        self.time += DT

    def sense(self) -> ForceSample:
        """Measure: fine range below 450 N, coarse above."""
        fine = self.force < 450.0
        noise, uncertainty = (0.075, 0.5) if fine else (3.0, 20.0)
        measured = self.force + self._random.gauss(0.0, noise)
        position = self.position + self._random.gauss(0.0, 1e-7)
        return ForceSample(self.time, measured, uncertainty, position)


@dataclass
class PowderPress(SpringPress):
    """As its base; but beyond its largest force the stack is compacted, and softer by ``softening`` then.

    Attributes:
        softening: stiffness below the largest force over that beyond it, > 1.
    """

    softening: float = 10.0
    _largest: float = 0.0
    _at: float = 0.048

    @property
    def force(self) -> float:
        if self.broken:
            return 0.0
        beyond = self.position - self._at - (self.contact - 0.048)
        if beyond > 0.0:
            self._at += beyond
            self._largest += self.stiffness / self.softening * beyond
            beyond = 0.0
        return max(0.0, self._largest + self.stiffness * beyond)


class ForceRun:
    """A force controller at work on a plant, with what was seen."""

    def __init__(self, plant: SpringPress, tuning: ForceTuning = FORCE_TUNING) -> None:
        self.plant = plant
        self.controller = ForceController(tuning)
        self.output: ForceOutput = self.controller.step(plant.sense())
        self.forces: list[float] = []

    def advance(self, seconds: float) -> None:
        """Run closed loop."""
        for _ in range(round(seconds / DT)):
            self.plant.step(self.output.velocity)
            self.output = self.controller.step(self.plant.sense())
            self.forces.append(self.plant.force)

    def advance_until(self, stage: int, limit: float = 200.0) -> float:
        """Run until a stage; return the seconds it took."""
        begin = self.plant.time
        self.advance(DT)
        while self.output.stage != stage:
            self.advance(DT)
            took = self.plant.time - begin
            assert took < limit, f"stage {stage} was not entered in {limit} s: {self.output}"
        return self.plant.time - begin
