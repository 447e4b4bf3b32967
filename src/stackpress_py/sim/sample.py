"""What lies in the die: a powder that is compacted, springs back, creeps and rubs on the wall; or a solid blank.

Pressures in Pa on the die's area, heights in m; compressive-positive. Every body tells its height as a function of the
pressure alone while its state stands still, so that the press can solve for the equilibrium, and then takes the
pressure of the step into its state.
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
        wall_friction: coefficient c of exp(c * height / diameter); 0: no friction.
        wall_travel: m of compression over which friction turns round.
        broken: it has fractured.
    """

    height: float
    free_height: float
    peak: float
    wall_friction: float
    wall_travel: float
    broken: bool

    @property
    def density(self) -> float:
        """Relative density at the last step."""

    def height_at(self, pressure: float) -> tuple[float, float]:
        """Return height (m) and its slope (m/Pa, negative) under a pressure (>= 0), in the present state."""

    def settle(self, pressure: float, height: float, warming: float, dt: float) -> None:
        """Take the pressure and height of a step of ``dt`` s into the state; ``warming`` is K above the room."""


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
        self._config = config
        self.wall_friction = config.wall_friction
        self.wall_travel = config.wall_friction_travel_um * 1e-6
        self.peak = 0.0
        self.broken = False
        self.consolidation = 0.0
        self._delayed = 0.0
        self._collapsed = 0.0
        self._age = 0.0
        self._waited = 0.0
        self._plastic, self._plastic_slope = self._virgin(0.0)
        self.height = self.free_height = self._plastic
        self._rest = self._plastic + self._elastic_rest

    @property
    def density(self) -> float:
        """Relative density of what lies there now, elastic compression included."""
        return self._solid / self.height

    def height_at(self, pressure: float) -> tuple[float, float]:
        """Return height and slope: virgin curve beyond the consolidation pressure, elastic line below it."""
        base = pressure + self._onset
        power: float = base**self._exponent
        spring = self._elastic * power
        slope = -self._exponent * spring / base
        if pressure <= self.consolidation:
            return self._rest - spring, slope
        plastic, plastic_slope = self._virgin(pressure)
        return self._rest - self._plastic + plastic - spring, slope + plastic_slope

    def settle(self, pressure: float, height: float, warming: float, dt: float) -> None:
        """Take a step: consolidation, relaxation, delayed elasticity, fracture."""
        self.height = height
        if pressure > self.consolidation:
            self._compact(pressure)
        self._waited += dt
        if self._waited >= SLOW_STEP:
            if pressure > 0.0:
                self._relax(pressure, warming, self._waited)
            self._delay(pressure, self._waited)
            self._waited = 0.0
        if pressure > self.peak:
            self.peak = pressure
            limit = self._config.fracture_pressure_mpa * 1e6
            if 0.0 < limit < pressure and not self.broken:
                self.broken = True
                self._collapsed = self._config.fracture_collapse * height
        self.free_height = self._plastic - self._delayed - self._collapsed
        self._rest = self.free_height + self._elastic_rest

    def _virgin(self, pressure: float) -> tuple[float, float]:
        """Return plastic height and slope on the virgin curve."""
        pores = math.exp(-(self._slope * pressure + self._intercept))
        loose = self._rearranged * math.exp(-pressure / self._rearrangement)
        density = 1.0 - pores - loose
        height = self._solid / density
        return height, -height / density * (self._slope * pores + loose / self._rearrangement)

    def _compact(self, pressure: float) -> None:
        fresh = (pressure - self.consolidation) / pressure
        self._age *= math.exp(-fresh / self._config.relaxation_renewal)
        self._harden(pressure)

    def _harden(self, pressure: float) -> None:
        self.consolidation = pressure
        self._plastic, self._plastic_slope = self._virgin(pressure)

    def _relax(self, pressure: float, warming: float, dt: float) -> None:
        c = self._config
        self._age += dt
        ratio = pressure / self.consolidation
        hot = 1.0 + (c.relaxation_hot_factor - 1.0) * max(0.0, warming) / HOT
        drop = c.relaxation * hot * pressure * ratio**c.relaxation_exponent * dt
        drop /= c.relaxation_time_s + self._age
        base = pressure + self._onset
        compliance = self._exponent * self._elastic * base ** (self._exponent - 1.0)
        room = 0.01 * self.consolidation
        # A body without pores has no slope left: it flows no more.
        if -self._plastic_slope * room > drop * (compliance + self._press_compliance):
            room = drop * (compliance + self._press_compliance) / -self._plastic_slope
        self._harden(self.consolidation + room)

    def _delay(self, pressure: float, dt: float) -> None:
        c = self._config
        spring = self._elastic * (pressure + self._onset) ** self._exponent - self._elastic_rest
        share = 1.0 - math.exp(-dt / c.delayed_time_s)
        self._delayed += (c.delayed_share * spring - self._delayed) * share


class Blank:
    """A solid, elastic body: a steel blank, or, without height, the bottom of an empty die.

    It is linear until little of its height is left, and no force makes it thinner than nothing.
    """

    def __init__(self, height: float, stiffness: float, area: float) -> None:
        self._slope = -area / stiffness
        self._least = FLATTENED * height
        self.height = self.free_height = height
        self.peak = 0.0
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

    def settle(self, pressure: float, height: float, warming: float, dt: float) -> None:
        """Note the pressure; a solid keeps no other memory."""
        self.height = height
        self.peak = max(self.peak, pressure)


def make(config: SampleConfig, area: float) -> Body:
    """Return a fresh sample for a die of that area (m^2)."""
    if config.kind == "blank":
        return Blank(config.blank_height_mm * 1e-3, config.blank_stiffness_kn_mm * 1e6, area)
    return Powder(config, area)
