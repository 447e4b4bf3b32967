"""``stackpress demo``: from nothing to a pressed cell, its record and report, no process left."""

import json
import math
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from graph.commands import Command, command, processes_of, wait_for
from stackpress_py.cli import environment

RECIPE = Path(__file__).with_name("short_recipe.yaml")
#: mm of the die in the recipe.
DIE_DIAMETER_MM = 12.0
DEMO_TIMEOUT = 150.0


@dataclass(frozen=True)
class Demo:
    """What one demo left behind."""

    code: int
    output: str
    run: Path
    left: dict[int, str]
    force: np.ndarray
    requested: np.ndarray


@pytest.fixture(scope="module")
def domain() -> Iterator[int]:
    with environment.free_domain() as number:
        yield number


@pytest.fixture(scope="module")
def demo(domain: int, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    words = ("demo", "--recipe", str(RECIPE), "--output", "runs", "--domain", str(domain))
    with command(*words, domain=domain, folder=folder) as running:
        code = running.wait(DEMO_TIMEOUT)
        left = processes_of(domain)
        output = running.output
    found = re.search(r"^run folder +(.+)$", output, re.MULTILINE)
    assert found, output
    run = Path(found[1])
    force, requested = recorded(run)
    return Demo(code, output, run, left, force, requested)


def recorded(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the measured force (N) and the pressure target (Pa), by an independent reader."""
    force, target = [], []
    topics = ["/press/state", "/press/loops/pressure"]
    for path in sorted((run / "bag").glob("*.mcap")):
        with path.open("rb") as file:
            reader = make_reader(file, decoder_factories=[DecoderFactory()])
            for _, channel, _, message in reader.iter_decoded_messages(topics=topics):
                if channel.topic == "/press/state":
                    force.append(message.force)
                else:
                    target.append(message.target)
    return np.array(force), np.array(target)


pytestmark = pytest.mark.timeout(DEMO_TIMEOUT + 30.0)


def test_the_verdict_is_passed_and_is_the_exit_code(demo: Demo) -> None:
    assert demo.code == 0, demo.output
    assert re.search(r"^verdict +PASSED", demo.output, re.MULTILINE)


def test_no_process_is_left(demo: Demo) -> None:
    assert demo.left == {}


def test_the_progress_shows_phase_pressure_and_time_left(demo: Demo) -> None:
    assert re.search(r"1/3 press.* MPa → 20 MPa .* left", demo.output)


def test_the_robot_loads_before_the_run_and_unloads_after_it(demo: Demo) -> None:
    order = [demo.output.index(text) for text in ("is placed", "1/3 press", "is taken")]
    assert order == sorted(order)


def test_the_run_folder_holds_record_and_report(demo: Demo) -> None:
    names = {path.name for path in demo.run.iterdir()}
    assert {"manifest.json", "journal.jsonl", "recipe.yaml", "bag"} <= names
    assert {"report.html", "report.png"} <= names
    assert (demo.run / "report.png").read_bytes().startswith(b"\x89PNG")
    manifest = json.loads((demo.run / "manifest.json").read_text())
    assert manifest["cell_id"] == "cell_1"
    assert manifest["outcome"]["verdict"] == "PASSED"


def test_the_recorded_force_is_what_the_recipe_asks_for(demo: Demo) -> None:
    area = math.pi * (DIE_DIAMETER_MM * 1e-3) ** 2 / 4.0
    force = demo.force[np.isfinite(demo.force)]
    # At 60 Hz for half a minute; and the highest pressure is the first phase's, within 1 %.
    assert force.size > 50 * 20
    assert np.max(force) / area == pytest.approx(20.0e6, rel=0.01)
    held = np.abs(force / area - 20.0e6) < 0.01 * 20.0e6
    assert np.count_nonzero(held) / 60.0 > 2.0
    eased = np.abs(force / area - 1.0e6) < 0.02 * 1.0e6
    assert np.count_nonzero(eased) / 60.0 > 2.0


def test_the_recorded_targets_are_those_of_the_recipe(demo: Demo) -> None:
    targets = {round(value) for value in demo.requested[np.isfinite(demo.requested)]}
    assert {20_000_000, 1_000_000} <= targets


def test_the_printed_table_agrees_with_the_record(demo: Demo) -> None:
    (line,) = (line for line in demo.output.splitlines() if re.match(r"^ +press ", line))
    assert "PASSED" in line
    assert "20 ± 0.2 MPa" in line


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[Command, int]]:
    """A demo in the middle of its run."""
    words = ("demo", "--recipe", str(RECIPE), "--output", "runs")
    with environment.free_domain() as number:
        chosen = (*words, "--domain", str(number))
        with command(*chosen, domain=number, folder=tmp_path) as running:
            running.wait_for_output("1/3 press: press", 40.0)
            yield running, number


def test_ctrl_c_stops_the_run_and_ends_everything(started: tuple[Command, int]) -> None:
    running, number = started
    running.process.send_signal(signal.SIGINT)
    assert running.wait(60.0) == 4
    assert "verdict     STOPPED" in running.output
    assert processes_of(number) == {}


def test_killing_the_demo_leaves_nothing(started: tuple[Command, int]) -> None:
    running, number = started
    running.process.kill()
    running.process.wait()
    wait_for(lambda: not processes_of(number), 20.0, f"the end of {processes_of(number)}")
