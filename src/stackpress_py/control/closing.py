"""How far the pump is opened while the ram has not touched anything.

Where the ram's position is known it is closed at a velocity: the pump is opened more and more until the ram moves, and
from then on as its velocity asks for. Its velocities over the levels are a line that begins at the dead band u0,
v = k (u - u0): the ram slows down before something is touched, and so shows two places of it. Without a position the
pump runs at a fixed part.

SI units; levels 0..1.
"""

import math
from collections import deque

from stackpress_py.control.law import ForceSample
from stackpress_py.control.reference import clamp
from stackpress_py.control.throttle import Throttle

#: Level beyond the band of a press without position.
BLIND = 0.1
#: Part of the target that a touch may take within a delay, on a stack that takes the limit of force within this way, m.
TOUCH_SHARE, HARD = 0.3, 4e-4
#: m/s, slowest touch; approach of a ram that may touch anywhere; fastest approach.
SLOWEST, UNKNOWN, FASTEST = 5e-5, 2e-3, 5e-3
#: s after which a ram that may touch anywhere changes between that and a part of it, for the line's sake.
TURN, SLOWER = 2.0, 0.5
#: m from the place where a touch is expected in which the ram slows down, and delays in which it covers what is left.
BRAKING, BRAKING_DELAYS = 2e-3, 4.0
#: s over which a velocity is taken, and m that the ram moves at least within that.
WINDOW, MOVED = 0.15, 2e-6
#: s without movement after which the level rises again.
STALLED = 0.5
#: Part of the level beyond the band by which that may change meanwhile.
STEADY = 0.05
#: How fast the level rises until the ram moves, 1/s.
SEARCH = 0.02
#: s over which what was seen fades; standard deviation of the levels that tells a line; and of a band found so, or from
#: the first movement alone.
MEMORY, TELLING, LINE_DOUBT, FIRST_DOUBT = 10.0, 5e-3, 1e-3, 3e-3
#: Largest difference of the two.
LARGEST_ERROR = 8e-3


class Closing:
    """Closes the ram.

    Args:
        pump: what moves it; its band is learned.
        force_limit: N of the press.
    """

    def __init__(self, pump: Throttle, force_limit: float) -> None:
        self._pump = pump
        self._stiffness = force_limit / HARD
        self._touch = math.nan
        self._points: deque[tuple[float, float, float]] = deque()
        self._closes = self._moves = self._steady = False
        self._level = self._speed = self._stood = self._first = 0.0
        self._sums = [0.0] * 5

    def end(self, position: float) -> bool:
        """Note that something was touched at a position (m), or that the ram is to do something else (NaN).

        Returns:
            True if the ram was being closed.
        """
        closed = self._closes
        if closed and math.isfinite(position):
            self._touch = position - BRAKING
        self._closes = self._moves = False
        self._level = 0.0
        self._points.clear()
        self._sums = [0.0] * 5
        return closed

    def step(self, sample: ForceSample, dt: float, target: float) -> float:
        """Return the level for a sample that comes ``dt`` s after the last one; the target in N."""
        self._closes = True
        if not math.isfinite(sample.position):
            return self._pump.band + BLIND
        level, velocity = self._see(sample)
        if velocity * WINDOW > MOVED:
            self._learn(dt, level, velocity)
            self._stood = 0.0
        else:
            self._stood += dt
            if self._moves and self._stood > STALLED:
                # It moved too slowly for what was believed: search from here on.
                self._moves, self._level = False, self._pump.level
        if not self._moves:
            self._level = max(self._level, self._pump.band - self._pump.doubt) + SEARCH * dt
            return self._level
        return self._pump.band + self._wanted(sample, target) / self._speed

    def _see(self, sample: ForceSample) -> tuple[float, float]:
        """Return mean level and velocity (m/s) of the last moments; 0 where there are too few."""
        points = self._points
        points.append((sample.time, sample.position, self._pump.speed))
        while sample.time - points[0][0] > WINDOW:
            points.popleft()
        (begin, first, level), (end, last, now) = points[0], points[-1]
        if end - begin < 0.5 * WINDOW:
            return 0.0, 0.0
        self._steady = abs(now - level) < STEADY * max(0.0, now - self._pump.band)
        return 0.5 * (level + now), (last - first) / (end - begin)

    def _learn(self, dt: float, level: float, velocity: float) -> None:
        pump = self._pump
        if not self._moves:
            self._moves = True
            self._sums = [0.0] * 5
            # It has moved for a while already.
            pump.band = max(0.0, level - SEARCH * WINDOW)
            pump.doubt, self._first = FIRST_DOUBT, pump.band
            self._speed = velocity / max(level - pump.band, SEARCH * WINDOW)
        if not self._steady:
            return
        keep = 1.0 - dt / MEMORY
        seen = (1.0, level, velocity, level * level, level * velocity)
        self._sums = [keep * total + each for total, each in zip(self._sums, seen, strict=True)]
        n, u, v, uu, uv = self._sums
        spread, common = uu - u * u / n, uv - u * v / n
        if spread > n * TELLING * TELLING and common > 0.0:
            band = (u - v * spread / common) / n
            if abs(band - self._first) < LARGEST_ERROR:
                pump.band, pump.doubt, self._speed = max(0.0, band), LINE_DOUBT, common / spread

    def _wanted(self, sample: ForceSample, target: float) -> float:
        """Return the velocity (m/s) with which to go on."""
        delay = self._pump.delay
        touch = clamp(TOUCH_SHARE * target / (self._stiffness * delay), SLOWEST, FASTEST)
        if not math.isfinite(self._touch):
            slower = sample.time % (2.0 * TURN) < TURN
            return max(touch, SLOWER * UNKNOWN if slower else UNKNOWN)
        distance = max(0.0, self._touch - sample.position)
        return max(touch, min(FASTEST, distance / (BRAKING_DELAYS * delay)))
