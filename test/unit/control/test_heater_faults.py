"""Faults of heaters and thermocouples are found, and nothing else is taken for one."""

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.heater_faults import HeaterFaults
from stackpress_py.control.thermal import ThermalController
from unit.control.plants import THERMAL_TUNING

DT = 0.1
ROOM = 25.0
COOLANT = 15.0


@dataclass
class Factors:
    """What a platen is, as multiples of what the law was tuned for."""

    capacity: float = 1.0
    loss: float = 1.0
    power: float = 1.0
    lag: float = 1.0


class Platen:
    """One mass with heater, coolant, losses and a thermocouple that is late, coarse and noisy."""

    def __init__(self, factors: Factors, seed: int) -> None:
        self.temperature = self._sensed = ROOM
        self._factors = factors
        self._past = deque([ROOM] * round(20 * factors.lag))
        self._rng = random.Random(seed)

    def step(self, output: float, into_die: float) -> None:
        """Let DT s pass with an output (-1..1) and a flow (W) into the die."""
        f, excess = self._factors, self.temperature - ROOM
        cooled = 15.0 * (self.temperature - COOLANT)
        heat = output * (800.0 * f.power if output > 0.0 else cooled)
        flow = heat - 1.5 * f.loss * excess - into_die
        self.temperature += flow * DT / (700.0 * f.capacity)
        self._past.append(self.temperature)
        self._sensed += (self._past.popleft() - self._sensed) * DT / (3.0 * f.lag)

    def read(self) -> float:
        """Return one reading."""
        return round((self._sensed + self._rng.gauss(0.0, 0.05)) * 10.0) / 10.0


class Press:
    """Two platens with a die between them, their laws, and the watch.

    Attributes:
        wiring: from true to read temperatures (degC) and from commanded to true outputs, to put faults in.
    """

    def __init__(self, upper: Factors, lower: Factors, seed: int = 1) -> None:
        self.platens = Platen(upper, seed), Platen(lower, seed + 1)
        self.laws = ThermalController(THERMAL_TUNING), ThermalController(THERMAL_TUNING)
        self.faults = HeaterFaults()
        self.now = 0.0
        self.die = ROOM
        self.contact = 0.0
        self.read: Callable[[float, float], tuple[float, float]] = lambda upper, lower: (
            upper,
            lower,
        )
        self.give: Callable[[float, float], tuple[float, float]] = lambda upper, lower: (
            upper,
            lower,
        )

    def advance(self, seconds: float) -> None:
        """Let time pass, until a fault is found at the most."""
        for _ in range(round(seconds / DT)):
            if self.faults.latched:
                return
            readings = self.read(*(each.read() for each in self.platens))
            outputs = [
                law.step(self.now, reading, ROOM).power
                for law, reading in zip(self.laws, readings, strict=True)
            ]
            heated = self.laws[0].heated, self.laws[1].heated
            self.faults.step(self.now, readings, ROOM, heated)
            self._move(self.give(*outputs))
            self.now += DT

    def regulate(self, temperature: float, rate: float) -> None:
        """Send both platens to a temperature (degC) at a rate (K/s)."""
        for law in self.laws:
            law.regulate(temperature, rate)

    def cool(self) -> None:
        """Let DT s pass without power."""
        self._move((0.0, 0.0))
        self.now += DT

    def _move(self, outputs: tuple[float, float]) -> None:
        conductances = 16.0 * self.contact, 16.0
        into = 0.0
        for platen, output, conductance in zip(self.platens, outputs, conductances, strict=True):
            flow = conductance * (platen.temperature - self.die)
            platen.step(output, flow)
            into += flow
        self.die += into * DT / 60.0


FACTOR = st.floats(0.5, 2.0)
PLATENS = st.builds(Factors, FACTOR, FACTOR, FACTOR, FACTOR)


