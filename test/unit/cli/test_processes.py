"""The configuration that supervisord is started with, and the command lines of the programs."""

import configparser
import shlex
from pathlib import Path

import pytest

from stackpress_py import graph, launch_support
from stackpress_py.cli.exit_codes import CliError
from stackpress_py.cli.press import PressOptions, programs
from stackpress_py.cli.supervisord import Access, Program, supervisord_config
from stackpress_py.launch_support import SimulatorFiles


def parsed(*table: Program) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    folder = Path("/run/x")
    parser.read_string(supervisord_config(table, folder, Access.within(folder)))
    return parser


def test_every_program_dies_with_its_parent_and_is_never_restarted() -> None:
    config = parsed(Program("one", ("python", "-m", "a b"), "nodes"))
    section = config["program:one"]
    assert shlex.split(section["command"]) == [
        "setpriv",
        "--pdeathsig",
        "TERM",
        "--",
        "python",
        "-m",
        "a b",
    ]
    assert section["autorestart"] == "false"
    assert section["stopsignal"] == "TERM"


def test_the_simulator_stops_after_the_nodes() -> None:
    config = parsed(
        Program("sim", ("s",), "simulator"),
        Program("one", ("a",), "nodes"),
        Program("two", ("b",), "nodes"),
    )
    assert config["group:nodes"]["programs"] == "one,two"
    # supervisord stops the group with the highest number first.
    assert int(config["group:nodes"]["priority"]) > int(config["group:simulator"]["priority"])


def test_a_per_cent_sign_is_not_taken_for_an_expansion() -> None:
    config = parsed(Program("one", ("a", "50%(x)s"), "nodes"))
    assert "50%%(x)s" in config["program:one"]["command"]


@pytest.mark.parametrize("word", ["a ;b", "a #b", "a\nb"])
def test_what_the_file_cannot_hold_is_refused(word: str) -> None:
    with pytest.raises(CliError, match="must not hold"):
        parsed(Program("one", (word,), "nodes"))


def test_the_nodes_of_the_table_are_started_with_their_own_arguments() -> None:
    options = PressOptions(profile="p.yaml", port="/dev/x", namespace="/press_2")
    table = programs(options, SimulatorFiles.within(Path("/run/x")))
    assert [program.name for program in table] == [node.name for node in graph.NODES]
    driver = table[0].command
    assert driver[1:3] == ("-m", "stackpress_py.nodes.press_driver")
    assert "__ns:=/press_2" in driver
    assert "port:='/dev/x'" in driver
    controller = table[1].command
    assert "profile:='p.yaml'" in controller
    assert not any("port" in word for word in controller)


def test_a_simulated_press_is_the_port_of_the_driver() -> None:
    files = SimulatorFiles.within(Path("/run/x"))
    options = PressOptions(sim_config=Path("/c.yaml"), truth=Path("/t.jsonl"))
    simulator, driver = programs(options, files)[:2]
    words = " ".join(simulator.command)
    assert "-m stackpress_py.sim --config /c.yaml --link /run/x/press_port" in words
    assert words.endswith("--world /run/x/world --truth /t.jsonl")
    assert f"port:='{files.link}'" in driver.command


def test_a_text_stays_a_text_whatever_it_looks_like() -> None:
    node = graph.NODES[0]
    words = launch_support.ros_arguments(node, "/press", {"profile": "it's", "port": "12"})
    assert "profile:='it''s'" in words
    assert "port:='12'" in words


def test_what_is_not_given_is_left_to_the_nodes() -> None:
    words = launch_support.ros_arguments(graph.NODES[0], "/press", {"profile": "", "port": ""})
    assert "-p" not in words


def test_a_path_that_is_too_long_for_a_socket_is_refused() -> None:
    with pytest.raises(CliError, match="XDG_RUNTIME_DIR"):
        Access.within(Path("/" + 100 * "x"))
