"""The loop inside a temperature controller, on an oven of one lag."""

import math

import pytest

from stackpress_py.sim.devices.regulator import Ramp, Regulator
from stackpress_py.sim.devices.settings import ControllerSettings


class Oven:
    """500 W on 400 J/K with 2 W/K to a room of 20 degC."""

    def __init__(self) -> None:
        self.temperature = 20.0

    def heat(self, output: float, seconds: float) -> None:
        flow = 500.0 * output - 2.0 * (self.temperature - 20.0)
        self.temperature += flow * seconds / 400.0


def run(loop: Regulator, oven: Oven, wanted: float, begin: float, seconds: float) -> list[float]:
    seen = []
    for step in range(round(seconds / 0.1)):
        loop.advance(begin + step * 0.1, lambda passed: wanted)
        oven.heat(loop.output, 0.1)
        seen.append(oven.temperature)
    return seen


def regulator(oven: Oven, **settings: float) -> Regulator:
    return Regulator(ControllerSettings(**settings), lambda: oven.temperature, 0.1)  # type: ignore[arg-type]


def test_it_settles_on_the_set_point_with_little_overshoot() -> None:
    oven = Oven()
    seen = run(regulator(oven, integral_s=60.0), oven, 100.0, 0.0, 900.0)
    assert seen[-1] == pytest.approx(100.0, abs=0.1)
    assert max(seen) < 104.0


def test_without_an_integral_an_error_stays() -> None:
    oven = Oven()
    seen = run(regulator(oven, integral_s=0.0), oven, 100.0, 0.0, 600.0)
    assert 90.0 < seen[-1] < 95.0


def test_a_broken_sensor_takes_the_output_away() -> None:
    oven = Oven()
    loop = regulator(oven)
    run(loop, oven, 100.0, 0.0, 5.0)
    assert loop.output == 1.0
    oven.temperature = math.nan
    loop.advance(6.0, lambda passed: 100.0)
    assert loop.broken and loop.output == 0.0 and loop.measured > 20.0


def test_by_hand_and_back_without_a_bump() -> None:
    oven = Oven()
    loop = regulator(oven)
    loop.manual = 0.25
    run(loop, oven, 100.0, 0.0, 1.0)
    assert loop.output == 0.25
    loop.off = True
    run(loop, oven, 100.0, 1.0, 1.0)
    assert loop.output == 0.0


def test_a_ramp_begins_at_the_measured_value_and_stops_at_its_end() -> None:
    ramp = Ramp()
    values = [ramp.follow(30.0, 2.0, 1.0, 25.0) for _ in range(4)]
    assert values == [27.0, 29.0, 30.0, 30.0]
    assert ramp.follow(20.0, 2.0, 1.0, 25.0) == 28.0
    assert ramp.follow(20.0, 0.0, 1.0, 25.0) == 20.0
