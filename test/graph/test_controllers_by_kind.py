"""Both controllers' processes on presses of every kind, with a test's own physics in the place of the driver."""

import math
from pathlib import Path
from typing import Any

import pytest
from stackpress.action import ApplyPressure, ApplyTemperature
from stackpress.msg import ActuatorCommand, HeaterCommand, LoopState, PressState

from graph.harness import Graph
from stackpress_py import graph
from stackpress_py.cli.client import RELIABLE
from stackpress_py.control.law import ForceMove, HydraulicMove, Move
from unit.control.untuned_presses import DT, ForceLoopPress, HydraulicPress, Plant
from unit.machine.box_press import FORCE, PUMP_AND_VALVE, box

AREA = 1e-4
P, T = ApplyPressure.Goal, ApplyTemperature.Goal
SETPOINT = "{by: setpoint, upper: oven.target, lower: oven.target}"


class ByHandPress(Plant):
    """A press that only a person moves."""

    def __init__(self) -> None:
        self.pumped = 0.0

    @property
    def force(self) -> float:
        return self.pumped

    def step(self, move: Move | None) -> None:
        assert move is None
        self.time += DT


class FakeDriver:
    """Publishes what a press measures, without a position, and moves it as it is told."""

    def __init__(self, press: Graph, plant: Plant) -> None:
        self.plant, self.temperature = plant, math.nan
        self.modes: set[int] = set()
        self.heats: list[HeaterCommand] = []
        self.loops: list[LoopState] = []
        self._move: Move | None = None
        self._node = press.client.node
        self._cycle = 0
        self._states = self._node.create_publisher(PressState, graph.STATE, RELIABLE)
        client = press.client
        client.subscribe(ActuatorCommand, graph.ACTUATOR_COMMAND, RELIABLE, self._take)
        client.subscribe(HeaterCommand, graph.HEATER_COMMAND, RELIABLE, self.heats.append)
        client.subscribe(LoopState, graph.PRESSURE_LOOP, RELIABLE, self.loops.append)
        self._timer = self._node.create_timer(DT, self._cycle_once)

    def _take(self, command: ActuatorCommand) -> None:
        self.modes.add(command.mode)
        if command.mode == ActuatorCommand.FORCE:
            self._move = ForceMove(command.force, command.force_rate)
        elif command.mode == ActuatorCommand.PUMP_AND_VALVE:
            self._move = HydraulicMove(command.pump, command.valve)
        else:
            assert command.mode == ActuatorCommand.FREEZE
            self._move = None

    def _cycle_once(self) -> None:
        self._cycle += 1
        self.plant.step(self._move)
        state = PressState(cycle=self._cycle, connected=True, guard_closed=True, zero_valid=True)
        state.header.stamp = self._node.get_clock().now().to_msg()
        state.force, state.force_uncertainty = self.plant.force, 10.0
        state.position = state.velocity = state.frame_temperature = math.nan
        state.upper_platen_temperature = state.lower_platen_temperature = self.temperature
        self._states.publish(state)


def ask(press: Graph, action_type: Any, name: str, goal: Any) -> Any:
    """Send a goal and return the future of its result."""
    future = press.client.action(action_type, name).send_goal_async(goal)
    return press.client.result(future, 5.0, name).get_result_async()


def end(press: Graph, future: Any, timeout: float = 30.0) -> Any:
    return press.client.result(future, timeout, "the result").result


def cold_press() -> Any:
    goal = P(mode=P.PRESS, pressure=20e6, rate=5e6, area=AREA, tolerance=0.4e6)
    goal.settling_time, goal.duration, goal.timeout = 0.5, 1.0, 25.0
    return goal


@pytest.mark.parametrize(
    ("actuation", "plant", "mode"),
    [
        (FORCE, ForceLoopPress(), ActuatorCommand.FORCE),
        (PUMP_AND_VALVE, HydraulicPress(approach_time=1.0), ActuatorCommand.PUMP_AND_VALVE),
    ],
)
def test_a_press_without_position_presses_and_unloads(
    press: Graph, tmp_path: Path, actuation: str, plant: Plant, mode: int
) -> None:
    box(tmp_path, actuation)
    driver = FakeDriver(press, plant)
    press.bring_up("pressure_controller", profile=str(tmp_path / "press.yaml"))
    press.wait(lambda: driver.loops, 5.0, "the loop")
    result = end(press, ask(press, ApplyPressure, graph.APPLY_PRESSURE, cold_press()))
    assert (result.outcome, result.reached.reached) == (result.DONE, True), result.message
    assert result.reached.overshoot < 0.4e6
    assert mode in driver.modes
    unload = P(mode=P.UNLOAD, rate=10e6, area=AREA)
    result = end(press, ask(press, ApplyPressure, graph.APPLY_PRESSURE, unload))
    assert result.outcome == result.DONE, result.message
    assert plant.force < 22.0
    assert driver.loops[-1].stage == LoopState.IDLE


