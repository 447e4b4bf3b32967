"""What it takes to warm a platen."""

import math

from stackpress_py.control.reference import Delay, clamp

BLOCK = 1.0
GAIN_DOUBT, LOSS_DOUBT = 1.2, 1.5
LEAST, MOST = 0.2, 6.0
SCATTER = 0.05
WANDER = 0.004
CHANGE = 0.002
SHAPE = 0.3
LAGS = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
ODDS = (0.1, 0.15, 0.25, 0.25, 0.15, 0.1)
TEMPER, FORGET = 0.5, 0.9998
FLOOR = -8.0


class _Filter:
    def __init__(self, gain, rate, lag, odds):
        self.lag = lag
        self.gain, self.loss_rate = gain, rate
        self._g0, self._r0 = gain, max(rate, 1e-4)
        self.p = [[0.0] * 3 for _ in range(3)]
        self.p[1][1] = self._m1 = (GAIN_DOUBT * gain) ** 2
        self.p[2][2] = self._m2 = (LOSS_DOUBT * self._r0) ** 2
        self.score = self._odds = math.log(odds)
        self.delay = Delay(lag)
        self.restart(0.0, 0.0)

    def restart(self, temperature, power):
        self.temperature = temperature
        p = self.p
        p[0] = [SCATTER**2, 0.0, 0.0]
        p[1][0] = p[2][0] = 0.0
        self.power = power

    def learn(self, reading, heat, warmth, time, power):
        p, gain, rate = self.p, self.gain, self.loss_rate
        t = self.temperature + gain * heat - rate * warmth
        p0 = [a + heat * b - warmth * c for a, b, c in zip(p[0], p[1], p[2])]
        p00 = p0[0] + heat * p0[1] - warmth * p0[2]
        shape = SHAPE * self.lag * gain * (power - self.power)
        self.power = power
        p00 += WANDER**2 * time + shape**2
        p01, p02, p12 = p0[1], p0[2], p[1][2]
        p11 = min(p[1][1] + (CHANGE * gain) ** 2 * time, self._m1)
        p22 = min(p[2][2] + (CHANGE * self._r0) ** 2 * time, self._m2)
        total = p00 + SCATTER**2
        error = reading - t
        k0, k1, k2 = p00 / total, p01 / total, p02 / total
        p12u = p12 - k1 * p02
        p02u, p01u = p02 - k0 * p02, p01 - k0 * p01
        p11u, p22u = p11 - k1 * p01, p22 - k2 * p02
        self.p = [[p00 - k0 * p00, p01u, p02u], [p01u, p11u, p12u], [p02u, p12u, p22u]]
        self.temperature = t + k0 * error
        self.gain = gain + k1 * error
        self.loss_rate = rate + k2 * error
        self._bound(2, self.loss_rate, 0.0, MOST * self._r0)
        self._bound(1, self.gain, LEAST * self._g0, MOST * self._g0)
        likelihood = -0.5 * (error * error / total + math.log(total))
        self.score = FORGET * self.score + (1 - FORGET) * self._odds + TEMPER * likelihood

    def _bound(self, index, value, low, high):
        p = self.p
        d = (clamp(value, low, high) - value) / p[index][index]
        self.temperature += d * p[0][index]
        self.gain += d * p[1][index]
        self.loss_rate += d * p[2][index]


class HeatBalance:
    def __init__(self, capacity: float, loss: float, dead_time: float) -> None:
        self._tuned_gain = 1.0 / capacity
        self._dead_time = dead_time
        self._f = [_Filter(1.0 / capacity, loss / capacity, dead_time * a, o) for a, o in zip(LAGS, ODDS)]
        self._blind_until = -math.inf
        self._given = self._time = self._readings = self._warmth = 0.0
        self._last = None
        self._blend()

    def _blend(self):
        top = max(f.score for f in self._f)
        w = []
        for f in self._f:
            f.score = max(f.score - top, FLOOR)
            w.append(math.exp(f.score))
        s = sum(w)
        self.weights = w = [a / s for a in w]
        self.gain = sum(a * f.gain for a, f in zip(w, self._f))
        self.loss_rate = sum(a * f.loss_rate for a, f in zip(w, self._f))
        self.lag = sum(a * f.lag for a, f in zip(w, self._f))
        square = sum(a * (f.gain**2 + f.p[1][1]) for a, f in zip(w, self._f))
        self.gain_sd = math.sqrt(max(0.0, square - self.gain**2))
        self.cautious_capacity = self.gain / square
        self.lag_sd = math.sqrt(sum(a * (f.lag - self.lag) ** 2 for a, f in zip(w, self._f)))

    @property
    def capacity(self) -> float:
        return 1.0 / self.gain

    @property
    def loss(self) -> float:
        return self.loss_rate / self.gain

    def step(self, now, dt, power, temperature, surroundings) -> bool:
        if math.isnan(power):
            self._blind_until = now + 3.0 * self._dead_time
            for f in self._f:
                f.delay.restart()
            self._last = None
            self._time = self._readings = self._warmth = 0.0
            return False
        self._given += power * dt
        self._time += dt
        self._readings += temperature * dt
        self._warmth += (temperature - surroundings) * dt
        if self._time < BLOCK - 0.5 * dt:
            return False
        block = (self._time, self._readings / self._time, self._warmth)
        felt = [f.delay.step(now, self._given) for f in self._f]
        self._time = self._readings = self._warmth = 0.0
        last, self._last = self._last, (block, felt)
        if last is None or now < self._blind_until:
            self._heat = None
            return False
        heats = [b - a for a, b in zip(last[1], felt)]
        before, self._heat = self._heat, heats
        if before is None:
            for f in self._f:
                f.restart(block[1], 0.0)
            return False
        (t0, _, w0), (t1, reading, w1) = last[0], block
        for f, h0, h1 in zip(self._f, before, heats):
            f.learn(reading, 0.5 * (h0 + h1), 0.5 * (w0 + w1), 0.5 * (t0 + t1), h1 / t1)
        self._blend()
        return True
