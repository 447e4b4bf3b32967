"""The rclpy plumbing of programs that talk to a press from outside: every wait has a deadline."""

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, TypeVar

import rclpy
from rclpy.action import ActionClient
from rclpy.client import Client
from rclpy.context import Context
from rclpy.executors import Executor
from rclpy.experimental import EventsExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from std_srvs.srv import Trigger

from stackpress_py.cli import environment
from stackpress_py.cli.exit_codes import CliError, ExitCode

RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
LATCHED = QoSProfile(
    depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)
EVENTS = QoSProfile(
    depth=200, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL
)

#: s to find a node's services; discovery takes up to 0.25 s with our profile, 3 s without.
DISCOVERY_TIMEOUT = 5.0
#: s for the answer to a service call.
ANSWER_TIMEOUT = 5.0
#: s after which a call that may be repeated is.
REPEAT_PERIOD = 1.0
#: s; the longest single wait of the executor, so that a signal is seen soon.
SPIN_PERIOD = 0.05

Message = TypeVar("Message")


class Latest(Generic[Message]):
    """The latest message of a topic; None before the first."""

    def __init__(self) -> None:
        self.message: Message | None = None

    def store(self, message: Message) -> None:
        """Keep a message in place of the one before."""
        self.message = message


class PressClient:
    """A node for a program that uses one press, with a context and an executor of its own.

    Use it as a context manager: the node exists inside only.

    Args:
        name: ROS name of the node.
        namespace: of the press.
        ros_arguments: command line that may hold ``--ros-args``; empty: none.
    """

    def __init__(self, name: str, namespace: str, ros_arguments: tuple[str, ...] = ()) -> None:
        self._context = Context()
        rclpy.init(
            args=list(ros_arguments),
            context=self._context,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        self.node = Node(
            name,
            namespace=namespace,
            context=self._context,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._executor: Executor = EventsExecutor(context=self._context)
        self._executor.add_node(self.node)
        self._services: dict[str, Client] = {}

    def __enter__(self) -> "PressClient":
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Destroy the node."""
        self._executor.remove_node(self.node)
        self.node.destroy_node()
        self._context.try_shutdown()

    @property
    def press(self) -> str:
        """Namespace of the press, after any remapping."""
        return str(self.node.get_namespace())

    # ---- waiting ---------------------------------------------------------------------------------

    def spin(self, seconds: float = SPIN_PERIOD) -> None:
        """Handle what has come, and wait at most `seconds` for something to come."""
        self._executor.spin_once(timeout_sec=seconds)

    def wait(self, condition: Callable[[], bool], timeout: float) -> bool:
        """Spin until the condition holds, at most `timeout` s; return whether it holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0.0:
                return False
            self.spin(min(left, SPIN_PERIOD))
        return True

    def result(self, future: Future, timeout: float, what: str) -> Any:
        """Return a future's result.

        Raises:
            CliError: there is none after `timeout` s; `what` says of what.
        """
        if not self.wait(future.done, timeout):
            raise CliError(
                ExitCode.NOT_READY, f"{self.press} did not answer within {timeout:g} s: {what}"
            )
        return future.result()

    # ---- topics ----------------------------------------------------------------------------------

    def latest(self, message_type: type[Message], topic: str, qos: QoSProfile) -> Latest[Message]:
        """Subscribe to a topic and return where its latest message is kept."""
        latest: Latest[Message] = Latest()
        self.subscribe(message_type, topic, qos, latest.store)
        return latest

    def subscribe(
        self,
        message_type: type[Message],
        topic: str,
        qos: QoSProfile,
        callback: Callable[[Message], None],
    ) -> None:
        """Subscribe to a topic."""
        self.node.create_subscription(message_type, topic, callback, qos)

    # ---- services and actions --------------------------------------------------------------------

    def call(
        self, service_type: Any, name: str, request: Any, timeout: float = ANSWER_TIMEOUT
    ) -> Any:
        """Call a service and return its response.

        Raises:
            CliError: the service is not there, or does not answer within `timeout` s.
        """
        client = self._service(service_type, name)
        return self.result(client.call_async(request), timeout, f"service {name}")

    def call_repeatedly(self, service_type: Any, name: str, request: Any) -> Any:
        """Call a service that may be called twice, and again while no answer comes.

        Raises:
            CliError: the service is not there, or does not answer within `ANSWER_TIMEOUT` s.
        """
        client = self._service(service_type, name)
        for _ in range(int(ANSWER_TIMEOUT / REPEAT_PERIOD) - 1):
            future = client.call_async(request)
            if self.wait(future.done, REPEAT_PERIOD):
                return future.result()
        return self.result(client.call_async(request), REPEAT_PERIOD, f"service {name}")

    def _service(self, service_type: Any, name: str) -> Client:
        # One client for each service: a fresh one may ask before the server has found it.
        client = self._services.get(name)
        if client is None:
            client = self._services[name] = self.node.create_client(service_type, name)
        self._discover(client.service_is_ready, f"service {name}")
        return client

    def trigger(self, name: str) -> str:
        """Call a std_srvs/Trigger service of the machine and return what it says.

        Raises:
            CliError: it is not there, does not answer, or refuses.
        """
        response = self.call(Trigger, name, Trigger.Request())
        if not response.success:
            raise CliError(ExitCode.REJECTED, response.message)
        return str(response.message)

    def action(self, action_type: Any, name: str) -> ActionClient:
        """Return the client of an action once its server is there.

        Raises:
            CliError: there is no such server.
        """
        client = ActionClient(self.node, action_type, name)
        self._discover(client.server_is_ready, f"action {name}")
        return client

    def _discover(self, ready: Callable[[], bool], what: str) -> None:
        if not self.wait(ready, DISCOVERY_TIMEOUT):
            domain = environment.domain_of(os.environ)
            raise CliError(
                ExitCode.NOT_READY,
                f"there is no {what} in {self.press} on ROS domain {domain}: "
                "start the press with `stackpress up`, or give --namespace and --domain",
            )
