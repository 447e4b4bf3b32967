"""A pump or a valve that takes fractions: what a command does, and what is still to come of it.

Its speed, or opening, follows the command after a dead time and with a lag, and it flows in proportion to what of that
is beyond a dead band.

SI units; levels and speeds 0..1.
"""

import math
from collections import deque

from stackpress_py.control.reference import clamp

#: Doubts of the band within which it may flow, and part of the band below which nothing flows even if it is not known.
DOUBTS, STILL = 4.0, 0.3
#: Speed up to which nothing flows, whatever is believed of the band.
CLOSED = 1e-4
ROOT_2, ROOT_2_PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)


def beyond(excess: float, doubt: float) -> tuple[float, float]:
    """Return the expectation of max(0, x), and the chance that x is positive, for a normally distributed x.

    Args:
        excess: mean of x.
        doubt: its standard deviation.
    """
    if excess >= DOUBTS * doubt:
        return max(0.0, excess), 1.0
    if excess <= -DOUBTS * doubt:
        return 0.0, 0.0
    ratio = excess / doubt
    chance = 0.5 * (1.0 + math.erf(ratio / ROOT_2))
    return excess * chance + doubt * math.exp(-0.5 * ratio * ratio) / ROOT_2_PI, chance


def excess_for(flow: float, doubt: float) -> float:
    """Return the mean of x for which the expectation of max(0, x) is ``flow`` > 0: the inverse of :func:`beyond`."""
    if flow >= DOUBTS * doubt:
        return flow
    lowest = -DOUBTS * doubt
    excess = 0.0
    for _ in range(10):
        mean, chance = beyond(excess, doubt)
        # The expectation's logarithm is nearly a line for negative x, the expectation for positive x.
        step = (flow - mean) / chance if excess > 0.0 else math.log(flow / mean) * mean / chance
        # From the middle, where it is flat, the line would lead too far.
        step = max(step, -doubt)
        if excess + step <= 0.99 * lowest:
            return lowest
        excess += step
        if abs(step) < 1e-3 * doubt:
            break
    return excess


class Throttle:
    """One actuator.

    Args:
        sign: 1 if it raises the force, -1 if it lowers it.
        band: level beyond which it flows, first guess.
        doubt: standard deviation of that guess.
        delay: s from a command to its effect in the measured force, dead time and lag together.
        step: smallest step of the command; 0: none.
        gain: N/s for each unit of level beyond the band, first guess.

    Attributes:
        sign: as above.
        band: level beyond which it flows.
        doubt: standard deviation of the band.
        gain: N/s for each unit of level beyond the band.
        gain_variance: of the gain's logarithm.
        force: N at which the gain was learned; 0: it was not.
        delay: s.
        level: commanded.
        speed: the level that has its effect now.
        felt: mean of the speed over the last step.
        starts: how often it began to work.
        travel: sum of all changes of the level.
    """

    def __init__(
        self, sign: float, band: float, doubt: float, delay: float, step: float, gain: float
    ) -> None:
        self.sign, self.band, self.doubt, self.delay = sign, band, doubt, delay
        self.gain, self.gain_variance = gain, 1.0
        self.level = self.speed = self.felt = self.travel = self.force = 0.0
        self.starts = 0
        self._step, self._owed = step, 0.0
        self._dead_time = self._lag = 0.5 * delay
        self._now = -math.inf
        self._past: deque[tuple[float, float, float]] = deque()

    @property
    def quiet(self) -> bool:
        """True if it does not flow, nor will."""
        still = max(self.band - DOUBTS * self.doubt, STILL * self.band, CLOSED)
        if self.level > 0.0 or self.speed > still:
            return False
        return all(level <= still for _, _, level in self._past)

    def command(self, level: float) -> float:
        """Command a level, or as near to it as the actuator's steps allow, and return that."""
        level = clamp(level, 0.0, 1.0)
        if self._step > 0.0:
            level = self._round(level)
        if level > 0.0 and self.level == 0.0:
            self.starts += 1
        self.travel += abs(level - self.level)
        self.level = level
        return level

    def _round(self, level: float) -> float:
        """Return the step below or above, so that the mean is right."""
        if level == 0.0:
            self._owed = 0.0
            return 0.0
        wanted = level + self._owed
        rounded = clamp(round(wanted / self._step) * self._step, 0.0, 1.0)
        self._owed = clamp(wanted - rounded, -self._step, self._step)
        return rounded

    def step(self, now: float) -> None:
        """Let the time pass up to ``now`` (s) under what was commanded last."""
        past, passed, sum_ = self._past, 0.0, 0.0
        if now > self._now:
            if self._now > -math.inf:
                past.append((self._now, now, self.level))
            self._now = now
        felt_until = now - self._dead_time
        while past and past[0][0] < felt_until - 1e-9:
            begin, end, level = past.popleft()
            if end > felt_until:
                past.appendleft((felt_until, end, level))
                end = felt_until
            sum_ += self._mean(level, end - begin) * (end - begin)
            passed += end - begin
        self.felt = sum_ / passed if passed > 0.0 else self.speed

    def coming(self) -> float:
        """Return the expectation (s) of the integral of what flows within the delay from now, if nothing changes."""
        now, flowing = self.speed, 0.0
        for begin, end, level in self._past:
            flowing += beyond(self._mean(level, end - begin) - self.band, self.doubt)[0] * (
                end - begin
            )
        flowing += beyond(self._mean(self.level, self._lag) - self.band, self.doubt)[0] * self._lag
        self.speed = now
        return flowing

    def _mean(self, level: float, dt: float) -> float:
        """Let the speed follow a level for ``dt`` s; return its mean meanwhile."""
        keep = math.exp(-dt / self._lag)
        mean = level + (self.speed - level) * self._lag / dt * (1.0 - keep)
        self.speed = level + (self.speed - level) * keep
        return mean
