"""The set-up: what makes a step run again, and what it says where something is missing."""

import importlib.util
import os
import re
import stat
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return tools/setup.py as a module that works on an empty checkout."""
    spec = importlib.util.spec_from_file_location("setup_tool", ROOT / "tools" / "setup.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(module, "LOG", tmp_path / "log")
    return module


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_step_runs_once_for_the_same_inputs(tool: ModuleType) -> None:
    runs: list[str] = []
    for inputs in ("a", "a", "b", "b", "a"):
        tool.step("some step", inputs, lambda inputs=inputs: runs.append(inputs))
    assert runs == ["a", "b", "a"]


def test_a_step_that_failed_runs_again(tool: ModuleType) -> None:
    tool.step("some step", "a", lambda: None)

    def fail() -> None:
        raise tool.SetupError("no")

    with pytest.raises(tool.SetupError):
        tool.step("some step", "b", fail)
    runs: list[str] = []
    tool.step("some step", "a", lambda: runs.append("again"))
    assert runs == ["again"]


def test_a_digest_sees_contents_names_and_removals(tool: ModuleType, tmp_path: Path) -> None:
    one, two = tmp_path / "One.msg", tmp_path / "Two.msg"
    one.write_text("float64 x")
    two.write_text("float64 x")
    digests = {tool.digest(one), tool.digest(two), tool.digest(one, two), tool.digest()}
    before = tool.digest(one)
    one.touch()
    assert tool.digest(one) == before
    one.write_text("float64 y")
    assert len(digests | {tool.digest(one)}) == 5


def test_a_python_that_is_too_new_is_named(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON", str(program(tmp_path / "python3", "echo 3 99 /usr/bin/python3")))
    with pytest.raises(tool.SetupError, match=r"python3 is not Python 3\.10 to 3\.13"):
        tool.find_python()


def test_the_newest_python_is_found_by_its_version(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "python3", "echo 3 9 /usr/bin/python3")
    program(tmp_path / "python3.10", "echo 3 10 /opt/old/python3.10")
    program(tmp_path / "python3.12", "echo 3 12 /opt/new/python3.12")
    program(tmp_path / "python3.13", "exit 127")
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool.find_python() == Path("/opt/new/python3.12")


def test_a_missing_compiler_is_noticed(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "cc", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "g++" in tool.missing_packages(Path(sys.executable))
    program(tmp_path / "c++", "")
    assert "g++" not in tool.missing_packages(Path(sys.executable))


def test_without_root_it_says_what_to_install(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(tool, "missing_packages", lambda python: ["g++", "python3.12-venv"])
    with pytest.raises(tool.SetupError, match=r"please install g\+\+ python3\.12-venv first"):
        tool.install_missing_packages(Path(sys.executable))


def test_as_root_it_installs_what_is_missing(
    tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    program(tmp_path / "apt-get", f'echo "$@" >> {calls}')
    lacks = iter([["g++"], []])
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(tool, "missing_packages", lambda python: next(lacks))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DEBIAN_FRONTEND", "")
    tool.install_missing_packages(Path(sys.executable))
    commands = calls.read_text().splitlines()
    assert commands == ["update", "install --yes --no-install-recommends g++"]


def test_a_program_that_fails_is_reported_with_the_end_of_its_output(
    tool: ModuleType, tmp_path: Path
) -> None:
    bad = program(tmp_path / "bad", "echo the cause; exit 3")
    with pytest.raises(tool.SetupError, match=r"(?s)exit code 3.*the cause"):
        tool.run(bad, "--option")


def test_every_wheel_is_pinned() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        for line in file.read_text().splitlines():
            assert not line or line.startswith("#") or re.match(r"[\w.-]+==[\w.]+(;|$)", line), line
