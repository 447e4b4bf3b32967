"""Motion of a servo axis: trapezoid to a target, deceleration to a stop, pushing with a limited force. SI units."""

import math
from enum import Enum

#: s, longest step of the motion.
STEP = 1e-3
#: 1/s, gain of the position loop: near the target the speed falls in proportion to what is left.
POSITION_GAIN = 40.0
#: m; nearer than this the axis stands on its target.
ARRIVED = 2e-7
#: m/s per N, how a push slows down on its way to its force limit: on a frame of 50 kN/mm a time constant of 20 ms.
GIVE = 1e-6
#: Share of the limit from which the force counts as reached.
REACHED = 0.98


class Motion(Enum):
    """What the axis is doing."""

    REST = "rest"
    MOVE = "move"
    SPEED = "speed"
    STOP = "stop"
    PUSH = "push"


class Mover:
    """An axis between two hard stops; positive is towards closing.

    Without a machine around it, it moves as it commands itself. With one, :meth:`follow` tells it after each step where
    the machine really is, and ``velocity`` is its command.

    Attributes:
        position: m.
        velocity: m/s.
        motion: what it is doing.
        target: m, of a move or a push.
        pressing: the push has reached its force limit.
        missed: the push has come to its end without reaching the limit.
    """

    def __init__(self, low: float, high: float, position: float = 0.0) -> None:
        self.position = position
        self.velocity = 0.0
        self.motion = Motion.REST
        self.target = position
        self.pressing = False
        self.missed = False
        self._low, self._high = low, high
        self._speed = self._acceleration = 0.0
        self._limit = math.inf
        self._direction = 1.0
        self._time = 0.0
        self._led = False

    def move(self, target: float, speed: float, acceleration: float) -> None:
        """Go to a position."""
        self._begin(Motion.MOVE, speed, acceleration)
        self.target = target

    def run(self, speed: float, acceleration: float) -> None:
        """Go on at a speed (m/s, with sign) until told otherwise."""
        self._begin(Motion.SPEED, speed, acceleration)

    def push(self, target: float, speed: float, acceleration: float, limit: float) -> None:
        """Go towards a position with at most so much force (N); hold the force once it is reached."""
        self._begin(Motion.PUSH, speed, acceleration)
        self.target, self._limit = target, limit
        self._direction = math.copysign(1.0, target - self.position)
        self.missed = False

    def stop(self, acceleration: float | None = None) -> None:
        """Decelerate and stand."""
        if self.motion is not Motion.REST:
            self.motion = Motion.STOP
            self.pressing = False
            self._acceleration = acceleration or self._acceleration

    def halt(self) -> None:
        """Stand at once: the brake, or a hard stop."""
        self.motion, self.velocity, self.pressing = Motion.REST, 0.0, False

    def follow(self, position: float) -> None:
        """Take the position (m) that the machine around the axis really has."""
        self.position = position
        self._led = True

    def advance(self, now: float, force: float) -> None:
        """Move up to now (s) against a force (N, positive while it resists closing)."""
        left = now - self._time
        self._time = max(self._time, now)
        while left > 1e-12:
            part = min(STEP, left)
            left -= part
            self._step(part, force)

    def _begin(self, motion: Motion, speed: float, acceleration: float) -> None:
        self.motion, self.pressing = motion, False
        self._speed, self._acceleration = speed, acceleration

    def _step(self, dt: float, force: float) -> None:
        if self.motion is Motion.REST:
            self.velocity = 0.0
            return
        change = self._wanted(force) - self.velocity
        most = self._acceleration * dt
        self.velocity += min(most, max(-most, change))
        if not self._led:
            self.position += self.velocity * dt
        self._meet_stops()
        self._arrive()

    def _wanted(self, force: float) -> float:
        if self.motion is Motion.STOP:
            return 0.0
        if self.motion is Motion.SPEED:
            return self._speed
        left = self.target - self.position
        speed = min(self._speed, _approach(abs(left), self._acceleration))
        if self.motion is Motion.PUSH:
            against = force * self._direction
            self.pressing = against >= REACHED * self._limit
            speed = min(speed, GIVE * (self._limit - against))
        return math.copysign(1.0, left) * speed

    def _meet_stops(self) -> None:
        if not self._low <= self.position <= self._high:
            self.position = min(self._high, max(self._low, self.position))
            self.halt()

    def _arrive(self) -> None:
        if self.motion is Motion.STOP and self.velocity == 0.0:
            self.motion = Motion.REST
        near = abs(self.target - self.position) < ARRIVED
        if self.motion in (Motion.MOVE, Motion.PUSH) and near:
            self.missed = self.motion is Motion.PUSH
            self.motion, self.velocity = Motion.REST, 0.0


def _approach(left: float, acceleration: float) -> float:
    """Return the speed at a distance: what can still be braked, in proportion near the target, smooth between both."""
    near = acceleration / POSITION_GAIN**2
    if left < near:
        return POSITION_GAIN * left
    return math.sqrt(2.0 * acceleration * (left - 0.5 * near))
