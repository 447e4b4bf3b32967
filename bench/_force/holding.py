"""Holding a force while the sample relaxes, the platens heat, a cell breathes."""

import math
from dataclasses import dataclass

import numpy as np

from stackpress_py.control.thermal import ThermalController

from .contenders import Contender, contender
from .laws import tuning
from .machine import BREATHING_PERIOD, PERIOD, Case, Machine
from .scenarios import ANNEAL, COLD, MAINTAIN
from .trace import Heat, Trace, no_heat, run

#: Deviation (%) that a hold counts with which was given up or never reached.
GIVEN_UP = 100.0
RATE = 2e6  # Pa/s
#: degC and K/s of the anneal; s that it takes from 25 degC, with a soak of five minutes.
HOT, WARMING = 120.0, 5.0 / 60.0
BEFORE = 10.0
ANNEAL_TIME = BEFORE + 95.0 / WARMING + 300.0
#: s of breathing: a charge, a discharge, and the begin of the next charge.
BREATHING_TIME = 1.1 * BREATHING_PERIOD


@dataclass(frozen=True)
class Hold:
    """One plant, and whether the sample was pressed to 74 MPa before."""

    case: Case
    pressed: bool

    def __str__(self) -> str:
        return f"{self.case}, {'pressed before' if self.pressed else 'fresh'}"


@dataclass(frozen=True)
class Held:
    """Worst and root-mean-square deviation (%) of one hold, and when (s of the hold) the worst was."""

    hold: Hold
    worst: float
    rms: float
    when: float
    lost: str

    @property
    def severity(self) -> float:
        """What is worst is looked at first."""
        return self.worst

    def __str__(self) -> str:
        return f"{self.hold}, {self.lost or f'after {self.when:.0f} s'}"


def relaxation(hold: Hold, name: str) -> Held:
    """Press to 74 MPa and hold that for an hour."""
    machine = Machine(hold.case, PERIOD)
    trace = hold_trace(machine, contender(name, hold.case), COLD, 3600.0)
    return _held(hold, trace, COLD * machine.area)


def anneal(hold: Hold, name: str) -> Held:
    """Hold 1 MPa while the platens go from 25 to 120 degC at 5 K/min."""
    return _held_later(hold, name, ANNEAL)


def breathing(hold: Hold, name: str) -> Held:
    """Hold 5 MPa on a cell that is charged and discharged while the room warms and cools."""
    return _held_later(hold, name, MAINTAIN)


def later_trace(hold: Hold, name: str, pressure: float) -> tuple[Trace, float]:
    """Return the trace of a hold of ANNEAL or MAINTAIN (Pa) with its disturbance, and the target (N)."""
    breathes = pressure == MAINTAIN
    machine = Machine(hold.case, PERIOD, breathes)
    who = contender(name, hold.case)
    if hold.pressed:
        first = hold_trace(machine, who, COLD, 10.0)
        if first.lost:
            return first, pressure * machine.area
    heat = no_heat if breathes else Heater(HOT, BEFORE)
    duration = BREATHING_TIME if breathes else ANNEAL_TIME
    return hold_trace(machine, who, pressure, duration, heat), pressure * machine.area


def hold_trace(
    machine: Machine, who: Contender, pressure: float, duration: float, heat: Heat = no_heat
) -> Trace:
    """Return the trace of going to a pressure (Pa) at RATE and holding it for a time (s)."""
    who.press(pressure * machine.area, RATE * machine.area)
    return run(machine, who, duration, heat)


def _held_later(hold: Hold, name: str, pressure: float) -> Held:
    trace, target = later_trace(hold, name, pressure)
    return _held(hold, trace, target)


def _held(hold: Hold, trace: Trace, target: float) -> Held:
    times, deviations = trace.held(target)
    if trace.lost or not len(deviations):
        return Held(hold, GIVEN_UP, GIVEN_UP, math.nan, trace.lost or "lost at once")
    worst = int(np.argmax(abs(deviations)))
    rms = math.sqrt(float(np.mean(deviations**2)))
    when = float(times[worst]) - trace.hold
    return Held(hold, 100.0 * float(abs(deviations[worst])), 100.0 * rms, when, "")


class Heater:
    """Both platens to a temperature (degC) at WARMING under the shipped laws, from some s after the hold began on."""

    def __init__(self, temperature: float, after: float) -> None:
        constants = tuning()
        self._temperature, self._after = temperature, after
        self._upper = ThermalController(constants.upper_platen)
        self._lower = ThermalController(constants.lower_platen)
        self._due = 0.0
        self._heating = False
        self._powers = (0.0, 0.0)

    def __call__(self, machine: Machine, now: float, held: float) -> tuple[float, float]:
        if now < self._due:
            return self._powers
        self._due = now + 0.1 - 0.5 * PERIOD
        seen = machine.readings
        upper = self._upper.step(now, seen.upper_temperature, seen.frame_temperature)
        lower = self._lower.step(now, seen.lower_temperature, seen.frame_temperature)
        if held >= self._after and not self._heating:
            self._heating = True
            for law in (self._upper, self._lower):
                law.regulate(self._temperature, WARMING)
        self._powers = (upper.power, lower.power)
        return self._powers
