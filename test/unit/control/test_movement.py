"""Movements that are felt one dead time later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.control.movement import Movement


@given(
    dead_time=st.floats(0.0, 0.3),
    steps=st.lists(
        st.tuples(st.floats(1e-3, 0.05), st.floats(-1e-3, 1e-3)), min_size=1, max_size=60
    ),
)
def test_nothing_is_lost_and_all_is_felt_in_the_end(
    dead_time: float, steps: list[tuple[float, float]]
) -> None:
    movement, now, felt, commanded = Movement(dead_time), 0.0, 0.0, 0.0
    for dt, travel in steps:
        now += dt
        commanded += travel
        movement.step(now, dt, travel, 2e6 * travel)
        felt += movement.travel
        assert felt + movement.coming_travel == pytest.approx(commanded, abs=1e-12)
        assert movement.coming_force == pytest.approx(2e6 * movement.coming_travel, abs=1e-5)
    movement.step(now + dead_time + 0.1, 0.1, 0.0, 0.0)
    assert felt + movement.travel == pytest.approx(commanded, abs=1e-12)


def test_a_movement_is_felt_evenly_between_one_dead_time_after_its_begin_and_its_end() -> None:
    movement = Movement(0.025)
    felt = []
    for step in range(1, 6):
        movement.step(0.01 * step, 0.01, 1e-6 if step == 1 else 0.0, 0.0)
        felt.append(movement.travel)
    assert felt == pytest.approx([0.0, 0.0, 0.5e-6, 0.5e-6, 0.0])


def test_what_is_coming_is_taken_for_another_stiffness() -> None:
    movement = Movement(0.1)
    movement.step(0.01, 0.01, 1e-6, 50.0)
    movement.take_for(2e6)
    assert movement.coming_force == pytest.approx(2.0)
    movement.step(0.2, 0.19, 0.0, 0.0)
    assert movement.force == pytest.approx(2.0)
