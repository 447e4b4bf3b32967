"""One guess of how late a platen answers, and what its readings tell of gain and losses if that guess is right.

A platen that is given the power P and loses heat to its surroundings warms at

    dT/dt = b P - l (T - T_surroundings),

b = 1/C with the heat capacity C, l = G/C with the loss G; P is felt a lag later. A Kalman filter estimates T, b and l.
How well it predicts the readings tells how good the guess of the lag is.

Temperatures in degrees Celsius, SI otherwise; power in watts as the tuning counts them.
"""

import math
from dataclasses import dataclass

from stackpress_py.control.reference import Delay, clamp

#: Standard deviations of what the tuning says, relative to it: a platen may well warm or cool three times as fast.
GAIN_DOUBT, RATE_DOUBT = 1.2, 1.5
#: Bounds of what is learned, relative to the tuning.
LEAST, MOST = 0.2, 6.0
#: 1/s, least loss that the bounds count from: a platen that loses nothing by its tuning may lose a little.
LEAST_RATE = 1e-4
#: K, standard deviation of a mean of readings over a block: more resolution than noise.
SCATTER = 0.05
#: K in a second, what the equation leaves out: the die, the other platen.
WANDER = 0.004
#: Relative change of gain and loss in a second: another die may lie there in an hour.
CHANGE = 0.002
#: A lag is no dead time: so much of the heat that the lag delays is not where a dead time says while power changes.
SHAPE = 0.3
#: Readings are not as independent as the filter takes them for; and what they told of the lag fades in hours.
TEMPER, FORGET = 0.25, 0.9998


@dataclass(frozen=True, slots=True)
class Block:
    """Means over two halves of a pair of blocks, from the middle of one to the middle of the next.

    Attributes:
        reading: degC, mean of the second one.
        warmth: K s, integral of the excess over the surroundings.
        time: s.
    """

    reading: float
    warmth: float
    time: float


class HeatFilter:
    """Learns one platen under one guess.

    Args:
        gain: K/J, of the tuning.
        rate: 1/s, loss over capacity, likewise.
        lag: s, the guess.
        odds: of the guess, before anything was measured.

    Attributes:
        gain, rate: as learned.
        lag: s.
        score: logarithm of how well the guess has done.
    """

    def __init__(self, gain: float, rate: float, lag: float, odds: float) -> None:
        self.gain, self.rate, self.lag = gain, rate, lag
        self.score = self._first_score = math.log(odds)
        self._tuned_gain, self._tuned_rate = gain, max(rate, LEAST_RATE)
        self._most_gain = (GAIN_DOUBT * self._tuned_gain) ** 2
        self._most_rate = (RATE_DOUBT * self._tuned_rate) ** 2
        self._delay = Delay(lag)
        self._power = 0.0
        self._temperature = math.nan
        # Covariance of temperature, gain and rate.
        self._p = [
            [SCATTER**2, 0.0, 0.0],
            [0.0, self._most_gain, 0.0],
            [0.0, 0.0, self._most_rate],
        ]

    @property
    def gain_variance(self) -> float:
        """Of the learned gain, (K/J)^2."""
        return self._p[1][1]

    def felt(self, now: float, given: float) -> float:
        """Return the heat (J) that is felt at ``now`` (s), of all that was ``given`` (J) until then."""
        return self._delay.step(now, given)

    def forget_power(self) -> None:
        """Forget what was given: since then it is not known."""
        self._delay.restart()

    def restart(self, reading: float) -> None:
        """Begin anew at a reading (degC); what was learned stays."""
        self._temperature, self._power = reading, 0.0
        p = self._p
        p[0] = [SCATTER**2, 0.0, 0.0]
        p[1][0] = p[2][0] = 0.0

    def learn(self, block: Block, heat: float, power: float) -> None:
        """Take a block with the heat (J) that was felt in it, and the power (W) that was felt at its end."""
        self._predict(block, heat, power)
        variance = self._p[0][0] + SCATTER**2
        error = block.reading - self._temperature
        self._correct(error, variance)
        surprise = error * error / variance + math.log(variance)
        kept = FORGET * self.score + (1.0 - FORGET) * self._first_score
        self.score = kept - 0.5 * TEMPER * surprise

    def _predict(self, block: Block, heat: float, power: float) -> None:
        (p00, p01, p02), (_, p11, p12), (_, _, p22) = self._p
        warmth, time = block.warmth, block.time
        self._temperature += self.gain * heat - self.rate * warmth
        p00 += heat * (2.0 * p01 + heat * p11 - 2.0 * warmth * p12)
        p00 += warmth * (warmth * p22 - 2.0 * p02)
        p01 += heat * p11 - warmth * p12
        p02 += heat * p12 - warmth * p22
        misplaced = SHAPE * self.lag * self.gain * (power - self._power)
        self._power = power
        p00 += WANDER**2 * time + misplaced**2
        p11 = min(p11 + (CHANGE * self.gain) ** 2 * time, self._most_gain)
        p22 = min(p22 + (CHANGE * self._tuned_rate) ** 2 * time, self._most_rate)
        self._p = [[p00, p01, p02], [p01, p11, p12], [p02, p12, p22]]

    def _correct(self, error: float, variance: float) -> None:
        first = self._p[0]
        self._move([each / variance for each in first], error)
        self._p = [
            [self._p[i][j] - first[i] * first[j] / variance for j in range(3)] for i in range(3)
        ]
        # What a bound takes from one is given to the others as they hang together, or they would drift away.
        for index, low, tuned in ((2, 0.0, self._tuned_rate), (1, LEAST, self._tuned_gain)):
            value = self.rate if index == 2 else self.gain
            short = clamp(value, low * tuned, MOST * tuned) - value
            if short != 0.0:
                row = self._p[index]
                self._move([each / row[index] for each in row], short)

    def _move(self, shares: list[float], distance: float) -> None:
        self._temperature += shares[0] * distance
        self.gain += shares[1] * distance
        self.rate += shares[2] * distance