def test_a_person_is_only_watched_and_judged(press: Graph, tmp_path: Path) -> None:
    box(tmp_path, "{by: hand}")
    plant = ByHandPress()
    driver = FakeDriver(press, plant)
    press.bring_up("pressure_controller", profile=str(tmp_path / "press.yaml"))
    press.wait(lambda: driver.loops, 5.0, "the loop")
    future = ask(press, ApplyPressure, graph.APPLY_PRESSURE, cold_press())
    press.wait(lambda: driver.loops[-1].stage == LoopState.APPROACH, 5.0, "the approach")
    assert driver.loops[-1].target == 20e6
    plant.pumped = 1000.0
    press.wait(lambda: driver.loops[-1].stage == LoopState.RAMP, 5.0, "the pressing")
    plant.pumped = 2010.0
    press.wait(lambda: driver.loops[-1].in_tolerance, 5.0, "the tolerance")
    result = end(press, future)
    assert (result.outcome, result.reached.reached) == (result.DONE, True)
    assert result.reached.mean == pytest.approx(20.1e6)
    assert driver.modes == {ActuatorCommand.FREEZE}
    assert {loop.output for loop in driver.loops} == {0.0}


def test_platens_with_controllers_of_their_own_get_setpoints(press: Graph, tmp_path: Path) -> None:
    box(tmp_path, heating=SETPOINT)
    driver = FakeDriver(press, ForceLoopPress())
    driver.temperature = 25.0
    press.bring_up("thermal_controller", profile=str(tmp_path / "press.yaml"))
    goal = T(mode=T.REGULATE, temperature=60.0, rate=2.0, tolerance=2.0, timeout=60.0)
    goal.duration = math.inf
    press.wait(lambda: driver.heats, 5.0, "heater commands")
    ask(press, ApplyTemperature, graph.APPLY_TEMPERATURE, goal)
    press.wait(lambda: driver.heats[-1].mode, 5.0, "set-points")
    press.wait(lambda: driver.heats[-1].upper > 30.0, 30.0, "the ramp")
    sent = {heat.upper for heat in driver.heats if heat.mode == HeaterCommand.SETPOINT}
    assert {heat.mode for heat in driver.heats} == {HeaterCommand.OFF, HeaterCommand.SETPOINT}
    assert min(sent) >= 25.0
    ordered = sorted(sent)
    # The device takes no step below 2 K.
    steps = [after - before for before, after in zip(ordered, ordered[1:], strict=False)]
    assert min(steps) > 1.99
    ask(press, ApplyTemperature, graph.APPLY_TEMPERATURE, T(mode=T.OFF))
    press.wait(lambda: driver.heats[-1].mode == HeaterCommand.OFF, 5.0, "the end of heating")


def test_a_press_that_does_not_heat_refuses_in_one_sentence(press: Graph, tmp_path: Path) -> None:
    box(tmp_path)
    driver = FakeDriver(press, ForceLoopPress())
    press.bring_up("thermal_controller", profile=str(tmp_path / "press.yaml"))
    goal = T(mode=T.REGULATE, temperature=60.0, rate=2.0, tolerance=2.0, timeout=60.0)
    result = end(press, ask(press, ApplyTemperature, graph.APPLY_TEMPERATURE, goal))
    assert (result.outcome, result.message) == (result.REFUSED, "this press does not heat")
    press.wait(lambda: len(driver.heats) > 5, 5.0, "heater commands")
    assert {heat.mode for heat in driver.heats} == {HeaterCommand.OFF}
    off = end(press, ask(press, ApplyTemperature, graph.APPLY_TEMPERATURE, T(mode=T.OFF)))
    assert off.outcome == off.DONE
