"""How far a press gives way under its own force, and so how high what lies between its punches is.

``stackpress tune`` presses on a blank of known height and writes section ``compliance`` of the tuning file. With
another body under the same force and at the same temperature the ram stands elsewhere by just the difference of their
heights:

    h = h_blank + reference_position + deflection(F) - expansion (T - T_reference) - position

Uncertainties are combined after the GUM (JCGM 100:2008, 5.1) and told expanded, k = 2.

SI units; forces compressive-positive, positions positive towards closing, temperatures in degC.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass

from pydantic import Field, model_validator

from stackpress_py.documents import Document
from stackpress_py.quantities import Force, Length, Temperature

#: Relative standard uncertainty of the correction for warmth: the die follows the platens late, the frame much later.
EXPANSION_SHARE = 0.1
#: K from the reference within which a press whose expansion was not measured still tells a height.
LARGEST_UNCORRECTED = 5.0


class ComplianceDocument(Document):
    """Section ``compliance``; every uncertainty is expanded, k = 2.

    Attributes:
        blank_height: of the blank that lay in the die.
        reference_position: of the ram where the punch met the blank and the force began.
        height_uncertainty: of the blank's height and of the reference position together.
        position_uncertainty: of the difference between two positions of the ram, some mm apart: encoder and screw.
        position_resolution: smallest step of the ram's position.
        deflection_uncertainty: of a deflection: scatter, and half of the difference between loading and unloading.
        temperature: mean of the platens when it was measured; left out where there are none.
        points: force, and how far the ram went on from the reference position at that force, the blank's own
            compression taken off; from no force on, in the order of the forces.
    """

    blank_height: Length = Field(ge=0)
    reference_position: Length
    height_uncertainty: Length = Field(gt=0)
    position_uncertainty: Length = Field(ge=0)
    position_resolution: Length = Field(gt=0)
    deflection_uncertainty: Length = Field(gt=0)
    temperature: Temperature | None = None
    points: tuple[tuple[Force, Length], ...] = Field(min_length=2, max_length=1000)

    @model_validator(mode="after")
    def _rising(self) -> "ComplianceDocument":
        before = (0.0, 0.0)
        for point in self.points:
            if point == (0.0, 0.0):
                continue
            if not (point[0] > before[0] and point[1] > before[1]):
                raise ValueError(
                    "points must begin at or above '[0 N, 0 m]', and force and deflection must rise"
                    " from each to the next"
                )
            before = point
        return self

    def compliance(self, expansion: float) -> "Compliance":
        """Return the compliance of a press whose stack grows by ``expansion`` m/K; 0: it was not measured."""
        points = ((0.0, 0.0), *(point for point in self.points if point[0] > 0.0))
        return Compliance(
            forces=tuple(force for force, _ in points),
            deflections=tuple(deflection for _, deflection in points),
            zero=self.blank_height + self.reference_position,
            resolution=self.position_resolution,
            common=math.hypot(
                self.height_uncertainty,
                self.position_uncertainty,
                self.position_resolution / math.sqrt(3.0),
            ),
            curve=self.deflection_uncertainty,
            temperature=math.nan if self.temperature is None else self.temperature,
            expansion=expansion,
        )


@dataclass(frozen=True, slots=True)
class Compliance:
    """What is needed to tell a height; the deflection is straight between its points, and beyond the last one.

    Attributes:
        forces, deflections: N, m, rising from 0.
        zero: m, position of the ram at no force and no height.
        resolution: m, smallest step of the position.
        common: m, k = 2, of a height, without what follows from the force and the temperature.
        curve: m, k = 2, of a deflection up to the last point.
        temperature: degC, mean of the platens at which `zero` holds; NaN: they are not known.
        expansion: m/K by which the stack grows; 0: not measured.
    """

    forces: tuple[float, ...]
    deflections: tuple[float, ...]
    zero: float
    resolution: float
    common: float
    curve: float
    temperature: float
    expansion: float

    def deflection(self, force: float) -> float:
        """Return how far the press gives way (m) under a force (N)."""
        begin = self._piece(force)
        return self.deflections[begin] + (force - self.forces[begin]) * self._slope_of(begin)

    def slope(self, force: float) -> float:
        """Return the change of the deflection with the force, m/N."""
        return self._slope_of(self._piece(force))

    def height(self, force: float, position: float, temperature: float) -> float:
        """Return the height (m) of what lies between the punches.

        Args:
            force: N.
            position: m, of the ram.
            temperature: degC, mean of the platens; NaN: not known.

        Returns:
            NaN where something is not known: a number, or how the press grows on the way to that temperature.
        """
        warming = self._warming(temperature)
        if self.expansion == 0.0 and abs(warming) > LARGEST_UNCORRECTED:
            return math.nan
        return self.zero + self.deflection(force) - self.expansion * warming - position

    def height_uncertainty(
        self, force: float, force_uncertainty: float, temperature: float
    ) -> float:
        """Return the expanded uncertainty (m, k = 2) of :meth:`height`; ``force_uncertainty`` is one (N) as well."""
        return math.hypot(
            self.common,
            self.curve_uncertainty(force),
            self.slope(force) * force_uncertainty,
            2.0 * EXPANSION_SHARE * self.expansion * self._warming(temperature),
        )

    def curve_uncertainty(self, force: float) -> float:
        """Return the expanded uncertainty (m, k = 2) of a deflection; it grows beyond the last point."""
        return self.curve * max(1.0, force / self.forces[-1])

    def _warming(self, temperature: float) -> float:
        warming = temperature - self.temperature
        return warming if math.isfinite(warming) else 0.0

    def _piece(self, force: float) -> int:
        # NaN comes out as NaN whichever piece is taken.
        return min(max(bisect_right(self.forces, force) - 1, 0), len(self.forces) - 2)

    def _slope_of(self, begin: int) -> float:
        rise = self.deflections[begin + 1] - self.deflections[begin]
        return rise / (self.forces[begin + 1] - self.forces[begin])
