"""``stackpress validate`` and ``report``: no graph, one clear sentence for each error."""

import subprocess
import sys
from pathlib import Path

import pytest

from stackpress_py.cli.recipe_files import known_recipes


def stackpress(*words: str) -> tuple[int, str, str]:
    """Run the command; return exit code, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "stackpress_py.cli.app", *words],
        capture_output=True,
        text=True,
        timeout=50,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", known_recipes())
def test_every_recipe_that_comes_with_stackpress_is_valid(name: str) -> None:
    code, output, errors = stackpress("validate", name)
    assert (code, errors) == (0, "")
    assert f"{name} can be run on reference_plc; it takes about" in output


def test_a_bad_recipe_names_file_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("recipe: bad\nversion: 1.0.0\nprocedur: 3\n")
    code, output, errors = stackpress("validate", str(file))
    assert (code, output) == (2, "")
    assert f"stackpress: {file} line 3, procedur: is not known here" in errors
    assert all(line.startswith("stackpress: ") for line in errors.splitlines())


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("demo", "--set", "cold_pressure=500 MPa"), "found '500 MPa', allowed is"),
        (("demo", "--set", "cold_presure=50 MPa"), "did you mean 'cold_pressure'?"),
        (("demo", "--set", "cold_pressure"), "not of the form name=value"),
        (("demo", "--profile", "nothing"), "there is no press profile 'nothing'"),
        (("nothing",), "there is no recipe 'nothing'"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(words: tuple[str, ...], text: str) -> None:
    code, _, errors = stackpress("validate", *words)
    assert code == 2
    assert text in errors
    assert len(errors.splitlines()) == 1


def test_a_folder_without_a_run_has_no_report(tmp_path: Path) -> None:
    code, _, errors = stackpress("report", str(tmp_path / "nothing"))
    assert code == 2
    assert str(tmp_path / "nothing") in errors
    assert len(errors.splitlines()) == 1


@pytest.mark.parametrize("words", [("nonsense",), ("run",), ("up", "--namespace", "press")])
def test_wrong_usage_is_exit_code_2(words: tuple[str, ...]) -> None:
    code, _, errors = stackpress(*words)
    assert code == 2
    assert "Traceback" not in errors


def test_a_real_port_and_a_simulated_press_exclude_each_other() -> None:
    code, _, errors = stackpress("up", "--sim", "--port", "/dev/ttyUSB0")
    assert code == 2
    assert "--port is for a real press" in errors
