"""The recipe sequencer as a process of its own, between peers that do what they are told."""

import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import ChangeState
from stackpress.action import Handover, RunRecipe
from stackpress.msg import MachineState, PhaseResult, RunEvent, RunStatus, StackState
from stackpress.srv import ConfirmHandover, ValidateRecipe
from std_srvs.srv import Trigger

from graph.commands import processes_of
from graph.fake_press import AREA, FakePress, P, T
from stackpress_py import graph
from stackpress_py.cli import environment
from stackpress_py.cli.client import EVENTS, LATCHED, RELIABLE, PressClient
from stackpress_py.paths import config

CONFIGURE, ACTIVATE = 1, 3
Signal = ConfirmHandover.Request
TIMEOUT = 15.0

RECIPE = """\
recipe: quick
version: 1.0.0
parameters:
  pressure: {default: 40 MPa, minimum: 10 MPa, maximum: 60 MPa}
cell:
  die: {shape: round, diameter: 12 mm}
procedure:
  - phase: press
    pressure: {target: $pressure, rate: 100 MPa/s, tolerance: 1 %}
    hold: 0.6 s
    settling: 0.1 s
    timeout: 20 s
    safe_end: unload
  - phase: anneal
    pressure: {target: 1 MPa, rate: 100 MPa/s, tolerance: 1 %}
    temperature: {target: 25.5 degC, rate: 60 K/min, tolerance: 2 K}
    hold: 0.4 s
    settling: 0.1 s
    timeout: 20 s
  - phase: unload
    unload: {rate: 100 MPa/s}
    temperature: off
    timeout: 20 s
"""
LONG = RECIPE.replace("hold: 0.6 s", "hold: 10 min").replace("timeout: 20 s", "timeout: 1 h", 1)


class Cell:
    """The sequencer, its peers, and a client of it."""

    def __init__(self, client: PressClient, folder: Path, profile: str) -> None:
        self.client = client
        self.press = FakePress(client)
        self.machine = client.latest(MachineState, graph.MACHINE_STATE, LATCHED)
        self.statuses: list[RunStatus] = []
        self.events: list[RunEvent] = []
        self.stacks: list[StackState] = []
        self.diagnoses: list[DiagnosticStatus] = []
        self.feedback: list[Any] = []
        client.subscribe(RunStatus, graph.RUN_STATUS, RELIABLE, self.statuses.append)
        client.subscribe(RunEvent, graph.RUN_EVENT, EVENTS, self.events.append)
        client.subscribe(StackState, graph.STACK, RELIABLE, self.stacks.append)
        client.subscribe(
            DiagnosticArray, graph.DIAGNOSTICS, RELIABLE, lambda m: self.diagnoses.extend(m.status)
        )
        command = [sys.executable, "-m", "stackpress_py.nodes.recipe_sequencer", "--ros-args"]
        command += ["-p", f"profile:={profile}", "-p", f"recipe_directories:=['{folder}']"]
        self.process = subprocess.Popen(command, env=dict(os.environ))

    def bring_up(self) -> None:
        for transition in (CONFIGURE, ACTIVATE):
            request = ChangeState.Request()
            request.transition.id = transition
            name = "recipe_sequencer/change_state"
            assert self.client.call(ChangeState, name, request, TIMEOUT).success

    def to_idle(self) -> None:
        self.until(MachineState.ABORTED)
        self.wait(lambda: self.command("clear").success, "clear")
        self.until(MachineState.STOPPED)
        assert self.command("reset").success
        self.until(MachineState.IDLE)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        assert self.client.wait(condition, TIMEOUT), f"{what}: {self.machine.message}"

    def until(self, state: int) -> None:
        def there() -> bool:
            return self.machine.message is not None and self.machine.message.state == state

        self.wait(there, f"waiting for state {state}")

    def command(self, name: str) -> Any:
        return self.client.call(Trigger, name, Trigger.Request())

    def send(self, action_type: Any, name: str, goal: Any) -> Any:
        client = self.client.action(action_type, name)
        future = client.send_goal_async(
            goal, feedback_callback=lambda message: self.feedback.append(message.feedback)
        )
        return self.client.result(future, TIMEOUT, name)

    def run(self, recipe: str = RECIPE, **fields: Any) -> Any:
        goal = RunRecipe.Goal(recipe_text=recipe, cell_id="c1", **fields)
        return self.send(RunRecipe, graph.RUN_RECIPE, goal)

    def result(self, handle: Any) -> Any:
        return self.client.result(handle.get_result_async(), 3 * TIMEOUT, "result").result

    def ask(self, operation: int) -> Any:
        self.feedback.clear()
        goal = Handover.Goal(operation=operation, robot="glovebox", cell_id="c1")
        return self.send(Handover, graph.HANDOVER, goal)

    def until_stage(self, stage: int) -> str:
        self.wait(lambda: any(f.stage == stage for f in self.feedback), f"stage {stage}")
        return str(self.feedback[-1].handover_id)

    def see_part(self, present: bool) -> None:
        """Let the part sensor change, and let the sequencer see it for longer than a flicker."""
        self.press.part = present
        self.client.wait(lambda: False, 0.4)

    def say(self, identity: str, signal_: int) -> Any:
        request = ConfirmHandover.Request(handover_id=identity, signal=signal_)
        return self.client.call(ConfirmHandover, graph.CONFIRM_HANDOVER, request)


