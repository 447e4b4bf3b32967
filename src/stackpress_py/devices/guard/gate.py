"""The gate that every command from the graph must pass; pure.

A command counts only if its stamp is fresh, not in the future and newer than the last one, its
numbers are finite and within the limits, and nothing blocks its channel. A refused command is never
clipped into an allowed one. A command expires: by its stamp when it comes in, by the monotonic time
since then. What a block has dropped does not come back: afterwards only commands made later count.

``wall`` is the time of the stamps' clock, ``now`` that of a clock that never jumps; both in s.
"""

import math
from typing import Generic, TypeVar

from stackpress_py.devices.press.admission import why_no_heat, why_no_motion
from stackpress_py.devices.press.command import Heat, Motion
from stackpress_py.devices.press.profile import PressProfile

T = TypeVar("T")

#: s that a stamp may lie ahead: clocks of two computers differ.
FUTURE_TOLERANCE = 0.02


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
        self._missing_since = math.inf

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
        self._missing_since = math.inf
        return ""

    def drop(self, stamp: float = -math.inf) -> None:
        """Forget the command, and take none that was made before ``stamp``."""
        self._value, self._newest = None, max(self._newest, stamp)
        self._missing_since = math.inf

    def block(self, why: str, wall: float) -> None:
        """Refuse everything while ``why`` is not empty; nothing made before now is taken later."""
        self._block = why
        if why:
            self.drop()
            self._newest = max(self._newest, wall)

    def current(self, now: float) -> T | None:
        """Return the command that holds now; None: there is none."""
        if self._value is not None and now >= self._expires:
            self.drop()
            self._missing_since = self._expires
        return self._value

    def overdue(self, now: float) -> float:
        """Return for how long (s) a command is missing since one expired; 0: none is."""
        return max(0.0, now - self._missing_since)


class CommandGate:
    """Both channels of one press.

    Args:
        profile: what the press takes, its limits, and the ages at which commands no longer hold.
    """

    def __init__(self, profile: PressProfile) -> None:
        self._profile = profile
        dogs = profile.watchdogs
        self._motion: Channel[Motion] = Channel("the actuator command", dogs.actuator_command)
        self._heat: Channel[Heat] = Channel("the heater command", dogs.heater_command)

    def freeze(self, stamp: float = -math.inf) -> None:
        """Let the ram stand still until a command comes that is newer than ``stamp``; always accepted."""
        self._motion.drop(stamp)

    def offer_motion(self, motion: Motion, stamp: float, wall: float, now: float) -> str:
        """Take a motion; return why it is refused, or an empty text.

        A number that is none or too high also freezes: its sender cannot be trusted.
        """
        problem = why_no_motion(self._profile, motion)
        if problem:
            self.freeze()
            return problem
        return self._motion.offer(motion, stamp, wall, now)

    def cool_down(self) -> None:
        """Switch heating and cooling off until a command comes; always accepted."""
        self._heat.drop()

    def offer_heat(self, heat: Heat, stamp: float, wall: float, now: float) -> str:
        """Take what the platens shall do; return why it is refused, or an empty text.

        A number that is none or too high switches off.
        """
        problem = why_no_heat(self._profile, heat)
        if problem:
            self._heat.drop()
            return problem
        return self._heat.offer(heat, stamp, wall, now)

    def block(self, motion: str, heat: str, wall: float) -> None:
        """Say why motion and heat are refused from now on; empty: they are not."""
        self._motion.block(motion, wall)
        self._heat.block(heat, wall)

    def motion(self, now: float) -> Motion | None:
        """Return the motion that holds now; None: the ram stands still."""
        return self._motion.current(now)

    def heat(self, now: float) -> Heat | None:
        """Return what the platens do now; None: nothing."""
        return self._heat.current(now)

    def overdue(self, now: float) -> float:
        """Return for how long (s) a command has been missing that had been acting; 0: none is."""
        return max(self._motion.overdue(now), self._heat.overdue(now))
