"""How the ram moves while nothing touches: direction, speed, delay, acceleration, and what the sensors make of it.

SI units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.quantities import VELOCITY, format_length, format_quantity
from stackpress_py.tune.fits import Array, Measured, least_squares
from stackpress_py.tune.moves import RamFacts, Rest, go, mean_of, stand
from stackpress_py.tune.trial import DoubtError, Experiment, Seen

#: Parts of the ram's fastest velocity that it is tried at. The second is that of an approach.
SLOW, FAST = 0.2, 0.8
#: s of each try, and s that the ram stands afterwards.
TRY_TIME, STANDING_TIME = 0.7, 0.5
#: Part of the free way that the tries may take.
WAY_SHARE = 0.6
#: s of rest at the begin.
REST_TIME = 1.0
#: Largest error of the velocity that counts as doing what it is told.
OBEDIENCE = 0.1
#: m by which a ram may be on the wrong side before it counts as going the wrong way.
WRONG_WAY = 2e-4
#: m beyond the switch at the open end that count as clear of it.
SWITCH_MARGIN = 5e-4


@dataclass(frozen=True, slots=True)
class Try:
    """One movement at a constant velocity.

    Attributes:
        velocity: m/s.
        time, position, commanded: s, m, m of its samples; the latter as the ram would be without delay.
        lag: s by which the moving ram was behind.
        gain: measured over commanded velocity.
    """

    velocity: float
    time: Array
    position: Array
    commanded: Array
    lag: Measured
    gain: float


@dataclass(frozen=True, slots=True)
class FreeRam:
    """What was found.

    Attributes:
        rest: of the press at rest and open.
        tries: at both velocities.
        acceleration: m/s^2 that the ram follows at least.
        largest_force: N, size of the largest mean force while it moved.
        open_position: m, where it is open and clear of the switch.
    """

    rest: Rest
    tries: tuple[Try, Try]
    acceleration: float
    largest_force: float
    open_position: float


def free_ram(facts: RamFacts) -> Experiment[FreeRam]:
    """Move the free ram a little at two velocities.

    Raises:
        DoubtError: it does not do what it is told, or there is not enough room.
    """
    begin = yield from stand(REST_TIME)
    resting = mean_of(begin)
    way = facts.limits.clear_to - resting.position
    needed = TRY_TIME * (SLOW + FAST) * facts.limits.velocity
    if way <= 0.0:
        raise DoubtError(
            f"the ram is at {format_length(resting.position, 3)}, where it may touch something: open the press"
        )
    scale = min(1.0, WAY_SHARE * way / needed)
    tries: list[Try] = []
    moved: list[Seen] = []
    for share in (SLOW, FAST):
        made, readings = yield from _try(share * scale * facts.limits.velocity, facts.period)
        tries.append(made)
        moved += readings
    return FreeRam(
        rest=resting,
        tries=(tries[0], tries[1]),
        acceleration=_acceleration(tries[0], tries[1]),
        largest_force=_largest(moved),
        open_position=_open_position(begin[-1].at_open_limit, resting.position, moved),
    )


def _try(velocity: float, period: float) -> Experiment[tuple[Try, list[Seen]]]:
    before = yield from stand(3.0 * period)
    origin = float(np.nanmean([seen.position for seen in before]))
    moving = [before[-1]]
    while moving[-1].time - moving[0].time < TRY_TIME:
        moving += yield from go(velocity, 0.0)
        if moving[-1].position < origin - WRONG_WAY:
            raise DoubtError(
                "the ram opens when it is told to close: correct the sign of the velocity in the profile",
                stand=True,
            )
    standing = yield from stand(STANDING_TIME)
    readings = moving + standing
    time = np.array([seen.time for seen in readings])
    position = np.array([seen.position for seen in readings]) - origin
    commanded = velocity * np.clip(time - time[0], 0.0, moving[-1].time - time[0])
    # While it moves evenly: in the second half of the way. The way as a whole would tell less, as a drive that is
    # switched on first begins later than it stops.
    even = np.arange(len(moving) // 2, len(moving))
    even = even[np.isfinite(position[even])]
    speed = least_squares([np.ones(len(time[even])), time[even]], position[even])[1]
    gain = speed.value / velocity
    if not abs(gain - 1.0) <= OBEDIENCE:
        raise DoubtError(
            f"the ram moved with {format_quantity(speed.value, VELOCITY, 3)} when it was told to move with"
            f" {format_quantity(velocity, VELOCITY, 3)}: look at the unit and the sign of its velocity",
            stand=True,
        )
    # It is behind by the same time then.
    behind = (gain * commanded[even] - position[even]) / (gain * velocity)
    lag = Measured(float(np.mean(behind)), float(np.std(behind)) / np.sqrt(len(behind)))
    return Try(velocity, time - time[0], position, commanded, lag, gain), readings


def _acceleration(slow: Try, fast: Try) -> float:
    """Return what the ram follows: a ramp to v takes v / a, and costs half of it as delay.

    Where the difference of both delays is lost in their uncertainty, the acceleration is at least what that allows.
    """
    difference = fast.lag.value - slow.lag.value
    uncertain = 2.0 * float(np.hypot(fast.lag.deviation, slow.lag.deviation))
    return (fast.velocity - slow.velocity) / (2.0 * max(difference + uncertain, 1e-4))


def _largest(readings: Sequence[Seen]) -> float:
    forces = np.array([seen.force for seen in readings])
    width = min(6, len(forces))
    return float(np.max(np.abs(np.convolve(forces, np.full(width, 1.0 / width), "valid"))))


def _open_position(at_limit: bool, began: float, moved: Sequence[Seen]) -> float:
    """Return where the press is open: clear of the switch, and of the end, if it began there; else where it began."""
    if not at_limit:
        return max(began, SWITCH_MARGIN)
    released = next((seen.position for seen in moved if not seen.at_open_limit), None)
    if released is None:
        raise DoubtError("the switch at the open end does not release: look at it", stand=True)
    return released + SWITCH_MARGIN
