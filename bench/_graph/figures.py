"""The figures of a press and a hold, from nothing but the true force over time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from _force.machine import die_area
from _force.scenarios import ANNEAL, BAND, COLD, ideal, overshoot, settling
from _force.trace import ARRIVAL, Trace

from .runs import CASE, HELD, HOLD, RATE

#: s of the press's hold that count: all of it but the end, which comes a little sooner or later.
PRESSED = HOLD - 2.0


def judge(trace: Trace) -> Mapping[str, float]:
    """Return overshoot (%), settling time over the ideal's, and worst deviation in the hold (%).

    A force counts as held from ARRIVAL s after it has first come into the band about its target.
    """
    area = die_area(CASE)
    cold, low = COLD * area, ANNEAL * area
    times, forces = trace.arrays()
    arrived = _first(abs(forces / cold - 1.0) <= BAND)
    pressing = times <= times[arrived] + PRESSED
    settle = settling(times[pressing], forces[pressing], cold)
    deviations = forces / low - 1.0
    eased = _first((abs(deviations) <= BAND) & ~pressing)
    held = (times >= times[eased] + ARRIVAL) & (times <= times[eased] + HELD)
    return {
        "overshoot_pct": overshoot(trace, cold),
        "settle_ratio": settle / ideal(RATE).settle,
        "hold_dev_pct": 100.0 * float(abs(deviations[held]).max()),
    }


def _first(true: NDArray[np.bool_]) -> int:
    return int(np.nonzero(true)[0][0])