@settings(deadline=None, max_examples=5)
@given(PLATENS, PLATENS, st.integers(0, 1000))
def test_no_platen_within_twice_and_half_is_a_fault(
    upper: Factors, lower: Factors, seed: int
) -> None:
    press = Press(upper, lower, seed)
    press.advance(3.0)
    press.regulate(110.0, 0.25)
    # The die is clamped, released and clamped again, cold platens are cooled, and everything is switched off.
    for contact in (1.0, 0.0, 1.0):
        press.contact = contact
        press.advance(200.0)
    press.regulate(50.0, 1.0)
    press.advance(250.0)
    press.regulate(140.0, 2.0)
    press.advance(250.0)
    for law in press.laws:
        law.off()
    press.advance(150.0)
    assert press.faults.latched == ""


def warm(seconds: float = 300.0) -> Press:
    """Return a press in the middle of a ramp."""
    press = Press(Factors(1.2, 0.8, 0.9, 1.3), Factors(0.8, 1.3, 1.1, 0.8))
    press.advance(3.0)
    press.regulate(120.0, 5.0 / 60.0)
    press.advance(seconds)
    assert press.faults.latched == ""
    return press


def found(press: Press, within: float) -> str:
    """Return what is wrong by then."""
    press.advance(within)
    assert press.faults.latched, f"nothing within {within} s"
    return press.faults.latched


def test_a_heater_that_fails_in_a_ramp() -> None:
    press = warm()
    press.give = lambda upper, lower: (0.0, lower)
    assert "the upper platen is heated and its reading" in found(press, 120.0)


def test_a_relay_that_sticks() -> None:
    press = warm()
    press.give = lambda upper, lower: (upper, 1.0)
    assert "the lower platen warms" in found(press, 60.0)


def test_a_relay_that_sticks_while_nothing_is_asked() -> None:
    press = Press(Factors(), Factors())
    press.advance(3.0)
    press.give = lambda upper, lower: (1.0, lower)
    assert "the upper platen warms without power" in found(press, 30.0)


def test_a_thermocouple_that_is_shorted() -> None:
    press = warm()
    press.read = lambda upper, lower: (ROOM, lower)
    assert "it is shorted" in found(press, 1.0)


def test_a_single_wild_reading_is_no_fault() -> None:
    press = warm()
    press.read = lambda upper, lower: (ROOM, lower)
    press.advance(0.2)
    press.read = lambda upper, lower: (upper, lower)
    press.advance(60.0)
    assert press.faults.latched == ""


def test_a_thermocouple_that_slips_out() -> None:
    press = warm(1500.0)
    begin = press.now
    press.read = lambda upper, lower: (
        ROOM + (120.0 - ROOM) * math.exp(-(press.now - begin) / 60.0),
        lower,
    )
    assert "its reading falls" in found(press, 90.0)


def test_a_reading_that_stands_still_in_a_ramp() -> None:
    press = warm()
    stuck = press.platens[0].read()
    press.read = lambda upper, lower: (stuck, lower)
    assert "its reading stays" in found(press, 260.0)


@pytest.mark.parametrize("seconds", [0.0, 300.0])
def test_swapped_thermocouples(seconds: float) -> None:
    press = warm(seconds)
    press.read = lambda upper, lower: (lower, upper)
    found(press, 260.0)
    assert max(each.temperature for each in press.platens) < 150.0


def test_a_weak_heater_is_a_warning() -> None:
    press = Press(Factors(power=0.3), Factors())
    press.advance(3.0)
    press.regulate(60.0, 5.0 / 60.0)
    press.advance(400.0)
    assert press.faults.latched == ""
    assert "the upper platen warms at" in press.faults.warning


def test_a_fault_stays_until_it_is_cleared() -> None:
    press = Press(Factors(), Factors())
    press.advance(3.0)
    press.give = lambda upper, lower: (1.0, lower)
    why = found(press, 30.0)
    press.give = lambda upper, lower: (upper, lower)
    for _ in range(600):
        readings = press.platens[0].read(), press.platens[1].read()
        press.faults.step(press.now, readings, ROOM, (None, None))
        press.cool()
    assert press.faults.latched == why
    press.faults.clear()
    press.advance(60.0)
    assert press.faults.latched == ""
