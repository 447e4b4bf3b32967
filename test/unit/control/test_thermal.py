"""The temperature loop on platens that it was not told about."""

import math
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.thermal import ThermalController, ThermalOutput, ThermalStage
from unit.control.plants import THERMAL_TUNING

DT = 0.1


class Platen:
    """One mass with heater, cooling, losses, sensor lag and dead time."""

    def __init__(self, capacity: float, loss: float, power: float) -> None:
        self.capacity, self.loss, self.power = capacity, loss, power
        self.temperature = self.sensed = 25.0
        self.time = 0.0
        self._pipe: deque[float] = deque([0.0] * 10, maxlen=10)

    def step(self, output: float) -> None:
        heat = self._pipe[0]
        self._pipe.append(
            output * self.power if output >= 0 else output * 15.0 * (self.temperature - 15.0)
        )
        flow = heat - self.loss * (self.temperature - 25.0)
        self.temperature += flow / self.capacity * DT
        self.sensed += (self.temperature - self.sensed) / 4.0 * DT
        self.time += DT


class ThermalRun:
    """A platen under control."""

    def __init__(self, platen: Platen) -> None:
        self.platen = platen
        self.controller = ThermalController(THERMAL_TUNING)
        self.output: ThermalOutput = self.controller.step(0.0, 25.0, 25.0)
        self.temperatures: list[float] = []

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / DT)):
            self.platen.step(self.output.power)
            sensed = round(self.platen.sensed, 1)
            self.output = self.controller.step(self.platen.time, sensed, 25.0)
            self.temperatures.append(self.platen.temperature)


@settings(deadline=None, max_examples=8)
@given(st.floats(0.6, 1.6), st.floats(0.3, 2.0), st.floats(0.8, 1.25))
def test_any_platen_comes_to_temperature_and_back(
    capacity: float, loss: float, power: float
) -> None:
    run = ThermalRun(Platen(700.0 * capacity, 1.5 * loss, 800.0 * power))
    run.controller.regulate(80.0, 0.25)
    run.advance(420.0)
    assert max(run.temperatures) < 84.0
    assert abs(run.platen.temperature - 80.0) < 1.0
    run.temperatures.clear()
    run.controller.regulate(40.0, 0.1)
    run.advance(900.0)
    assert min(run.temperatures) > 37.0
    assert abs(run.platen.temperature - 40.0) < 1.0


def test_a_weak_heater_makes_the_ramp_wait() -> None:
    run = ThermalRun(Platen(700.0, 1.5, 200.0))
    run.controller.regulate(80.0, 1.0)
    run.advance(60.0)
    assert run.output.setpoint - run.platen.sensed < 5.0
    assert run.output.stage is ThermalStage.RAMP


def test_off_and_lost_sensors_give_no_power() -> None:
    run = ThermalRun(Platen(700.0, 1.5, 800.0))
    run.controller.regulate(80.0, 0.25)
    run.advance(30.0)
    assert run.output.power > 0.0
    once = run.controller.step(run.platen.time + DT, math.nan, 25.0)
    assert once.power == 0.0
    assert not once.lost
    assert run.controller.step(run.platen.time + 2 * DT, run.platen.sensed, 25.0).power > 0.0
    lost = run.controller.step(run.platen.time + 2.0, math.nan, 25.0)
    assert lost.power == 0.0
    assert "thermocouple" in lost.lost
    assert run.controller.step(run.platen.time + 2.1, 30.0, 25.0).power == 0.0
    run.controller.regulate(80.0, 0.25)
    run.controller.off()
    assert run.controller.step(run.platen.time + 2.2, 30.0, 25.0).power == 0.0


def test_a_gap_in_the_measurements_switches_off() -> None:
    run = ThermalRun(Platen(700.0, 1.5, 800.0))
    run.controller.regulate(80.0, 0.25)
    run.advance(30.0)
    late = run.controller.step(run.platen.time + 10.0, 40.0, 25.0)
    assert late.power == 0.0
    assert "no temperature" in late.lost


@given(st.floats(max_value=0.0) | st.just(math.nan) | st.just(math.inf))
def test_impossible_rates_are_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        ThermalController(THERMAL_TUNING).regulate(80.0, rate)
