"""What every node of the graph shares: lifecycle, heartbeat, events, diagnostics, parameters and the main loop.

A node overrides :meth:`StackpressNode.configure`, ``activate``, ``deactivate`` and ``cleanup``; each may raise
:class:`NodeError` with one sentence for the user. rclpy's own lifecycle callbacks are not overridden further down,
because rclpy swallows their exceptions, and dies of a transition that is not possible in the present state.
"""

import contextlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
from rclpy.executors import Executor
from rclpy.experimental import EventsExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from stackpress.msg import NodeHeartbeat, RunEvent
from std_msgs.msg import Header

from stackpress_py import graph

RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
EVENTS = QoSProfile(
    depth=200, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)

#: The executor's wait must end by itself: see docs/decisions/0002-executor.md.
SPIN_TIMEOUT = 0.1
#: Of a node's process (SCHED_FIFO): a compiler beside it must not starve a press.
REAL_TIME_PRIORITY = 10

Scalar = bool | int | float | str


class NodeError(Exception):
    """A node cannot do what it was asked; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One read-only parameter of a node.

    Attributes:
        name: ROS name.
        default: also decides the type.
        description: one sentence with the unit.
        minimum, maximum: range of a float parameter; None for the others.
    """

    name: str
    default: Scalar | list[str]
    description: str
    minimum: float | None = None
    maximum: float | None = None

    def descriptor(self) -> ParameterDescriptor:
        """Return the ROS descriptor: read-only, with the range if there is one."""
        descriptor = ParameterDescriptor(description=self.description, read_only=True)
        if self.minimum is not None and self.maximum is not None:
            limits = FloatingPointRange(from_value=self.minimum, to_value=self.maximum)
            descriptor.floating_point_range = [limits]
        return descriptor


