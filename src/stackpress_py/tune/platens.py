"""The constants of the platens, from what warming and cooling have shown.

Each platen is a body with a capacity C, heated by a power P u one delay L later, that loses heat to its surroundings,
to the other platen through what lies between them, and to the coolant:

    C dT/dt = P u(t - L) - G (T - Ta) - K (T - T') - Gc |u(t - L)| (T - Tc)

(P only for u > 0, Gc only for u < 0; cooling has a delay of its own). The thermometers' own errors, by which T - T' and
T - Ta are wrong, are a heat flow that never changes, and is fitted too. Integrated over time that is linear in all but
the delays, so that noise is not differentiated; the delays are where the squares of the errors are least. Temperatures
alone tell P / C, G / C and so on: what is in W needs the heater's rating.

Temperatures in degC, SI otherwise.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from stackpress_py.tune.fits import (
    Array,
    Fit,
    Measured,
    least_squares,
    lowest,
    running_integral,
    squared_error,
)
from stackpress_py.tune.heat import NAMES
from stackpress_py.tune.heat_record import HeatRecord
from stackpress_py.tune.trial import DoubtError

#: s, longest delay that is looked for, and the steps in which it is.
LONGEST_DELAY, STEP = 60.0, 0.25
#: How often the delays of heating and cooling are sought in turn.
ROUNDS = 2
#: s between residuals that are independent of one another.
INDEPENDENT = 30.0
#: Part of the platen's rise that the fit may leave unexplained, and largest relative uncertainty of the capacity.
UNEXPLAINED, DOUBTFUL = 0.03, 0.1
#: Standard uncertainties by which a conductance must be above 0 to be one.
SIGNIFICANT = 3.0


@dataclass(frozen=True, slots=True)
class Platen:
    """What was found of one platen.

    Attributes:
        capacity: J/K, for the rated power.
        loss, coupling, cooling: W/K, likewise; to surroundings, other platen, coolant at full cooling.
        coolant: degC; NaN: it does not cool.
        dead_time: s from the power to its effect in the reading.
        time, measured, fitted: s, degC, degC.
    """

    capacity: Measured
    loss: Measured
    coupling: Measured
    cooling: Measured
    coolant: Measured
    dead_time: Measured
    time: Array
    measured: Array
    fitted: Array


def platens(record: HeatRecord, ratings: tuple[float, float]) -> tuple[Platen, Platen]:
    """Return the constants of the upper and the lower platen.

    Args:
        record: what warming and cooling have shown.
        ratings: W, of the heaters.

    Raises:
        DoubtError: the record is no such platen's.
    """
    return _platen(record, 0, ratings[0]), _platen(record, 1, ratings[1])


class _Problem:
    """The linear problem of one platen for any delay."""

    def __init__(self, record: HeatRecord, platen: int) -> None:
        self.time = record.time - record.time[0]
        self.temperature = record.temperatures[platen]
        power = record.powers[platen]
        self._heated = running_integral(self.time, np.maximum(power, 0.0))
        self._cooling = np.maximum(-power, 0.0)
        self.cools = bool(np.any(power < 0.0))
        ambient = (
            record.frame if np.isfinite(record.frame).all() else record.temperatures[platen][0]
        )
        self._lost = running_integral(self.time, self.temperature - ambient)
        other = record.temperatures[1 - platen]
        self._passed = running_integral(self.time, self.temperature - other)

    def fit(self, delay: float, cooling_delay: float) -> Fit:
        """Fit the temperature with delays (s) of heating and cooling."""
        return least_squares(self._columns(delay, cooling_delay), self.temperature)

    def error(self, delay: float, cooling_delay: float) -> float:
        """Return the mean square of what :meth:`fit` would leave."""
        return squared_error(self._columns(delay, cooling_delay), self.temperature)

    def _columns(self, delay: float, cooling_delay: float) -> list[Array]:
        columns = [
            np.ones_like(self.time),
            np.interp(self.time - delay, self.time, self._heated),
            -self._lost,
            -self._passed,
            self.time,
        ]
        if self.cools:
            cooling = np.interp(self.time - cooling_delay, self.time, self._cooling)
            columns.append(-running_integral(self.time, cooling * self.temperature))
            columns.append(running_integral(self.time, cooling))
        return columns


def _platen(record: HeatRecord, platen: int, rating: float) -> Platen:
    problem = _Problem(record, platen)
    delay, cooling_delay = _delays(problem)
    fit = problem.fit(delay, cooling_delay)
    rise = float(np.ptp(problem.temperature))
    name = NAMES[platen]
    if fit.spread > UNEXPLAINED * rise or fit[1].value <= 0.0:
        raise DoubtError(
            f"the {name} platen is no simple body: {fit.spread:.2f} K of its {rise:.0f} K stay unexplained;"
            " look at the thermometer's seat, and keep draughts away"
        )
    gain = fit[1].believed(f"the heat capacity of the {name} platen", DOUBTFUL, "allow more kelvin")
    capacity = rating / gain.value
    scale = Measured(capacity, capacity * gain.deviation / gain.value)
    cooling, coolant = _coolant(fit[5], fit[6], scale) if len(fit.values) > 5 else NO_COOLING
    return Platen(
        capacity=scale,
        loss=_positive(_times(fit[2], scale)),
        coupling=_positive(_times(fit[3], scale)),
        cooling=cooling,
        coolant=coolant,
        dead_time=Measured(delay, _delay_deviation(problem, delay, cooling_delay, fit.spread)),
        time=problem.time,
        measured=problem.temperature,
        fitted=problem.temperature - fit.residuals,
    )


NO_COOLING = (Measured(0.0, 0.0), Measured(float("nan"), 0.0))


def _coolant(rate: Measured, flow: Measured, capacity: Measured) -> tuple[Measured, Measured]:
    """Return conductance and temperature of the coolant from Gc / C and Gc Tc / C."""
    if rate.value < SIGNIFICANT * rate.deviation:
        return NO_COOLING
    temperature = flow.value / rate.value
    deviation = float(np.hypot(flow.deviation, temperature * rate.deviation)) / rate.value
    return _times(rate, capacity), Measured(temperature, deviation)


def _times(rate: Measured, capacity: Measured) -> Measured:
    value = rate.value * capacity.value
    return Measured(
        value, float(np.hypot(rate.deviation * capacity.value, rate.value * capacity.deviation))
    )


def _positive(found: Measured) -> Measured:
    return found if found.value > 0.0 else Measured(0.0, found.deviation)


def _delays(problem: _Problem) -> tuple[float, float]:
    """Return the delays (s) of heating and cooling with the least errors, each sought while the other stands."""
    delay = lowest(lambda at: problem.error(at, at), 0.0, LONGEST_DELAY, STEP)
    cooling = delay
    for _ in range(ROUNDS if problem.cools else 0):
        cooling = lowest(partial(problem.error, delay), 0.0, LONGEST_DELAY, STEP)
        delay = lowest(partial(problem.error, cooling_delay=cooling), 0.0, LONGEST_DELAY, STEP)
    return delay, cooling


def _delay_deviation(problem: _Problem, delay: float, cooling: float, spread: float) -> float:
    """Return the standard uncertainty (s) of a delay: how far it may be off before the fit is clearly worse."""
    worse = problem.fit(delay + 1.0, cooling).spread ** 2 - spread**2
    independent = max(1.0, problem.time[-1] / INDEPENDENT)
    return 1.0 if worse <= 0.0 else min(1.0, float(np.sqrt(spread**2 / independent / worse)))
