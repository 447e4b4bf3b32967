"""What lies between the punches, live: height, relative density, how fast it densifies, and its Heckel line.

The height is the ram's position, corrected for what the press gives way (:mod:`stackpress_py.control.compliance`). With
mass m and true density r of a powder in a die of area A its relative density is D = m / (A h r). The densification rate
is (dD/dt) / D = -(dh/dt) / h: it needs neither mass nor density.

Uncertainties are combined after the GUM and told expanded, k = 2. The die's area counts as exact, and the height as all
powder. SI units; forces compressive-positive, temperatures in degC.
"""

import math
from dataclasses import dataclass

from stackpress_py.control.change_rate import UNKNOWN, ChangeRate, Rate
from stackpress_py.control.compliance import Compliance
from stackpress_py.control.heckel import Heckel, HeckelFit, Point

#: Pa; with less the punch may not touch, and there is no height.
CONTACT = 0.1e6
NO_LINE = Heckel()


@dataclass(frozen=True, slots=True)
class Powder:
    """What was filled into the die; uncertainties expanded, k = 2.

    Attributes:
        mass: kg.
        mass_uncertainty: kg.
        true_density: kg/m^3, of the solid without pores.
        true_density_uncertainty: kg/m^3.
    """

    mass: float
    mass_uncertainty: float
    true_density: float
    true_density_uncertainty: float

    @property
    def relative_uncertainty(self) -> float:
        """Of the solid's volume, k = 2."""
        return math.hypot(
            self.mass_uncertainty / self.mass, self.true_density_uncertainty / self.true_density
        )


@dataclass(frozen=True, slots=True)
class StackReading:
    """What is known of the stack at one moment; fields and units as in ``msg/StackState``; NaN: not known."""

    height: float = math.nan
    height_uncertainty: float = math.nan
    height_loss: float = math.nan
    density: float = math.nan
    density_uncertainty: float = math.nan
    rate: Rate = UNKNOWN
    heckel: Heckel = NO_LINE


class StackGauge:
    """Follows one stack from its first contact on.

    Args:
        compliance: of the press.
        area: m^2, of the die.
        powder: what was filled in; None: not known, and only the height is told.

    Attributes:
        reading: latest.
    """

    def __init__(self, compliance: Compliance, area: float, powder: Powder | None) -> None:
        self._compliance = compliance
        self._area = area
        self._powder = powder
        self._heckel = HeckelFit()
        self._first_height = math.nan
        self._rate = ChangeRate()
        self.reading = StackReading()

    def update(
        self, force: float, uncertainty: float, position: float, temperature: float, now: float
    ) -> StackReading:
        """Take a sample and return what it tells.

        Args:
            force: N.
            uncertainty: N, k = 2.
            position: m, of the ram.
            temperature: degC, mean of the platens; NaN: not known.
            now: s.
        """
        compliance = self._compliance
        height = compliance.height(force, position, temperature)
        if not (force >= CONTACT * self._area and height > 0.0):
            if force < CONTACT * self._area:
                # What is pressed next has another history: nothing goes on over a loss of contact.
                self._rate = ChangeRate()
            self.reading = StackReading(heckel=self._heckel.line)
            return self.reading
        if math.isnan(self._first_height):
            self._first_height = height
        self._rate.update(-math.log(height), compliance.resolution / height, now)
        height_uncertainty = compliance.height_uncertainty(force, uncertainty, temperature)
        density, density_uncertainty = self._density(height, height_uncertainty)
        if self._powder is not None:
            own = density * compliance.curve_uncertainty(force) / height
            common = math.sqrt(max(0.0, density_uncertainty**2 - own**2))
            pressure, pressure_uncertainty = force / self._area, uncertainty / self._area
            self._heckel.update(Point(pressure, pressure_uncertainty, density, common, own))
        self.reading = StackReading(
            height=height,
            height_uncertainty=height_uncertainty,
            height_loss=1.0 - height / self._first_height,
            density=density,
            density_uncertainty=density_uncertainty,
            rate=self._rate.rate,
            heckel=self._heckel.line,
        )
        return self.reading

    def _density(self, height: float, height_uncertainty: float) -> tuple[float, float]:
        powder = self._powder
        if powder is None:
            return math.nan, math.nan
        density = powder.mass / (self._area * height * powder.true_density)
        relative = math.hypot(powder.relative_uncertainty, height_uncertainty / height)
        return density, density * relative
