"""The command gate: what it accepts expires, and what it refuses never moves anything."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.guard.gate import CommandGate
from stackpress_py.devices.press.command import ForceTarget, Heat, PumpAndValve, Velocity
from stackpress_py.devices.press.loading import load_profile

PROFILE = load_profile("reference_plc")  # 10 mm/s, 160 ms, 450 ms
LIMIT = 0.01
WALL = 1.7e9


def gate() -> CommandGate:
    return CommandGate(PROFILE)


def test_a_fresh_command_holds_until_it_is_too_old() -> None:
    it = gate()
    assert it.offer_motion(Velocity(0.005), WALL - 0.01, WALL, 10.0) == ""
    assert it.motion(10.0) == Velocity(0.005)
    assert it.motion(10.149) == Velocity(0.005)
    assert it.motion(10.151) is None
    assert it.motion(10.0) is None, "an expired command does not come back"


def test_power_holds_longer() -> None:
    it = gate()
    assert it.offer_heat(Heat(0.5, -0.2), WALL, WALL, 10.0) == ""
    assert it.heat(10.44) == Heat(0.5, -0.2)
    assert it.heat(10.46) is None


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

    problem = gate().offer_motion(Velocity(0.005), stamp, WALL, 10.0)
    assert re.search(reason, problem)


@pytest.mark.parametrize("velocity", [0.0100001, -0.02, math.nan, math.inf, -math.inf])
def test_an_impossible_velocity_is_refused_and_freezes(velocity: float) -> None:
    it = gate()
    assert it.offer_motion(Velocity(0.005), WALL, WALL, 10.0) == ""
    assert "allowed are -0.01 to 0.01 m/s" in it.offer_motion(
        Velocity(velocity), WALL + 0.01, WALL, 10.01
    )
    assert it.motion(10.01) is None


@pytest.mark.parametrize("share", [1.001, -1.5, math.nan, math.inf])
def test_an_impossible_power_is_refused_and_switches_off(share: float) -> None:
    for power in (Heat(share, 0.0), Heat(0.0, share)):
        it = gate()
        assert it.offer_heat(Heat(0.5, 0.5), WALL, WALL, 10.0) == ""
        assert "allowed are -1 to 1" in it.offer_heat(power, WALL + 0.01, WALL, 10.01)
        assert it.heat(10.01) is None


def test_commands_are_taken_in_the_order_of_their_stamps() -> None:
    it = gate()
    assert it.offer_motion(Velocity(0.005), WALL, WALL, 10.0) == ""
    assert "older than one that came before" in it.offer_motion(
        Velocity(0.001), WALL - 0.01, WALL, 10.0
    )
    assert it.motion(10.0) == Velocity(0.005)


def test_freeze_and_cool_down_are_always_taken() -> None:
    it = gate()
    it.offer_motion(Velocity(0.005), WALL, WALL, 10.0)
    it.freeze()
    assert it.motion(10.0) is None
    it.offer_heat(Heat(1.0, 1.0), WALL, WALL, 10.0)
    it.cool_down()
    assert it.heat(10.0) is None


def test_what_a_block_has_dropped_does_not_come_back() -> None:
    it = gate()
    it.offer_motion(Velocity(0.005), WALL, WALL, 10.0)
    it.offer_heat(Heat(1.0, 1.0), WALL, WALL, 10.0)
    it.block("the press is lost", "the press is lost", WALL + 0.05)
    assert it.motion(10.05) is None
    assert it.heat(10.05) is None
    problem = it.offer_motion(Velocity(0.005), WALL + 0.06, WALL + 0.06, 10.06)
    assert problem == "the actuator command is refused: the press is lost"
    it.block("", "", WALL + 0.08)
    assert "older than" in it.offer_motion(Velocity(0.005), WALL + 0.04, WALL + 0.08, 10.08)
    assert it.offer_motion(Velocity(0.004), WALL + 0.081, WALL + 0.082, 10.082) == ""
    assert it.motion(10.082) == Velocity(0.004)


def test_motion_can_be_blocked_alone() -> None:
    it = gate()
    it.block("the ram is locked", "", WALL)
    assert it.offer_motion(Velocity(0.001), WALL + 0.01, WALL + 0.01, 10.0) != ""
    assert it.offer_heat(Heat(0.1, 0.1), WALL + 0.01, WALL + 0.01, 10.0) == ""


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
        if it.offer_motion(Velocity(velocity), stamp, wall, now) == "":
            offered[velocity] = stamp
        now += pause
        motion = it.motion(now)
        if motion is not None:
            assert isinstance(motion, Velocity)
            held = motion.velocity
            assert abs(held) <= LIMIT
            assert WALL + now - offered[held] <= PROFILE.watchdogs.actuator_command + 1e-6


# ---- other ways to move and to heat --------------------------------------------------------------


def test_a_command_of_another_kind_is_refused_and_freezes() -> None:
    it = gate()
    assert it.offer_motion(Velocity(0.005), WALL, WALL, 10.0) == ""
    for motion in (ForceTarget(100.0, 100.0), PumpAndValve(1.0, 0.0)):
        problem = it.offer_motion(motion, WALL + 0.01, WALL, 10.01)
        assert "is of another kind than this press takes, which is moved by velocity" in problem
        assert it.motion(10.01) is None


def test_an_acting_command_that_is_missing_is_told() -> None:
    it = gate()
    assert it.overdue(10.0) == 0.0
    it.offer_motion(Velocity(0.005), WALL, WALL, 10.0)
    assert it.motion(10.5) is None
    assert it.overdue(10.5) == pytest.approx(0.34)
    it.freeze()
    assert it.overdue(20.0) == 0.0, "a freeze ends the action"
    it.offer_heat(Heat(0.5, 0.0), WALL + 20.0, WALL + 20.0, 30.0)
    assert it.heat(31.0) is None
    assert it.overdue(31.45) == pytest.approx(1.0)
    it.offer_heat(Heat(0.5, 0.0), WALL + 22.0, WALL + 22.0, 32.0)
    assert it.overdue(32.0) == 0.0