@pytest.fixture
def profile() -> str:
    return "reference_plc"


@pytest.fixture
def cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str) -> Iterator[Cell]:
    (tmp_path / "known.yaml").write_text(RECIPE)
    with environment.free_domain() as domain:
        for name, value in environment.completed(os.environ, domain).items():
            monkeypatch.setenv(name, value)
        with PressClient("test", graph.DEFAULT_NAMESPACE) as client:
            cell = Cell(client, tmp_path, profile)
            try:
                cell.bring_up()
                cell.to_idle()
                yield cell
            finally:
                cell.press.close()
                cell.process.send_signal(signal.SIGTERM)
                assert cell.process.wait(10.0) == 0
        assert set(processes_of(domain)) <= {os.getpid()}


def test_a_run_passes_and_tells_what_was_reached(cell: Cell) -> None:
    handle = cell.run(parameter_names=["pressure"], parameter_values=["50 MPa"])
    result = cell.result(handle)
    assert (result.verdict, result.message) == (
        RunRecipe.Result.PASSED,
        "every phase reached and held its targets",
    )
    assert result.run_id.endswith("Z_quick_c1")
    assert result.run_directory == f"/runs/{result.run_id}"
    assert [phase.name for phase in result.phases] == ["press", "anneal", "unload"]
    press, anneal, unload = result.phases
    assert press.outcome == PhaseResult.PASSED
    assert press.pressure.requested == 50e6
    assert press.pressure.time_in_tolerance >= 0.6
    assert press.begin.sec > 1_700_000_000
    assert not press.temperature.used
    assert anneal.temperature.reached
    assert not unload.pressure.used
    assert cell.press.modes == [P.PRESS, P.PRESS, P.UNLOAD]
    assert cell.press.temperature_goals[-1].mode == T.OFF
    assert cell.press.outcomes[0]["verdict"] == "PASSED"
    cell.until(MachineState.COMPLETE)
    assert cell.feedback
    assert {status.run_id for status in cell.statuses} == {result.run_id}
    assert {"press", "hold"} <= {status.step for status in cell.statuses}
    assert cell.statuses[-1].progress > 0.5
    codes = [event.code for event in cell.events if event.run_id == result.run_id]
    assert codes.count("phase.begin") == codes.count("phase.end") == 3
    assert "run.end" in codes


def test_hold_unhold_and_stop(cell: Cell) -> None:
    handle = cell.run(LONG)
    cell.wait(lambda: cell.press.pressure == 40e6, "pressure")
    assert cell.command("hold").success
    cell.until(MachineState.HELD)
    assert cell.press.modes[-1] == P.HOLD_PRESENT
    refused = cell.command("hold")
    assert not refused.success
    assert refused.message == "Hold is not possible in state Held, only in Execute"
    assert cell.command("unhold").success
    cell.until(MachineState.EXECUTE)
    cell.wait(lambda: cell.press.modes[-1] == P.PRESS, "the pressure to be ordered again")
    assert cell.command("stop").success
    result = cell.result(handle)
    assert result.verdict == RunRecipe.Result.STOPPED
    assert cell.press.modes[-1] == P.UNLOAD
    assert cell.press.pressure_goals[-1].rate == pytest.approx(100e6)
    assert cell.press.pressure == 0.0
    assert [phase.outcome for phase in result.phases] == [
        PhaseResult.INTERRUPTED, PhaseResult.SKIPPED, PhaseResult.SKIPPED
    ]  # fmt: skip


