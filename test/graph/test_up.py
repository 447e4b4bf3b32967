"""``stackpress up`` starts the graph, and whatever ends it, no process is left."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.commands import Command, command, processes_of, wait_for
from stackpress_py import graph
from stackpress_py.cli import environment

READY = f"all {len(graph.MANAGED)} nodes are active"
READY_TIMEOUT = 25.0
STOP_TIMEOUT = 15.0


@pytest.fixture
def domain() -> Iterator[int]:
    with environment.free_domain() as number:
        yield number


@pytest.fixture
def up(domain: int, tmp_path: Path) -> Iterator[Command]:
    """A simulated press whose nodes are all active."""
    with command("up", "--sim", domain=domain, folder=tmp_path) as running:
        running.wait_for_output(READY, READY_TIMEOUT)
        assert len(processes_of(domain)) >= len(graph.NODES) + 2
        yield running


def nodes_of(domain: int) -> list[int]:
    processes = processes_of(domain)
    return [number for number, words in processes.items() if "stackpress_py.nodes." in words]


def assert_nothing_left(domain: int) -> None:
    wait_for(lambda: not processes_of(domain), STOP_TIMEOUT, f"the end of {processes_of(domain)}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(up: Command, domain: int, number: int) -> None:
    up.process.send_signal(number)
    assert up.wait(STOP_TIMEOUT) == 0
    assert_nothing_left(domain)
    assert "Traceback" not in up.output
    assert "SIGKILL" not in up.output


def test_killing_the_command_leaves_nothing(up: Command, domain: int) -> None:
    up.process.kill()
    up.process.wait()
    assert_nothing_left(domain)


def test_killing_supervisord_leaves_nothing_and_is_reported(up: Command, domain: int) -> None:
    (number,) = (
        n for n, words in processes_of(domain).items() if "supervisor.supervisord" in words
    )
    os.kill(number, signal.SIGKILL)
    assert up.wait(STOP_TIMEOUT) == 6
    assert "supervisord ended by itself" in up.output
    assert_nothing_left(domain)


def test_a_node_that_ignores_sigterm_is_killed(up: Command, domain: int) -> None:
    (number,) = (n for n, words in processes_of(domain).items() if "nodes.data_logger" in words)
    os.kill(number, signal.SIGSTOP)
    up.process.send_signal(signal.SIGTERM)
    assert up.wait(2 * STOP_TIMEOUT) == 0
    assert_nothing_left(domain)


def test_the_same_press_is_not_started_twice(up: Command, domain: int, tmp_path: Path) -> None:
    before = set(processes_of(domain))
    second = tmp_path / "second"
    second.mkdir()
    again = Command(("up", "--sim"), domain, tmp_path, second / "output.txt")
    assert again.wait(STOP_TIMEOUT) == 5
    assert f"started by process {up.process.pid}" in again.output
    assert set(processes_of(domain)) == before


def test_when_all_programs_end_the_command_says_so(domain: int, tmp_path: Path) -> None:
    words = ("up", "--port", str(tmp_path / "none"))
    with command(*words, domain=domain, folder=tmp_path) as running:
        wait_for(lambda: len(nodes_of(domain)) == len(graph.NODES), 10.0, "the nodes")
        for number in nodes_of(domain):
            os.kill(number, signal.SIGKILL)
        assert running.wait(STOP_TIMEOUT) == 6
        assert "every program of the press ended by itself" in running.output
    assert_nothing_left(domain)


def test_without_the_simulated_press_the_rest_ends_too(up: Command, domain: int) -> None:
    (number,) = (n for n, words in processes_of(domain).items() if "stackpress_py.sim" in words)
    os.kill(number, signal.SIGKILL)
    assert up.wait(STOP_TIMEOUT) == 6
    assert "sim_press ended by itself" in up.output
    assert_nothing_left(domain)


def test_a_missing_simulator_file_is_named(domain: int, tmp_path: Path) -> None:
    words = ("up", "--sim-config", "nothing.yaml")
    with command(*words, domain=domain, folder=tmp_path) as running:
        assert running.wait(STOP_TIMEOUT) == 2
        assert "nothing.yaml does not exist" in running.output
    assert_nothing_left(domain)
