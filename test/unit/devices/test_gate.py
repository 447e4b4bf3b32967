"""The command gate: what it accepts expires, and what it refuses never moves anything."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.gate import CommandGate, Power

LIMIT, ACTUATOR_AGE, HEATER_AGE = 0.01, 0.16, 0.45
WALL = 1.7e9
OFF = Power(0.0, 0.0)


def gate() -> CommandGate:
    return CommandGate(LIMIT, ACTUATOR_AGE, HEATER_AGE)


def test_a_fresh_command_holds_until_it_is_too_old() -> None:
    it = gate()
    assert it.offer_velocity(0.005, WALL - 0.01, WALL, 10.0) == ""
    assert it.velocity(10.0) == 0.005
    assert it.velocity(10.149) == 0.005
    assert it.velocity(10.151) is None
    assert it.velocity(10.0) is None, "an expired command does not come back"


def test_power_holds_longer() -> None:
    it = gate()
    assert it.offer_power(Power(0.5, -0.2), WALL, WALL, 10.0) == ""
    assert it.power(10.44) == Power(0.5, -0.2)
    assert it.power(10.46) == OFF


@pytest.mark.parametrize(
    ("stamp", "reason"),
    [
        (WALL - 0.17, r"is 0.170 s old, and at most 0.16 s are allowed"),
        (WALL - 1e6, "old"),
        (WALL + 0.05, "in the future"),
        (math.nan, "old"),
        (-math.inf, "old"),
        (math.inf, "future"),
    ],
)
def test_a_stale_or_future_command_is_refused(stamp: float, reason: str) -> None:
    import re

    problem = gate().offer_velocity(0.005, stamp, WALL, 10.0)
    assert re.search(reason, problem)


@pytest.mark.parametrize("velocity", [0.0100001, -0.02, math.nan, math.inf, -math.inf])
def test_an_impossible_velocity_is_refused_and_freezes(velocity: float) -> None:
    it = gate()
    assert it.offer_velocity(0.005, WALL, WALL, 10.0) == ""
    assert "allowed are -0.01 to 0.01 m/s" in it.offer_velocity(velocity, WALL + 0.01, WALL, 10.01)
    assert it.velocity(10.01) is None


@pytest.mark.parametrize("share", [1.001, -1.5, math.nan, math.inf])
def test_an_impossible_power_is_refused_and_switches_off(share: float) -> None:
    for power in (Power(share, 0.0), Power(0.0, share)):
        it = gate()
        assert it.offer_power(Power(0.5, 0.5), WALL, WALL, 10.0) == ""
        assert "allowed are -1 to 1" in it.offer_power(power, WALL + 0.01, WALL, 10.01)
        assert it.power(10.01) == OFF


def test_commands_are_taken_in_the_order_of_their_stamps() -> None:
    it = gate()
    assert it.offer_velocity(0.005, WALL, WALL, 10.0) == ""
    assert "older than one that came before" in it.offer_velocity(0.001, WALL - 0.01, WALL, 10.0)
    assert it.velocity(10.0) == 0.005


def test_freeze_and_no_power_are_always_taken() -> None:
    it = gate()
    it.offer_velocity(0.005, WALL, WALL, 10.0)
    it.freeze()
    assert it.velocity(10.0) is None
    it.offer_power(Power(1.0, 1.0), WALL, WALL, 10.0)
    assert it.offer_power(OFF, WALL - 1e3, WALL, 10.0) == ""
    assert it.power(10.0) == OFF


def test_what_a_block_has_dropped_does_not_come_back() -> None:
    it = gate()
    it.offer_velocity(0.005, WALL, WALL, 10.0)
    it.offer_power(Power(1.0, 1.0), WALL, WALL, 10.0)
    it.block("the press is lost", "the press is lost", WALL + 0.05)
    assert it.velocity(10.05) is None
    assert it.power(10.05) == OFF
    problem = it.offer_velocity(0.005, WALL + 0.06, WALL + 0.06, 10.06)
    assert problem == "the actuator command is refused: the press is lost"
    it.block("", "", WALL + 0.08)
    assert "older than" in it.offer_velocity(0.005, WALL + 0.04, WALL + 0.08, 10.08)
    assert it.offer_velocity(0.004, WALL + 0.081, WALL + 0.082, 10.082) == ""
    assert it.velocity(10.082) == 0.004


def test_motion_can_be_blocked_alone() -> None:
    it = gate()
    it.block("the ram is locked", "", WALL)
    assert it.offer_velocity(0.001, WALL + 0.01, WALL + 0.01, 10.0) != ""
    assert it.offer_power(Power(0.1, 0.1), WALL + 0.01, WALL + 0.01, 10.0) == ""


commands = st.tuples(
    st.floats(allow_nan=True, allow_infinity=True) | st.floats(-0.02, 0.02),
    st.floats(-1.0, 1.0),  # age of the stamp, s
    st.floats(0.0, 0.3),  # s until the next
)


@given(st.lists(commands, max_size=30))
def test_the_ram_moves_only_by_a_fresh_possible_command(
    steps: list[tuple[float, float, float]],
) -> None:
    """Whatever comes: what holds was offered, is finite and in the limits, and is not too old."""
    it, now = gate(), 10.0
    offered: dict[float, float] = {}  # stamp by velocity
    for velocity, age, pause in steps:
        wall = WALL + now
        stamp = wall - age
        if it.offer_velocity(velocity, stamp, wall, now) == "":
            offered[velocity] = stamp
        now += pause
        held = it.velocity(now)
        if held is not None:
            assert abs(held) <= LIMIT
            assert WALL + now - offered[held] <= ACTUATOR_AGE + 1e-6