def test_cancelling_the_run_stops_it(cell: Cell) -> None:
    handle = cell.run(LONG)
    cell.wait(lambda: cell.press.pressure == 40e6, "pressure")
    assert cell.client.result(handle.cancel_goal_async(), TIMEOUT, "cancel").goals_canceling
    result = cell.result(handle)
    assert result.verdict == RunRecipe.Result.STOPPED
    assert cell.press.pressure == 0.0
    cell.until(MachineState.STOPPED)


def test_a_second_run_is_rejected_and_disturbs_nothing(cell: Cell) -> None:
    handle = cell.run(LONG)
    cell.wait(lambda: cell.press.pressure == 40e6, "pressure")
    other = cell.result(cell.run())
    assert other.verdict == RunRecipe.Result.REJECTED
    assert "the machine is in Execute" in other.message
    assert cell.machine.message.state == MachineState.EXECUTE
    assert cell.command("abort").success
    result = cell.result(handle)
    assert result.verdict == RunRecipe.Result.ABORTED
    assert cell.press.modes[-1] == P.UNLOAD


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"interlocks": 32}, "emergency stop"),
        ({"connected": False}, "not been connected"),
        ({"silent": True}, "not been connected"),
        ({"dead": ["thermal_controller"]}, "thermal_controller died"),
    ],
)
def test_a_fault_aborts_the_run(cell: Cell, fault: dict[str, Any], words: str) -> None:
    handle = cell.run(LONG)
    cell.wait(lambda: cell.press.pressure == 40e6, "pressure")
    for name, value in fault.items():
        object.__setattr__(cell.press.faults, name, value)
    result = cell.result(handle)
    assert result.verdict == RunRecipe.Result.ABORTED
    assert words in result.message
    assert cell.press.modes[-1] == P.UNLOAD
    cell.until(MachineState.ABORTED)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("$pressure", "40", "<text> line 9, procedure[0].pressure.target: found '40'"),
        ("maximum: 60 MPa", "maximum: 20 MPa", "allowed is 10 MPa to 20 MPa"),
        ("12 mm", "40 mm", "this press allows 20 kN"),
        ("tolerance: 1 %", "tolerance: 0.01 %", "no sensor of this press can tell"),
    ],
)
def test_a_bad_recipe_is_rejected_and_nothing_moves(
    cell: Cell, old: str, new: str, words: str
) -> None:
    recipe = RECIPE.replace(old, new, 1)
    request = ValidateRecipe.Request(recipe_text=recipe)
    answer = cell.client.call(ValidateRecipe, graph.VALIDATE_RECIPE, request)
    assert not answer.valid
    assert words in answer.problems[0]
    assert math.isnan(answer.duration)
    result = cell.result(cell.run(recipe))
    assert result.verdict == RunRecipe.Result.REJECTED
    assert words in result.message
    assert result.run_id == ""
    assert cell.press.pressure_goals == []
    assert cell.press.records == []
    assert cell.machine.message.state == MachineState.IDLE


def test_recipes_are_known_by_name(cell: Cell) -> None:
    def validate(**fields: Any) -> Any:
        request = ValidateRecipe.Request(**fields)
        return cell.client.call(ValidateRecipe, graph.VALIDATE_RECIPE, request)

    good = validate(recipe="known")
    assert good.valid
    assert 1.0 < good.duration < 60.0
    assert "did you mean 'known'" in validate(recipe="knwon").problems[0]
    assert not validate(recipe="../known").valid
    wrong = validate(recipe="known", parameter_names=["pressure"], parameter_values=["9 GPa"])
    assert wrong.problems == ["parameter pressure: found '9 GPa', allowed is 10 MPa to 60 MPa"]
    assert not validate(recipe="known", parameter_names=["pressure"]).valid


