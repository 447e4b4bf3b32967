"""Warming platens whose temperature controllers are devices of their own: by set-points that rise step by step.

Their loops need no constants of ours. What is measured is how the stack grows meanwhile. Temperatures in degC, SI
otherwise.
"""

import math
from dataclasses import dataclass

from stackpress_py.quantities import format_temperature
from stackpress_py.tune.heat import LEAST_RISE, REST_TIME
from stackpress_py.tune.heat_record import Heating, HeatRecord
from stackpress_py.tune.holding import Holder
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.trial import DoubtError, Experiment

#: K of each step of the set-points: controllers keep them in memories that wear out.
STEP = 1.0
#: Part of the allowed rate at which they rise, and K below the hottest temperature at which they end: a controller may
#: overshoot.
RATE_SHARE, RESERVE = 0.5, 6.0
#: s that the last set-point is held.
SOAK_TIME = 120.0


@dataclass(frozen=True, slots=True)
class SetpointFacts:
    """What is known of the platens before anything is measured.

    Attributes:
        limits: what is allowed.
        uncertainty: K, expanded, of the thermometers.
        coolest: degC, lowest set-point.
    """

    limits: Limits
    uncertainty: float
    coolest: float

    @property
    def top(self) -> float:
        """Last set-point, degC."""
        return self.limits.temperature - self.uncertainty - RESERVE


def warm_by_setpoint(facts: SetpointFacts, holder: Holder) -> Experiment[HeatRecord]:
    """Warm both platens step by step, and return what was seen.

    Raises:
        DoubtError: they do not follow.
    """
    heating = Heating(holder)
    yield from heating.apply((facts.coolest, facts.coolest), REST_TIME)
    base = max(heating.now)
    if facts.top - base < LEAST_RISE:
        raise DoubtError(
            f"the platens have {format_temperature(base, 3)}, and may be set to"
            f" {format_temperature(facts.top, 3)}: let them cool, or allow more"
        )
    pause = STEP / (RATE_SHARE * facts.limits.heating_rate)
    setpoint = max(facts.coolest, float(math.floor(base)))
    while setpoint + STEP <= facts.top:
        setpoint += STEP
        yield from heating.apply((setpoint, setpoint), pause)
    yield from heating.apply((setpoint, setpoint), SOAK_TIME)
    risen = min(heating.now) - base
    if risen < 0.5 * (facts.top - base):
        raise DoubtError(
            f"the platens became warmer by {risen:.0f} K only, and were set to"
            f" {format_temperature(setpoint, 3)}: look at the heaters and their controllers"
        )
    return heating.record()
