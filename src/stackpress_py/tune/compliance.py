"""How press and blank give way under force, from a staircase of loads. SI units.

    x(F) = x0 + F / k + s (1 - exp(-F / Fs))

The frame is linear, and its joints settle at small forces (Fs). The largest stiffness is the slope at the largest
force, up or down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.tune.fits import Array, Fit, Measured, least_squares
from stackpress_py.tune.moves import Rest
from stackpress_py.tune.staircase import Staircase
from stackpress_py.tune.trial import DoubtError

#: Forces, as parts of the largest, at which joints may settle.
SETTLING_SHARES = tuple(0.01 * 1.25**number for number in range(16))
#: Standard uncertainties by which the joints' give must be above 0 to be believed.
SIGNIFICANT = 3.0
#: Largest part of the travel by which loading and unloading may differ, and that the fit may leave unexplained.
LARGEST_HYSTERESIS, UNEXPLAINED = 0.15, 0.05
#: Largest relative uncertainty of the stiffness.
DOUBTFUL = 0.1


@dataclass(frozen=True, slots=True)
class Compliance:
    """What was found.

    Attributes:
        stiffness: N/m, the largest.
        contact: m, ram position at which the force begins.
        seating: m that joints give at small forces, and N at which they do.
        hysteresis: m, largest difference between loading and unloading.
        scatter: m, standard deviation of the steps around the curve.
        steps: as measured.
        force, deflection: N, m of the fitted curve, from 0 to the largest force.
    """

    stiffness: Measured
    contact: Measured
    seating: tuple[float, float]
    hysteresis: float
    scatter: float
    steps: Staircase
    force: Array
    deflection: Array


@dataclass(frozen=True, slots=True)
class _Curve:
    fit: Fit
    settling: float

    def position(self, force: Array) -> Array:
        """Return the ram's position (m) at forces (N)."""
        return _columns(force, self.settling) @ self.fit.values

    def slope(self, force: float) -> float:
        """Give (m/N) at a force (N)."""
        slope = self.fit.values[1]
        if self.settling > 0.0:
            slope += self.fit.values[2] / self.settling * np.exp(-force / self.settling)
        return float(slope)


def compliance(steps: Staircase, contact_force: float) -> Compliance:
    """Evaluate a staircase.

    Args:
        steps: as measured.
        contact_force: N below which play and friction rule.

    Raises:
        DoubtError: it is not the curve of a press on something hard and elastic.
    """
    up = [rest for rest in steps.up if rest.force > contact_force]
    loading, unloading = _fit(up), _fit(steps.down)
    top = up[-1].force
    force = top * np.arange(61, dtype=np.float64) / 60.0
    deflection = loading.position(force) - loading.position(np.zeros_like(force))
    hysteresis = _hysteresis(loading, steps)
    travel = float(deflection[-1])
    if travel <= 0.0 or hysteresis > LARGEST_HYSTERESIS * travel:
        raise DoubtError(
            f"what lies in the die does not spring back: up and down differ by {hysteresis * 1e6:.1f} um of"
            f" {travel * 1e6:.0f} um; lay a hard blank in, or leave the die empty"
        )
    if loading.fit.spread > UNEXPLAINED * travel:
        raise DoubtError(
            f"force over position is no curve of a press: points lie {loading.fit.spread * 1e6:.1f} um beside"
            " it; look for something loose"
        )
    stiffness = max(
        (_stiffness(curve, top) for curve in (loading, unloading)), key=lambda found: found.value
    )
    stiffness.believed("the stiffness", DOUBTFUL, "allow more force")
    return Compliance(
        stiffness=stiffness,
        contact=loading.fit[0],
        seating=(float(loading.fit.values[2]) if loading.settling else 0.0, loading.settling),
        hysteresis=hysteresis,
        scatter=loading.fit.spread,
        steps=steps,
        force=force,
        deflection=deflection,
    )


def _columns(force: Array, settling: float) -> Array:
    columns = [np.ones_like(force), force]
    if settling > 0.0:
        columns.append(1.0 - np.exp(-force / settling))
    return np.column_stack(columns)


def _fit(rests: Sequence[Rest]) -> _Curve:
    """Fit a line, and joints that settle if that is clearly better."""
    if len(rests) < 5:
        raise DoubtError("too few steps of force were possible: allow more force")
    force = np.array([rest.force for rest in rests])
    position = np.array([rest.position for rest in rests])
    line = _Curve(least_squares(list(_columns(force, 0.0).T), position), 0.0)
    if len(rests) < 7:
        return line
    # Where joints settle there must be points.
    shares = [share for share in SETTLING_SHARES if np.sum(force < share * force.max()) >= 2]
    curves = [
        _Curve(
            least_squares(list(_columns(force, share * force.max()).T), position),
            share * force.max(),
        )
        for share in shares
    ]
    if not curves:
        return line
    best = min(curves, key=lambda curve: curve.fit.spread)
    give = best.fit[2]
    better = best.fit.spread < 0.7 * line.fit.spread and give.value > SIGNIFICANT * give.deviation
    return best if better and best.fit.values[1] > 0.0 else line


def _stiffness(curve: _Curve, force: float) -> Measured:
    give = curve.slope(force)
    if give <= 0.0:
        return Measured(float("nan"), float("inf"))
    return Measured(1.0 / give, curve.fit[1].deviation / give**2)


def _hysteresis(loading: _Curve, steps: Staircase) -> float:
    force = np.array([rest.force for rest in steps.down])
    position = np.array([rest.position for rest in steps.down])
    return float(np.max(np.abs(position - loading.position(force))))
