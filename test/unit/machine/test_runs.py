"""Runs from the start to their verdict, with everything that can come between."""

import json
import math

import pytest

from stackpress_py.machine.packml import Command, State
from stackpress_py.machine.phase import PhaseVerdict
from stackpress_py.machine.procedure import RunVerdict
from stackpress_py.machine.slots import PressureMode, TemperatureMode
from stackpress_py.recipes.model import SafeEnd
from unit.machine.simple_press import RECIPE, WALL, World

P = PressureMode


@pytest.fixture
def world() -> World:
    world = World()
    world.to_idle()
    return world


def modes(world: World) -> list[PressureMode]:
    return [order.mode for order in world.motions]


def heat_modes(world: World) -> list[TemperatureMode]:
    return [order.mode for order in world.heats]


def test_a_run_passes(world: World) -> None:
    assert world.start() == ""
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.PASSED
    assert world.end.run_id == "r1"
    assert world.end.run_directory == "/runs/r1"
    assert [p.verdict for p in world.end.phases] == [PhaseVerdict.PASSED] * 4
    assert modes(world) == [P.PRESS, P.PRESS, P.UNLOAD]
    regulate, off = TemperatureMode.REGULATE, TemperatureMode.OFF
    # Off once at the reset, at the unload phase, and when the run completes.
    assert heat_modes(world) == [off, regulate, regulate, off, off]
    assert world.states[-5:] == [
        State.IDLE, State.STARTING, State.EXECUTE, State.COMPLETING, State.COMPLETE
    ]  # fmt: skip


def test_what_was_asked_and_reached_is_told(world: World) -> None:
    world.start()
    world.until(State.COMPLETE)
    press, anneal, cool, unload = world.end.phases
    assert press.pressure is not None
    assert press.pressure.requested == 50e6
    assert press.pressure.tolerance == pytest.approx(0.5e6)
    assert press.pressure.reached
    assert press.pressure.time_in_tolerance >= 3.0
    assert press.pressure.overshoot == 0.0
    assert press.temperature is None
    assert press.begin > WALL
    assert press.duration == pytest.approx(2.0 + 0.5 + 3.0, abs=0.5)
    assert anneal.pressure is not None
    # Reached half a second before the heating began, which took 4.5 s, and held for 2 s after it.
    assert anneal.pressure.time_in_tolerance >= 4.5 + 2.0
    assert anneal.temperature is not None
    assert anneal.temperature.requested == 30.0
    assert cool.pressure is not None
    assert cool.pressure.requested == 1e6
    assert unload.pressure is None
    assert press.pressure_uncertainty == pytest.approx(0.5 / 100e-6)


def test_the_temperature_waits_for_the_pressure(world: World) -> None:
    world.start()
    world.until_phase(1)
    while not any(order.mode is TemperatureMode.REGULATE for order in world.heats):
        world.tick()
    assert world.pressure == pytest.approx(1e6, rel=0.01)
    run = world.machine.run
    assert run is not None
    assert run.procedure.progress().pressure_target == 1e6


def test_the_record_is_told_what_and_how(world: World) -> None:
    world.start()
    world.until(State.COMPLETE)
    manifest = json.loads(world.records[0])
    assert manifest["recipe"] == "test"
    assert manifest["cell_id"] == "c1"
    assert manifest["die_area"] == pytest.approx(1e-4)
    assert manifest["phases"][2]["pressure"] == {"target": 1e6, "tolerance": 1e4}
    assert "target: 50 MPa" in manifest["recipe_text"]
    outcome = json.loads(world.outcomes[0].outcome)
    assert outcome["verdict"] == "PASSED"
    assert [phase["outcome"] for phase in outcome["phases"]] == ["PASSED"] * 4
    assert outcome["phases"][3]["pressure"] is None
    codes = world.codes()
    for code in ("run.begin", "phase.begin", "phase.end", "run.end", "machine.state"):
        assert code in codes
    assert codes.count("phase.begin") == codes.count("phase.end") == 4


def test_nothing_moves_before_the_record_is_open(world: World) -> None:
    world.faults.record = "the disk is full"
    assert world.start() == ""
    world.until(State.STOPPED)
    assert world.end.verdict is RunVerdict.REJECTED
    assert "the disk is full" in world.end.message
    assert world.end.run_id == ""
    assert set(modes(world)) == {P.STAND_STILL}
    assert world.outcomes == []


