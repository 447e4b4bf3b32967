"""``stackpress tune`` as a user runs it, on the simulated press's own wire."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.commands import wait_for
from graph.harness import Process, World
from stackpress_py import graph
from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.control.tuning import load_tuning
from stackpress_py.launch_support import SimulatorFiles
from stackpress_py.paths import config

FORCE = 2000.0
#: The blank is met at 48 mm: close to it, so that little time goes by.
WORDS = ("--blank", "2 mm", "--clear-to", "47.9 mm", "--force", "2 kN", "--only", "force")
DURATION = 120.0


class Bench:
    """A simulated press with a steel blank in its die, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = SimulatorFiles.within(folder)
        self.truth = folder / "truth.jsonl"
        self.output = folder / "measured.yaml"
        words = self.files.arguments(config("sim", "stiff_blank.yaml"), self.truth)
        self._sim = Process("sim", [sys.executable, "-m", graph.SIMULATOR_MODULE, *words], folder)
        self._sim.wait_for_output("ready")
        self.world = World(self.files.world)
        self.world.ask("place", cell_id="blank")
        self._tune: Process | None = None

    def tune(self, *words: str) -> Process:
        """Start the command."""
        program = [sys.executable, "-m", "stackpress_py.cli.app", "tune"]
        port = ("--port", str(self.files.link), "--output", str(self.output))
        self._tune = Process("tune", [*program, *port, *WORDS, *words], self.folder)
        return self._tune

    @property
    def forces(self) -> list[float]:
        """True forces so far, N."""
        lines = [json.loads(line) for line in self.truth.read_text().splitlines()]
        return [line["force"] for line in lines if "force" in line]

    def close(self) -> None:
        """End everything."""
        self.world.close()
        for process in (self._tune, self._sim):
            if process is not None:
                process.kill()


@pytest.fixture
def bench() -> Iterator[Bench]:
    # pytest's own folders have names that are too long for a socket.
    with tempfile.TemporaryDirectory(prefix="stackpress-") as folder:
        one = Bench(Path(folder))
        try:
            yield one
        finally:
            one.close()


def is_open(bench: Bench) -> bool:
    state = bench.world.ask("state")
    return bool(state["force"] == 0.0 and state["position"] < 1e-3 and not state["moving"])


@pytest.mark.timeout(180)
def test_a_press_is_measured_and_its_constants_are_written(bench: Bench) -> None:
    command = bench.tune("--yes")
    assert command.wait(DURATION) == ExitCode.OK, command.output
    tuning = load_tuning(bench.output)
    assert tuning.force.frame_stiffness == pytest.approx(4.98e7, rel=0.05)
    assert 0.015 < tuning.force.dead_time < 0.06
    assert tuning.force.touch_position == pytest.approx(0.046, abs=1e-5)
    assert tuning.compliance is not None
    assert max(bench.forces) <= FORCE
    assert is_open(bench) and not bench.world.ask("state")["motion_enabled"]
    assert bench.output.with_suffix(".png").is_file()
    assert bench.output.with_suffix(".csv").stat().st_size > 10_000
    assert "dead time" in command.output and "the profile says" in command.output


@pytest.mark.timeout(120)
def test_ctrl_c_opens_the_press_and_writes_no_constants(bench: Bench) -> None:
    command = bench.tune("--yes")
    wait_for(lambda: bench.world.ask("state")["position"] > 0.02, DURATION, "an approach")
    command.send(signal.SIGINT)
    assert command.wait(60.0) == ExitCode.STOPPED, command.output
    assert is_open(bench)
    assert not bench.output.exists()
    assert "no constants are written: ended by the user" in command.output


def test_nothing_moves_without_consent(bench: Bench) -> None:
    command = bench.tune()
    # There is nobody who could answer.
    assert command.wait(30.0) == ExitCode.FAILED
    assert "the ram closes with up to 10 mm/s as far as 47.9 mm" in command.output
    assert "2 kN" in command.output
    assert is_open(bench) and not bench.output.exists()