def test_without_a_record_nothing_moves(cell: Cell) -> None:
    cell.press.faults.record = "the disk is full"
    result = cell.result(cell.run())
    assert result.verdict == RunRecipe.Result.REJECTED
    assert "the disk is full" in result.message
    assert set(cell.press.modes) <= {P.STAND_STILL}


def test_a_robot_loads_and_unloads_and_nothing_moves_meanwhile(cell: Cell) -> None:
    cell.see_part(False)
    handle = cell.ask(Handover.Goal.LOAD)
    identity = cell.until_stage(Handover.Feedback.READY)
    assert cell.press.locked
    assert cell.press.modes == [P.OPEN]
    cell.wait(lambda: cell.machine.message.robot_may_enter, "robot may enter")
    assert cell.machine.message.lock_owner == "glovebox"
    assert not cell.say(identity, Signal.CLEAR).accepted
    assert not cell.say("another", Signal.BUSY).accepted
    assert cell.say(identity, Signal.BUSY).accepted
    assert cell.say(identity, Signal.BUSY).accepted, "a repetition, in case the answer was lost"
    assert not cell.say(identity, Signal.CLEAR).accepted
    # Nobody frees the press: not the robot's cancel, not a run, not an operator.
    answer = cell.client.result(handle.cancel_goal_async(), TIMEOUT, "cancel")
    assert not answer.goals_canceling
    assert cell.result(cell.run()).verdict == RunRecipe.Result.REJECTED
    assert cell.command("abort").success
    cell.until(MachineState.ABORTED)
    assert cell.press.locked
    cell.see_part(True)
    assert cell.say(identity, Signal.PLACED).accepted
    assert cell.say(identity, Signal.CLEAR).accepted
    result = cell.result(handle)
    assert (result.outcome, result.cell_id) == (Handover.Result.DONE, "c1")
    assert not cell.press.locked
    assert cell.press.modes == [P.OPEN, P.STAND_STILL]

    cell.to_idle()
    assert cell.result(cell.run()).verdict == RunRecipe.Result.PASSED
    handle = cell.ask(Handover.Goal.UNLOAD)
    identity = cell.until_stage(Handover.Feedback.READY)
    assert cell.say(identity, Signal.BUSY).accepted
    cell.see_part(False)
    assert cell.say(identity, Signal.TAKEN).accepted
    assert cell.say(identity, Signal.CLEAR).accepted
    assert cell.result(handle).outcome == Handover.Result.DONE
    assert cell.press.goals_while_locked == []


def test_a_cancel_before_ready_and_a_release_after_it(cell: Cell) -> None:
    cell.press.pressure = 1e6
    cell.see_part(False)
    handle = cell.ask(Handover.Goal.LOAD)
    cell.until_stage(Handover.Feedback.OPENING)
    cell.client.result(handle.cancel_goal_async(), TIMEOUT, "cancel")
    assert cell.result(handle).outcome == Handover.Result.CANCELED
    assert not cell.press.locked
    cell.wait(lambda: cell.press.pressure == 0.0, "open")
    handle = cell.ask(Handover.Goal.LOAD)
    cell.until_stage(Handover.Feedback.READY)
    assert cell.client.call(Trigger, graph.RELEASE_HANDOVER, Trigger.Request()).success
    assert cell.result(handle).outcome == Handover.Result.RELEASED
    assert not cell.press.locked
    assert not cell.client.call(Trigger, graph.RELEASE_HANDOVER, Trigger.Request()).success


def test_two_clients_cannot_hand_over_at_once(cell: Cell) -> None:
    cell.see_part(False)
    first = cell.ask(Handover.Goal.LOAD)
    other = cell.result(cell.ask(Handover.Goal.LOAD))
    assert other.outcome == Handover.Result.REFUSED
    assert "handover with glovebox is in progress" in other.message
    cell.until_stage(Handover.Feedback.READY)
    assert cell.client.call(Trigger, graph.RELEASE_HANDOVER, Trigger.Request()).success
    assert cell.result(first).outcome == Handover.Result.RELEASED


