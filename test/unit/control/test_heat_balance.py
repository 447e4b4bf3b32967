"""Heat capacity and losses, learned from the power that was given."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.heat_balance import HeatBalance
from stackpress_py.control.thermal import ThermalController, ThermalStage
from unit.control.plants import THERMAL_TUNING

DT = 0.1
ROOM = 25.0


class Plate:
    """One mass that loses heat, with a thermometer that is late and coarse."""

    def __init__(self, capacity: float, loss: float, seed: int) -> None:
        self.capacity, self.loss = capacity, loss
        self.temperature = ROOM
        self._past = [ROOM] * 20
        self._sensed = ROOM
        self._rng = random.Random(seed)

    def step(self, power: float) -> float:
        heat = power - self.loss * (self.temperature - ROOM)
        self.temperature += heat / self.capacity * DT
        self._past.append(self.temperature)
        self._sensed += (self._past.pop(0) - self._sensed) * DT / 3.0
        return round((self._sensed + self._rng.gauss(0.0, 0.05)) * 10.0) / 10.0


@settings(deadline=None, max_examples=4)
@given(capacity=st.floats(350.0, 1400.0), loss=st.floats(0.75, 3.0), seed=st.integers(0, 1000))
def test_capacity_and_loss_are_found_in_one_heating_and_hold(
    capacity: float, loss: float, seed: int
) -> None:
    plate, balance = Plate(capacity, loss, seed), HeatBalance(700.0, 1.5, 5.0)
    for step in range(9000):
        now = step * DT
        power = 250.0 if now < 300.0 else loss * (plate.temperature - ROOM)
        balance.step(now, DT, power, plate.step(power), ROOM)
    assert balance.capacity == pytest.approx(capacity, rel=0.12)
    assert balance.loss == pytest.approx(loss, rel=0.12)
    # A sudden end of the power may be taken for a longer lag; how fast the platen cools is found all the same.
    for step in range(9000, 18000):
        balance.step(step * DT, DT, 0.0, plate.step(0.0), ROOM)
    assert balance.capacity == pytest.approx(capacity, rel=0.4)
    assert balance.rate == pytest.approx(loss / capacity, rel=0.15)


def test_nothing_is_learned_from_a_power_that_is_not_known() -> None:
    plate, balance = Plate(1400.0, 1.5, 1), HeatBalance(700.0, 1.5, 5.0)
    for step in range(6000):
        balance.step(step * DT, DT, math.nan, plate.step(200.0), ROOM)
    assert balance.capacity == pytest.approx(700.0)
    assert balance.certainty < 0.5


@settings(deadline=None, max_examples=8)
@given(lag=st.floats(2.5, 12.0), capacity=st.floats(350.0, 1400.0), seed=st.integers(0, 1000))
def test_a_wrong_lag_is_found_and_hurts_the_capacity_little(
    lag: float, capacity: float, seed: int
) -> None:
    # The plate of these tests is late by five seconds.
    plate, balance = Plate(capacity, 1.5, seed), HeatBalance(700.0, 1.5, lag)
    begin = abs(balance.lag - 5.0)
    for step in range(4000):
        now = step * DT
        power = 250.0 if now % 100.0 < 50.0 else 60.0
        balance.step(now, DT, power, plate.step(power), ROOM)
    assert balance.capacity == pytest.approx(capacity, rel=0.2)
    assert abs(balance.lag - 5.0) < max(2.0, 0.8 * begin)


def test_what_is_not_known_is_used_with_caution() -> None:
    balance = HeatBalance(700.0, 1.5, 5.0)
    assert balance.certainty < 0.5
    assert balance.caution == pytest.approx(700.0 * balance.certainty)


@settings(deadline=None, max_examples=6)
@given(capacity=st.floats(350.0, 1400.0), loss=st.floats(0.75, 3.0), seed=st.integers(0, 1000))
def test_a_ramp_ends_without_overshoot_on_platens_that_differ_from_the_tuning(
    capacity: float, loss: float, seed: int
) -> None:
    plate, law = Plate(capacity, loss, seed), ThermalController(THERMAL_TUNING)
    power, hottest, worst = 0.0, 0.0, 0.0
    for step in range(18000):
        if step == 20:
            law.regulate(120.0, 5.0 / 60.0)
        output = law.step(step * DT, plate.step(power * THERMAL_TUNING.heater_power), ROOM)
        power = max(0.0, output.power)
        hottest = max(hottest, plate.temperature)
        if step > 20:
            worst = max(worst, abs(plate.temperature - law.setpoint))
    assert law.stage is ThermalStage.HOLD
    assert hottest < 120.5
    assert worst < 1.0
    assert plate.temperature == pytest.approx(120.0, abs=0.3)
