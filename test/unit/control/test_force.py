"""The force loop on plants that it has never seen."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.force import ForceController
from stackpress_py.control.law import ForceSample, Stage
from unit.control.plants import AREA, FORCE_TUNING, ForceRun, PowderPress, SpringPress

COLD = 74e6 * AREA
ANNEAL = 1e6 * AREA
RATE = 10e6 * AREA


@settings(deadline=None, max_examples=25)
@given(
    stiffness=st.floats(1e6, 5.5e7),
    creep=st.floats(0.0, 5e-7),
    seed=st.integers(0, 1000),
)
def test_any_spring_is_pressed_held_relieved_and_released(
    stiffness: float, creep: float, seed: int
) -> None:
    run = ForceRun(SpringPress(stiffness, creep, seed))
    run.controller.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(3.0)
    assert max(run.forces) < 1.01 * COLD
    assert abs(run.plant.force - COLD) < 0.01 * COLD
    run.forces.clear()
    run.controller.press(ANNEAL, RATE)
    run.advance_until(Stage.HOLD)
    assert min(run.forces) > 0.9 * ANNEAL
    run.advance(3.0)
    run.forces.clear()
    run.advance(5.0)
    assert max(abs(force - ANNEAL) for force in run.forces) < 0.01 * ANNEAL
    run.controller.unload(RATE)
    run.advance_until(Stage.IDLE)
    assert abs(run.plant.position) < 3e-4


@settings(deadline=None, max_examples=12)
@given(
    stiffness=st.floats(5e6, 5.5e7),
    softening=st.floats(1.5, 40.0),
    creep=st.floats(0.0, 5e-7),
    late=st.floats(0.5, 2.0),
    seed=st.integers(0, 1000),
)
def test_any_powder_is_pressed_and_held_with_any_dead_time_about_the_real_one(
    stiffness: float, softening: float, creep: float, late: float, seed: int
) -> None:
    plant = PowderPress(stiffness, creep, seed, softening=softening)
    run = ForceRun(plant, replace(FORCE_TUNING, dead_time=late * 0.045))
    for target in (ANNEAL, COLD):
        run.controller.press(target, 0.1 * RATE)
        run.advance_until(Stage.HOLD, limit=600.0)
        assert max(run.forces) < 1.01 * target
        # A stack that is far softer than the frame, and a dead time that is taken for twice the real one, take a while.
        run.advance(10.0)
        run.forces.clear()
        run.advance(10.0)
        assert max(abs(force - target) for force in run.forces) < 0.01 * target


def test_a_small_target_is_touched_without_a_spike() -> None:
    run = ForceRun(SpringPress(5.5e7))
    run.controller.press(ANNEAL, RATE)
    run.advance_until(Stage.HOLD, limit=600.0)
    assert max(run.forces) < 1.05 * ANNEAL


def test_a_sample_that_breaks_stops_the_ram_within_a_cycle() -> None:
    run = ForceRun(SpringPress(3e7))
    run.controller.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(2.0)
    run.plant.broken = True
    position = run.plant.position
    run.advance(1.0)
    assert run.output.stage is Stage.FREEZE
    assert run.output.velocity == 0.0
    assert abs(run.plant.position - position) < 5e-6


def test_a_press_that_falls_silent_is_not_followed_up() -> None:
    run = ForceRun(SpringPress(3e7))
    run.controller.press(COLD, RATE)
    run.advance(3.0)
    sample = run.plant.sense()
    late = run.controller.step(replace(sample, time=sample.time + 5.0))
    assert late.stage is Stage.FREEZE
    assert "no measurement" in late.lost
    assert run.controller.step(replace(sample, time=sample.time + 5.02)).velocity == 0.0


def test_one_unknown_force_is_passed_over_and_many_freeze() -> None:
    run = ForceRun(SpringPress(3e7))
    run.controller.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    run.advance(1.0)
    sample = run.plant.sense()
    once = run.controller.step(replace(sample, time=sample.time + 0.017, force=math.nan))
    assert once.velocity == 0.0
    assert not once.lost
    again = run.controller.step(replace(sample, time=sample.time + 0.034))
    assert again.stage is Stage.RAMP
    for step in range(1, 70):
        unknown = replace(sample, time=sample.time + 0.034 + 0.017 * step, force=math.nan)
        output = run.controller.step(unknown)
        assert output.velocity == 0.0
    assert output.stage is Stage.FREEZE


def test_hold_present_keeps_what_is_there() -> None:
    run = ForceRun(SpringPress(3e7, creep=2e-7))
    run.controller.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    run.advance(4.0)
    present = run.plant.force
    run.controller.hold_present()
    run.advance(5.0)
    assert run.output.stage is Stage.HOLD
    # The ram needs a dead time to come to rest from the ramp.
    assert abs(run.plant.force - present) < RATE * 0.15


def test_hold_present_without_contact_stands_still() -> None:
    run = ForceRun(SpringPress(3e7))
    run.controller.press(COLD, RATE)
    run.advance(0.5)
    run.controller.hold_present()
    run.advance(0.5)
    assert run.output.stage is Stage.FREEZE
    assert run.output.velocity == 0.0


@given(st.floats(max_value=0.0) | st.just(math.nan) | st.just(math.inf))
def test_impossible_commands_are_refused(number: float) -> None:
    controller = ForceController(FORCE_TUNING)
    with pytest.raises(ValueError, match="must be finite"):
        controller.press(number, 1.0)
    with pytest.raises(ValueError, match="must be finite"):
        controller.press(1.0, number)
    with pytest.raises(ValueError, match="must be finite"):
        controller.unload(number)
    assert controller.stage is Stage.IDLE


@settings(deadline=None, max_examples=50)
@given(
    samples=st.lists(
        st.tuples(st.floats(-1e5, 1e5), st.floats(-0.1, 0.1), st.floats(0.0, 0.05)),
        min_size=2,
        max_size=60,
    )
)
def test_commands_are_finite_and_limited_whatever_is_measured(
    samples: list[tuple[float, float, float]],
) -> None:
    controller = ForceController(FORCE_TUNING)
    now = 0.0
    controller.step(ForceSample(now, 0.0, 1.0, 0.0))
    controller.press(COLD, RATE)
    for force, position, gap in samples:
        now += gap
        output = controller.step(ForceSample(now, force, 1.0, position))
        assert math.isfinite(output.velocity)
        assert abs(output.velocity) <= FORCE_TUNING.approach_velocity