class StackpressNode(LifecycleNode):
    """A lifecycle node of one press.

    Args:
        name: node name, as in :mod:`stackpress_py.graph`.
        parameters: table of the node's parameters; values through :meth:`value`.
    """

    def __init__(self, name: str, parameters: tuple[Parameter, ...] = ()) -> None:
        super().__init__(name, namespace=graph.DEFAULT_NAMESPACE)
        for parameter in parameters:
            self.declare_parameter(parameter.name, parameter.default, parameter.descriptor())
        self._guard_change_state()
        self._diagnosis: tuple[bytes, str, dict[str, str]] = (DiagnosticStatus.OK, "starting", {})
        self._events = self.create_publisher(RunEvent, graph.RUN_EVENT, EVENTS)
        self._heartbeats = self.create_publisher(NodeHeartbeat, graph.HEARTBEAT, RELIABLE)
        self._diagnostics = self.create_publisher(DiagnosticArray, graph.DIAGNOSTICS, RELIABLE)
        self._basic_timers = (
            self.create_timer(graph.HEARTBEAT_PERIOD, self._beat),
            self.create_timer(1.0, self._publish_diagnosis),
        )

    # ---- to be overridden -------------------------------------------------------------------------------------

    def configure(self) -> None:
        """Read parameters, open what is needed, create the ROS entities that must be there when inactive."""

    def activate(self) -> None:
        """Begin to work."""

    def deactivate(self) -> None:
        """Stop working and leave everything safe."""

    def cleanup(self) -> None:
        """Release what :meth:`configure` took."""

    # ---- for the nodes ----------------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        """True in the lifecycle state 'active'."""
        return self._state_machine.current_state[1] == "active"

    def value(self, name: str) -> Scalar | list[str]:
        """Return the value of a declared parameter."""
        return self.get_parameter(name).value

    def number(self, name: str) -> float:
        """Return the value of a declared float parameter."""
        return float(self.get_parameter(name).value)

    def text(self, name: str) -> str:
        """Return the value of a declared string parameter."""
        return str(self.get_parameter(name).value)

    def now(self) -> float:
        """Return the time of the node's clock in s."""
        return self.get_clock().now().nanoseconds * 1e-9

    def header(self, frame_id: str = "") -> Header:
        """Return a header stamped now."""
        return Header(stamp=self.get_clock().now().to_msg(), frame_id=frame_id)

    def finish(self) -> None:
        """Go through the lifecycle's shutdown, so that everything is left safe."""
        if self._state_machine.current_state[1] in ("active", "inactive", "unconfigured"):
            self.trigger_shutdown()

    def emit(
        self,
        severity: int,
        code: str,
        text: str,
        data: Mapping[str, object] | None = None,
        run_id: str = "",
    ) -> None:
        """Publish a RunEvent and log it."""
        event = RunEvent(header=self.header(self.get_name()), severity=severity, run_id=run_id)
        event.code, event.text, event.data = code, text, json.dumps(data or {})
        self._events.publish(event)
        log = self.get_logger()
        # rclpy refuses one call site that logs at different severities, hence one call each.
        if severity >= RunEvent.ERROR:
            log.error(text)
        elif severity == RunEvent.WARNING:
            log.warning(text)
        elif severity == RunEvent.INFO:
            log.info(text)
        else:
            log.debug(text)

    def report(
        self, level: bytes, message: str, values: Mapping[str, object] | None = None
    ) -> None:
        """Set what the node says of itself on /diagnostics (sent once a second)."""
        self._diagnosis = (level, message, {k: str(v) for k, v in (values or {}).items()})

    # ---- lifecycle --------------------------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run :meth:`configure`; a failure leaves the node unconfigured."""
        return self._guarded(self.configure, TransitionCallbackReturn.FAILURE)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run :meth:`activate`; a failure leaves the node inactive."""
        return self._guarded(self.activate, TransitionCallbackReturn.FAILURE)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run :meth:`deactivate`."""
        return self._guarded(self.deactivate, TransitionCallbackReturn.ERROR)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run :meth:`cleanup`."""
        return self._guarded(self.cleanup, TransitionCallbackReturn.ERROR)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Deactivate if active, then clean up."""
        if state.label == "active":
            self._guarded(self.deactivate, TransitionCallbackReturn.ERROR)
        if state.label in ("active", "inactive"):
            self._guarded(self.cleanup, TransitionCallbackReturn.ERROR)
        return TransitionCallbackReturn.SUCCESS

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Release everything; the node can be configured again."""
        self._guarded(self.cleanup, TransitionCallbackReturn.ERROR)
        return TransitionCallbackReturn.SUCCESS

    def _guarded(
        self, action: Callable[[], None], otherwise: TransitionCallbackReturn
    ) -> TransitionCallbackReturn:
        what = action.__name__
        try:
            action()
        except Exception as error:
            sentence = str(error) if isinstance(error, NodeError) else repr(error)
            text = f"{self.get_name()} cannot {what}: {sentence}"
            self.emit(RunEvent.ERROR, f"node.{what}_failed", text)
            if not isinstance(error, NodeError):
                self.get_logger().error(traceback.format_exc())
            self.report(DiagnosticStatus.ERROR, text)
            return otherwise
        self.report(DiagnosticStatus.OK, f"{what} done")
        return TransitionCallbackReturn.SUCCESS

    def _guard_change_state(self) -> None:
        change_state = self._service_change_state.callback

        def guarded(
            request: ChangeState.Request, response: ChangeState.Response
        ) -> ChangeState.Response:
            possible = self._state_machine.available_transitions
            wanted = request.transition
            if any(wanted.label == t[1] if wanted.label else wanted.id == t[0] for t in possible):
                return change_state(request, response)
            state = self._state_machine.current_state[1]
            which = wanted.label or wanted.id
            self.get_logger().warning(f"transition {which} is not possible in state {state}")
            response.success = False
            return response

        self._service_change_state.callback = guarded

    # ---- signs of life ----------------------------------------------------------------------------------------

    def _beat(self) -> None:
        beat = NodeHeartbeat(header=self.header(self.get_name()), process_id=os.getpid())
        beat.lifecycle_state = self._state_machine.current_state[0]
        self._heartbeats.publish(beat)

    def _publish_diagnosis(self) -> None:
        level, message, values = self._diagnosis
        status = DiagnosticStatus(level=level, message=message)
        status.name = self.get_fully_qualified_name()
        status.hardware_id = self.get_namespace().strip("/")
        status.values = [KeyValue(key=key, value=value) for key, value in values.items()]
        self._diagnostics.publish(DiagnosticArray(header=self.header(), status=[status]))


def stamp_of(message: Any) -> float:
    """Return the stamp of a message with a header, s."""
    stamp = message.header.stamp
    return float(stamp.sec) + stamp.nanosec * 1e-9


def run_node(node_class: Callable[[], StackpressNode]) -> None:
    """Run one node as a process until SIGINT or SIGTERM, then leave everything safe and exit.

    rclpy's own signal handlers end the context first, after which nothing can be published any more; so the
    handlers are ours, and the executor waits with a finite time-out.
    """
    stop = _StopRequest()
    _ask_for_priority()
    rclpy.init(args=sys.argv, signal_handler_options=SignalHandlerOptions.NO)
    node = node_class()
    executor: Executor = EventsExecutor()
    executor.add_node(node)
    failed = False
    try:
        while not stop.requested:
            executor.spin_once(timeout_sec=SPIN_TIMEOUT)
    except Exception:
        failed = True
        node.get_logger().fatal(traceback.format_exc())
    finally:
        node.finish()
        executor.remove_node(node)
        node.destroy_node()
        rclpy.try_shutdown()
    sys.exit(1 if failed else 0)


def _ask_for_priority() -> None:
    """Be scheduled before ordinary programs where the user may ask for it; all later threads inherit it.

    Measured on two busy cores: without it a node pauses for up to 0.5 s, with it for less than 0.06 s.
    """
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME_PRIORITY))


class _StopRequest:
    """SIGINT or SIGTERM has come."""

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
