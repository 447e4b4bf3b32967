"""The gate that every command from the graph must pass; pure.

A command counts only if its stamp is fresh, not in the future and newer than the last one, its
numbers are finite and within the limits, and nothing blocks its channel. A refused command is never
clipped into an allowed one. A command expires: by its stamp when it comes in, by the monotonic time
since then. What a block has dropped does not come back: afterwards only commands made later count.

``wall`` is the time of the stamps' clock, ``now`` that of a clock that never jumps; both in s.
"""

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

#: s that a stamp may lie ahead: clocks of two computers differ.
FUTURE_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Power:
    """Power of the platens: 0..1 heating, -1..0 cooling."""

    upper: float
    lower: float


class Channel(Generic[T]):
    """The last accepted command of one kind.

    Args:
        name: for messages, with its article, as in "the actuator command".
        longest_age: s.
    """

    def __init__(self, name: str, longest_age: float) -> None:
        self._name = name
        self._longest_age = longest_age
        self._value: T | None = None
        self._expires = -math.inf
        self._newest = -math.inf
        self._block = ""

    def offer(self, value: T, stamp: float, wall: float, now: float) -> str:
        """Take a command; return why it is refused, one sentence, or an empty text."""
        age = wall - stamp
        if not age <= self._longest_age:
            return (
                f"{self._name} is {age:.3f} s old, and at most {self._longest_age:g} s are allowed"
            )
        if age < -FUTURE_TOLERANCE:
            return f"{self._name} is stamped {-age:.3f} s in the future: set the clocks"
        if self._block:
            return f"{self._name} is refused: {self._block}"
        if stamp <= self._newest:
            return f"{self._name} is older than one that came before, or than the connection"
        self._value, self._newest = value, stamp
        self._expires = now + self._longest_age - max(0.0, age)
        return ""

    def drop(self, stamp: float = -math.inf) -> None:
        """Forget the command, and take none that was made before ``stamp``."""
        self._value, self._newest = None, max(self._newest, stamp)

    def block(self, why: str, wall: float) -> None:
        """Refuse everything while ``why`` is not empty; nothing made before now is taken later."""
        self._block = why
        if why:
            self.drop()
            self._newest = max(self._newest, wall)

    def current(self, now: float) -> T | None:
        """Return the command that holds now; None: there is none."""
        if now >= self._expires:
            self.drop()
        return self._value


class CommandGate:
    """Both channels of one press.

    Args:
        velocity_limit: m/s, either way.
        actuator_age, heater_age: s, ages at which a command no longer holds.
    """

    def __init__(self, velocity_limit: float, actuator_age: float, heater_age: float) -> None:
        self._velocity_limit = velocity_limit
        self._motion: Channel[float] = Channel("the actuator command", actuator_age)
        self._heat: Channel[Power] = Channel("the heater command", heater_age)

    def freeze(self, stamp: float = -math.inf) -> None:
        """Let the ram stand still until a command comes that is newer than ``stamp``; always accepted."""
        self._motion.drop(stamp)

    def offer_velocity(self, velocity: float, stamp: float, wall: float, now: float) -> str:
        """Take a velocity (m/s); return why it is refused, or an empty text.

        A velocity that is no number or too high also freezes: its sender cannot be trusted.
        """
        if not abs(velocity) <= self._velocity_limit:
            self.freeze()
            return (
                f"the actuator command asks for {velocity} m/s; allowed are"
                f" -{self._velocity_limit:g} to {self._velocity_limit:g} m/s"
            )
        return self._motion.offer(velocity, stamp, wall, now)

    def offer_power(self, power: Power, stamp: float, wall: float, now: float) -> str:
        """Take the platens' power; return why it is refused, or an empty text.

        No power at all is always accepted; one that is no number or too high switches off.
        """
        if power.upper == 0.0 and power.lower == 0.0:
            self._heat.drop()
            return ""
        for platen, share in (("upper", power.upper), ("lower", power.lower)):
            if not -1.0 <= share <= 1.0:
                self._heat.drop()
                return f"the heater command asks for {platen} {share}; allowed are -1 to 1"
        return self._heat.offer(power, stamp, wall, now)

    def block(self, motion: str, heat: str, wall: float) -> None:
        """Say why motion and heat are refused from now on; empty: they are not."""
        self._motion.block(motion, wall)
        self._heat.block(heat, wall)

    def velocity(self, now: float) -> float | None:
        """Return the velocity that holds now, m/s; None: the ram stands still."""
        return self._motion.current(now)

    def power(self, now: float) -> Power:
        """Return the power that holds now."""
        return self._heat.current(now) or Power(0.0, 0.0)
