"""What an actuator had to do: travel, turns and starts, which wear screws, pumps and valves out."""

import math
from dataclasses import dataclass
from enum import Enum

from stackpress_py.account.hold import LONGEST_GAP
from stackpress_py.account.noise import Noise

#: m, least play in which the measured position may wander without counting as travel.
LEAST_PLAY = 1e-6
#: Modes of ActuatorCommand.
_VELOCITY, _FORCE, _PUMP_AND_VALVE = 1, 2, 3


class Working(Enum):
    """What an actuator is doing."""

    NOTHING = "nothing"
    DRIVING = "driving"
    VENTING = "venting"


def working(mode: int, velocity: float, pump: float, valve: float) -> Working:
    """Return what an actuator does under a command.

    Args:
        mode: of the command; numbers as in ActuatorCommand.
        velocity: m/s.
        pump: 1.
        valve: 1.
    """
    if mode == _PUMP_AND_VALVE:
        if pump > 0.0:
            return Working.DRIVING
        return Working.VENTING if valve > 0.0 else Working.NOTHING
    driving = mode == _FORCE or (mode == _VELOCITY and velocity != 0.0)
    return Working.DRIVING if driving else Working.NOTHING


@dataclass(frozen=True, slots=True)
class Wear:
    """What an actuator had to do; fields and units as in ``msg/ActuatorWear``."""

    travel: float = math.nan
    reversals: int = 0
    starts: int = 0
    openings: int = 0
    running: float = 0.0


class WearAccount:
    """Counts from one moment on.

    The position counts through a play as wide as its noise: what a ram that stands seems to move adds nothing.

    Args:
        working: what the actuator is doing at the begin: that is no new start.
        position: m, of the ram at the begin; NaN: not known.
    """

    def __init__(self, working: Working = Working.NOTHING, position: float = math.nan) -> None:
        self._working = working
        self._noise = Noise()
        self._middle = position
        self._way = 0
        self._travel = 0.0 if math.isfinite(position) else math.nan
        self._reversals = self._starts = self._openings = 0
        self._running = 0.0
        self._last = math.nan

    @property
    def outcome(self) -> Wear:
        """The account as it stands."""
        return Wear(self._travel, self._reversals, self._starts, self._openings, self._running)

    def update(self, position: float, working: Working, now: float) -> None:
        """Take the position of the ram (m; NaN: not known), and what the actuator is doing."""
        step, self._last = now - self._last, now
        if not 0.0 <= step <= LONGEST_GAP:
            self._noise.interrupt()
        if self._working is Working.DRIVING and 0.0 <= step <= LONGEST_GAP:
            self._running += step
        if working is not self._working:
            self._starts += working is Working.DRIVING
            self._openings += working is Working.VENTING
            self._working = working
        if math.isfinite(position):
            self._follow(position)

    def _follow(self, position: float) -> None:
        self._noise.add(position)
        if math.isnan(self._middle):
            self._middle, self._travel = position, 0.0
            return
        away = position - self._middle
        play = max(LEAST_PLAY, self._noise.margin)
        if abs(away) <= play:
            return
        way = 1 if away > 0.0 else -1
        self._reversals += way == -self._way
        self._way = way
        moved = abs(away) - play
        self._travel += moved
        self._middle += way * moved
