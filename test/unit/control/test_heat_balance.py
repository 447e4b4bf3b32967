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


@settings(deadline=None, max_examples=20)
@given(capacity=st.floats(300.0, 1600.0), loss=st.floats(0.3, 4.0), seed=st.integers(0, 1000))
def test_capacity_and_loss_are_found_in_one_heating_and_cooling(
    capacity: float, loss: float, seed: int
) -> None:
    plate, balance = Plate(capacity, loss, seed), HeatBalance(700.0, 1.5, 5.0)
    for step in range(18000):
        now = step * DT
        power = 250.0 if now < 300.0 else loss * (plate.temperature - ROOM) if now < 900.0 else 0.0
        balance.step(now, DT, power, plate.step(power), ROOM)
    assert balance.capacity == pytest.approx(capacity, rel=0.1)
    assert balance.loss == pytest.approx(loss, rel=0.15)


def test_nothing_is_learned_from_a_power_that_is_not_known() -> None:
    plate, balance = Plate(1400.0, 1.5, 1), HeatBalance(700.0, 1.5, 5.0)
    for step in range(6000):
        learned = balance.step(step * DT, DT, math.nan, plate.step(200.0), ROOM)
        assert not learned
    assert balance.capacity == 700.0


@settings(deadline=None, max_examples=20)
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
    assert worst < 1.5
    assert plate.temperature == pytest.approx(120.0, abs=0.3)
