"""Pressing, and a sample that gives way: what is done with each plant, and what is kept of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stackpress_py.control.reference import SmoothReference
from stackpress_py.control.regulator import BUILD_UP_TIME, SMOOTHING
from stackpress_py.sim.sample import Powder

from .contenders import Contender, contender
from .machine import FRAMES, PERIOD, Case, Machine, die_area
from .trace import Trace, run

BAND = 0.005
COLD, ANNEAL, MAINTAIN = 74e6, 1e6, 5e6  # Pa
#: What a target that is never reached counts as, in settling times of the ideal.
NEVER = 10.0

# ---- pressing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pressed:
    """Overshoot (%) and time (s) from contact into the band for good, of one press, beside the ideal's time.

    The time of one that gave up, or never came into the band, is NEVER times the ideal's.
    """

    case: Case
    rate: float
    overshoot: float
    settle: float
    ideal: float
    lost: str

    @property
    def severity(self) -> float:
        """What is worst is looked at first."""
        return self.overshoot

    @property
    def ratio(self) -> float:
        """Settling time over the ideal's."""
        return self.settle / self.ideal

    def __str__(self) -> str:
        lost = f": {self.lost}" if self.lost else ""
        return f"{self.case}, {self.rate / 1e6:g} MPa/s{lost}"


def press(case: Case, name: str, rate: float) -> Pressed:
    """Press to 74 MPa at a rate (Pa/s) and hold for a minute."""
    machine = Machine(case)
    target = COLD * machine.area
    trace = press_trace(machine, contender(name, case), target, rate * machine.area)
    best = ideal(rate).settle
    settle = NEVER * best if trace.lost else min(NEVER * best, settling(*trace.arrays(), target))
    return Pressed(case, rate, overshoot(trace, target), settle, best, trace.lost)


def press_trace(
    machine: Machine, who: Contender, target: float, rate: float, duration: float = 60.0
) -> Trace:
    """Return the trace of a press to a target (N) at a rate (N/s), held for a time (s)."""
    who.press(target, rate)
    return run(machine, who, duration)


def ideal(rate: float) -> Pressed:
    """Return what a perfect plant makes of a press to 74 MPa at a rate (Pa/s)."""
    case = Case("reference", FRAMES[0])
    area = die_area(case)
    trace = ideal_trace(COLD * area, rate * area)
    settle = settling(*trace.arrays(), COLD * area)
    return Pressed(case, rate, overshoot(trace, COLD * area), settle, settle, "")


def ideal_trace(target: float, rate: float) -> Trace:
    """Return the trace of a perfect plant, which is where the reference is, from contact on."""
    reference, trace = SmoothReference(0.0, SMOOTHING), Trace()
    while not trace.forces or trace.forces[-1] != target:
        reference.step(PERIOD, target, rate, rate / BUILD_UP_TIME)
        trace.times.append(len(trace.times) * PERIOD)
        trace.forces.append(reference.value)
    trace.hold = trace.times[-1]
    return trace


def overshoot(trace: Trace, target: float) -> float:
    """Return by how much (%) the target was exceeded."""
    return max(0.0, 100.0 * (max(trace.forces) / target - 1.0))


def settling(times: NDArray[np.float64], forces: NDArray[np.float64], target: float) -> float:
    """Return the time (s) from contact into the band for good; infinite: it ended outside."""
    contact = times[np.nonzero(forces > 1.0)[0][0]]
    outside = np.nonzero(abs(forces / target - 1.0) > BAND)[0]
    if outside[-1] + 1 == len(times):
        return float("inf")
    return float(times[outside[-1] + 1] - contact)


# ---- a sample that gives way ---------------------------------------------------------------------------------------

#: s for which a ram is watched after the sample has given way.
WATCHED = 5.0
#: Pa that a sample has seen which breaks in a hold, or vanishes while it is pressed on.
EARLIER = 50e6


@dataclass(frozen=True)
class Chased:
    """How far (mm) the ram was driven on after the sample had given way."""

    case: Case
    how: str
    chase: float
    lost: str = ""

    @property
    def severity(self) -> float:
        """What is worst is looked at first."""
        return self.chase

    def __str__(self) -> str:
        return f"{self.case}, {self.how}"


def cracks(case: Case, name: str) -> Chased:
    """Press a sample that cracks at 60 MPa to 74 MPa."""
    machine, who = Machine(case), contender(name, case)
    who.press(COLD * machine.area, 1e6 * machine.area)
    while not machine.plant.truth().broken and not who.lost:
        machine.command(who.step(machine.cycle()))
    return Chased(case, "cracks on the way", _chase(machine, who), who.lost)


def cracks_in_hold(case: Case, name: str) -> Chased:
    """Hold 50 MPa on a sample for a while until it cracks."""
    machine, who = Machine(case), contender(name, case)
    body = Powder(machine.plant.config.sample, machine.area)
    machine.plant.mechanics.lay(body)
    who.press(EARLIER * machine.area, 1e6 * machine.area)
    run(machine, who, 5.0)
    body.crack()
    return Chased(case, "cracks in a hold", _chase(machine, who), who.lost)


def vanishes(case: Case, name: str) -> Chased:
    """Take the sample away while 5 MPa are held on it."""
    machine, who = Machine(case), contender(name, case)
    who.press(MAINTAIN * machine.area, 1e6 * machine.area)
    run(machine, who, 5.0)
    machine.plant.take()
    return Chased(case, "vanishes in a hold", _chase(machine, who), who.lost)


def vanishes_on_the_way(case: Case, name: str) -> Chased:
    """Take the sample away while it is pressed on, at 50 MPa."""
    machine, who = Machine(case), contender(name, case)
    who.press(COLD * machine.area, 1e6 * machine.area)
    while machine.plant.force < EARLIER * machine.area and not who.lost:
        machine.command(who.step(machine.cycle()))
    machine.plant.take()
    return Chased(case, "vanishes on the way", _chase(machine, who), who.lost)


def _chase(machine: Machine, who: Contender) -> float:
    position = farthest = machine.driven
    end = machine.plant.time + WATCHED
    while machine.plant.time < end:
        machine.command(who.step(machine.cycle()))
        farthest = max(farthest, machine.driven)
    return 1e3 * (farthest - position)
