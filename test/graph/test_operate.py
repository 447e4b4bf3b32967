"""The operator's commands on a running press: status, commands, a run and its controlled stop."""

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.commands import RUNTIME, Command, command
from stackpress_py import graph
from stackpress_py.cli import environment, world

RECIPE = Path(__file__).with_name("short_recipe.yaml")
READY = f"all {len(graph.MANAGED)} nodes are active"

Operator = Callable[..., Command]


@pytest.fixture(scope="module")
def domain() -> Iterator[int]:
    with environment.free_domain() as number:
        yield number


@pytest.fixture(scope="module")
def press(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    folder = tmp_path_factory.mktemp("press")
    with command("up", "--sim", "--output", "runs", domain=domain, folder=folder) as running:
        running.wait_for_output(READY, 25.0)
        yield running


@pytest.fixture
def operator(press: Command, domain: int, tmp_path: Path) -> Operator:
    """Give a command to the running press."""

    given = itertools.count()

    def give(*words: str) -> Command:
        return Command(words, domain, tmp_path, tmp_path / f"output_{next(given)}.txt")

    return give


def say(operator: Operator, *words: str) -> tuple[int, str]:
    """Give a command that ends by itself; return exit code and output."""
    given = operator(*words)
    return given.wait(30.0), given.output


def test_the_machine_starts_aborted_and_an_operator_makes_it_ready(operator: Operator) -> None:
    code, output = say(operator, "status")
    assert code == 0
    assert "graph    ready" in output
    assert "Aborted" in output
    code, output = say(operator, "reset")
    assert code == 5
    assert (
        output == "stackpress: Reset is not possible in state Aborted, only in Complete, Stopped\n"
    )
    assert say(operator, "run", str(RECIPE), "--prepare")[0] == 5, "no cell lies in the die"
    code, output = say(operator, "status")
    assert "Idle" in output


def test_a_bad_recipe_is_named_and_nothing_moves(operator: Operator, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(RECIPE.read_text().replace("settling: 1 s", "settling: 1 MPa", 1))
    code, output = say(operator, "run", str(bad))
    assert code == 2
    (line,) = output.splitlines()
    assert line.startswith(f"stackpress: {bad} line 1")
    assert "procedure[0].settling: found '1 MPa'" in line


def test_ctrl_c_stops_the_run_and_waits_for_its_end(operator: Operator, domain: int) -> None:
    say(operator, "run", str(RECIPE), "--prepare")
    world.place(RUNTIME / "stackpress" / f"{domain}_press" / "world", "c7")
    run = operator("run", str(RECIPE), "--cell", "c7")
    run.wait_for_output("1/3 press: press", 15.0)
    run.process.send_signal(signal.SIGINT)
    assert run.wait(45.0) == 4
    assert "stopping: controlled unload" in run.output
    assert "verdict     STOPPED" in run.output
    assert "report      /" in run.output
    assert "Stopped" in say(operator, "status")[1]


def test_a_second_ctrl_c_leaves_and_the_press_goes_on_stopping(operator: Operator) -> None:
    assert say(operator, "reset")[0] == 0
    run = operator("run", str(RECIPE), "--cell", "c7")
    run.wait_for_output("1/3 press: press", 15.0)
    run.process.send_signal(signal.SIGINT)
    run.wait_for_output("stopping", 5.0)
    run.process.send_signal(signal.SIGINT)
    assert run.wait(5.0) == 4
    assert "left; the press goes on" in run.output


def test_without_a_press_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with environment.free_domain() as empty:
        for words in (("status",), ("stop",), ("run", "demo")):
            with command(*words, domain=empty, folder=tmp_path) as given:
                assert given.wait(20.0) == 3
                assert "start the press with `stackpress up`" in given.output
                assert len(given.output.splitlines()) == 1
