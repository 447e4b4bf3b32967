"""What lies in the die: a powder that is compacted, springs back, creeps and rubs on the wall; or a solid blank.

Pressures in Pa on the die's area, heights in m; compressive-positive. In each step every body first flows under the
pressure that it has, then tells its height as a function of the pressure alone while its state stands still, so that
the press can solve for the equilibrium, and last takes the pressure of the step into its state.
"""

import math
from typing import Protocol

from .config import SampleConfig

#: K above the surroundings at which ``relaxation_hot_factor`` is reached.
HOT = 125.0
#: Share of a blank's height at which it is flattened and begins to stiffen.
FLATTENED = 0.1
#: s between two steps of what is slow: relaxation and delayed elasticity.
SLOW_STEP = 4e-3


class Body(Protocol):
    """What the press needs to know of anything in the die.

    Attributes:
        height: m, at the last step.
        free_height: m, what it would be without pressure.
        peak: Pa, largest pressure so far.
        kink: Pa, at which the slope of its height jumps.
        wall_friction: coefficient c of exp(c * height / diameter); 0: no friction.
        wall_travel: m of compression over which friction turns round.
        broken: it has fractured.
    """

    height: float
    free_height: float
    peak: float
    kink: float
    wall_friction: float
    wall_travel: float
    broken: bool

    @property
    def density(self) -> float:
        """Relative density at the last step."""

    def height_at(self, pressure: float) -> tuple[float, float]:
        """Return height (m) and its slope (m/Pa, negative) under a pressure (>= 0), in the present state."""

    def flow(self, warming: float, dt: float) -> float:
        """Let ``dt`` s pass, ``warming`` K above the room; return by how much (m) it gives way under its pressure."""

    def settle(self, pressure: float, height: float) -> None:
        """Take the pressure and height of a step, those of the last call of ``height_at`` or next to it."""


