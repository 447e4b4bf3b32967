"""Presses with a force loop of their own, or only a pump and a valve: their own physics, with delays and noise."""

import math
import random
from collections import deque
from dataclasses import dataclass, field

from stackpress_py.control.law import (
    ForceMove,
    ForceSample,
    HydraulicMove,
    LawOutput,
    Move,
    PressFacts,
    PressureLaw,
)

DT = 1.0 / 60.0
UNCERTAINTY = 10.0  # N, expanded: a 20 kN cell of 0.05 %
FACTS = PressFacts(
    force_limit=20e3,
    force_rate=20e3,
    contact_force=2.0 * UNCERTAINTY + 2.0,
    opening_time=5.0,
    period=DT,
)


class Plant:
    """What the test needs of a press."""

    time: float = 0.0
    opened: bool | None = None

    @property
    def force(self) -> float:
        """True force, N."""
        raise NotImplementedError

    def step(self, move: Move | None) -> None:
        """Advance by one cycle."""
        raise NotImplementedError


@dataclass
class ForceLoopPress(Plant):
    """A press with a force loop: approaches by itself, follows its set-point late and with a sensor of its own.

    Attributes:
        lag: s of its loop.
        gain: of its sensor against ours; 1: none is wrong.
        deaf: it does not follow.
        broken: the sample is gone.
    """

    lag: float = 0.2
    gain: float = 1.0
    approach_time: float = 1.0
    deaf: bool = False
    broken: bool = False
    time: float = 0.0
    opened: bool | None = None
    enabled: bool = False
    _setpoint: float = 0.0
    _force: float = 0.0
    _closed: float = 0.0

    @property
    def force(self) -> float:
        return 0.0 if self.broken else self._force

    def step(self, move: Move | None) -> None:
        self.time += DT
        self.enabled = isinstance(move, ForceMove)
        if not isinstance(move, ForceMove) or self.deaf:
            return
        step = move.rate * DT
        self._setpoint += max(-step, min(step, move.force - self._setpoint))
        if self._closed < self.approach_time:
            self._closed += DT
            return
        self._force += (self._setpoint * self.gain - self._force) * DT / self.lag


@dataclass
class HydraulicPress(Plant):
    """A pump that is on or off, a valve that is open or closed, oil that leaks, a stack that grows stiffer.

    Attributes:
        rise: N/s of the pump on the uncompacted stack.
        stiffening: the rise at 10 kN is so many times that without force.
        leak: 1/s, part of the force that leaks away.
        drain: 1/s, part of the force that the open valve lets go.
        delay: s between a switch and its effect.
        spin_up: s, lag of the pump.
        approach_time: s that the pump needs to close the ram.
    """

    rise: float = 2000.0
    stiffening: float = 3.0
    leak: float = 1e-4
    drain: float = 1.0
    delay: float = 0.05
    spin_up: float = 0.02
    approach_time: float = 2.0
    dry: bool = False
    stuck_valve: bool = False
    broken: bool = False
    time: float = 0.0
    opened: bool | None = None
    both: bool = False
    switches: int = 0
    _force: float = 0.0
    _flow: float = 0.0
    _closed: float = 0.0
    _last: tuple[bool, bool] = (False, False)
    _pipe: deque[tuple[bool, bool]] = field(default_factory=deque)

    @property
    def force(self) -> float:
        return 0.0 if self.broken else self._force

    def step(self, move: Move | None) -> None:
        on = (False, False)
        if isinstance(move, HydraulicMove):
            on = (move.pump > 0.0, move.valve > 0.0)
        self.both = self.both or on == (True, True)
        self.switches += (on[0] is not self._last[0]) + (on[1] is not self._last[1])
        self._last = on
        parts = 10
        for _ in range(parts):
            self._pipe.append(on)
            late = self._pipe.popleft() if len(self._pipe) > self.delay * parts / DT else (0, 0)
            self._advance(DT / parts, bool(late[0]), bool(late[1]))
        self.time += DT

    def _advance(self, dt: float, pump: bool, valve: bool) -> None:
        wanted = 1.0 if pump and not self.dry else 0.0
        self._flow += (wanted - self._flow) * min(1.0, dt / self.spin_up)
        if self._closed < self.approach_time:
            self._closed += self._flow * dt
            return
        stiffness = 1.0 + (self.stiffening - 1.0) * self._force / 10e3
        rate = self._flow * self.rise * stiffness - self.leak * self._force
        if valve and not self.stuck_valve:
            rate -= self.drain * self._force + 50.0
        self._force = max(0.0, self._force + rate * dt)


class Run:
    """A law at work on a press, with what was seen."""

    def __init__(self, law: PressureLaw, plant: Plant, noise: float = 1.0, seed: int = 1) -> None:
        self.law, self.plant = law, plant
        self.forces: list[float] = []
        self.blind = False
        self._noise = noise
        self._random = random.Random(seed)
        self.output: LawOutput = law.step(self.sense())

    def sense(self) -> ForceSample:
        """Measure."""
        force = self.plant.force + self._random.gauss(0.0, self._noise)
        force = math.nan if self.blind else force
        return ForceSample(self.plant.time, force, UNCERTAINTY, math.nan, self.plant.opened)

    def advance(self, seconds: float) -> None:
        """Run closed loop."""
        for _ in range(round(seconds / DT)):
            self.plant.step(self.output.move)
            self.output = self.law.step(self.sense())
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
