"""Peers of the sequencer that do what they are told, on the test's own node: driver, controllers, logger, health."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.task import Future
from stackpress.action import ApplyPressure, ApplyTemperature
from stackpress.msg import ActuatorCommand, GraphHealth, PressState
from stackpress.srv import SetLock, StartRecord, StopRecord
from std_srvs.srv import Trigger

from stackpress_py import graph
from stackpress_py.cli.client import RELIABLE, PressClient

PERIOD = 1.0 / 50.0
AREA = math.pi * 0.006**2
P = ApplyPressure.Goal
T = ApplyTemperature.Goal


@dataclass
class Faults:
    """What is wrong with the press or a peer."""

    connected: bool = True
    interlocks: int = 0
    silent: bool = False
    dead: list[str] = field(default_factory=list)
    record: str = ""
    refuse_pressure: str = ""
    sag: float = 0.0


class FakePress:
    """Everything that the sequencer talks to."""

    def __init__(self, client: PressClient) -> None:
        self.faults = Faults()
        self.pressure, self.temperature, self.part, self.locked = 0.0, 25.0, True, False
        self.pressure_goals: list[Any] = []
        self.temperature_goals: list[Any] = []
        self.goals_while_locked: list[Any] = []
        self.records: list[Any] = []
        self.outcomes: list[dict[str, Any]] = []
        self._node = node = client.node
        self._ram: Any = P(mode=P.STAND_STILL)
        self._heat: Any = T(mode=T.OFF)
        self._waiting: dict[str, tuple[Future, Any]] = {}
        self._cycle = 0
        self._states = node.create_publisher(PressState, graph.STATE, RELIABLE)
        self._commands = node.create_publisher(ActuatorCommand, graph.ACTUATOR_COMMAND, RELIABLE)
        self._healths = node.create_publisher(GraphHealth, graph.HEALTH, RELIABLE)
        self._kept = [
            node.create_timer(PERIOD, self._cycle_once),
            node.create_timer(0.1, self._publish_health),
            node.create_service(SetLock, graph.SET_LOCK, self._on_lock),
            node.create_service(Trigger, graph.CLEAR_INTERLOCKS, self._on_clear),
            node.create_service(StartRecord, graph.START_RECORD, self._on_start),
            node.create_service(StopRecord, graph.STOP_RECORD, self._on_stop),
            self._server(ApplyPressure, graph.APPLY_PRESSURE, self._press),
            self._server(ApplyTemperature, graph.APPLY_TEMPERATURE, self._regulate),
        ]

    @property
    def modes(self) -> list[int]:
        """Modes of the pressure goals so far."""
        return [goal.mode for goal in self.pressure_goals]

    def close(self) -> None:
        """Remove the action servers, which outlive a node otherwise."""
        for server in self._kept[-2:]:
            server.destroy()

    # ---- the press ------------------------------------------------------------------------------

    def _cycle_once(self) -> None:
        before = self.pressure
        self._move()
        moving = self.pressure != before
        command = ActuatorCommand(mode=ActuatorCommand.VELOCITY, velocity=1e-3 if moving else 0.0)
        self._commands.publish(command)
        if self.faults.silent:
            return
        self._cycle += 1
        nan, good = math.nan, self.faults.connected
        opened = self.pressure == 0.0 and self._ram.mode != P.PRESS
        state = PressState(cycle=self._cycle, connected=good, interlocks=self.faults.interlocks)
        state.zero_valid = True
        state.header.stamp = self._node.get_clock().now().to_msg()
        state.force = self.pressure * (1.0 - self.faults.sag) * AREA if good else nan
        state.force_uncertainty = 0.5 if good else nan
        state.position = (0.0 if opened else 0.04) if good else nan
        state.velocity = 0.0 if good else nan
        state.upper_platen_temperature = self.temperature if good else nan
        state.lower_platen_temperature = self.temperature if good else nan
        state.at_open_limit = good and opened
        state.part_present = good and self.part
        state.ram_locked = good and self.locked
        self._states.publish(state)

    def _move(self) -> None:
        if self._ram.mode == P.PRESS and not self.locked:
            self.pressure = _towards(self.pressure, self._ram.pressure, self._ram.rate * PERIOD)
            if self.pressure == self._ram.pressure:
                self._done("pressure", ApplyPressure.Result())
        elif self._ram.mode in (P.UNLOAD, P.OPEN) and not self.locked:
            self.pressure = _towards(
                self.pressure, 0.0, self._ram.rate * self._ram.area / AREA * PERIOD
            )
            if self.pressure == 0.0:
                self._done("pressure", ApplyPressure.Result())
        if self._heat.mode == T.REGULATE:
            goal = self._heat
            self.temperature = _towards(self.temperature, goal.temperature, goal.rate * PERIOD)
            if self.temperature == goal.temperature:
                self._done("temperature", ApplyTemperature.Result())

    def _publish_health(self) -> None:
        health = GraphHealth(ready=not self.faults.dead, dead=self.faults.dead)
        self._healths.publish(health)

    # ---- the controllers ------------------------------------------------------------------------

    def _server(self, action_type: Any, name: str, execute: Any) -> ActionServer:
        return ActionServer(
            self._node,
            action_type,
            name,
            execute_callback=execute,
            cancel_callback=lambda handle: CancelResponse.ACCEPT,
            result_timeout=5,
        )

    async def _press(self, handle: ServerGoalHandle) -> Any:
        goal = handle.request
        self.pressure_goals.append(goal)
        if self.locked and goal.mode != P.STAND_STILL:
            self.goals_while_locked.append(goal)
        result = ApplyPressure.Result()
        if self.faults.refuse_pressure:
            result.outcome, result.message = result.REFUSED, self.faults.refuse_pressure
            handle.abort()
            return result
        self._done("pressure", ApplyPressure.Result(outcome=result.SUPERSEDED))
        self._ram = goal
        if goal.mode not in (P.HOLD_PRESENT, P.STAND_STILL):
            return await self._later("pressure", handle)
        handle.succeed()
        return result

    async def _regulate(self, handle: ServerGoalHandle) -> Any:
        goal = handle.request
        self.temperature_goals.append(goal)
        self._done(
            "temperature", ApplyTemperature.Result(outcome=ApplyTemperature.Result.SUPERSEDED)
        )
        self._heat = goal
        if goal.mode == T.REGULATE:
            return await self._later("temperature", handle)
        handle.succeed()
        return ApplyTemperature.Result()

    async def _later(self, name: str, handle: ServerGoalHandle) -> Any:
        future = Future(executor=self._node.executor)
        self._waiting[name] = (future, handle)
        return await future

    def _done(self, name: str, result: Any) -> None:
        future, handle = self._waiting.pop(name, (None, None))
        if future is not None and handle is not None:
            handle.succeed() if result.outcome == result.DONE else handle.abort()
            future.set_result(result)

    # ---- driver and logger ----------------------------------------------------------------------

    def _on_lock(self, request: Any, response: Any) -> Any:
        self.locked, response.success = request.locked, True
        return response

    def _on_clear(self, request: Any, response: Any) -> Any:
        self.faults.interlocks, response.success = 0, True
        return response

    def _on_start(self, request: Any, response: Any) -> Any:
        response.success, response.message = not self.faults.record, self.faults.record
        response.run_directory = f"/runs/{request.run_id}"
        self.records.append(request)
        return response

    def _on_stop(self, request: Any, response: Any) -> Any:
        response.success = True
        self.outcomes.append(json.loads(request.outcome))
        return response


def _towards(value: float, target: float, step: float) -> float:
    return min(value + step, target) if value < target else max(value - step, target)
