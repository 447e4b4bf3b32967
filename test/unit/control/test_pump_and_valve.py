"""The law of hydraulic presses, on pumps, valves, leaks and stacks that it has never seen."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.effect import Effect
from stackpress_py.control.law import ForceSample, HydraulicMove, Stage
from stackpress_py.control.pump_and_valve import PumpAndValveLaw
from unit.control.untuned_presses import DT, FACTS, UNCERTAINTY, HydraulicPress, Run

COLD = 8370.0
TOLERANCE = 0.01 * COLD
ANNEAL = 1131.0
RATE = 1131.0


def pressing(plant: HydraulicPress, seed: int = 1) -> Run:
    run = Run(PumpAndValveLaw(FACTS), plant, seed=seed)
    run.law.press(COLD, RATE, TOLERANCE)
    return run


def holding(plant: HydraulicPress) -> Run:
    run = pressing(plant)
    run.advance_until(Stage.HOLD)
    run.advance(5.0)
    assert abs(plant.force - COLD) < TOLERANCE
    return run


@settings(deadline=None, max_examples=25)
@given(
    rise=st.floats(300.0, 3000.0),
    stiffening=st.floats(1.0, 4.0),
    leak=st.floats(0.0, 2e-3),
    drain=st.floats(0.3, 1.0),
    delay=st.floats(0.02, 0.08),
    seed=st.integers(0, 1000),
)
def test_any_press_is_pumped_up_held_relieved_and_released(
    rise: float, stiffening: float, leak: float, drain: float, delay: float, seed: int
) -> None:
    plant = HydraulicPress(rise, stiffening, leak, drain, delay)
    run = pressing(plant, seed)
    run.advance_until(Stage.HOLD)
    run.advance(6.0)
    # The least that the pump can do, one cycle, is part of what cannot be avoided.
    least = rise * stiffening * DT
    assert max(run.forces) < COLD + TOLERANCE + least
    run.forces.clear()
    run.advance(30.0)
    assert max(abs(force - COLD) for force in run.forces) < TOLERANCE + least
    run.forces.clear()
    run.law.press(ANNEAL, RATE, 0.05 * ANNEAL)
    run.advance_until(Stage.HOLD)
    run.advance(8.0)
    assert min(run.forces) > ANNEAL - 0.05 * ANNEAL - drain * COLD * DT
    assert abs(plant.force - ANNEAL) < 0.05 * ANNEAL + rise * DT
    run.law.unload(RATE)
    run.advance_until(Stage.IDLE)
    assert run.output.move is None
    assert plant.force < FACTS.contact_force
    assert not plant.both


def test_the_ramp_follows_the_setpoint() -> None:
    plant = HydraulicPress(rise=4000.0)
    run = pressing(plant)
    run.advance_until(Stage.RAMP)
    run.advance(1.5)
    while run.output.stage is Stage.RAMP:
        run.advance(DT)
        assert abs(run.output.setpoint - plant.force) < 0.75 * RATE
    assert run.output.stage is Stage.HOLD


def test_a_hold_switches_as_seldom_as_the_leak_allows() -> None:
    plant = HydraulicPress(leak=2e-3)
    run = holding(plant)
    before = plant.switches
    run.advance(120.0)
    strokes = (plant.switches - before) / 2
    leaked = 120.0 * 2e-3 * COLD
    assert strokes <= 1.5 * leaked / (0.5 * TOLERANCE)
    assert strokes >= 0.5 * leaked / TOLERANCE


def test_a_tight_press_is_left_alone() -> None:
    plant = HydraulicPress(leak=0.0)
    run = holding(plant)
    before = plant.switches
    run.advance(60.0)
    assert plant.switches == before
    assert run.output.move == HydraulicMove(0.0, 0.0)


def test_what_expands_is_relieved() -> None:
    plant = HydraulicPress(leak=-1e-3, drain=0.2)
    run = holding(plant)
    run.forces.clear()
    run.advance(60.0)
    assert max(run.forces) < COLD + TOLERANCE
    assert min(run.forces) > COLD - TOLERANCE


def test_the_pump_is_off_while_the_force_is_unknown() -> None:
    plant = HydraulicPress(rise=300.0)
    run = pressing(plant)
    run.advance_until(Stage.RAMP)
    run.advance(5.0)
    assert run.output.move == HydraulicMove(1.0, 0.0)
    run.blind = True
    run.advance(DT)
    assert run.output.move == HydraulicMove(0.0, 0.0)
    run.blind = False
    run.advance(0.5)
    assert run.output.stage is Stage.RAMP
    assert run.output.move == HydraulicMove(1.0, 0.0)
    run.blind = True
    run.advance(1.5)
    assert run.output.stage is Stage.FREEZE
    assert run.output.move is None


def test_a_valve_that_lets_go_does_so_blindly() -> None:
    plant = HydraulicPress(opened=False)
    run = Run(PumpAndValveLaw(FACTS), plant)
    run.law.unload(RATE)
    run.advance(1.0)
    run.blind = True
    run.advance(0.5)
    assert run.output.move == HydraulicMove(0.0, 1.0)


@pytest.mark.parametrize("fault", ["dry", "stuck_valve"])
def test_a_pump_or_a_valve_that_does_nothing_is_given_up(fault: str) -> None:
    plant = HydraulicPress()
    run = holding(plant)
    if fault == "dry":
        plant.dry = True
        run.law.press(2.0 * COLD, RATE, TOLERANCE)
    else:
        plant.stuck_valve = True
        run.law.press(ANNEAL, RATE, TOLERANCE)
    lost = ""
    for _ in range(round(30.0 / DT)):
        run.advance(DT)
        lost = lost or run.output.lost
    assert "look at the pump, the valve and the oil" in lost
    assert run.output.move is None


def test_a_sample_that_breaks_stops_the_pump() -> None:
    plant = HydraulicPress()
    run = holding(plant)
    plant.broken = True
    run.advance(DT)
    assert "broke or slipped" in run.output.lost
    run.advance(1.0)
    assert run.output.move is None


def test_what_was_learned_serves_the_next_press_and_opening_teaches_nothing() -> None:
    plant = HydraulicPress(drain=1.0)
    run = holding(plant)
    for _ in range(3):
        run.law.unload(RATE)
        run.advance_until(Stage.IDLE)
        run.advance(60.0)
        plant.approach_time += 1.0  # the ram has opened
        learned = {name: run.law.learned[name] for name in ("Pump lead (s)", "Valve (N/s)")}
        run.forces.clear()
        run.law.press(COLD, RATE, TOLERANCE)
        run.advance(1.0)
        assert {name: run.law.learned[name] for name in learned} == learned
        run.advance_until(Stage.HOLD)
        run.advance(5.0)
        assert max(run.forces) < COLD + TOLERANCE
        assert abs(plant.force - COLD) < TOLERANCE


def test_freezing_in_a_stroke_forgets_the_stroke() -> None:
    plant = HydraulicPress(rise=300.0)
    run = pressing(plant)
    run.advance_until(Stage.RAMP)
    run.advance(5.0)
    run.law.freeze()
    run.advance(1.0)
    assert run.output.move is None
    force = plant.force
    run.law.hold_present()
    run.advance(5.0)
    assert run.output.stage is Stage.HOLD
    assert abs(plant.force - force) < 0.02 * force


@settings(deadline=None, max_examples=50)
@given(
    samples=st.lists(
        st.tuples(st.floats(-1e5, 1e5) | st.just(math.nan), st.floats(0.0, 0.2)),
        min_size=2,
        max_size=80,
    )
)
def test_pump_and_valve_are_never_on_together_whatever_is_measured(
    samples: list[tuple[float, float]],
) -> None:
    law = PumpAndValveLaw(FACTS)
    now = 0.0
    law.step(ForceSample(now, 0.0, UNCERTAINTY, math.nan))
    law.press(COLD, RATE, TOLERANCE)
    for index, (force, gap) in enumerate(samples):
        now += gap
        if index == len(samples) // 2:
            law.unload(RATE)
        move = law.step(ForceSample(now, force, UNCERTAINTY, math.nan)).move
        if move is not None:
            assert isinstance(move, HydraulicMove)
            assert (move.pump, move.valve) in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
            assert not (math.isnan(force) and move.pump > 0.0)


def test_an_effect_is_learned_from_one_long_stroke() -> None:
    pump, force, flow = Effect(1.0, DT), 100.0, [0.0] * 6
    for cycle in range(120):
        sample = ForceSample(cycle * DT, force, 0.1, math.nan)
        pump.switch(cycle < 60, sample)
        pump.step(sample)
        flow.append(1000.0 if pump.on else 0.0)
        force += flow.pop(0) * DT
    assert pump.rate == pytest.approx(1000.0, rel=0.02)
    assert pump.lead == pytest.approx(6 * DT, abs=DT)
    assert pump.resting(120 * DT)
    assert pump.to_come(120 * DT) == 0.0
