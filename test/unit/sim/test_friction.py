import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.friction import dahl

TRAVEL = 5e-6
STATES, WAYS = st.floats(-1.0, 1.0), st.floats(-1e-4, 1e-4)


@given(STATES, WAYS, st.floats(0.0, 1.0))
def test_one_way_in_two_parts_is_the_same_way(state: float, way: float, share: float) -> None:
    once, _ = dahl(state, TRAVEL, way)
    twice, _ = dahl(dahl(state, TRAVEL, share * way)[0], TRAVEL, (1.0 - share) * way)
    assert -1.0 <= once <= 1.0
    assert twice == pytest.approx(once, abs=1e-9)
    assert once >= state - 1e-12 if way > 0.0 else once <= state + 1e-12


@given(STATES, WAYS.filter(lambda way: abs(way) > 1e-9))
def test_the_slope_is_that_of_the_friction(state: float, way: float) -> None:
    step = 1e-5 * TRAVEL
    before, after = (dahl(state, TRAVEL, way + side)[0] for side in (-step, step))
    slope = dahl(state, TRAVEL, way)[1]
    assert slope >= 0.0
    assert (after - before) / (2.0 * step) == pytest.approx(slope, rel=1e-3, abs=1.0)


def test_it_turns_round_over_the_travel_and_a_loop_costs_work() -> None:
    assert dahl(-1.0, TRAVEL, TRAVEL)[0] == pytest.approx(1.0 - 2.0 / 2.718281828)
    state, work = 1.0, 0.0
    for distance in [-1e-7] * 200 + [1e-7] * 200:
        after, _ = dahl(state, TRAVEL, distance)
        work += 0.5 * (state + after) * distance
        state = after
    assert work > 20e-6
