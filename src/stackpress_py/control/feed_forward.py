"""How fast the stack grows by what is known beside the force: warmer platens, a cell that is charged. SI units."""

import math

from stackpress_py.control.observer import DriftObserver

#: K, standard deviation of a thermocouple's reading, and K/s^2 by which platens change their rate.
TEMPERATURE_NOISE = 0.07
TEMPERATURE_AGILITY = 0.003
#: s, least time of the filter.
QUICKEST = 0.3
#: s over which the growth per ampere is learned.
LEARNING_TIME = 600.0
#: A; with less a cell rests.
LEAST_CURRENT = 1e-6


class FeedForward:
    """Growth rate of the stack, from the platens' mean temperature and a cycler's current.

    The growth per kelvin is measured by ``stackpress tune``. The growth per ampere depends on the cell, and is learned
    from the drift that the loop has to balance anyhow.

    Args:
        expansion: m/K.
    """

    def __init__(self, expansion: float) -> None:
        self._expansion = expansion
        self._temperature = DriftObserver(QUICKEST)
        self._known = False
        self._per_ampere = 0.0
        self._weight = 0.0
        self._current = 0.0

    def step(self, dt: float, temperature: float, current: float) -> float:
        """Take what is known now, and return the growth rate in m/s.

        Args:
            dt: s since the last step, > 0.
            temperature: degC, mean of the platens; NaN: not known.
            current: A, + charging; NaN: none.
        """
        self._current = current if math.isfinite(current) else 0.0
        return self._warming(dt, temperature) + self._per_ampere * self._current

    def learn(self, dt: float, unexplained: float) -> None:
        """Learn from a growth rate (m/s) that :meth:`step` did not explain while a force was held for ``dt`` s."""
        current = self._current
        if abs(current) < LEAST_CURRENT:
            return
        fade = math.exp(-dt / LEARNING_TIME)
        self._weight = fade * self._weight + current * current * dt
        step = current * unexplained * dt / (self._weight + current * current * LEARNING_TIME)
        self._per_ampere += step

    def _warming(self, dt: float, temperature: float) -> float:
        if self._expansion == 0.0:
            return 0.0
        observer = self._temperature
        if not math.isfinite(temperature):
            self._known = False
            return 0.0
        if not self._known:
            self._known = True
            observer.restart(temperature)
        observer.step(dt, 0.0, 0.0, temperature, TEMPERATURE_NOISE, TEMPERATURE_AGILITY)
        return self._expansion * observer.drift
