"""A ramp and a soak of one contender on one plant, and what is made of the true temperatures."""

import math
from dataclasses import dataclass
from functools import cache

from stackpress_py.control.tuning import Tuning, load_tuning
from stackpress_py.paths import config

from .contenders import CONTENDERS
from .plants import Case, Platens

START, TARGET = 25.0, 120.0  # degC
RATE = 5.0 / 60.0  # K/s
SOAK = 300.0
#: s of rest before the ramp; K below the target at which a platen has arrived.
REST, NEAR = 5.0, 1.0
#: s after which a plant that has not arrived is left.
PATIENCE = 3600.0


@dataclass(frozen=True)
class Outcome:
    """What the plates were, both platens together; K.

    Attributes:
        case: the plant.
        overshoot: largest excess over the target; below 0: it was never reached.
        deviation: largest distance from the set-point, from the begin of the ramp to the end of the soak.
        difference: largest one between the platens.
        late: s by which the later platen arrives after the ramp that was asked for; one that never does, at the end.
        lost: why the contender gave up; empty: it did not.
    """

    case: Case
    overshoot: float
    deviation: float
    difference: float
    late: float
    lost: str


@cache
def _tuning() -> Tuning:
    return load_tuning(config("control", "reference_plc.yaml"))


def trial(name: str, case: Case) -> Outcome:
    """Run a contender on a plant."""
    plant = Platens(case)
    tuning = _tuning()
    upper, lower = CONTENDERS[name](tuning.upper_platen), CONTENDERS[name](tuning.lower_platen)
    overshoot, deviation, difference, arrived = -math.inf, 0.0, 0.0, math.nan
    begun = False
    while plant.time < REST + PATIENCE and not plant.time > arrived + SOAK:
        seen = plant.sense()
        powers = (
            upper.step(seen.time, seen.upper, seen.frame),
            lower.step(seen.time, seen.lower, seen.frame),
        )
        if not begun and seen.time >= REST:
            begun = True
            for contender in (upper, lower):
                contender.regulate(TARGET, RATE)
        plant.step(*powers)
        if not begun:
            continue
        one, other = plant.temperatures
        overshoot = max(overshoot, one - TARGET, other - TARGET)
        deviation = max(deviation, abs(one - upper.setpoint), abs(other - lower.setpoint))
        difference = max(difference, abs(one - other))
        if math.isnan(arrived) and min(one, other) >= TARGET - NEAR:
            arrived = plant.time
        if upper.lost or lower.lost:
            break
    late = (plant.time if math.isnan(arrived) else arrived) - REST - (TARGET - NEAR - START) / RATE
    return Outcome(case, overshoot, deviation, difference, late, upper.lost or lower.lost)
