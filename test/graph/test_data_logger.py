"""The data logger as a process: it records exactly what is published, and never stops silently."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lifecycle_msgs.srv import ChangeState
from mcap.reader import make_reader
from rclpy.serialization import deserialize_message
from stackpress.msg import LoopState, MachineState, PressState, RunEvent
from stackpress.srv import StartRecord, StopRecord

from graph.commands import processes_of, wait_for
from stackpress_py import graph
from stackpress_py.cli import environment
from stackpress_py.cli.client import EVENTS, LATCHED, RELIABLE, PressClient
from stackpress_py.record import journal, manifest
from unit.record import readers

CONFIGURE, ACTIVATE, DEACTIVATE = 1, 3, 4
AREA = math.pi * 0.012**2 / 4.0
ORDER = {
    "recipe": "toy",
    "recipe_text": "recipe: toy\n",
    "cell_id": "c7",
    "die_area": AREA,
    "phases": [{"name": "press", "settling": 0.1, "pressure": {"target": 1e6, "tolerance": 1e4}}],
}


class Logger:
    """The data logger in a process of its own, and publishers in this one."""

    def __init__(self, client: PressClient, output: Path) -> None:
        self.client = client
        self.events: list[RunEvent] = []
        client.subscribe(RunEvent, graph.RUN_EVENT, EVENTS, self.events.append)
        node = client.node
        self.states = node.create_publisher(PressState, graph.STATE, RELIABLE)
        self.loops = node.create_publisher(LoopState, graph.PRESSURE_LOOP, RELIABLE)
        self.machine = node.create_publisher(MachineState, graph.MACHINE_STATE, LATCHED)
        self.own_events = node.create_publisher(RunEvent, graph.RUN_EVENT, EVENTS)
        words = ["--ros-args", "-p", f"output_directory:={output}", "-p", "profile:=reference_plc"]
        words += ["-p", "free_space_minimum:=1e6"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackpress_py.nodes.data_logger", *words], env=dict(os.environ)
        )

    def change(self, transition: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(
            self.client.call(ChangeState, "data_logger/change_state", request, 10.0).success
        )

    def start(self, run_id: str, output: str = "") -> StartRecord.Response:
        request = StartRecord.Request(run_id=run_id, output_directory=output)
        request.manifest = json.dumps(ORDER)
        return self.client.call(StartRecord, graph.START_RECORD, request, 10.0)

    def stop(self, run_id: str, outcome: str = '{"verdict": "FAILED"}') -> StopRecord.Response:
        request = StopRecord.Request(run_id=run_id, outcome=outcome)
        return self.client.call(StopRecord, graph.STOP_RECORD, request, 10.0)

    def wait_for_event(self, code: str, timeout: float = 30.0) -> RunEvent:
        found = lambda: [event for event in self.events if event.code == code]  # noqa: E731
        assert self.client.wait(lambda: bool(found()), timeout), code
        return found()[-1]

    def publish(self, count: int, rate: float) -> list[PressState]:
        """Publish press states at a rate (Hz); return them."""
        sent = []
        start = time.monotonic()
        for cycle in range(count):
            state = PressState(cycle=cycle, force=1e6 * AREA, connected=True)
            state.header.stamp = self.client.node.get_clock().now().to_msg()
            state.force_sensors = [float(cycle), 0.5]
            self.states.publish(state)
            loop = LoopState(header=state.header, value=1e6, setpoint=1e6, target=1e6)
            self.loops.publish(loop)
            sent.append(state)
            self.client.spin(max(0.0, start + (cycle + 1) / rate - time.monotonic()))
        return sent


@pytest.fixture
def logger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Logger]:
    with environment.free_domain() as domain:
        for name, value in environment.completed(os.environ, domain).items():
            monkeypatch.setenv(name, value)
        with PressClient("test", graph.DEFAULT_NAMESPACE) as client:
            made = Logger(client, tmp_path / "runs")
            try:
                assert made.change(CONFIGURE)
                assert made.change(ACTIVATE)
                publishers = (made.states, made.loops, made.machine, made.own_events)
                matched = lambda: all(p.get_subscription_count() for p in publishers)  # noqa: E731
                assert client.wait(matched, 10.0)
                yield made
            finally:
                made.process.kill()
                made.process.wait()
        mine = {os.getpid()}
        wait_for(lambda: set(processes_of(domain)) <= mine, 5.0, "the end of every process")


def recorded(folder: Path, topic: str) -> list[bytes]:
    return [data for name, _, data in readers.by_mcap(folder) if name == topic]


def recorded_states(folder: Path) -> list[PressState]:
    return [deserialize_message(data, PressState) for data in recorded(folder, "/press/state")]


def test_it_records_exactly_what_is_published(logger: Logger, tmp_path: Path) -> None:
    answer = logger.start("run_1")
    assert answer.success, answer.message
    folder = Path(answer.run_directory)
    assert folder == tmp_path / "runs" / "run_1"
    for state in (MachineState.EXECUTE, MachineState.EXECUTE, MachineState.HELD):
        logger.machine.publish(MachineState(state=state, run_id="run_1", reason="so it is"))
    event = RunEvent(run_id="run_1", code="toy.event", text="a toy spoke", data='{"x": 1.5}')
    event.severity = RunEvent.WARNING
    event.header.frame_id = "toy"
    logger.own_events.publish(event)
    sent = logger.publish(300, 100.0)
    answer = logger.stop("run_1")
    assert answer.success, answer.message

    assert recorded_states(folder) == sent
    assert len(recorded(folder, "/press/loops/pressure")) == 300
    assert len(recorded(folder, "/press/heartbeat")) >= 20
    assert recorded(folder, "/diagnostics")
    states = [m for topic, _, m in readers.by_rosbags(folder) if topic == "/press/state"]
    assert [state.cycle for state in states] == list(range(300))
    entries = journal.read(folder / "journal.jsonl").entries
    toys = [entry for entry in entries if entry.code == "toy.event"]
    assert [(e.source, e.severity, e.data) for e in toys] == [("toy", "WARNING", {"x": 1.5})]
    machine = [entry.text for entry in entries if entry.code == "machine_state"]
    assert machine == ["The machine is Execute: so it is", "The machine is Held: so it is"]
    found = manifest.read(folder / "manifest.json")
    assert (found.cell_id, found.lost) == ("c7", 0)
    assert found.press["name"] == "reference_plc"
    assert found.messages["/press/state"] == 300
    assert (folder / "recipe.yaml").read_text() == "recipe: toy\n"

    ready = logger.wait_for_event("report.ready")
    assert ready.run_id == "run_1"
    assert json.loads(ready.data) == {"run_id": "run_1", "report": str(folder / "report.html")}
    assert "FAILED" in (folder / "report.html").read_text()
    assert (folder / "report.png").is_file()


def test_refusals_are_sentences_and_cost_nothing(logger: Logger, tmp_path: Path) -> None:
    answer = logger.start("../evil")
    assert not answer.success
    assert "run id" in answer.message
    assert not (tmp_path / "evil").exists()
    assert "absolute" in logger.start("run_1", "relative").message
    assert "not being recorded" in logger.stop("run_1").message
    assert logger.start("run_1").success
    assert "still open" in logger.start("run_2").message
    assert "not JSON" in logger.stop("run_1", "{").message
    assert logger.stop("run_1").success
    assert "exists already" in logger.start("run_1").message
    elsewhere = logger.start("run_1", str(tmp_path / "elsewhere"))
    assert elsewhere.run_directory == str(tmp_path / "elsewhere" / "run_1")
    assert logger.change(DEACTIVATE)
    assert "not active" in logger.start("run_3").message


def test_a_signal_closes_the_record(logger: Logger) -> None:
    folder = Path(logger.start("run_1").run_directory)
    sent = logger.publish(50, 100.0)
    logger.process.send_signal(signal.SIGTERM)
    assert logger.process.wait(10.0) == 0
    found = manifest.read(folder / "manifest.json")
    assert found.outcome == {"verdict": "", "reason": "record ended by shutdown", "phases": []}
    assert recorded_states(folder) == sent
    (file,) = (folder / "bag").glob("*.mcap")
    with file.open("rb") as stream:
        summary = make_reader(stream).get_summary()
    assert summary is not None
    assert summary.statistics is not None
    assert summary.statistics.message_count == sum(found.messages.values())
