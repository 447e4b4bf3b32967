"""What it takes to warm a platen: heat capacity and losses, learned from the power that was given to it.

Over any span of time the heat that was given is what the platen has stored and what it has lost,

    integral of P dt = C (T_end - T_begin) + G * integral of (T - T_surroundings) dt,

with a power that is as late as the thermometer. Blocks of some seconds give one such equation each; capacity C and
loss G follow by least squares, with the constants of the tuning as a prior. Die and stack, which warm along, are in
them.

Temperatures in degrees Celsius, SI otherwise; power in watts as the tuning counts them.
"""

import math

from stackpress_py.control.reference import Delay, clamp

#: s of one block: long against the thermometer's noise, short against a ramp.
BLOCK = 10.0
#: Relative standard deviation of the tuning's constants, and bounds of what is learned, relative to them.
DOUBT = 0.5
LEAST, MOST = 0.3, 4.0
#: K, standard deviation of the change of temperature in a block, with all that the balance leaves out.
SCATTER = 0.3
#: Part of what is known that a block leaves: another die may lie there tomorrow.
KEEP = 0.998


class HeatBalance:
    """Learns one platen.

    Args:
        capacity: J/K, of the tuning.
        loss: W/K, likewise.
        dead_time: s from power to temperature.

    Attributes:
        capacity, loss: J/K, W/K, as learned.
    """

    def __init__(self, capacity: float, loss: float, dead_time: float) -> None:
        self.capacity, self._tuned_capacity = capacity, capacity
        self.loss, self._tuned_loss = loss, loss
        self._delay = Delay(dead_time)
        self._given = 0.0
        noise = (SCATTER * capacity) ** 2
        # A platen that the tuning lets lose nothing may still lose a little.
        doubts = (DOUBT * capacity, max(DOUBT * loss, 1e-3 * capacity))
        # Sums of the normal equations: rise^2, rise * warmth, warmth^2, rise * heat, warmth * heat.
        self._a, self._b, self._c = noise / doubts[0] ** 2, 0.0, noise / doubts[1] ** 2
        self._d, self._e = self._a * capacity, self._c * loss
        self._begin: tuple[float, float, float] | None = None
        self._warmth = 0.0

    def step(
        self, now: float, dt: float, power: float, temperature: float, surroundings: float
    ) -> bool:
        """Note what happened during the last ``dt`` s.

        Args:
            now: s.
            dt: s.
            power: W that was given; NaN: not known, as while cooling.
            temperature: degC.
            surroundings: degC.

        Returns:
            True if something was learned.
        """
        if math.isnan(power):  # a block with an unknown in it is no equation
            self._begin = None
            self._delay.restart()
            return False
        self._given += power * dt
        felt = self._delay.step(now, self._given)
        if self._begin is None:
            self._begin = (now, temperature, felt)
            self._warmth = 0.0
            return False
        begin, first, before = self._begin
        self._warmth += (temperature - surroundings) * dt
        if now - begin < BLOCK:
            return False
        self._learn(felt - before, temperature - first, self._warmth)
        self._begin = (now, temperature, felt)
        self._warmth = 0.0
        return True

    def _learn(self, heat: float, rise: float, warmth: float) -> None:
        self._a = KEEP * self._a + rise * rise
        self._b = KEEP * self._b + rise * warmth
        self._c = KEEP * self._c + warmth * warmth
        self._d = KEEP * self._d + rise * heat
        self._e = KEEP * self._e + warmth * heat
        determinant = self._a * self._c - self._b * self._b
        if determinant <= 0.0:
            return
        capacity = (self._d * self._c - self._e * self._b) / determinant
        loss = (self._a * self._e - self._b * self._d) / determinant
        tuned = self._tuned_capacity
        self.capacity = clamp(capacity, LEAST * tuned, MOST * tuned)
        self.loss = clamp(loss, 0.0, MOST * max(self._tuned_loss, 1e-2 * tuned))
