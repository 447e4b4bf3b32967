"""The dead time of a ram in contact: from a command to the force that answers it.

The ram closes and opens in turn at one velocity, a few hundred milliseconds each, so that the force goes up and down
in a triangle. A model follows the commanded travel X one dead time T later,

    F(t) = F0 + d t + k X(t - T),

and T is where the squares of its errors are least. A lag of first order counts as its time constant, which is what it
costs a ramp. Each pair of strokes is fitted by itself; how much they differ tells the uncertainty.

SI units.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.command import Velocity
from stackpress_py.tune.fits import Array, Measured, least_squares, lowest, squared_error
from stackpress_py.tune.moves import RamFacts, stand
from stackpress_py.tune.trial import DoubtError, Experiment, Order, Seen

#: Part of the allowed force that a stroke changes, s that it takes, and how many there are.
STROKE_SHARE, STROKE_TIME, STROKES = 0.15, 0.35, 13
#: s that the ram stands before and after.
STANDING = 0.4
#: s of the shortest stroke: where the ram knows no velocity that is slow enough.
SHORTEST = 0.15
#: Each stroke is so much longer than the one before, so that none meets the same phase of the cycle.
STAGGER = 0.03
#: s, longest dead time that is looked for, and the steps in which it is.
LONGEST, STEP = 0.3, 0.002
#: s around the whole record's dead time in which that of a pair of strokes lies.
AROUND = 0.1
#: Largest part of the force's movement that may stay unexplained, noise apart, and largest relative uncertainty.
UNEXPLAINED, DOUBTFUL = 0.25, 0.2


@dataclass(frozen=True, slots=True)
class DeadTime:
    """What was found.

    Attributes:
        value: s.
        stiffness: N/m, force over commanded travel.
        time, force, fitted, travel: s, N, N, m of the samples, from the first stroke on; NaN: not fitted.
    """

    value: Measured
    stiffness: Measured
    time: Array
    force: Array
    fitted: Array
    travel: Array


@dataclass(frozen=True, slots=True)
class _Fit:
    dead_time: float
    stiffness: float
    fitted: Array
    spread: float


def dead_time(facts: RamFacts, stiffness: float) -> Experiment[DeadTime]:
    """Measure the dead time at the present force, of a stack of about that stiffness (N/m).

    Raises:
        DoubtError: the force does not answer the ram clearly.
    """
    velocity, duration = _stroke(facts, stiffness)
    readings = yield from stand(STANDING)
    orders = [0.0] * len(readings)
    for number in range(STROKES):
        # Half a stroke first: the triangle then lies around the force at which it begins.
        length = duration * (1.0 + STAGGER * (number % 4)) * (0.5 if number == 0 else 1.0)
        order = Order(Velocity(velocity if number % 2 == 0 else -velocity))
        begin = readings[-1].time
        while readings[-1].time - begin < length - 0.5 * facts.period:
            orders[-1] = velocity if number % 2 == 0 else -velocity
            readings.append((yield order))
            orders.append(0.0)
    tail = yield from stand(STANDING)
    return evaluate(readings + tail, orders + [0.0] * len(tail))


def _stroke(facts: RamFacts, stiffness: float) -> tuple[float, float]:
    """Return velocity and duration of a stroke."""
    change = STROKE_SHARE * facts.limits.force
    velocity = change / (stiffness * STROKE_TIME)
    if velocity >= facts.slowest:
        return velocity, STROKE_TIME
    return facts.slowest, max(SHORTEST, change / (stiffness * facts.slowest))


def evaluate(readings: Sequence[Seen], velocities: Sequence[float]) -> DeadTime:
    """Fit what was seen.

    Args:
        readings: of which each was answered by a velocity.
        velocities: m/s.

    Raises:
        DoubtError: the force does not answer the ram clearly.
    """
    known = [math.isfinite(seen.force) for seen in readings]
    time = np.array([seen.time for seen in readings])
    force = np.array([seen.force for seen in readings])
    if not all(known):
        force = np.interp(time, time[known], force[known])
    speed = np.array(velocities)
    travel = np.concatenate(([0.0], np.cumsum(speed[:-1] * np.diff(time))))
    time = time - time[0]
    near = _fit(time, force, travel, time).dead_time
    parts = _pairs(speed)
    found = [_fit(time[part], force[part], travel, time, near) for part in parts]
    times = np.array([each.dead_time for each in found])
    result = Measured(float(np.mean(times)), float(np.std(times, ddof=1)) / math.sqrt(len(times)))
    noise = float(np.std(force[np.arange(len(speed)) < np.flatnonzero(speed)[0]]))
    # From one pair to the next a ram wanders that turns a little later here and there; in each the force must follow.
    spread = math.sqrt(sum(each.spread**2 for each in found) / len(found))
    unexplained = math.sqrt(max(0.0, spread**2 - noise**2)) / float(np.std(force))
    slopes = np.array([each.stiffness for each in found])
    slope = Measured(float(np.mean(slopes)), float(np.std(slopes, ddof=1)) / math.sqrt(len(slopes)))
    if unexplained > UNEXPLAINED or slope.value <= 0.0:
        raise DoubtError(
            f"the force does not follow the ram: {unexplained:.0%} of its movement stay unexplained;"
            " look at the stack, and at play in the drive"
        )
    result.believed(
        "the dead time", DOUBTFUL, "look at the noise of the force, or allow more force"
    )
    fitted = np.full(len(time), math.nan)
    for part, each in zip(parts, found, strict=True):
        fitted[part] = each.fitted
    return DeadTime(result, slope, time, force, fitted, travel)


def _fit(time: Array, force: Array, travel: Array, at: Array, near: float = math.nan) -> _Fit:
    """Fit force (N) at times (s).

    Args:
        time: s, of the measurements.
        force: N, measured.
        travel: m, commanded.
        at: s, when it was.
        near: s, dead time of the whole record; NaN: not known yet.
    """
    ones, ramp = np.ones_like(time), time - time[0]

    def columns(delay: float) -> tuple[Array, Array, Array]:
        return ones, ramp, np.interp(time - delay, at, travel)

    # A stroke later the travel is the same with another sign.
    begin = 0.0 if math.isnan(near) else max(0.0, near - AROUND)
    end = LONGEST if math.isnan(near) else near + AROUND
    best = lowest(lambda delay: squared_error(columns(delay), force), begin, end, STEP)
    fit = least_squares(columns(best), force)
    return _Fit(best, fit[2].value, force - fit.residuals, fit.spread)


def _pairs(speed: Array) -> list[slice]:
    """Return the parts of the record that hold two strokes each, with what follows them by half a stroke."""
    turns = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(np.sign(speed)))), len(speed)]
    strokes = turns[1:-1]
    middles = [(a + b) // 2 for a, b in zip(strokes, strokes[1:], strict=False)]
    return [slice(a, b) for a, b in zip(middles[::2], middles[2::2], strict=False)]
