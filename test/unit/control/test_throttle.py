"""What a pump or a valve that takes fractions makes of a command."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.control.throttle import Throttle, beyond, excess_for

DT = 1.0 / 60.0


def throttle(step: float = 0.0, delay: float = 0.12, band: float = 0.05) -> Throttle:
    return Throttle(1.0, band, 1e-4, delay, step, 1e4)


@given(excess=st.floats(-0.1, 0.1), doubt=st.floats(1e-6, 0.05))
def test_the_expected_flow_is_that_of_a_normal_distribution(excess: float, doubt: float) -> None:
    mean, chance = beyond(excess, doubt)
    parts = 4000
    points = [excess + doubt * (-8.0 + 16.0 * (i + 0.5) / parts) for i in range(parts)]
    weights = [math.exp(-0.5 * ((x - excess) / doubt) ** 2) for x in points]
    true = sum(w * max(0.0, x) for w, x in zip(weights, points, strict=True)) / sum(weights)
    assert mean == pytest.approx(true, abs=2e-4 * doubt + 1e-5 * abs(excess))
    assert 0.0 <= chance <= 1.0
    assert mean >= max(0.0, excess) - 2e-4 * doubt


@given(flow=st.floats(1e-6, 0.2), doubt=st.floats(1e-6, 0.05))
def test_what_is_opened_for_a_flow_gives_that_flow(flow: float, doubt: float) -> None:
    excess = excess_for(flow, doubt)
    if excess > -3.9 * doubt:
        assert beyond(excess, doubt)[0] == pytest.approx(flow, rel=0.02)


def test_steps_of_the_command_are_right_in_the_mean() -> None:
    actuator = throttle(step=0.01)
    levels = [actuator.command(0.0537) for _ in range(1000)]
    assert {round(level, 6) for level in levels} == {0.05, 0.06}
    assert sum(levels) / len(levels) == pytest.approx(0.0537, abs=1e-4)


def test_a_command_is_felt_after_the_delay_and_all_of_it_is_foreseen() -> None:
    actuator = throttle()
    actuator.step(0.0)
    actuator.command(0.25)
    flowed, foreseen = 0.0, 0.0
    for cycle in range(1, 61):
        actuator.step(cycle * DT)
        flowed += max(0.0, actuator.felt - actuator.band) * DT
        if cycle == 6:
            actuator.command(0.0)
            foreseen = flowed + actuator.coming()
        assert actuator.felt == 0.0 or cycle * DT > 0.06
    assert actuator.quiet
    # The command goes on in the forecast for the lag, and ends in truth at once: both let through a little.
    assert flowed == pytest.approx(foreseen, rel=0.5)
    assert flowed > 0.005


def test_starts_and_travel_are_counted() -> None:
    actuator = throttle()
    for level in (0.1, 0.2, 0.0, 0.3, 0.0):
        actuator.command(level)
    assert actuator.starts == 2
    assert actuator.travel == pytest.approx(0.1 + 0.1 + 0.2 + 0.3 + 0.3)
