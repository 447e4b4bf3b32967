"""A hydraulic press of its own physics: dead bands, dead times, lags, a spring, a leak, and noise."""

import math
import random
from collections import deque
from dataclasses import dataclass

from stackpress_py.devices.press.command import PumpAndValve
from stackpress_py.tune.trial import NOTHING, Order, Seen

PERIOD = 1.0 / 60.0
#: s, steps of the physics.
STEP = PERIOD / 8.0


@dataclass(frozen=True)
class OilConstants:
    """Constants of the press.

    Attributes:
        stiffness: N/m, of the press on the blank.
        pump_speed: m/s of the ram at full flow.
        pump_band, pump_delay, pump_lag: opening, s, s.
        valve_speed: m/s of the ram at full opening and 10 kN.
        valve_band, valve_delay, valve_lag: likewise.
        leak: 1/s.
        gap: m to the blank.
    """

    stiffness: float = 4e7
    pump_speed: float = 4e-4
    pump_band: float = 0.05
    pump_delay: float = 0.06
    pump_lag: float = 0.08
    valve_speed: float = 8e-4
    valve_band: float = 0.04
    valve_delay: float = 0.035
    valve_lag: float = 0.05
    leak: float = 3e-4
    gap: float = 5e-4
    noise: float = 3.0


class OilPress:
    """The press; its ram returns by a spring while nothing presses and the valve is open."""

    def __init__(self, constants: OilConstants, seed: int = 1) -> None:
        self._c = constants
        self._random = random.Random(seed)
        self._position = -constants.gap
        self._pump = self._valve = 0.0
        self._pumps = deque([0.0] * round(constants.pump_delay / STEP))
        self._valves = deque([0.0] * round(constants.valve_delay / STEP))
        self._acting: Order = NOTHING
        self.time = 0.0
        self.peak = 0.0

    @property
    def force(self) -> float:
        """True force, N."""
        return max(0.0, self._position) * self._c.stiffness

    def cycle(self, order: Order) -> Seen:
        """Let one cycle pass under the order before, and measure."""
        acting, self._acting = self._acting, order
        motion = acting.motion
        pump, valve = (
            (motion.pump, motion.valve) if isinstance(motion, PumpAndValve) else (0.0, 0.0)
        )
        for _ in range(8):
            self._step(pump, valve)
        measured = self.force + self._random.gauss(0.0, self._c.noise)
        return Seen(self.time, measured, (measured,), self._position)

    def _step(self, pump: float, valve: float) -> None:
        c = self._c
        self._pumps.append(pump)
        self._valves.append(valve)
        self._pump += (self._pumps.popleft() - self._pump) * min(1.0, STEP / c.pump_lag)
        self._valve += (self._valves.popleft() - self._valve) * min(1.0, STEP / c.valve_lag)
        inflow = c.pump_speed * max(0.0, self._pump - c.pump_band) / (1.0 - c.pump_band)
        drop = math.sqrt(max(self.force, 200.0) / 1e4)
        outflow = c.valve_speed * max(0.0, self._valve - c.valve_band) / (1.0 - c.valve_band) * drop
        self._position += (inflow - outflow - c.leak * max(0.0, self._position)) * STEP
        self._position = max(-c.gap, self._position)
        self.time += STEP
        self.peak = max(self.peak, self.force)
