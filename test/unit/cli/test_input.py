"""What the user types: recipes, settings, domains, folders."""

import os
import socket
from pathlib import Path

import pytest

from stackpress_py.cli import environment
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.recipe_files import (
    choose_recipe,
    known_recipes,
    parse_settings,
    recipe_file,
)
from stackpress_py.cli.runtime import claimed, runtime_folder


def test_a_word_is_a_name_and_a_path_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("x")
    assert choose_recipe("anneal").file is None
    assert choose_recipe(str(file)).file == file
    assert choose_recipe(str(file)).name == str(file)


@pytest.mark.parametrize("word", ["no/such", "nothing.yaml", "nothing.yml"])
def test_a_file_that_is_missing_is_named(word: str) -> None:
    with pytest.raises(CliError, match="does not exist") as caught:
        choose_recipe(word)
    assert caught.value.code == ExitCode.BAD_INPUT


def test_every_recipe_that_comes_with_stackpress_is_found() -> None:
    assert known_recipes()
    for name in known_recipes():
        assert recipe_file(name).is_file()


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(CliError, match=known_recipes()[0]):
        recipe_file("no_such_recipe")


def test_settings() -> None:
    words = ["pressure=50 MPa", " hold = 3 min "]
    assert parse_settings(words) == {"pressure": "50 MPa", "hold": "3 min"}


@pytest.mark.parametrize("words", [["pressure"], ["=3"], ["a="], ["a=1", "a=2"]])
def test_wrong_settings_are_refused(words: list[str]) -> None:
    with pytest.raises(CliError) as caught:
        parse_settings(words)
    assert caught.value.code == ExitCode.BAD_INPUT


def test_the_users_environment_wins_over_our_defaults() -> None:
    variables = environment.completed({"FASTDDS_BUILTIN_TRANSPORTS": "SHM", "HOME": "/h"}, 7)
    assert variables["FASTDDS_BUILTIN_TRANSPORTS"] == "SHM"
    assert variables["ROS_AUTOMATIC_DISCOVERY_RANGE"] == "LOCALHOST"
    assert variables["ROS_DOMAIN_ID"] == "7"
    assert variables["HOME"] == "/h"
    assert Path(variables["FASTRTPS_DEFAULT_PROFILES_FILE"]).is_file()


@pytest.mark.parametrize(("text", "number"), [("", 0), ("12", 12)])
def test_domain_of_an_environment(text: str, number: int) -> None:
    assert environment.domain_of({"ROS_DOMAIN_ID": text}) == number


@pytest.mark.parametrize("text", ["x", "-1", "233"])
def test_a_wrong_domain_is_named(text: str) -> None:
    with pytest.raises(CliError, match=text):
        environment.domain_of({"ROS_DOMAIN_ID": text})


def test_two_free_domains_at_a_time_differ_and_avoid_used_ports() -> None:
    with environment.free_domain() as first, environment.free_domain() as second:
        assert first != second
        for domain in (first, second):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                udp.bind(("127.0.0.1", 7400 + 250 * domain))


def test_a_domain_with_a_used_port_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with environment.free_domain() as domain:
        pass
    monkeypatch.setattr(environment, "DOMAINS", range(domain, domain + 1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 7400 + 250 * domain + 11))
        with pytest.raises(CliError, match="--domain"), environment.free_domain():
            pass


def test_a_press_is_claimed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = runtime_folder(3, "/press")
    with (
        claimed(folder),
        pytest.raises(CliError, match=f"process {os.getpid()}") as caught,
        claimed(folder),
    ):
        pass
    assert caught.value.code == ExitCode.REJECTED
    with claimed(folder), claimed(runtime_folder(3, "/press_2")):
        pass
