"""Set-point generators: how a target is approached."""

import math
from collections import deque


def clamp(value: float, low: float, high: float) -> float:
    """Return the value, or the nearer limit."""
    return low if value < low else high if value > high else value


class Reference:
    """A set-point that moves to its target with limited rate and limited change of rate, and never passes it.

    The rate is the largest from which the set-point can still come to rest at the target with the given change of
    rate; the target may move at any time. Units: u for the quantity, s for time.
    """

    def __init__(self, value: float) -> None:
        self.value = value
        self.rate = 0.0

    def step(self, dt: float, target: float, rate_limit: float, acceleration: float) -> float:
        """Advance by ``dt`` and return the set-point.

        Args:
            dt: s, > 0.
            target: u.
            rate_limit: u/s, >= 0.
            acceleration: largest change of rate, u/s^2, > 0.
        """
        distance = target - self.value
        # Discrete braking law: the largest rate r with r*dt + r^2/(2a) <= |distance|.
        half = acceleration * dt
        braking = math.sqrt(half * half + 2.0 * acceleration * abs(distance)) - half
        wanted = math.copysign(min(rate_limit, braking), distance)
        self.rate += clamp(wanted - self.rate, -half, half)
        self.value += self.rate * dt
        # Land exactly: a residue of a thousandth of the smallest step is rounding, not distance.
        if abs(target - self.value) <= 1e-3 * half * dt and abs(self.rate) <= 2.0 * half:
            self.value, self.rate = target, 0.0
        return self.value

    def restart(self, value: float) -> None:
        """Stand still at ``value``."""
        self.value, self.rate = value, 0.0


class SmoothReference:
    """A :class:`Reference` without jerks: its mean over the last ``smoothing`` seconds.

    The mean of a set-point with limited rate and change of rate keeps both limits, has a limited jerk as well, ends
    where it ends, and passes the target as little.

    Args:
        value: u.
        smoothing: s.

    Attributes:
        value, rate: u, u/s.
    """

    def __init__(self, value: float, smoothing: float) -> None:
        self.value, self.rate = value, 0.0
        self._smoothing = smoothing
        self._raw = Reference(value)
        self._past: deque[tuple[float, float, float]] = deque()
        self._time = self._value_sum = self._rate_sum = 0.0

    def step(self, dt: float, target: float, rate_limit: float, acceleration: float) -> float:
        """Advance by ``dt`` and return the set-point; arguments as in :meth:`Reference.step`."""
        raw, past = self._raw, self._past
        if raw.value == target and raw.rate == 0.0 and not past:
            return self.value
        if not past:
            self._append(self._smoothing, raw.value, raw.rate)
        raw.step(dt, target, rate_limit, acceleration)
        self._append(dt, raw.value, raw.rate)
        while self._time - self._smoothing > 1e-9:
            old, value, rate = past.popleft()
            left = old - (self._time - self._smoothing)
            if left > 1e-9:
                past.appendleft((left, value, rate))
                old -= left
            self._time -= old
            self._value_sum -= old * value
            self._rate_sum -= old * rate
        if raw.rate == 0.0 and raw.value == target and past[0][1:] == (target, 0.0):
            self.restart(target)
        else:
            self.value, self.rate = self._value_sum / self._time, self._rate_sum / self._time
        return self.value

    def restart(self, value: float) -> None:
        """Stand still at ``value``."""
        self._raw.restart(value)
        self.value, self.rate = value, 0.0
        self._past.clear()
        self._time = self._value_sum = self._rate_sum = 0.0

    def _append(self, dt: float, value: float, rate: float) -> None:
        self._past.append((dt, value, rate))
        self._time += dt
        self._value_sum += dt * value
        self._rate_sum += dt * rate


class Delay:
    """The value that was put in a fixed time ago.

    Feedback compares a measurement with the set-point that could have caused it: the plant answers ``delay``
    seconds late, and an error that only says so must not be corrected.
    """

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._past: deque[tuple[float, float]] = deque()

    def step(self, now: float, value: float) -> float:
        """Take the value of ``now`` (s) and return that of ``now - delay``, interpolated linearly."""
        past = self._past
        past.append((now, value))
        then = now - self.delay
        while len(past) > 2 and past[1][0] <= then:
            past.popleft()
        if len(past) < 2 or then <= past[0][0]:
            return past[0][1]
        (t0, v0), (t1, v1) = past[0], past[1]
        return v0 + (v1 - v0) * (then - t0) / (t1 - t0)

    def restart(self) -> None:
        """Forget the past."""
        self._past.clear()