def test_a_second_run_from_complete(world: World) -> None:
    world.start()
    world.until(State.COMPLETE)
    assert world.start(run_id="r2") == ""
    world.until(State.COMPLETE)
    assert [end.run_id for end in world.ends] == ["r1", "r2"]
    assert all(end.verdict is RunVerdict.PASSED for end in world.ends)


def test_no_run_elsewhere(world: World) -> None:
    world.start()
    assert "in Starting" in world.start(run_id="r2")
    world.until(State.EXECUTE)
    assert "in Execute" in world.start(run_id="r2")
    world.command(Command.ABORT)
    world.until(State.ABORTED)
    motions = len(world.motions)
    assert "in Aborted" in world.start(run_id="r3")
    world.tick(1.0)
    assert len(world.motions) == motions


def test_no_run_without_a_cell(world: World) -> None:
    world.part = False
    world.tick()
    assert "no cell lies in the die" in world.start()


def test_no_run_with_zeros_that_nobody_trusts(world: World) -> None:
    world.faults.drifted = True
    world.tick()
    assert "the zeros of the force sensors" in world.start()
    world.faults.drifted = False
    world.tick()
    assert world.start() == ""


def test_hold_and_unhold(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.tick(1.0)
    assert 10e6 < world.pressure < 40e6
    assert world.command(Command.HOLD) == ""
    world.until(State.HELD)
    assert modes(world)[-1] is P.HOLD_PRESENT
    held = world.pressure
    world.tick(60.0)
    assert world.pressure == held
    assert world.command(Command.UNHOLD) == ""
    world.until(State.COMPLETE)
    # A minute of Held is longer than the phase may take: its clock stood still.
    assert world.end.verdict is RunVerdict.PASSED
    assert world.end.phases[0].duration > 60.0


def test_a_hold_during_the_hold_keeps_what_has_been_held(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.tick(2.0 + 0.5 + 1.5)
    world.command(Command.HOLD)
    world.until(State.HELD)
    world.tick(5.0)
    world.command(Command.UNHOLD)
    world.tick(0.2)
    order = world.motions[-1]
    assert order.mode is P.PRESS
    assert order.duration == math.inf
    world.until_phase(1, limit=3.0)


def test_a_hold_without_contact_freezes(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.pressure, world.ram = 0.0, None
    world.tick()
    world.command(Command.HOLD)
    world.until(State.HELD)
    assert modes(world)[-1] is P.STAND_STILL


def test_stop_unloads_at_the_recipes_rate_then_switches_the_heaters_off(world: World) -> None:
    world.start()
    world.tick(1.0)
    world.heats.clear()
    assert world.command(Command.STOP) == ""
    world.tick(0.1)
    assert modes(world)[-1] is P.UNLOAD
    assert world.motions[-1].rate == pytest.approx(10e6)
    assert world.pressure > 0.0
    assert world.heats == []
    world.until(State.STOPPED)
    assert (world.pressure, world.open) == (0.0, True)
    assert heat_modes(world)[-1] is TemperatureMode.OFF
    assert world.end.verdict is RunVerdict.STOPPED
    verdicts = [phase.verdict for phase in world.end.phases]
    assert verdicts == [PhaseVerdict.INTERRUPTED] + [PhaseVerdict.SKIPPED] * 3
    assert json.loads(world.outcomes[0].outcome)["verdict"] == "STOPPED"


def test_the_client_cancels(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.machine.cancel_run(world.now)
    world.until(State.STOPPED)
    assert world.end.verdict is RunVerdict.STOPPED
    assert "client" in world.end.message


@pytest.mark.parametrize(
    ("phase", "mode", "rate"),
    [(0, P.UNLOAD, 10e6), (1, P.STAND_STILL, math.nan), (2, P.UNLOAD, 20e3 / 100e-6)],
)
def test_abort_does_the_phases_safe_end(
    world: World, phase: int, mode: PressureMode, rate: float
) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.until_phase(phase)
    world.tick(1.0)
    assert world.command(Command.ABORT) == ""
    world.tick(0.1)
    assert modes(world)[-1] is mode
    assert world.motions[-1].rate == pytest.approx(rate, nan_ok=True)
    assert heat_modes(world)[-1] is TemperatureMode.OFF
    world.until(State.ABORTED)
    assert world.end.verdict is RunVerdict.ABORTED
    assert world.end.phases[phase].verdict is PhaseVerdict.INTERRUPTED


def test_after_a_freeze_the_reset_unloads(world: World) -> None:
    world.start()
    world.until_phase(1)
    world.command(Command.ABORT)
    world.until(State.ABORTED)
    assert world.pressure > 0.0
    world.command(Command.CLEAR)
    world.until(State.STOPPED)
    assert world.pressure > 0.0
    world.command(Command.RESET)
    world.until(State.IDLE)
    assert (world.pressure, world.open) == (0.0, True)


FAULTS = [
    ("disconnected", True, "not been connected"),
    ("interlocks", 32, "emergency stop"),
    ("dead", ("pressure_controller",), "pressure_controller died"),
    ("silent_supervisor", True, "supervisor"),
]


@pytest.mark.parametrize(("fault", "value", "words"), FAULTS)
def test_a_fault_aborts_the_run(world: World, fault: str, value: object, words: str) -> None:
    world.start()
    world.until_phase(1)
    object.__setattr__(world.faults, fault, value)
    began = world.now
    world.until(State.ABORTING)
    assert world.now - began < 1.7
    world.until(State.ABORTED)
    assert world.end.verdict is RunVerdict.ABORTED
    assert words in world.end.message
    assert world.outcomes


@pytest.mark.parametrize(("fault", "value", "words"), FAULTS)
def test_a_fault_in_idle_aborts_too(world: World, fault: str, value: object, words: str) -> None:
    object.__setattr__(world.faults, fault, value)
    world.until(State.ABORTED)
    assert words in world.machine.packml.reason


def test_a_short_loss_of_the_bus_is_survived(world: World) -> None:
    world.start()
    world.until_phase(1)
    world.faults.disconnected = True
    world.tick(0.3)
    world.faults.disconnected = False
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.PASSED


def test_a_controller_that_gives_up_aborts(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.faults.refusing_pressure = "no cell lies in the die"
    world.until_phase(1)
    world.until(State.ABORTED)
    gave_up = "the pressure controller gave up: no cell lies in the die"
    assert world.end.phases[1].reason == gave_up
    assert world.end.phases[1].verdict is PhaseVerdict.FAILED
    # The safe end, to stand still, was refused as well, and that is told.
    assert "the ram was not ordered to stand still" in world.end.message


def test_a_clear_that_does_not_clear(world: World) -> None:
    world.faults.interlocks, world.faults.stuck_interlocks = 32, True
    world.until(State.ABORTED)
    assert world.command(Command.CLEAR) == ""
    world.until(State.ABORTING)
    world.until(State.ABORTED)
    assert "could not be cleared" in world.machine.packml.reason
    world.faults.stuck_interlocks = False
    world.to_idle()


def test_no_clear_without_a_press(world: World) -> None:
    world.faults.disconnected = True
    world.until(State.ABORTED)
    assert "not connected" in world.command(Command.CLEAR)
    assert world.machine.packml.state is State.ABORTED


OFF_TARGET = 0.7e6  # 1.4 % of 50 MPa


def test_a_tolerance_that_is_never_reached_times_out_and_aborts(world: World) -> None:
    world.faults.offset = OFF_TARGET
    world.start()
    world.until(State.ABORTED)
    assert world.end.verdict is RunVerdict.ABORTED
    press = world.end.phases[0]
    assert press.verdict is PhaseVerdict.FAILED
    assert press.reason == "50 MPa not reached and settled within 30 s"
    assert press.pressure is not None
    assert not press.pressure.reached


def test_or_goes_on_and_fails_where_the_recipe_says_so(world: World) -> None:
    world.faults.offset = OFF_TARGET
    world.start(RECIPE.replace("safe_end: unload", "on_timeout: continue"))
    world.until_phase(1)
    world.faults.offset = 0.0
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.FAILED
    assert "phase 'press': 50 MPa not reached" in world.end.message
    verdicts = [phase.verdict for phase in world.end.phases]
    assert verdicts == [PhaseVerdict.FAILED] + [PhaseVerdict.PASSED] * 3


def leave_tolerance(world: World, seconds: float = 0.5) -> None:
    world.tick(2.0 + 0.5 + 0.5)
    world.faults.offset = OFF_TARGET
    world.tick(seconds)
    world.faults.offset = 0.0


def test_leaving_the_tolerance_fails_the_phase(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    leave_tolerance(world)
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.FAILED
    press = world.end.phases[0]
    assert press.verdict is PhaseVerdict.FAILED
    assert "left its tolerance" in press.reason
    assert press.pressure is not None
    assert press.pressure.worst_deviation == pytest.approx(OFF_TARGET)
    # The hold is made up for: what was out of tolerance does not count.
    assert press.pressure.time_in_tolerance >= 3.0


def test_or_aborts(world: World) -> None:
    world.start(RECIPE.replace("safe_end: unload", "on_violation: abort\n    safe_end: unload"))
    world.until(State.EXECUTE)
    leave_tolerance(world)
    world.until(State.ABORTED)
    assert world.end.verdict is RunVerdict.ABORTED
    assert world.pressure == 0.0


def test_or_holds_until_somebody_decides(world: World) -> None:
    world.start(RECIPE.replace("safe_end: unload", "on_violation: hold"))
    world.until(State.EXECUTE)
    leave_tolerance(world)
    assert world.machine.packml.state is State.HELD
    assert "left its tolerance" in world.machine.packml.reason
    assert "phase.violation" in world.codes()
    world.tick(5.0)
    world.command(Command.UNHOLD)
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.FAILED


def test_too_much_overshoot_fails_the_phase(world: World) -> None:
    world.start()
    world.until(State.EXECUTE)
    world.tick(1.8)
    world.faults.offset = 6e6
    world.tick(0.3)
    world.faults.offset = 0.0
    world.until(State.COMPLETE)
    press = world.end.phases[0]
    assert press.verdict is PhaseVerdict.FAILED
    assert "overshot" in press.reason
    assert press.pressure is not None
    assert press.pressure.overshoot > 0.5e6


def test_platens_apart_are_not_at_temperature(world: World) -> None:
    world.start()
    world.until_phase(1)
    world.faults.apart = 1.5
    world.until(State.ABORTED)
    assert "30 degC not reached" in world.end.phases[1].reason


def test_an_unload_that_hangs_aborts(world: World) -> None:
    world.start()
    world.until_phase(3)
    world.ram = None
    world.until(State.ABORTED, limit=30.0)
    assert world.end.phases[3].reason == "not unloaded within 10 s"


def test_a_stop_that_cannot_unload_still_ends(world: World) -> None:
    world.start()
    world.until_phase(1)
    world.faults.deaf_pressure = True
    world.ram = None
    world.command(Command.STOP)
    world.until(State.STOPPED, limit=300.0)
    assert "could not be unloaded" in world.end.message
    assert heat_modes(world)[-1] is TemperatureMode.OFF


def test_progress_goes_from_nothing_to_all(world: World) -> None:
    world.start()
    run = world.machine.run
    assert run is not None
    before = run.procedure.progress()
    assert (before.step, before.progress) == ("start", 0.0)
    world.until(State.EXECUTE)
    seen = []
    while (run := world.machine.run) is not None and not run.procedure.finished:
        progress = run.procedure.progress()
        seen.append(progress)
        assert 0.0 <= progress.progress <= 1.0
        assert progress.remaining >= 0.0
        world.tick()
    assert seen[0].step == "press"
    assert {p.step for p in seen} == {"press", "heat", "cool", "hold", "unload"}
    assert [p.index for p in seen] == sorted(p.index for p in seen)
    assert seen[-1].progress > 0.9
    holding = [p for p in seen if p.index == 0 and not math.isnan(p.hold_remaining)]
    assert holding[0].hold_remaining == pytest.approx(3.0, abs=0.2)


def test_safe_ends_reach_the_controllers(world: World) -> None:
    world.start()
    world.until(State.COMPLETE)
    assert [order.safe_end for order in world.motions] == [
        SafeEnd.UNLOAD, SafeEnd.FREEZE, SafeEnd.FREEZE
    ]  # fmt: skip
