"""A pump or a valve that takes fractions: what a command does, and what is still to come of it.

Its speed, or opening, follows the command after a dead time and with a lag, and it flows in proportion to what of that
is beyond a dead band. The band is not known well beforehand, and need not be: the level at which the force stands still
is learned while it works, with the leak and the creep that it balances.

SI units; levels 0..1.
"""

import math
from collections import deque

from stackpress_py.control.reference import clamp


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
        band: level at which the force stands still.
        doubt: standard deviation of the band.
        gain: N/s for each unit of level beyond the band.
        gain_variance: of the gain.
        force: N at which the gain was learned; 0: it was not.
        delay: s.
        level: commanded.
        felt: s, integral of the level beyond the band over the last step, where it has had its effect.
        starts: how often it began to work.
        travel: sum of all changes of the level.
    """

    def __init__(
        self, sign: float, band: float, doubt: float, delay: float, step: float, gain: float
    ) -> None:
        self.sign, self.band, self.doubt, self.delay = sign, band, doubt, delay
        self.gain, self.gain_variance = gain, gain * gain
        self.level = self.felt = self.travel = self.force = 0.0
        self.starts = 0
        self._step, self._owed = step, 0.0
        self._dead_time = self._lag = 0.5 * delay
        self._speed = 0.0
        self._now = -math.inf
        self._past: deque[tuple[float, float, float]] = deque()

    @property
    def quiet(self) -> bool:
        """True if it does not flow, nor will."""
        if self.level > 0.0 or self._speed > self.band:
            return False
        return all(level <= self.band for _, _, level in self._past)

    @property
    def speed(self) -> float:
        """The level that has its effect now."""
        return self._speed

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
        past = self._past
        if now > self._now:
            if self._now > -math.inf:
                past.append((self._now, now, self.level))
            self._now = now
        felt_until = now - self._dead_time
        felt = 0.0
        while past and past[0][0] < felt_until - 1e-9:
            begin, end, level = past.popleft()
            if end > felt_until:
                past.appendleft((felt_until, end, level))
                end = felt_until
            self._speed, flowed = self._flow(self._speed, level, end - begin)
            felt += flowed
        self.felt = felt

    def coming(self) -> float:
        """Return the integral (s) of the level beyond the band within the delay from now, if nothing changes."""
        speed, sum_ = self._speed, 0.0
        for begin, end, level in self._past:
            speed, flowed = self._flow(speed, level, end - begin)
            sum_ += flowed
        return sum_ + self._flow(speed, self.level, self._lag)[1]

    def _flow(self, speed: float, level: float, dt: float) -> tuple[float, float]:
        """Return the speed after ``dt`` s under a level, and the integral of what was beyond the band."""
        keep = math.exp(-dt / self._lag)
        after = level + (speed - level) * keep
        band = self.band
        low, high = (speed, after) if speed < after else (after, speed)
        if high <= band:
            return after, 0.0
        if low >= band:
            return after, (level - band) * dt + (speed - level) * self._lag * (1.0 - keep)
        beyond = (high - band) / (high - low)
        return after, 0.5 * (high - band) * beyond * dt
