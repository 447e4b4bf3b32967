"""How the stack grows with the platens' temperature, from the ram's position while a force is held.

At a constant force the ram gives way by as much as the stack grows. What is left of a deviation of the force is taken
out by the stiffness, and what drifts evenly with time, such as the frame that follows slowly, is no part of it:

    x(t) - (F(t) - F0) / k = x0 + d t - g T(t)

T is the mean of the platens. SI units, temperatures in degC.
"""

from dataclasses import dataclass

import numpy as np

from stackpress_py.tune.fits import Array, Measured, least_squares
from stackpress_py.tune.heat_record import HeatRecord
from stackpress_py.tune.trial import DoubtError

#: Part of the growth that the fit may leave unexplained; smaller growth than this, m, is none.
UNEXPLAINED, LEAST_GROWTH = 0.1, 2e-6


@dataclass(frozen=True, slots=True)
class Expansion:
    """What was found.

    Attributes:
        growth: m/K.
        temperature, opened, fitted: degC of the platens' mean, and m that the ram gave way, measured and fitted.
    """

    growth: Measured
    temperature: Array
    opened: Array
    fitted: Array


def expansion(record: HeatRecord, stiffness: float) -> Expansion:
    """Return the growth of the stack.

    Args:
        record: of warming and cooling while a force was held.
        stiffness: N/m.

    Raises:
        DoubtError: the ram did not follow the temperature.
    """
    known = np.isfinite(record.position + record.force)
    time, force = record.time[known] - record.time[0], record.force[known]
    temperature = 0.5 * (record.temperatures[0] + record.temperatures[1])[known]
    position = record.position[known] - (force - force[0]) / stiffness
    opened = position[0] - position
    fit = least_squares((np.ones_like(time), time, temperature - temperature[0]), opened)
    size = float(np.ptp(opened))
    if fit.spread > max(UNEXPLAINED * size, LEAST_GROWTH):
        raise DoubtError(
            f"the stack does not grow with its temperature: {fit.spread * 1e6:.1f} um of {size * 1e6:.0f} um"
            " stay unexplained; leave the thermal expansion out, or look for something loose"
        )
    return Expansion(fit[2], temperature, opened, opened - fit.residuals)
