"""The supervisor brings nodes up, and tells of those that die, restart or are deactivated."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lifecycle_msgs.srv import ChangeState
from stackpress.msg import GraphHealth, MachineState, RunEvent

from graph.commands import processes_of
from stackpress_py import graph
from stackpress_py.cli import environment
from stackpress_py.cli.client import EVENTS, LATCHED, RELIABLE, Latest, PressClient

PLAIN_NODE = Path(__file__).with_name("plain_node.py")
UP_TIMEOUT = 15.0
DEACTIVATE = 4


class SupervisedNodes:
    """The supervisor and the nodes of the table, each doing nothing but living."""

    def __init__(self, client: PressClient) -> None:
        self.client = client
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.events: list[RunEvent] = []
        self.health: Latest[GraphHealth] = client.latest(GraphHealth, graph.HEALTH, RELIABLE)
        client.subscribe(RunEvent, graph.RUN_EVENT, EVENTS, self.events.append)
        self._machine = client.node.create_publisher(MachineState, graph.MACHINE_STATE, LATCHED)

    def start(self, name: str, *words: str) -> None:
        """Start one node."""
        command = [sys.executable, str(PLAIN_NODE), name, *words]
        if name == graph.SUPERVISOR:
            command = [sys.executable, "-m", "stackpress_py.nodes.supervisor"]
        self.processes[name] = subprocess.Popen(command, env=dict(os.environ))

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to one node."""
        self.processes[name].send_signal(number)

    def end(self) -> None:
        """Kill all that is left."""
        for process in self.processes.values():
            process.kill()
            process.wait()

    def machine(self, state: int) -> None:
        """Say as the sequencer would in which state the machine is."""
        self._machine.publish(MachineState(state=state))

    def wait(self, condition: Callable[[GraphHealth], bool], timeout: float = UP_TIMEOUT) -> float:
        """Wait for the graph's health; return how long (s) it took."""
        begin = time.monotonic()

        def holds() -> bool:
            return self.health.message is not None and condition(self.health.message)

        assert self.client.wait(holds, timeout), self.health.message
        return time.monotonic() - begin

    def codes(self, name: str) -> list[str]:
        """Return the codes of the events about one node."""
        return [event.code for event in self.events if f'"{name}"' in event.data]


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[SupervisedNodes]:
    with environment.free_domain() as domain:
        for name, value in environment.completed(os.environ, domain).items():
            monkeypatch.setenv(name, value)
        with PressClient("test", graph.DEFAULT_NAMESPACE) as client:
            supervised = SupervisedNodes(client)
            try:
                yield supervised
            finally:
                supervised.end()
        assert set(processes_of(domain)) <= {os.getpid()}


@pytest.fixture
def ready(nodes: SupervisedNodes) -> SupervisedNodes:
    for name in (*graph.MANAGED, graph.SUPERVISOR):
        nodes.start(name)
    nodes.wait(lambda health: health.ready)
    return nodes


def test_each_killed_node_is_reported_within_the_limit(ready: SupervisedNodes) -> None:
    dead: list[str] = []
    for name in graph.MANAGED:
        ready.kill(name)
        dead.append(name)
        seconds = ready.wait(lambda health: list(health.dead) == dead, 2.0)
        # The last heartbeat came up to one period before the kill; a busy machine adds to it.
        assert seconds < graph.HEARTBEAT_LIMIT + 0.3
        assert ready.codes(name)[-1] == "node.dead"
    assert ready.health.message is not None
    assert not ready.health.message.ready


def test_a_node_that_hangs_is_dead_and_comes_back(ready: SupervisedNodes) -> None:
    ready.kill("thermal_controller", signal.SIGSTOP)
    ready.wait(lambda health: list(health.dead) == ["thermal_controller"], 2.0)
    ready.kill("thermal_controller", signal.SIGCONT)
    ready.wait(lambda health: health.ready, 5.0)


def test_a_restarted_node_is_brought_up_only_when_the_machine_rests(
    ready: SupervisedNodes,
) -> None:
    ready.machine(MachineState.EXECUTE)
    ready.kill("press_driver")
    ready.wait(lambda health: list(health.dead) == ["press_driver"], 2.0)
    ready.processes["press_driver"].wait()
    ready.start("press_driver")
    ready.client.wait(lambda: False, 3.0)
    ready.wait(lambda health: list(health.dead) == ["press_driver"], 1.0)
    ready.machine(MachineState.ABORTED)
    ready.wait(lambda health: health.ready, 5.0)


def test_a_node_deactivated_by_hand_is_reported_and_left_alone(ready: SupervisedNodes) -> None:
    request = ChangeState.Request()
    request.transition.id = DEACTIVATE
    assert ready.client.call(ChangeState, "data_logger/change_state", request).success
    ready.wait(lambda health: list(health.dead) == ["data_logger"], 2.0)
    ready.client.wait(lambda: False, 2.0)
    ready.wait(lambda health: list(health.dead) == ["data_logger"], 1.0)


def test_a_node_that_cannot_be_configured_yet_is_tried_again(nodes: SupervisedNodes) -> None:
    nodes.start("press_driver", "2")
    for name in (*graph.MANAGED[1:], graph.SUPERVISOR):
        nodes.start(name)
    nodes.wait(lambda health: health.ready)
    failures = [event for event in nodes.events if event.code == "node.configure_failed"]
    assert [event.text for event in failures] == [
        "press_driver cannot configure: the test wants it so"
    ] * 2


def test_a_restarted_supervisor_leaves_active_nodes_alone(ready: SupervisedNodes) -> None:
    ready.kill(graph.SUPERVISOR)
    ready.processes[graph.SUPERVISOR].wait()
    ready.events.clear()
    ready.health.message = None
    ready.start(graph.SUPERVISOR)
    ready.wait(lambda health: health.ready)
    assert not [event for event in ready.events if event.code == "node.dead"]
