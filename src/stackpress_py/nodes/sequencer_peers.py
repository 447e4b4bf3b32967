"""The sequencer's clients: they take orders from slots, send them, and settle them."""

import time
from collections.abc import Callable
from typing import Any, Protocol

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
    ClearOrder,
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

#: s for which an order waits until its server has been found.
PATIENCE = 3.0

Settle = Callable[[OrderState, str], None]


class SequencerPeers:
    """Clients of the controllers, the driver and the logger.

    Args:
        node: owner.
        slots: orders to be sent.
    """

    def __init__(self, node: LifecycleNode, slots: Slots) -> None:
        self._pressure = _Controller(node, ApplyPressure, graph.APPLY_PRESSURE)
        self._temperature = _Controller(node, ApplyTemperature, graph.APPLY_TEMPERATURE)
        self._services = {
            name: _Service(node, kind, name)
            for name, kind in (
                (graph.START_RECORD, StartRecord),
                (graph.STOP_RECORD, StopRecord),
                (graph.SET_LOCK, SetLock),
                (graph.CLEAR_INTERLOCKS, Trigger),
            )
        }
        self._waiting_since: dict[str, float] = {}
        self._routes: tuple[tuple[Slot[Any], _Peer, Callable[[Any], Any]], ...] = (
            (slots.pressure, self._pressure, pressure_goal),
            (slots.temperature, self._temperature, temperature_goal),
            (slots.start_record, self._services[graph.START_RECORD], _start_request),
            (slots.stop_record, self._services[graph.STOP_RECORD], _stop_request),
            (slots.lock, self._services[graph.SET_LOCK], _lock_request),
            (slots.clear, self._services[graph.CLEAR_INTERLOCKS], _clear_request),
        )

    def send(self) -> None:
        """Send every order that has not been sent; never blocks."""
        for slot, peer, request in self._routes:
            if not slot.waiting:
                self._waiting_since.pop(peer.name, None)
            elif peer.is_ready():
                self._waiting_since.pop(peer.name, None)
                peer.send(request(slot.take()), _settler(slot))
            elif self._patience_ends(peer.name):
                slot.take()
                text = f"{peer.name} is not there: is its node running?"
                _settler(slot)(OrderState.FAILED, text)

    def _patience_ends(self, name: str) -> bool:
        """A server that has just been started is found a moment later; one that is not found in time is missing."""
        now = time.monotonic()
        return now - self._waiting_since.setdefault(name, now) > PATIENCE

    def cancel(self) -> None:
        """Cancel the goals at work, so that the controllers do their safe ends."""
        self._pressure.cancel()
        self._temperature.cancel()

    def destroy(self) -> None:
        """Remove every client."""
        self._pressure.destroy()
        self._temperature.destroy()
        for service in self._services.values():
            service.destroy()


class _Peer(Protocol):
    """A server that takes one kind of request.

    Attributes:
        name: of its action or service.
    """

    name: str

    def is_ready(self) -> bool:
        """Return whether the server has been found."""

    def send(self, request: Any, settle: Settle) -> None:
        """Send a request and have its order settled when the answer comes."""


class _Service:
    """Client of one service."""

    def __init__(self, node: LifecycleNode, kind: Any, name: str) -> None:
        self.name = name
        self._node = node
        self._client: Client = node.create_client(kind, name)

    def is_ready(self) -> bool:
        return bool(self._client.service_is_ready())

    def send(self, request: Any, settle: Settle) -> None:
        self._client.call_async(request).add_done_callback(lambda done: _answered(done, settle))

    def destroy(self) -> None:
        self._node.destroy_client(self._client)


class _Controller:
    """Client of one controller's action."""

    def __init__(self, node: LifecycleNode, action_type: Any, name: str) -> None:
        self._client = ActionClient(node, action_type, name)
        self._result = action_type.Result
        self.name = name
        self._handle: ClientGoalHandle | None = None

    def is_ready(self) -> bool:
        return bool(self._client.server_is_ready())

    def send(self, goal: Any, settle: Settle) -> None:
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
            settle(OrderState.FAILED, f"{self.name} was not accepted")
            return
        self._handle = handle
        handle.get_result_async().add_done_callback(lambda done: self._ended(done, settle))

    def _ended(self, future: Future, settle: Settle) -> None:
        answer = future.result()
        if answer is None:
            settle(OrderState.FAILED, f"{self.name} ended without a result")
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


def _clear_request(order: ClearOrder) -> Any:
    return Trigger.Request()


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
