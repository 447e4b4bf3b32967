"""What an actuator had to do."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.account import Wear, WearAccount, Working, working

CYCLE = 1.0 / 60.0


def moved(positions: list[float], noise: float = 0.0, step: float = 0.0) -> Wear:
    rng, account = random.Random(1), WearAccount()
    for index, true in enumerate(positions):
        read = true + rng.gauss(0.0, noise)
        read = round(read / step) * step if step else read
        account.update(read, Working.DRIVING, index * CYCLE)
    return account.outcome


@pytest.mark.parametrize(("noise", "step"), [(0.05e-6, 0.1e-6), (0.3e-6, 0.0), (1e-6, 10e-6)])
def test_a_ram_that_stands_travels_nowhere(noise: float, step: float) -> None:
    # Ten minutes; summing up the readings would make millimetres of it.
    wear = moved([0.0490003] * 36_000, noise, step)
    assert wear.travel == pytest.approx(0.0, abs=3.0 * step + 1e-7)
    assert wear.reversals <= 1


@given(st.integers(1, 20), st.floats(2e-5, 1e-3))
def test_travel_and_turns_are_counted(turns: int, way: float) -> None:
    there = [way * index / 59 for index in range(60)]
    back = [way - x for x in there]
    positions = [x for turn in range(turns + 1) for x in (back if turn % 2 else there)]
    wear = moved(positions, noise=2e-8)
    assert wear.reversals == turns
    # The play is lost at each turn.
    assert wear.travel == pytest.approx((turns + 1) * way, rel=0.02, abs=4e-6 * (turns + 1))


def test_a_press_that_tells_no_position_has_no_travel() -> None:
    wear = moved([math.nan] * 100)
    assert math.isnan(wear.travel)
    assert wear.running == pytest.approx(99 * CYCLE)


def test_starts_and_running_time() -> None:
    account = WearAccount(Working.DRIVING)
    doing = [Working.DRIVING, Working.NOTHING, Working.DRIVING, Working.VENTING, Working.DRIVING]
    for second, what in enumerate(doing):
        for part in range(10):
            account.update(0.0, what, second + 0.1 * part)
    wear = account.outcome
    # What was under way at the begin is no start of this phase.
    assert (wear.starts, wear.openings) == (2, 1)
    assert wear.running == pytest.approx(1.0 + 1.0 + 0.9)


def test_time_without_news_is_not_counted() -> None:
    account = WearAccount(Working.DRIVING)
    for now in (0.0, 0.1, 60.0, 60.1):
        account.update(0.0, Working.DRIVING, now)
    assert account.outcome.running == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("mode", "velocity", "pump", "valve", "expected"),
    [
        (0, 1.0, 1.0, 1.0, Working.NOTHING),
        (1, 1e-7, 0.0, 0.0, Working.DRIVING),
        (1, 0.0, 1.0, 0.0, Working.NOTHING),
        (2, 0.0, 0.0, 0.0, Working.DRIVING),
        (3, 1.0, 0.4, 0.0, Working.DRIVING),
        (3, 0.0, 0.0, 0.1, Working.VENTING),
        (3, 1.0, 0.0, 0.0, Working.NOTHING),
    ],
)
def test_what_a_command_does(
    mode: int, velocity: float, pump: float, valve: float, expected: Working
) -> None:
    assert working(mode, velocity, pump, valve) is expected
