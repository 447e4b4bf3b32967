"""The stack in the die: a powder that is compacted, springs back, creeps and rubs on the wall; or a solid blank.

Pressures in Pa on the die's area, heights in m, forces in N, compressive-positive.
"""

import math

from .config import SampleConfig

#: Relative densities beyond which the compaction law has no meaning any more.
DENSEST = 0.995


class Powder:
    """Compaction after Heckel with rearrangement at low pressure.

    Virgin curve: ln(1/(1-D)) = K P + A (Heckel), less the rearrangement term (D_A - D_tap) exp(-P/P_r). Under a
    pressure below the largest one so far, the consolidation pressure, the stack answers elastically with the
    displacement delta(P) = s h (P/P_s)^m; creep adds ln(1 + t/tau), faster the nearer the pressure is to the
    consolidation pressure.

    Attributes:
        consolidation: Pa, largest pressure that has been reached.
        friction: N, of the wall on the ram; opposes the last movement.
        peak: Pa, largest pressure on the sample since it was placed.
    """

    def __init__(self, config: SampleConfig, area: float) -> None:
        self._c = config
        self.area = area
        self._solid_height = config.mass_mg * 1e-6 / (config.true_density_kg_m3 * area)
        self._slope = config.heckel_slope_per_mpa * 1e-6
        self._rearrangement = config.rearrangement_pressure_mpa * 1e6
        self._d_a = 1.0 - math.exp(-config.heckel_intercept)
        self._spring_pressure = config.spring_back_pressure_mpa * 1e6
        self._fracture = config.fracture_pressure_mpa * 1e6
        self.consolidation = 0.0
        self.peak = 0.0
        self.friction = 0.0
        self.broken = False
        self._creep = 0.0
        self._creep_age = 0.0
        self._height = self.height_at(0.0)
        self._pressure = 0.0

    @property
    def density(self) -> float:
        """Relative density now."""
        return self._solid_height / self._height

    def virgin_height(self, pressure: float) -> float:
        """Height (m) without spring-back on the virgin curve."""
        density = 1.0 - math.exp(-(self._slope * pressure + self._c.heckel_intercept))
        density -= (self._d_a - self._c.tap_density) * math.exp(-pressure / self._rearrangement)
        return self._solid_height / min(density, DENSEST)

    def spring(self, pressure: float) -> float:
        """Elastic displacement (m) under a pressure."""
        ratio = pressure / self._spring_pressure
        displacement: float = ratio**self._c.spring_back_exponent
        return self._c.spring_back * self._solid_height * displacement

    def height_at(self, pressure: float) -> float:
        """Height (m) under a pressure now, creep included."""
        plastic = self.virgin_height(max(pressure, self.consolidation))
        return plastic - self.spring(pressure) - self._creep

    def settle(self, pressure: float, dt: float) -> float:
        """Take the pressure (Pa) of this step; return the change of height (m)."""
        if pressure > self.consolidation:
            # Virgin loading consumes the creep that came before it.
            self.consolidation = pressure
            self._creep_age = 0.0
        elif pressure > 0.0:
            drive = (pressure / self.consolidation) ** self._c.creep_exponent
            self._creep_age += dt
            self._creep += (
                self._c.creep_um * 1e-6 * drive * dt / (self._c.creep_time_s + self._creep_age)
            )
        self.peak = max(self.peak, pressure)
        self._pressure = pressure
        before, self._height = self._height, self.height_at(pressure)
        if self._fracture > 0.0 and pressure > self._fracture and not self.broken:
            self.broken = True
            self._creep += 0.05 * self._height
        return before - self._height

    def rub(self, movement: float) -> float:
        """Move the wall friction on by a compressive movement (m) and return it (N)."""
        limit = self._c.wall_friction * self._pressure * self.area
        travel = self._c.wall_friction_travel_um * 1e-6
        if limit <= 0.0 or travel <= 0.0:
            self.friction = 0.0
        else:
            self.friction = max(-limit, min(limit, self.friction + limit * movement / travel))
        return self.friction


class Blank:
    """A solid, elastic body: a steel blank, or the bottom of an empty die."""

    def __init__(self, height: float, stiffness: float, area: float) -> None:
        self._height = height
        self._stiffness = stiffness
        self.area = area
        self.peak = 0.0
        self.friction = 0.0
        self.broken = False

    @property
    def density(self) -> float:
        """Relative density: a solid is dense."""
        return 1.0

    def height_at(self, pressure: float) -> float:
        """Height (m) under a pressure."""
        return self._height - pressure * self.area / self._stiffness

    def settle(self, pressure: float, dt: float) -> float:
        """Take the pressure of this step; return the change of height, which causes no friction."""
        self.peak = max(self.peak, pressure)
        return 0.0

    def rub(self, movement: float) -> float:
        """Return the wall friction: none."""
        return 0.0


Sample = Powder | Blank


def make(config: SampleConfig, area: float) -> Sample:
    """Return a fresh sample."""
    if config.kind == "blank":
        return Blank(config.blank_height_mm * 1e-3, config.blank_stiffness_kn_mm * 1e6, area)
    return Powder(config, area)
