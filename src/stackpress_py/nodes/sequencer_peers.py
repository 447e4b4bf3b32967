"""The sequencer's clients: they take orders from slots, send them, and settle them."""

from collections.abc import Callable
from typing import Any

from rclpy.action import ActionClient
from rclpy.action.client import ClientGoalHandle
from rclpy.client import Client
from rclpy.lifecycle import LifecycleNode
from rclpy.task import Future
from stackpress.action import ApplyPressure, ApplyTemperature
from stackpress.srv import SetLock, StartRecord, StopRecord
from std_srvs.srv import Trigger

from stackpress_py import graph
from stackpress_py.machine.slots import (
    LockOrder,
    OrderState,
    PressureOrder,
    Slot,
    Slots,
    StartRecordOrder,
    StopRecordOrder,
    TemperatureOrder,
)
from stackpress_py.recipes.model import SafeEnd

SAFE_ENDS = {
    SafeEnd.FREEZE: ApplyPressure.Goal.FREEZE,
    SafeEnd.UNLOAD: ApplyPressure.Goal.UNLOAD_FIRST,
    SafeEnd.VENT: ApplyPressure.Goal.VENT,
}

Settle = Callable[[OrderState, str], None]


class SequencerPeers:
    """Clients of the controllers, the driver and the logger.

    Args:
        node: owner.
        slots: orders to be sent.
    """

    def __init__(self, node: LifecycleNode, slots: Slots) -> None:
        self._node = node
        self._slots = slots
        self._pressure = _Controller(node, ApplyPressure, graph.APPLY_PRESSURE)
        self._temperature = _Controller(node, ApplyTemperature, graph.APPLY_TEMPERATURE)
        self._services = {
            name: node.create_client(kind, name)
            for name, kind in (
                (graph.START_RECORD, StartRecord),
                (graph.STOP_RECORD, StopRecord),
                (graph.SET_LOCK, SetLock),
                (graph.CLEAR_INTERLOCKS, Trigger),
            )
        }

    def send(self) -> None:
        """Send every order that has not been sent; never blocks."""
        slots = self._slots
        if (pressure := slots.pressure.take()) is not None:
            self._pressure.send(pressure_goal(pressure), _settler(slots.pressure))
        if (temperature := slots.temperature.take()) is not None:
            self._temperature.send(temperature_goal(temperature), _settler(slots.temperature))
        if (start := slots.start_record.take()) is not None:
            self._call(graph.START_RECORD, _start_request(start), _settler(slots.start_record))
        if (stop := slots.stop_record.take()) is not None:
            self._call(graph.STOP_RECORD, _stop_request(stop), _settler(slots.stop_record))
        if (lock := slots.lock.take()) is not None:
            self._call(graph.SET_LOCK, _lock_request(lock), _settler(slots.lock))
        if slots.clear.take() is not None:
            self._call(graph.CLEAR_INTERLOCKS, Trigger.Request(), _settler(slots.clear))

    def cancel(self) -> None:
        """Cancel the goals at work, so that the controllers do their safe ends."""
        self._pressure.cancel()
        self._temperature.cancel()

    def destroy(self) -> None:
        """Remove every client."""
        self._pressure.destroy()
        self._temperature.destroy()
        for client in self._services.values():
            self._node.destroy_client(client)

    def _call(self, name: str, request: Any, settle: Settle) -> None:
        client: Client = self._services[name]
        if not client.service_is_ready():
            settle(OrderState.FAILED, f"the service {name} is not there: is its node running?")
            return
        client.call_async(request).add_done_callback(lambda future: _answered(future, settle))


class _Controller:
    """Client of one controller's action."""

    def __init__(self, node: LifecycleNode, action_type: Any, name: str) -> None:
        self._client = ActionClient(node, action_type, name)
        self._result = action_type.Result
        self._name = name
        self._handle: ClientGoalHandle | None = None

    def send(self, goal: Any, settle: Settle) -> None:
        if not self._client.server_is_ready():
            settle(OrderState.FAILED, f"the action {self._name} is not there: is its node running?")
            return
        self._handle = None
        future = self._client.send_goal_async(goal)
        future.add_done_callback(lambda done: self._accepted(done, settle))

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel_goal_async()

    def destroy(self) -> None:
        self._client.destroy()

    def _accepted(self, future: Future, settle: Settle) -> None:
        handle = future.result()
        if handle is None or not handle.accepted:
            settle(OrderState.FAILED, f"{self._name} was not accepted")
            return
        self._handle = handle
        handle.get_result_async().add_done_callback(lambda done: self._ended(done, settle))

    def _ended(self, future: Future, settle: Settle) -> None:
        answer = future.result()
        if answer is None:
            settle(OrderState.FAILED, f"{self._name} ended without a result")
            return
        result = answer.result
        states = {
            self._result.DONE: OrderState.DONE,
            self._result.TIMED_OUT: OrderState.TIMED_OUT,
        }
        settle(states.get(result.outcome, OrderState.FAILED), result.message)


def pressure_goal(order: PressureOrder) -> Any:
    """Return the goal of ApplyPressure; a number that the mode does not use is 0."""
    return ApplyPressure.Goal(
        mode=int(order.mode),
        pressure=_or_zero(order.pressure),
        rate=_or_zero(order.rate),
        area=order.area,
        tolerance=_or_zero(order.tolerance),
        settling_time=order.settling_time,
        duration=order.duration,
        timeout=order.timeout,
        safe_end=SAFE_ENDS[order.safe_end],
    )


def temperature_goal(order: TemperatureOrder) -> Any:
    """Return the goal of ApplyTemperature; a number that the mode does not use is 0."""
    return ApplyTemperature.Goal(
        mode=int(order.mode),
        temperature=_or_zero(order.temperature),
        rate=_or_zero(order.rate),
        tolerance=_or_zero(order.tolerance),
        settling_time=order.settling_time,
        duration=order.duration,
        timeout=order.timeout,
    )


def _start_request(order: StartRecordOrder) -> Any:
    return StartRecord.Request(
        run_id=order.run_id,
        output_directory=order.output_directory,
        manifest=order.manifest,
    )


def _stop_request(order: StopRecordOrder) -> Any:
    return StopRecord.Request(run_id=order.run_id, outcome=order.outcome)


def _lock_request(order: LockOrder) -> Any:
    return SetLock.Request(locked=order.locked, owner=order.owner)


def _settler(slot: Slot[Any]) -> Settle:
    number = slot.number
    return lambda state, message: slot.settle(number, state, message)


def _answered(future: Future, settle: Settle) -> None:
    answer = future.result()
    if answer is None:
        settle(OrderState.FAILED, "no answer came")
    elif not answer.success:
        settle(OrderState.FAILED, answer.message)
    elif isinstance(answer, StartRecord.Response):
        settle(OrderState.DONE, answer.run_directory)
    else:
        settle(OrderState.DONE, answer.message)


def _or_zero(value: float) -> float:
    return value if value == value else 0.0  # NaN is not equal to itself
