"""What it takes to warm a platen: heat capacity, losses and lag, learned from the power that was given to it.

A platen that is given the power P and loses heat to surroundings warms at

    dT/dt = b P - l (T - T_surroundings),

b = 1/C with the capacity C, l = G/C with the loss G. The thermometer tells it as much later as the tuning says, and
by a time d later than that: a platen under power reads b P d less. A Kalman filter estimates T, b, l and b d from one
mean of the readings after the other. Die and stack, which warm along, are in them.

Temperatures in degrees Celsius, SI otherwise; power in watts as the tuning counts them.
"""

import math

from stackpress_py.control.reference import Delay, clamp

#: s of one mean: long against the thermometer's noise, short against a ramp.
BLOCK = 1.0
#: Standard deviations of what the tuning says, relative: a platen may warm three times as fast, lose three times as much
#: of its warmth, and be later by half of the time.
GAIN_DOUBT, LOSS_DOUBT, LAG_DOUBT = 1.2, 1.5, 0.5
#: Bounds of what is learned, relative to the tuning.
LEAST, MOST = 0.15, 6.0
#: K, standard deviation of a mean of readings: resolution more than noise.
SCATTER = 0.05
#: K in a second, what the equation leaves out: the die, the other platen.
WANDER = 0.004
#: Part of dead time
SHAPE = 0.3
#: Part of gain and loss that may change in a second: another die may lie there in an hour.
CHANGE = 0.002

_Matrix = list[list[float]]


class HeatBalance:
    """Learns one platen.

    Args:
        capacity: J/K, of the tuning.
        loss: W/K, likewise.
        dead_time: s from power to temperature.

    Attributes:
        gain, loss_rate: K/J, 1/s; as learned.
    """

    def __init__(self, capacity: float, loss: float, dead_time: float) -> None:
        self.gain = self._tuned_gain = 1.0 / capacity
        # A platen that the tuning lets lose nothing may still lose a little.
        self._tuned_rate = max(loss / capacity, 1e-4)
        self.loss_rate = loss / capacity
        self._dead_time = dead_time
        self._late = 0.0
        self._temperature = math.nan
        self._delay = Delay(dead_time)
        self._blind_until = -math.inf
        doubts = (SCATTER, GAIN_DOUBT / capacity, LOSS_DOUBT * self._tuned_rate)
        self._most = [each**2 for each in (*doubts, LAG_DOUBT * dead_time / capacity)]
        self._p: _Matrix = [[0.0] * 4 for _ in range(4)]
        for index, variance in enumerate(self._most):
            self._p[index][index] = variance
        self._block = _Block()
        self._before: _Block | None = None
        self._given = 0.0

    @property
    def capacity(self) -> float:
        """J/K, as learned."""
        return 1.0 / self.gain

    @property
    def loss(self) -> float:
        """W/K, as learned."""
        return self.loss_rate / self.gain

    @property
    def cautious_capacity(self) -> float:
        """J/K by which a rate is turned into power: less than learned while that is uncertain.

        It makes the expected square of the relative error smallest.
        """
        return self.gain / (self.gain**2 + self._p[1][1])

    @property
    def lag(self) -> float:
        """s from power to temperature, as learned."""
        return self._dead_time + clamp(self._late / self.gain, -0.5 * self._dead_time, 1.2 * self._dead_time)

    def step(self, now: float, dt: float, power: float, temperature: float, surroundings: float) -> bool:
        if math.isnan(power):
            # What the temperature does until this has been felt is no equation.
            self._blind_until = now + 2.0 * self._dead_time
            self._block, self._before = _Block(), None
            self._delay.restart()
            return False
        self._given += power * dt
        felt_all = self._delay.step(now, self._given)
        if now < self._blind_until:
            return False
        if self._block.time == 0.0 and self._before is None and not self._block.primed:
            self._block.felt0 = felt_all
            self._block.primed = True
        block = self._block
        block.time += dt
        block.readings += temperature * dt
        block.warmth += (temperature - surroundings) * dt
        block.felt1 = felt_all
        if block.time < BLOCK - 0.5 * dt:
            return False
        block.power = (block.felt1 - block.felt0) / block.time
        before, self._before = self._before, block
        self._block = _Block()
        self._block.felt0, self._block.primed = felt_all, True
        if before is None:
            self._temperature = block.readings / block.time + self._late * block.power
            self._restart_temperature()
            return False
        self._learn(before, block)
        return True

    def _restart_temperature(self):
        for i in range(4):
            self._p[0][i] = self._p[i][0] = 0.0
        self._p[0][0] = SCATTER**2

    def _learn(self, before, block):
        heat = 0.5 * (before.power * before.time + block.power * block.time)
        warmth = 0.5 * (before.warmth + block.warmth)
        time = 0.5 * (before.time + block.time)
        p = self._p
        self._temperature += self.gain * heat - self.loss_rate * warmth
        # P = F P F' + Q with F = 1 but for the first row, 1, heat, -warmth, 0.
        p[0] = [a + heat * b - warmth * c for a, b, c in zip(p[0], p[1], p[2])]
        for row in p:
            row[0] += heat * row[1] - warmth * row[2]
        shape = SHAPE * self._dead_time * self.gain * (block.power - before.power)
        p[0][0] += WANDER**2 * time + shape**2
        p[1][1] = min(p[1][1] + (CHANGE * self.gain) ** 2 * time, self._most[1])
        p[2][2] = min(p[2][2] + (CHANGE * self.loss_rate) ** 2 * time, self._most[2])
        power = block.power
        seen = [row[0] - power * row[3] for row in p]
        total = seen[0] - power * seen[3] + SCATTER**2
        error = block.readings / block.time - (self._temperature - self._late * power)
        k = [each / total for each in seen]
        self._temperature += k[0] * error
        self.gain = clamp(self.gain + k[1] * error, LEAST * self._tuned_gain, MOST * self._tuned_gain)
        self.loss_rate = clamp(self.loss_rate + k[2] * error, 0.0, MOST * self._tuned_rate)
        self._late += k[3] * error
        self._p = [[v - kk * s for v, s in zip(row, seen)] for row, kk in zip(p, k)]


class _Block:
    def __init__(self):
        self.time = self.readings = self.warmth = self.felt0 = self.felt1 = self.power = 0.0
        self.primed = False
