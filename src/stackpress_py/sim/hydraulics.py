"""Cylinder, oil, pump and valve: how a hydraulic press moves its ram. SI units, closing is positive."""

import math

from .command import Command
from .config import HydraulicsConfig, PressConfig
from .friction import dahl
from .lag import Follower

#: Pa, of the atmosphere: the pressure at which the share of air in the oil is told.
ATMOSPHERE = 1e5
#: Pa below which an orifice is laminar: the flow goes to zero in proportion to the pressure, not to its root.
LAMINAR = 1e4
#: N/m of the hard stops at both ends of the ram's way.
STOP_STIFFNESS = 1e9
#: m within which the free ram's place is found.
FOUND = 1e-11
MOST_ITERATIONS = 60


class Hydraulics:
    """A single-acting cylinder with a return spring, filled by a pump of variable speed and emptied by a valve.

    - Pump: its speed follows the command late and with a lag, above a dead band it delivers in proportion to it; its
      pistons make the flow ripple along the shaft's angle. A check valve lets nothing back.
    - Valve: its spool likewise; ``Q = Q_1 * opening * sqrt(p / 1 MPa)``, the flow of an orifice.
    - Oil: ``dV / V = dp / B + a * d(p / (p + p_0))``, a liquid with a share ``a`` of air at atmospheric pressure
      ``p_0`` that is compressed isothermally. The effective modulus falls sharply at low pressures, as measured in
      https://doi.org/10.1115/1.4004783; the spring that it makes is in series with the frame.
    - Leak: in proportion to the pressure. Seals: friction that turns round over a small travel.
    - A relief valve lets the pump's oil go at the press's ``stall_force_kn``.

    The ram stands where oil, springs, seals and stack are in equilibrium: ``ram + give(ram, force) = supply``.
    :mod:`mechanics` finds that place, for the stack's force depends on it too. Outflow and leak are taken at the
    pressure of the end of a step (implicit Euler), so that no step is too long.

    Attributes:
        position: m, of the ram, 0 is fully open; what the press's own encoder measures.
        velocity: m/s.
        stalled: the relief valve is open.
        until_tick: s after which it must be stepped again.
        pressure: Pa, of the oil.
        supply: m, oil in the cylinder as it would be without pressure, over the ram's area.
    """

    def __init__(self, press: PressConfig, config: HydraulicsConfig) -> None:
        c = config
        self.position = 0.0
        self.velocity = 0.0
        self.stalled = False
        self.until_tick = math.inf
        self._area = math.pi / 4.0 * (c.ram_diameter_mm * 1e-3) ** 2
        self._oil_column = c.oil_column_mm * 1e-3
        self._liquid = 1.0 / (c.bulk_modulus_mpa * 1e6)
        self._air = c.air_share
        self._return_force = c.return_force_n
        self._return_stiffness = c.return_stiffness_n_mm * 1e3
        self._seal = c.seal_friction_n
        self._seal_travel = c.seal_travel_um * 1e-6
        self._lowest = -press.overtravel_mm * 1e-3
        self._highest = (press.travel_mm + press.overtravel_mm) * 1e-3
        self._relief = (press.stall_force_kn * 1e3 + c.return_force_n) / self._area
        self._quantum = c.command_quantum
        self._pump = Follower(c.pump_dead_time_ms * 1e-3, c.pump_lag_ms * 1e-3, c.pump_dead_band)
        self._flow = c.pump_flow_cm3_s * 1e-6 / self._area
        self._wave = 2.0 * math.pi * c.pump_ripple_hz
        self._ripple = c.pump_ripple / self._wave
        self._turned = 0.0
        self._valve = Follower(
            c.valve_dead_time_ms * 1e-3, c.valve_lag_ms * 1e-3, c.valve_dead_band
        )
        self._valve_flow = c.valve_flow_cm3_s * 1e-6 / self._area / math.sqrt(1e6)
        self._leak = c.leak_mm3_s_mpa * 1e-15 / self._area
        self._opened = self._leaking = 0.0
        self._dt = 1.0
        self._friction = 0.0
        self.pressure = self._return_force / self._area
        self.supply = self.give(0.0, 0.0)[0]

    def order(self, command: Command) -> None:
        """Take what pump and valve shall do from now on."""
        self._pump.order(self._quantised(command.pump))
        self._valve.order(self._quantised(command.valve))

    def step(self, force: float, dt: float) -> None:
        """Let pump and valve work for ``dt`` s; the ram's place and the outflow follow in :meth:`settle`."""
        before = self._delivered()
        self._turned += self._pump.advance(dt)
        inflow = self._flow * (self._delivered() - before)
        self.stalled = inflow > 0.0 and self.pressure >= self._relief
        if not self.stalled:
            self.supply += inflow
        self._opened = self._valve_flow * self._valve.advance(dt)
        self._leaking = self._leak * dt
        self._dt = dt

    def give(self, ram: float, force: float) -> tuple[float, float, float]:
        """Return by how much oil is missing under the ram at a place (m) against a force (N).

        Returns:
            m by which the oil is compressed and flows out in this step; its slopes over the ram's place (1) and over
            the force (m/N).
        """
        pressure, by_ram = self._pressure(ram, force)
        missing, slope = self._compression(pressure)
        if pressure > 0.0:
            # p / sqrt(p + laminar) is the root of p, but for the smallest pressures.
            root = math.sqrt(pressure + LAMINAR)
            missing += self._opened * pressure / root + self._leaking * pressure
            slope += self._opened * (0.5 * pressure + LAMINAR) / root**3 + self._leaking
        return missing, slope * by_ram, slope / self._area

    def free(self) -> float:
        """Return the place (m) at which the ram would stand without a stack (guarded Newton)."""
        ram = self.position
        low, high = -math.inf, math.inf
        for _ in range(MOST_ITERATIONS):
            missing, by_ram, _ = self.give(ram, 0.0)
            excess = self.supply - ram - missing
            if abs(excess) < FOUND:
                break
            # The slope is at least 1: the place is no farther away than the excess.
            if excess > 0.0:
                low, high = ram, min(high, ram + excess)
            else:
                low, high = max(low, ram + excess), ram
            ram += excess / (1.0 + by_ram)
            if not low <= ram <= high:
                ram = 0.5 * (low + high)
        return ram

    def settle(self, ram: float, force: float) -> None:
        """Take the place (m) where the ram stands at the end of the step, and the force (N) on it."""
        pressure = self._pressure(ram, force)[0]
        if pressure > 0.0:
            root = math.sqrt(pressure + LAMINAR)
            self.supply -= self._opened * pressure / root + self._leaking * pressure
        self._opened = self._leaking = 0.0
        moved = ram - self.position
        self._friction = dahl(self._friction, self._seal_travel, moved)[0]
        self.velocity = moved / self._dt
        self.position, self.pressure = ram, pressure

    def _quantised(self, command: float) -> float:
        bounded = min(1.0, max(0.0, command))
        return round(bounded / self._quantum) * self._quantum

    def _delivered(self) -> float:
        """Return what the pump has delivered since the start, as s at full speed."""
        # d(delivered) / d(turned) = 1 + ripple * sin(wave * turned)
        return self._turned + self._ripple * (1.0 - math.cos(self._wave * self._turned))

    def _pressure(self, ram: float, force: float) -> tuple[float, float]:
        """Return the oil's pressure (Pa) and its slope over the ram's place (Pa/m)."""
        friction, friction_slope = dahl(self._friction, self._seal_travel, ram - self.position)
        load = force + self._return_force + self._return_stiffness * ram + self._seal * friction
        slope = self._return_stiffness + self._seal * friction_slope
        if not self._lowest <= ram <= self._highest:
            stop = self._lowest if ram < self._lowest else self._highest
            load += STOP_STIFFNESS * (ram - stop)
            slope += STOP_STIFFNESS
        return load / self._area, slope / self._area

    def _compression(self, pressure: float) -> tuple[float, float]:
        """Return by how much the oil is compressed (m), and the slope over the pressure (m/Pa)."""
        column = self._oil_column + max(0.0, self.position)
        whole = max(0.0, pressure) + ATMOSPHERE
        slope = self._liquid + self._air * ATMOSPHERE / whole**2
        if pressure <= 0.0:
            return column * slope * pressure, column * slope
        return column * (self._liquid * pressure + self._air * pressure / whole), column * slope
