"""What a press that closes its own force loop does with a set-point: a Kalman filter on a loop that nobody knows.

The press drives the force F to the set-point s that it was told, at a rate in proportion to what is missing:

    dF/dt = a * (s - trim - F)

Its quickness a follows from its gain and from how stiff the stack is: it changes a hundredfold while a powder is
compacted. The trim is whatever must be added to the force that is wanted: the difference between its load cell and
ours, and all that its integral part, a creeping or a growing stack do beside. Both are told from noisy forces and from
what was asked. The quickness' logarithm is estimated, for it is never negative. A trim that follows the force as it
was measured keeps a loop stable although the quickness is wrong by a factor of a few (a disturbance observer: Ohnishi,
IEEE/ASME Trans. Mechatronics 1 (1996) 56, doi:10.1109/3516.491410).

SI units.
"""

import math

from stackpress_py.control.reference import clamp

#: 1/s, slowest and quickest loop that is believed. A quicker one is where it was told to be within a few samples.
SLOWEST, QUICKEST = 0.05, 15.0
#: 1/s, first guess, its logarithm's standard deviation, and the largest one.
FIRST, FIRST_DOUBT, MOST_DOUBT = 2.0, 1.0, 1.0
#: Change of the quickness' logarithm from one sample to the next, at most.
LARGEST_CHANGE = 0.15
#: s in which the trim may follow at least: a quicker one would answer to its own delayed effect.
LEAST_TIME = 0.15
#: Share of a squared prediction error that enters the estimate of the noise; its bounds relative to the declared one.
NOISE_FORGETTING = 0.01
LEAST_NOISE, MOST_NOISE = 0.2, 10.0


class LoopFilter:
    """Force, trim and quickness.

    Attributes:
        force: N, best estimate.
        trim: N, what must be added to a force so that the press holds it.
        quickness: 1/s.
        noise: N, standard deviation of a measurement, as it turned out.
    """

    def __init__(self) -> None:
        self.quickness = FIRST
        self.noise = 0.0
        self._ratio = 1.0
        self.restart(0.0, 0.0)

    def restart(self, force: float, trim: float) -> None:
        """Begin at a force (N) with a trim (N) that was believed."""
        self.force, self.trim = force, trim
        self._ff = self._tt = 1.0
        self._ft = self._fq = self._tq = 0.0
        self._last_error = 0.0
        self.doubt()

    def doubt(self) -> None:
        """Doubt the quickness: the stack may answer otherwise from here on."""
        self._qq = FIRST_DOUBT * FIRST_DOUBT
        self._fq = self._tq = 0.0

    def step(
        self, dt: float, asked: float, measured: float, noise: float, walks: tuple[float, float]
    ) -> None:
        """Take a sample.

        Args:
            dt: s since the last one, > 0.
            asked: N, set-point that was felt meanwhile.
            measured: N.
            noise: N, declared standard deviation of the measurement, > 0.
            walks: N/s^0.5 and 1/s^0.5, by how much trim and quickness' logarithm may wander.
        """
        walk, quick_walk = walks
        kept = math.exp(-self.quickness * dt)
        missing = asked - self.trim - self.force
        moved = (1.0 - kept) * missing
        by_trim = kept - 1.0
        by_quickness = missing * self.quickness * dt * kept
        error = measured - self.force - moved
        noise = self._learn_noise(error, noise)
        believed = max(noise, walk * LEAST_TIME / math.sqrt(dt))
        ft = kept * self._ft + by_trim * self._tt + by_quickness * self._tq
        fq = kept * self._fq + by_trim * self._tq + by_quickness * self._qq
        ff = kept * (kept * self._ff + by_trim * self._ft + by_quickness * self._fq)
        ff += by_trim * ft + by_quickness * fq + noise * noise * dt
        weight = 1.0 / (ff + believed * believed)
        self.force += moved + ff * weight * error
        self.trim += ft * weight * error
        change = clamp(fq * weight * error, -LARGEST_CHANGE, LARGEST_CHANGE)
        self.quickness = clamp(self.quickness * math.exp(change), SLOWEST, QUICKEST)
        self._tt += walk * walk * dt - ft * ft * weight
        self._tq -= ft * fq * weight
        self._qq = min(MOST_DOUBT**2, self._qq + quick_walk * quick_walk * dt - fq * fq * weight)
        left = 1.0 - ff * weight
        self._ff, self._ft, self._fq = left * ff, left * ft, left * fq

    def _learn_noise(self, error: float, noise: float) -> float:
        """Return the standard deviation (N) of a measurement: from how errors differ from one another."""
        difference = error - self._last_error
        self._last_error = error
        found = min(0.5 * difference * difference / (noise * noise), 9.0 * self._ratio)
        ratio = self._ratio + NOISE_FORGETTING * (found - self._ratio)
        self._ratio = clamp(ratio, LEAST_NOISE**2, MOST_NOISE**2)
        self.noise = noise * math.sqrt(self._ratio)
        return self.noise