class Powder:
    """A powder after Heckel, elastic below its consolidation pressure, with logarithmic relaxation.

    - Virgin compaction: ``ln(1 / (1 - D)) = K P + A`` (Heckel), below some 50 MPa less the rearrangement
      ``(D_A - D_tap) exp(-P / P_r)``; D relative density, D_A = 1 - exp(-A).
    - Below the largest pressure so far, the consolidation pressure, only elastic: displacement
      ``s h ((P + p0)^m - p0^m) / P_s^m``; a share of it is delayed (anelastic), with one time constant.
    - Relaxation: plastic flow that lets the pressure in a press of given stiffness, its ram standing, fall as
      ``P (1 - a ln(1 + t / tau))``; slower below the consolidation pressure (``(P / P_c)^n``), faster when hot. It
      densifies the powder and so raises the consolidation pressure. Fresh compaction renews it.
    """

    def __init__(self, config: SampleConfig, area: float) -> None:
        self._solid = config.mass_mg * 1e-6 / (config.true_density_kg_m3 * area)
        self._slope = config.heckel_slope_per_mpa * 1e-6
        self._intercept = config.heckel_intercept
        self._rearranged = 1.0 - math.exp(-config.heckel_intercept) - config.tap_density
        self._rearrangement = config.rearrangement_pressure_mpa * 1e6
        self._onset = config.elastic_onset_mpa * 1e6
        self._exponent = config.elastic_exponent
        elastic_pressure = config.elastic_pressure_mpa * 1e6
        self._elastic = config.elastic_strain * self._solid / elastic_pressure**self._exponent
        self._elastic_rest = self._elastic * self._onset**self._exponent
        self._press_compliance = area / (config.relaxation_press_kn_mm * 1e6)
        self._strength = config.fracture_pressure_mpa * 1e6 or math.inf
        self._config = config
        self.wall_friction = config.wall_friction
        self.wall_travel = config.wall_friction_travel_um * 1e-6
        self.peak = 0.0
        self.broken = False
        self.kink = 0.0  # the consolidation pressure
        self._delayed = 0.0
        self._delay_step = self._delay_share = 0.0
        self._age = 0.0
        self._ahead = self._creep = 0.0
        self._plastic, self._plastic_slope = self._virgin(0.0)
        self._pressure = 0.0
        self._asked, self._spring = 0.0, self._elastic_rest
        self._asked_plastic, self._asked_slope = self._plastic, self._plastic_slope
        self.height = self.free_height = self._plastic
        self._rest = self._plastic + self._elastic_rest

    @property
    def density(self) -> float:
        """Relative density of what lies there now, elastic compression included."""
        return self._solid / self.height

    def height_at(self, pressure: float) -> tuple[float, float]:
        """Return height and slope: virgin curve beyond the consolidation pressure, elastic line below it."""
        base = pressure + self._onset
        spring = self._elastic * base**self._exponent
        self._asked, self._spring = pressure, spring
        slope = -self._exponent * spring / base
        if pressure <= self.kink:
            return self._rest - spring, slope
        plastic, plastic_slope = self._virgin(pressure)
        self._asked_plastic, self._asked_slope = plastic, plastic_slope
        return self._rest - self._plastic + plastic - spring, slope + plastic_slope

    def flow(self, warming: float, dt: float) -> float:
        """Relax and follow the delayed elasticity; return by how much the body gives way."""
        if self._pressure == 0.0 and self._delayed == 0.0:
            return 0.0
        if dt <= self._ahead:
            way = self._creep * dt
            self._ahead -= dt
        else:
            # It creeps on evenly for the slow step: in jerks it would wear down the friction.
            way = self._creep * self._ahead
            dt -= self._ahead
            span = max(dt, SLOW_STEP)
            self._creep = self._slow(warming, span) / span
            way += self._creep * dt
            self._ahead = span - dt
        self._shrink(way)
        return way

    def settle(self, pressure: float, height: float) -> None:
        """Take a step: consolidation and fracture."""
        self.height, self._pressure = height, pressure
        if pressure > self.kink:
            self._compact(pressure)
        if pressure > self.peak:
            self.peak = pressure
            if pressure > self._strength and not self.broken:
                self.crack()

    def crack(self) -> None:
        """Break, and lose a part of the height at once."""
        self.broken = True
        self._shrink(self._config.fracture_collapse * self.height)

    def _virgin(self, pressure: float) -> tuple[float, float]:
        """Return plastic height and slope on the virgin curve."""
        pores = math.exp(-(self._slope * pressure + self._intercept))
        loose = self._rearranged * math.exp(-pressure / self._rearrangement)
        density = 1.0 - pores - loose
        height = self._solid / density
        return height, -height / density * (self._slope * pores + loose / self._rearrangement)

    def _compact(self, pressure: float) -> None:
        """Take a pressure on the virgin curve into the state; the height under it is what it was."""
        if self._asked <= self.kink:
            self.height_at(pressure)
        fresh = (pressure - self.kink) / pressure
        self._age *= math.exp(-fresh / self._config.relaxation_renewal)
        plastic = self._asked_plastic + self._asked_slope * (pressure - self._asked)
        self._shrink(self._plastic - plastic)
        self.kink, self._plastic, self._plastic_slope = pressure, plastic, self._asked_slope

    def _shrink(self, way: float) -> None:
        self.free_height -= way
        self._rest -= way

    def _slow(self, warming: float, dt: float) -> float:
        """Return by how much the body gives way in the ``dt`` s to come."""
        way = self._delay(dt)
        return way + self._relax(warming, dt) if self._pressure > 0.0 else way

    def _relax(self, warming: float, dt: float) -> float:
        c, pressure = self._config, self._pressure
        since = c.relaxation_time_s + self._age
        self._age += dt
        # The logarithmic law over the whole step: the integral of dt / (tau + t).
        drop = c.relaxation * pressure * math.log1p(dt / since)
        drop *= (pressure / self.kink) ** c.relaxation_exponent
        if warming > 0.0:
            drop *= 1.0 + (c.relaxation_hot_factor - 1.0) * warming / HOT
        compliance = self._exponent * self._spring / (self._asked + self._onset)
        flow = drop * (compliance + self._press_compliance)
        room = 0.01 * self.kink
        # A body without pores has no slope left: it flows no more.
        if -self._plastic_slope * room > flow:
            room = flow / -self._plastic_slope
        before = self._plastic
        self.kink += room
        self._plastic, self._plastic_slope = self._virgin(self.kink)
        return before - self._plastic

    def _delay(self, dt: float) -> float:
        c = self._config
        if dt != self._delay_step:
            self._delay_step, self._delay_share = dt, -math.expm1(-dt / c.delayed_time_s)
        spring = self._spring - self._elastic_rest if self._pressure > 0.0 else 0.0
        goal = c.delayed_share * spring
        way = (goal - self._delayed) * self._delay_share
        self._delayed += way
        return way


class Blank:
    """A solid, elastic body: a steel blank, or, without height, the bottom of an empty die.

    It is linear until little of its height is left, and no force makes it thinner than nothing.
    """

    def __init__(self, height: float, stiffness: float, area: float) -> None:
        self._slope = -area / stiffness
        self._least = FLATTENED * height
        self.height = self.free_height = height
        self.peak = 0.0
        self.kink = math.inf
        self.wall_friction = 0.0
        self.wall_travel = 1.0
        self.broken = False

    @property
    def density(self) -> float:
        """Relative density: a solid is dense."""
        return 1.0

    def height_at(self, pressure: float) -> tuple[float, float]:
        """Return height and slope."""
        height = self.free_height + self._slope * pressure
        if height >= self._least or self._least <= 0.0:
            return height, self._slope
        rest = math.exp(height / self._least - 1.0)
        return self._least * rest, self._slope * rest

    def flow(self, warming: float, dt: float) -> float:
        """Stand; a solid does not flow."""
        return 0.0

    def settle(self, pressure: float, height: float) -> None:
        """Note the pressure; a solid keeps no other memory."""
        self.height = height
        self.peak = max(self.peak, pressure)


def make(config: SampleConfig, area: float) -> Body:
    """Return a fresh sample for a die of that area (m^2)."""
    if config.kind == "blank":
        return Blank(config.blank_height_mm * 1e-3, config.blank_stiffness_kn_mm * 1e6, area)
    return Powder(config, area)
