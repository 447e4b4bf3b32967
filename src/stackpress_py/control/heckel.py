"""The Heckel plot, ln(1 / (1 - D)) = K P + A, of a powder while it is pressed for the first time.

R. W. Heckel, Trans. Metall. Soc. AIME 221 (1961) 671: the line describes powders that yield, from about 50 MPa on;
below, grains rearrange. 1 / K is the mean yield pressure. Fitted under pressure ("in die") the density holds the
elastic strain as well, so that K comes out larger than from densities of pellets that were taken out.

Uncertainties are expanded, k = 2; they hold the scatter about the line, an error that scales or shifts all densities
alike, errors of the press's deflection that differ from one end of the line to the other, and the force. They do not
hold the friction at the die's wall, which leaves less pressure in the powder than on the punch.

SI units.
"""

import math
from dataclasses import dataclass

#: Pa, from which on the line is fitted, and over which it must reach at least.
BEGIN = 50e6
LEAST_SPAN = 10e6
#: Pa between two points: each part of the line counts alike, however long the press stays there.
SPACING = 0.25e6


@dataclass(frozen=True, slots=True)
class Heckel:
    """The line; NaN: there is none.

    Attributes:
        slope: K, 1/Pa.
        slope_uncertainty: 1/Pa.
        intercept: A, 1.
        intercept_uncertainty: 1.
    """

    slope: float = math.nan
    slope_uncertainty: float = math.nan
    intercept: float = math.nan
    intercept_uncertainty: float = math.nan

    @property
    def yield_pressure(self) -> float:
        """1 / K, Pa; NaN where K is not above 0."""
        return 1.0 / self.slope if self.slope > 0.0 else math.nan

    @property
    def yield_pressure_uncertainty(self) -> float:
        """Pa."""
        return self.slope_uncertainty * self.yield_pressure**2


@dataclass(frozen=True, slots=True)
class Point:
    """What was measured at one moment.

    Attributes:
        pressure: Pa.
        pressure_uncertainty: Pa.
        density: relative.
        common: of the density, by what is the same in all points: mass, true density, reference of the height.
        own: of the density, by what may differ between the ends of the line: the press's deflection.
    """

    pressure: float
    pressure_uncertainty: float
    density: float
    common: float
    own: float


class HeckelFit:
    """Collects points while the pressure rises beyond all that was before.

    Attributes:
        line: latest.
    """

    def __init__(self) -> None:
        self.line = Heckel()
        self._next = BEGIN
        self._plain = _Line()
        self._shifted = _Line()
        self._own = 0.0

    def update(self, point: Point) -> None:
        """Take what is measured; what does not belong on the line is left out."""
        if not point.pressure >= self._next:
            return
        self._next = point.pressure + SPACING
        if not 0.0 < point.density < 1.0:
            return
        pressure = point.pressure - BEGIN
        self._plain.add(pressure, -math.log(1.0 - point.density))
        shifted = min(point.density + point.common, 0.5 * (1.0 + point.density))
        self._shifted.add(pressure, -math.log(1.0 - shifted))
        self._own = max(self._own, point.own / (1.0 - point.density))
        if pressure >= LEAST_SPAN and self._plain.count > 2:
            self.line = self._fit(point)

    def _fit(self, point: Point) -> Heckel:
        slope, intercept = self._plain.fit()
        shifted_slope, shifted_intercept = self._shifted.fit()
        scatter = 2.0 * self._plain.slope_error()
        # Ends that are wrong by this much, independently, tilt the line about its middle.
        tilt = math.sqrt(2.0) * self._own / (point.pressure - BEGIN)
        force = slope * point.pressure_uncertainty / point.pressure
        slope_u = math.hypot(scatter, shifted_slope - slope, tilt, force)
        # A is at no pressure, as far below the middle of the line as that is from 0.
        arm = BEGIN + self._plain.middle
        intercept_u = math.hypot(
            arm * math.hypot(scatter, tilt),
            (shifted_intercept - shifted_slope * BEGIN) - (intercept - slope * BEGIN),
            self._own / math.sqrt(2.0),
        )
        return Heckel(slope, slope_u, intercept - slope * BEGIN, intercept_u)


class _Line:
    """A straight line of least squares, of which no points are kept.

    Attributes:
        count: points.
    """

    def __init__(self) -> None:
        self.count = 0
        self.middle = self._y = self._xx = self._xy = self._yy = 0.0

    def add(self, x: float, y: float) -> None:
        """Take a point (means and sums about them are updated after Welford)."""
        self.count += 1
        dx, dy = x - self.middle, y - self._y
        self.middle += dx / self.count
        self._y += dy / self.count
        self._xx += dx * (x - self.middle)
        self._xy += dx * (y - self._y)
        self._yy += dy * (y - self._y)

    def fit(self) -> tuple[float, float]:
        """Return slope and intercept."""
        slope = self._xy / self._xx
        return slope, self._y - slope * self.middle

    def slope_error(self) -> float:
        """Return the standard error of the slope."""
        slope, _ = self.fit()
        left = max(0.0, self._yy - slope * self._xy)
        return math.sqrt(left / (self.count - 2) / self._xx)
