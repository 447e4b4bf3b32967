"""Real processes of one press on a ROS domain of their own, and a node that watches and commands them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState
from stackpress.msg import NodeHeartbeat

from graph.commands import wait_for
from stackpress_py import graph, launch_support
from stackpress_py.cli.client import RELIABLE, PressClient
from stackpress_py.cli.exit_codes import CliError
from stackpress_py.launch_support import SimulatorFiles

#: No process outlives the test, whatever ends it.
DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
START_TIMEOUT = 20.0
END_TIMEOUT = 10.0
#: Primary lifecycle states to which the transitions lead.
GOALS = {
    Transition.TRANSITION_CONFIGURE: State.PRIMARY_STATE_INACTIVE,
    Transition.TRANSITION_ACTIVATE: State.PRIMARY_STATE_ACTIVE,
    Transition.TRANSITION_DEACTIVATE: State.PRIMARY_STATE_INACTIVE,
    Transition.TRANSITION_CLEANUP: State.PRIMARY_STATE_UNCONFIGURED,
}


class Process:
    """A process in a group of its own, whose output goes to a file."""

    def __init__(self, name: str, words: list[str], folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.{time.monotonic_ns()}.txt"
        with self._log.open("w") as output:
            self.popen = subprocess.Popen(
                [*DIES_WITH_PARENT, *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        """True until the process has ended."""
        return self.popen.poll() is None

    def send(self, number: int) -> None:
        """Send a signal."""
        self.popen.send_signal(number)

    def wait(self, timeout: float = END_TIMEOUT) -> int:
        """Return the exit code; fail if there is none within `timeout` s."""
        wait_for(lambda: not self.alive, timeout, f"the end of {self.name}:\n{self.output}")
        return int(self.popen.returncode)

    def wait_for_output(self, text: str, timeout: float = START_TIMEOUT) -> None:
        """Wait until a text was printed."""

        def printed() -> bool:
            assert self.alive or text in self.output, f"{self.name} has ended:\n{self.output}"
            return text in self.output

        wait_for(printed, timeout, f"{text!r} of {self.name}")

    def kill(self) -> None:
        """End the process and its group by force."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


class World:
    """The simulated world's socket: one request, one reply."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(5.0)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r")

    def ask(self, op: str, **details: object) -> dict[str, Any]:
        """Send a request; fail if it is refused."""
        self._socket.sendall(json.dumps({"op": op, **details}).encode() + b"\n")
        reply: dict[str, Any] = json.loads(self._lines.readline())
        assert reply["ok"], f"{op} {details}: {reply.get('error')}"
        return reply

    def inject(self, fault: str, **details: object) -> None:
        """Make something fail."""
        self.ask("inject", fault=fault, **details)

    def heal(self, fault: str, **details: object) -> None:
        """Mend it."""
        self.ask("heal", fault=fault, **details)

    def close(self) -> None:
        """End the connection."""
        self._lines.close()
        self._socket.close()


class Graph:
    """The processes of one press, and a client in the test's own process.

    The environment (domain, transport) must be set before; see the fixture ``press``.

    Args:
        folder: for ports, sockets, logs.
        namespace: of the press.
    """

    def __init__(self, folder: Path, namespace: str = graph.DEFAULT_NAMESPACE) -> None:
        self.folder = folder
        self.namespace = namespace
        self.files = SimulatorFiles.within(folder)
        self.truth_path = folder / "truth.jsonl"
        self.client = PressClient("test", namespace)
        self._processes: list[Process] = []
        self._worlds: list[World] = []
        self._beats: dict[str, NodeHeartbeat] = {}
        self.client.subscribe(NodeHeartbeat, graph.HEARTBEAT, RELIABLE, self._heard)

    # ---- processes -------------------------------------------------------------------------------

    def start(self, name: str, words: list[str]) -> Process:
        """Start a process that ends with the graph at the latest."""
        process = Process(name, words, self.folder)
        self._processes.append(process)
        return process

    def start_simulator(self, config: Path | None = None) -> World:
        """Start a simulated press and return its world."""
        words = self.files.arguments(config or launch_support.simulator_config(), self.truth_path)
        process = self.start("sim", [sys.executable, "-m", graph.SIMULATOR_MODULE, *words])
        process.wait_for_output("ready ")
        world = World(self.files.world)
        self._worlds.append(world)
        return world

    def start_node(self, name: str, **arguments: str) -> Process:
        """Start a node of the table; arguments as for ``stackpress up``."""
        (entry,) = (node for node in graph.NODES if node.name == name)
        known = {"profile": launch_support.DEFAULT_PROFILE, "port": str(self.files.link)}
        known["output_directory"] = str(self.folder / "runs")
        words = launch_support.ros_arguments(entry, self.namespace, {**known, **arguments})
        return self.start(name, [sys.executable, "-m", entry.module, *words])

    def bring_up(self, name: str, **arguments: str) -> Process:
        """Start a node, configure and activate it."""
        process = self.start_node(name, **arguments)
        # A killed node's services still seem to be there: wait for the new one's own word.
        self.wait(
            lambda: self._beats.get(name, NodeHeartbeat()).process_id == process.popen.pid,
            START_TIMEOUT,
            f"{name}:\n{process.output}",
        )
        for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            assert self.transition(name, transition), process.output
        return process

    def transition(self, node: str, transition: int) -> bool:
        """Ask a node for a lifecycle transition; return whether it succeeded."""
        request = ChangeState.Request(transition=Transition(id=transition))
        with suppress(CliError):
            return self._ask(node, request, 2.0)
        # The request went to a node that was killed, or the answer was lost while the two processes
        # discovered each other: then the node's heartbeat tells.
        return self._ask(node, request, START_TIMEOUT) or self._reaches(node, GOALS[transition])

    def _ask(self, node: str, request: ChangeState.Request, timeout: float) -> bool:
        response = self.call(ChangeState, f"{node}/change_state", request, timeout)
        return bool(response.success)

    def _reaches(self, node: str, state: int) -> bool:
        return self.client.wait(lambda: self._beats[node].lifecycle_state == state, 0.5)

    def _heard(self, beat: NodeHeartbeat) -> None:
        self._beats[beat.header.frame_id] = beat

    # ---- ROS -------------------------------------------------------------------------------------

    def call(self, service: Any, name: str, request: Any = None, timeout: float = 5.0) -> Any:
        """Call a service and return its response."""
        return self.client.call(service, name, request or service.Request(), timeout)

    def wait(self, condition: Callable[[], object], timeout: float, what: str) -> None:
        """Handle messages until the condition holds; fail if it does not within `timeout` s."""
        assert self.client.wait(lambda: bool(condition()), timeout), (
            f"after {timeout:g} s still waiting for {what}"
        )

    def spin_for(self, seconds: float, each: Callable[[], None] = lambda: None) -> None:
        """Handle messages for a while, calling `each` about 60 times a second."""
        end = time.monotonic() + seconds
        due = time.monotonic()
        while (now := time.monotonic()) < end:
            if now >= due:
                each()
                due += 1 / 60
            self.client.spin(max(0.0, min(due, end) - time.monotonic()))

    # ---- the simulated press ---------------------------------------------------------------------

    def truth(self) -> list[Mapping[str, Any]]:
        """Return the simulated press's log so far: 50 lines a second, and events."""
        lines = self.truth_path.read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    # ---- end -------------------------------------------------------------------------------------

    def close(self) -> None:
        """End everything."""
        for world in self._worlds:
            world.close()
        self.client.__exit__(None, None, None)
        for process in reversed(self._processes):
            process.kill()
