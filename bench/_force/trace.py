"""A run of one contender on one plant, and what is kept of it: the true force."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .contenders import Contender
from .machine import Machine

#: s of a hold that do not count: the force arrives.
ARRIVAL = 2.0
#: s after which a target that was never reached is given up.
PATIENCE = 400.0

#: Power of upper and lower platen (-1..1) at a time (s), so many s after the hold began (NaN: it has not).
Heat = Callable[[Machine, float, float], tuple[float, float]]


@dataclass
class Trace:
    """True force (N) over time (s), and when the hold began (s; NaN: never)."""

    times: list[float] = field(default_factory=list)
    forces: list[float] = field(default_factory=list)
    hold: float = math.nan
    lost: str = ""

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times and forces."""
        return np.array(self.times), np.array(self.forces)

    def held(self, target: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return times (s) and relative deviations in the hold, from when the force has had time to arrive."""
        times, forces = self.arrays()
        counts = times >= self.hold + ARRIVAL
        return times[counts], np.asarray(forces[counts] / target - 1.0)


def no_heat(machine: Machine, now: float, held: float) -> tuple[float, float]:
    """Leave the platens alone."""
    return 0.0, 0.0


def run(machine: Machine, who: Contender, duration: float, heat: Heat = no_heat) -> Trace:
    """Run until a hold has lasted for ``duration`` s, or the contender has given up or was not in time."""
    trace = Trace()
    times, forces, plant = trace.times, trace.forces, machine.plant
    end = plant.time + PATIENCE
    waiting = True
    while plant.time < end:
        sample = machine.cycle()
        now = sample.time
        move = who.step(sample)
        times.append(now)
        forces.append(plant.force)
        if who.lost:
            trace.lost = who.lost
            break
        machine.command(move, *heat(machine, now, now - trace.hold))
        if waiting and who.holding:
            waiting = False
            trace.hold, end = now, now + duration
    if waiting and not trace.lost:
        trace.lost = f"not reached within {PATIENCE:g} s"
    return trace
