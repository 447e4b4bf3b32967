"""What a press that closes its own force loop does with a set-point: a Kalman filter on a loop that nobody knows.

The press drives the force F to the set-point s that it was told, at a rate in proportion to what is missing by its own
load cell, and beside that at a rate d that nobody told it now: of its integral part, of a stack that creeps or grows.

    dF/dt = a * (s - offset - F) + d

Its quickness a follows from its gain and from how stiff the stack is: it changes a hundredfold while a powder is
compacted. Force, drift and quickness are told from noisy forces and from what was asked; the quickness' logarithm is
estimated, for it is never negative. A drift that follows what is measured keeps a loop stable although the quickness
is wrong by a factor of a few (a disturbance observer: Ohnishi, IEEE/ASME Trans. Mechatronics 1 (1996) 56,
doi:10.1109/3516.491410). What of the drift stays while a force is held is the offset between two load cells.

SI units.
"""

import math

from stackpress_py.control.noise import LearnedNoise
from stackpress_py.control.reference import clamp

#: 1/s, slowest and quickest loop that is believed. A quicker one is where it was told to be within a few samples.
SLOWEST, QUICKEST = 0.3, 15.0
#: 1/s, what a loop is taken for that nothing is known of, standard deviation of the logarithm, and s in which it
#: becomes that again while nothing is seen of it.
USUAL, DOUBT, FORGETTING = 5.0, 0.7, 5.0
#: Change of the quickness' logarithm from one sample to the next, at most.
LARGEST_CHANGE = 0.15
#: s in which a drift may be followed at least: a quicker filter would answer to its own delayed effect.
LEAST_TIME = 0.15
#: Share of a squared prediction error that enters the estimate of the noise.
NOISE_FORGETTING = 0.01


class LoopFilter:
    """Force, drift and quickness.

    Attributes:
        force: N, best estimate.
        offset: N, by how much the press's load cell reads more than ours.
        drift: N/s.
        quickness: 1/s.
        noise: N, standard deviation of a measurement, as it turned out.
    """

    def __init__(self) -> None:
        self.quickness = USUAL
        self.offset = self.noise = 0.0
        self._learned_noise = LearnedNoise(NOISE_FORGETTING)
        self.restart(0.0)

    def restart(self, force: float) -> None:
        """Begin at a force (N) without drift; the offset stays."""
        self.force, self.drift = force, 0.0
        self._ff = self._dd = 1.0
        self._fd = self._fq = self._dq = 0.0
        self._learned_noise.restart()
        self._qq = DOUBT * DOUBT

    def settle(self, share: float, most: float) -> None:
        """Take a share of the drift for an offset, which is at most so large (N)."""
        moved = clamp(self.offset - share * self.drift / self.quickness, -most, most) - self.offset
        self.offset += moved
        self.drift += self.quickness * moved

    def step(self, dt: float, asked: float, measured: float, noise: float, walk: float) -> None:
        """Take a sample.

        Args:
            dt: s since the last one, > 0.
            asked: N, set-point that was felt meanwhile.
            measured: N.
            noise: N, declared standard deviation of the measurement, > 0.
            walk: N/s^1.5 by which the drift may wander.
        """
        quickness, by_told = self.quickness, self.drift / self.quickness
        kept = math.exp(-quickness * dt)
        missing = asked - self.offset - self.force + by_told
        moved = (1.0 - kept) * missing
        by_drift = (1.0 - kept) / quickness
        by_quickness = missing * quickness * dt * kept - (1.0 - kept) * by_told
        error = measured - self.force - moved
        noise = self.noise = self._learned_noise.step(error, noise)
        believed = max(noise, walk / quickness * LEAST_TIME / math.sqrt(dt))
        fd = kept * self._fd + by_drift * self._dd + by_quickness * self._dq
        fq = kept * self._fq + by_drift * self._dq + by_quickness * self._qq
        ff = kept * (kept * self._ff + by_drift * self._fd + by_quickness * self._fq)
        ff += by_drift * fd + by_quickness * fq + noise * noise * dt
        weight = 1.0 / (ff + believed * believed)
        self.force += moved + ff * weight * error
        self.drift += fd * weight * error
        self._dd += walk * walk * dt - fd * fd * weight
        self._dq -= fd * fq * weight
        self._qq -= fq * fq * weight
        left = 1.0 - ff * weight
        self._ff, self._fd, self._fq = left * ff, left * fd, left * fq
        self._quicken(fq * weight * error)
        self._forget(dt / FORGETTING)

    def _quicken(self, wanted: float) -> None:
        """Change the quickness' logarithm within its bounds; force and drift then are what they are without it."""
        bounded = clamp(wanted, -LARGEST_CHANGE, LARGEST_CHANGE)
        quickness = clamp(self.quickness * math.exp(bounded), SLOWEST, QUICKEST)
        beyond = (wanted - math.log(quickness / self.quickness)) / self._qq
        self.force -= self._fq * beyond
        self.drift -= self._dq * beyond
        self.quickness = quickness

    def _forget(self, share: float) -> None:
        """Take the loop a little more for a usual one."""
        self.quickness *= (USUAL / self.quickness) ** share
        self._qq += 2.0 * share * (DOUBT * DOUBT - self._qq)