COMPLIANCE = """
compliance:
  blank_height: 0 mm
  reference_position: 40.7 mm
  height_uncertainty: 2 um
  position_uncertainty: 1 um
  position_resolution: 0.1 um
  deflection_uncertainty: 1 um
  temperature: 25 degC
  points: [[1 kN, 20 um], [10 kN, 200 um]]
"""
MAINTAINED = RECIPE.replace(
    "procedure:",
    "  powder: {mass: 100 mg, mass_uncertainty: 1 mg, true_density: 2 g/cm^3,"
    " true_density_uncertainty: 0.02 g/cm^3}\nprocedure:",
).replace("hold: 0.6 s", "hold: 3 s\n    alarm: {below: 39 MPa, after: 0.5 s}", 1)


class TestOnAPressThatTellsAHeight:
    """Its tuning has a compliance."""

    @pytest.fixture
    def profile(self, tmp_path: Path) -> str:
        tuning = config("control", "reference_plc.yaml").read_text()
        if "compliance:" in tuning:
            tuning = tuning[: tuning.index("compliance:")] + tuning[tuning.index("thermal:") :]
        (tmp_path / "tuning.yaml").write_text(tuning + COMPLIANCE)
        press = config("presses", "reference_plc.yaml").read_text()
        (tmp_path / "press.yaml").write_text(
            press.replace("../control/reference_plc.yaml", "./tuning.yaml")
        )
        return str(tmp_path / "press.yaml")

    def test_the_stack_is_told_while_it_is_pressed_and_in_the_result(self, cell: Cell) -> None:
        result = cell.result(cell.run(MAINTAINED))
        assert result.verdict == RunRecipe.Result.PASSED, result.message
        press = result.phases[0]
        # The fake ram stands at 40 mm; 40 MPa are 4.5 kN, by which the frame gives way by 90 um.
        height = 0.7e-3 + 40e6 * AREA * 20e-9
        assert press.stack.height == pytest.approx(height, rel=1e-9)
        assert press.stack.density == pytest.approx(0.05e-6 / (AREA * height))
        assert press.stack.density_uncertainty == pytest.approx(
            press.stack.density * math.hypot(0.01, 0.01, 2.5e-6 / height), rel=0.01
        )
        assert math.isnan(press.stack.densification_rate)
        assert math.isnan(press.stack.yield_pressure)
        live = [stack for stack in cell.stacks if math.isfinite(stack.height)]
        assert live[-1].header.stamp.sec > 1_700_000_000
        assert max(stack.height for stack in live) == pytest.approx(height, rel=1e-6)
        assert press.wear.travel == pytest.approx(0.04, rel=1e-3)
        assert press.wear.starts == 1
        assert (press.low_pressure_alarms, press.low_pressure_time) == (0, 0.0)
        assert cell.press.outcomes[0]["phases"][0]["stack"]["height"] == press.stack.height

    def test_low_pressure_is_an_event_and_a_diagnosis_that_stays(self, cell: Cell) -> None:
        handle = cell.run(MAINTAINED)
        cell.wait(lambda: cell.press.pressure == 40e6, "pressure")
        cell.wait(lambda: cell.statuses[-1].step == "hold", "hold")
        cell.press.faults.sag = 0.03
        cell.wait(lambda: any(e.code == "pressure.low" for e in cell.events), "alarm")
        cell.press.faults.sag = 0.0
        result = cell.result(handle)
        assert result.verdict == RunRecipe.Result.FAILED
        press = result.phases[0]
        assert press.low_pressure_alarms == 1
        assert press.low_pressure_time >= 0.5
        assert press.pressure.time_below >= 0.5
        assert press.pressure.excursions == 1
        assert cell.statuses[-1].low_pressure_alarm
        words = "phase 'press': the pressure has been below 39 MPa for 500 ms"
        cell.diagnoses.clear()
        cell.wait(lambda: any(d.message == words for d in cell.diagnoses), "diagnosis")
        assert cell.command("reset").success
        cell.until(MachineState.IDLE)
        cell.diagnoses.clear()
        cell.wait(
            lambda: any(
                "recipe_sequencer" in d.name and d.message != words for d in cell.diagnoses
            ),
            "the end of the diagnosis",
        )
