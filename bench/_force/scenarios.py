"""What is done with each plant, and what is kept of its true force."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stackpress_py.control.reference import SmoothReference
from stackpress_py.control.regulator import BUILD_UP_TIME, SMOOTHING
from stackpress_py.control.thermal import ThermalController

from .contenders import Contender, contender
from .machine import PERIOD, Case, Machine, tuning

BAND = 0.005
COLD, ANNEAL, MAINTAIN = 74e6, 1e6, 5e6
#: s of a hold that do not count: the force arrives.
ARRIVAL = 2.0
LONGEST_PRESS = 3600.0


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

    def held(self, target: float) -> NDArray[np.float64]:
        """Return the relative deviations in the hold."""
        times, forces = self.arrays()
        return np.asarray(forces[times >= self.hold + ARRIVAL] / target - 1.0)


Heat = Callable[[Machine, float], tuple[float, float]]


def no_heat(machine: Machine, now: float) -> tuple[float, float]:
    """Leave the platens alone."""
    return 0.0, 0.0


def run(machine: Machine, who: Contender, duration: float, heat: Heat = no_heat) -> Trace:
    """Run until a hold has lasted for ``duration`` s, or the contender has given up."""
    trace = Trace()
    begin = machine.plant.time
    while machine.plant.time - begin < LONGEST_PRESS + duration:
        sample = machine.cycle()
        now = sample.time
        velocity = who.step(sample)
        trace.times.append(now)
        trace.forces.append(machine.plant.force)
        if who.lost:
            trace.lost = who.lost
            break
        machine.command(velocity, *heat(machine, now))
        if who.holding and math.isnan(trace.hold):
            trace.hold = now
        if now - trace.hold >= duration:
            break
    return trace


# ---- pressing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pressed:
    """Overshoot (%) and time from contact into the band for good (s) of one press, beside the ideal's time."""

    case: Case
    rate: float
    overshoot: float
    settle: float
    ideal: float
    lost: str

    @property
    def ratio(self) -> float:
        """Settling time over the ideal's."""
        return self.settle / self.ideal


def ideal_time(target: float, rate: float) -> float:
    """Return the s after which a perfect plant that follows the reference is in the band."""
    reference = SmoothReference(0.0, SMOOTHING)
    now = 0.0
    while abs(reference.value - target) > BAND * target:
        reference.step(PERIOD, target, rate, rate / BUILD_UP_TIME)
        now += PERIOD
    return now


def press(case: Case, name: str, rate: float) -> Pressed:
    """Press to 74 MPa at a rate (Pa/s) and hold for a minute."""
    machine = Machine(case)
    who = contender(name, case)
    target, area = COLD * machine.area, machine.area
    who.press(target, rate * area)
    trace = run(machine, who, 60.0)
    times, forces = trace.arrays()
    contact = times[np.nonzero(forces > 1.0)[0][0]]
    outside = np.nonzero(abs(forces / target - 1.0) > BAND)[0]
    settle = times[min(outside[-1] + 1, len(times) - 1)] - contact
    overshoot = max(0.0, 100.0 * (forces.max() / target - 1.0))
    ideal = ideal_time(target, rate * area)
    return Pressed(case, rate, overshoot, float(settle), ideal, trace.lost)


# ---- holding -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """Worst and root-mean-square deviation (%) of one hold; infinite where the contender gave up."""

    case: Case
    worst: float
    rms: float
    lost: str


def _held(case: Case, trace: Trace, target: float) -> Held:
    deviations = trace.held(target)
    if trace.lost or not len(deviations):
        return Held(case, math.inf, math.inf, trace.lost or "the hold was never reached")
    rms = math.sqrt(float(np.mean(deviations**2)))
    return Held(case, 100.0 * float(abs(deviations).max()), 100.0 * rms, "")


def relaxation(case: Case, name: str) -> Held:
    """Hold 74 MPa for an hour."""
    machine = Machine(case, PERIOD)
    who = contender(name, case)
    who.press(COLD * machine.area, 1e6 * machine.area)
    return _held(case, run(machine, who, 3600.0), COLD * machine.area)


def anneal(case: Case, name: str) -> Held:
    """Press to 74 MPa, go down to 1 MPa, and hold that while the platens go from 25 to 120 degC at 5 K/min."""
    machine = Machine(case)
    who = contender(name, case)
    area = machine.area
    who.press(COLD * area, 2e6 * area)
    first = run(machine, who, 10.0)
    if first.lost:
        return Held(case, math.inf, math.inf, first.lost)
    who.press(ANNEAL * area, 2e6 * area)
    heat = _Heater()
    return _held(case, run(machine, who, 10.0 + 95.0 * 12.0 + 300.0, heat), ANNEAL * area)


class _Heater:
    """Both platens to 120 degC under the shipped laws, from ten seconds after the first call on."""

    def __init__(self) -> None:
        constants = tuning()
        self._upper = ThermalController(constants.upper_platen)
        self._lower = ThermalController(constants.lower_platen)
        self._begin = math.nan
        self._due = 0.0
        self._powers = (0.0, 0.0)

    def __call__(self, machine: Machine, now: float) -> tuple[float, float]:
        if math.isnan(self._begin):
            self._begin = now
        if now < self._due:
            return self._powers
        self._due = now + 0.1 - 0.5 * PERIOD
        seen = machine.readings
        upper = self._upper.step(now, seen.upper_temperature, seen.frame_temperature)
        lower = self._lower.step(now, seen.lower_temperature, seen.frame_temperature)
        if now - self._begin >= 10.0 and math.isnan(self._upper.setpoint):
            for law in (self._upper, self._lower):
                law.regulate(120.0, 5.0 / 60.0)
        self._powers = (upper.power, lower.power)
        return self._powers


# ---- a sample that gives way ---------------------------------------------------------------------------------------

#: s for which a ram is watched after the sample has given way.
WATCHED = 5.0


@dataclass(frozen=True)
class Chased:
    """How far (mm) the ram went on after the sample had given way."""

    case: Case
    how: str
    chase: float


def cracks(case: Case, name: str) -> Chased:
    """Press a sample that cracks at 60 MPa to 74 MPa."""
    machine, who = Machine(case), contender(name, case)
    who.press(COLD * machine.area, 1e6 * machine.area)
    while not machine.plant.truth().broken:
        machine.command(who.step(machine.cycle()))
    return Chased(case, "cracks", _chase(machine, who))


def vanishes(case: Case, name: str) -> Chased:
    """Take the sample away while 5 MPa are held on it."""
    machine, who = Machine(case), contender(name, case)
    who.press(MAINTAIN * machine.area, 1e6 * machine.area)
    run(machine, who, 5.0)
    machine.plant.take()
    return Chased(case, "vanishes", _chase(machine, who))


def _chase(machine: Machine, who: Contender) -> float:
    position = farthest = machine.plant.truth().position
    end = machine.plant.time + WATCHED
    while machine.plant.time < end:
        machine.command(who.step(machine.cycle()))
        farthest = max(farthest, machine.plant.truth().position)
    return 1e3 * (farthest - position)
