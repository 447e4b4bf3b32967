"""Node data_logger: records what the graph says while a run is on, and has the report made.

Messages are taken without being decoded and handed to a thread
(:mod:`stackpress_py.record.worker`), so that a slow disk never holds up the executor.
"""

import shutil
import time
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import Log
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import JointState
from stackpress.msg import (
    ActuatorCommand,
    CyclerState,
    GraphHealth,
    HeaterCommand,
    LoopState,
    MachineState,
    NodeHeartbeat,
    PressState,
    RunEvent,
    RunStatus,
    StackState,
)
from stackpress.srv import StartRecord, StopRecord

from stackpress_py import graph
from stackpress_py.devices.press.loading import device_files, load_profile, profile_path
from stackpress_py.machine.packml import State, label
from stackpress_py.nodes.base import NodeError, Parameter, StackpressNode, run_node
from stackpress_py.record import schema
from stackpress_py.record.manifest import parse_object
from stackpress_py.record.mcap_writer import RawMessage
from stackpress_py.record.press_facts import press_facts
from stackpress_py.record.recorder import Graph
from stackpress_py.record.report_jobs import ReportJobs
from stackpress_py.record.rosbag2 import Topic
from stackpress_py.record.run_folder import RecordError
from stackpress_py.record.worker import Order, RecordWorker, Status

#: s that a caller waits for the disk at most; the record is completed later all the same.
ANSWER_LIMIT = 5.0
WATCH_PERIOD = 0.25
#: Messages of one topic that may wait while the executor is busy.
QUEUE = 1000
#: What stands in the record of a run that was still on when the logger was told to end.
SHUTDOWN_OUTCOME: Mapping[str, Any] = {
    "verdict": "",
    "reason": "record ended by shutdown",
    "phases": [],
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One topic to be recorded; latched: late subscribers get its last messages."""

    name: str
    type: Any
    latched: bool = False
    depth: int = 10


RECORDED = (
    Recorded(graph.STATE, PressState),
    Recorded(graph.JOINT_STATES, JointState),
    Recorded(graph.ACTUATOR_COMMAND, ActuatorCommand),
    Recorded(graph.HEATER_COMMAND, HeaterCommand),
    Recorded(graph.PRESSURE_LOOP, LoopState),
    Recorded(graph.UPPER_PLATEN_LOOP, LoopState),
    Recorded(graph.LOWER_PLATEN_LOOP, LoopState),
    Recorded(graph.STACK, StackState),
    Recorded(graph.CYCLER, CyclerState),
    Recorded(graph.MACHINE_STATE, MachineState, latched=True, depth=1),
    Recorded(graph.RUN_STATUS, RunStatus),
    Recorded(graph.RUN_EVENT, RunEvent, latched=True, depth=200),
    Recorded(graph.HEARTBEAT, NodeHeartbeat),
    Recorded(graph.HEALTH, GraphHealth),
    Recorded(graph.DIAGNOSTICS, DiagnosticArray),
    Recorded("/rosout", Log, latched=True, depth=1000),
)

PARAMETERS = (
    Parameter("profile", "", "Path of the press profile (YAML), kept in each record."),
    Parameter("output_directory", "", "Folder for the runs; empty: 'runs' in the working folder."),
    Parameter("free_space_minimum", 1e9, "Bytes the disk must have left for a run.", 0.0, 1e15),
)


class DataLogger(StackpressNode):
    """ROS plumbing of the record (:mod:`stackpress_py.record`)."""

    def __init__(self) -> None:
        super().__init__("data_logger", PARAMETERS)
        self._worker: RecordWorker | None = None
        self._reports = ReportJobs()

    # ---- lifecycle -------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load what goes into every record; subscribe to everything."""
        self._output = Path(self.text("output_directory") or "runs").absolute()
        topics = [self._topic(recorded) for recorded in RECORDED]
        self._worker = RecordWorker(self._graph(topics))
        self._status = Status()
        self._low = False
        # A run whose record the disk would not complete when its end was asked for.
        self._late_run = ""
        self._subscriptions_made = [
            self._subscribe(recorded, topic.name)
            for recorded, topic in zip(RECORDED, topics, strict=True)
        ]
        self._record_services = (
            self.create_service(StartRecord, graph.START_RECORD, self._on_start),
            self.create_service(StopRecord, graph.STOP_RECORD, self._on_stop),
        )
        self._watch_timer = self.create_timer(WATCH_PERIOD, self._watch)

    def deactivate(self) -> None:
        """Close a record that is open."""
        worker = self._worker
        if worker is not None and worker.status.run_id:
            worker.close(worker.status.run_id, SHUTDOWN_OUTCOME).result(ANSWER_LIMIT)

    def cleanup(self) -> None:
        """Stop the thread and the reports, remove topics and services."""
        self._reports.stop()
        self.destroy_timer(self._watch_timer)
        for service in self._record_services:
            self.destroy_service(service)
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        if self._worker is not None:
            self._worker.stop(ANSWER_LIMIT)
            self._worker = None

    def _graph(self, topics: list[Topic]) -> Graph:
        try:
            press = self._press_facts()
            shares = schema.share_directories()
            schemas = {topic.type: schema.load(topic.type, shares) for topic in topics}
        except (ValueError, OSError, yaml.YAMLError) as error:
            raise NodeError(str(error)) from error
        names = {int(state): label(state) for state in State}
        return Graph(topics, schemas, names, press)

    def _press_facts(self) -> dict[str, Any]:
        name = self.text("profile")
        if not name:
            return {}
        path = profile_path(name)
        return press_facts(path, device_files(load_profile(name), path))

    def _topic(self, recorded: Recorded) -> Topic:
        package = recorded.type.__module__.split(".")[0]
        name = self.resolve_topic_name(recorded.name)
        type_name = f"{package}/msg/{recorded.type.__name__}"
        return Topic(name, type_name, recorded.latched, recorded.depth)

    def _subscribe(self, recorded: Recorded, name: str) -> Subscription:
        worker = self._worker
        assert worker is not None

        def take(data: bytes) -> None:
            now = time.time_ns()
            worker.put(RawMessage(name, data, now, now))

        qos = QoSProfile(depth=QUEUE, reliability=ReliabilityPolicy.RELIABLE)
        if recorded.latched:
            qos.durability = DurabilityPolicy.TRANSIENT_LOCAL
        return self.create_subscription(recorded.type, name, take, qos, raw=True)

    # ---- services --------------------------------------------------------------------------------

    def _on_start(
        self, request: StartRecord.Request, response: StartRecord.Response
    ) -> StartRecord.Response:
        try:
            if self._worker is None or not self.active:
                raise RecordError("the data logger is not active: wait for the graph to be ready")
            output = Path(request.output_directory) if request.output_directory else self._output
            details = parse_object(request.manifest, "manifest")
            minimum = self.number("free_space_minimum")
            order = Order(request.run_id, output, minimum, details)
            folder = self._answer(self._worker.open(order))
        except RecordError as error:
            response.message = str(error)
            return response
        self.get_logger().info(f"recording run {request.run_id} in {folder}")
        response.success, response.run_directory = True, str(folder)
        return response

    def _on_stop(
        self, request: StopRecord.Request, response: StopRecord.Response
    ) -> StopRecord.Response:
        try:
            if self._worker is None:
                raise RecordError("the data logger is not active")
            outcome = parse_object(request.outcome, "outcome")
            folder = self._answer(self._worker.close(request.run_id, outcome))
        except RecordError as error:
            response.message = str(error)
            self._late_run = request.run_id
            return response
        self._reports.begin(request.run_id, folder)
        response.success = True
        return response

    def _answer(self, future: "Future[Path]") -> Path:
        """Wait for the disk; the heart beats on, because the node's work goes on in the thread."""
        deadline = time.monotonic() + ANSWER_LIMIT
        while time.monotonic() < deadline:
            try:
                return future.result(graph.HEARTBEAT_PERIOD)
            except FutureTimeout:
                self._beat()
        raise RecordError(f"the disk did not answer within {ANSWER_LIMIT:g} s")

    # ---- report ----------------------------------------------------------------------------------

    def _look_for_reports(self) -> None:
        for report in self._reports.finished():
            run_id = report.run_id
            if report.page is not None:
                data = {"run_id": run_id, "report": str(report.page)}
                text = f"The report of run {run_id} is ready: {report.page}"
                self.emit(RunEvent.INFO, "report.ready", text, data, run_id)
            else:
                text = f"The report of run {run_id} could not be made: {report.problem}"
                self.emit(RunEvent.ERROR, "report.failed", text, run_id=run_id)

    # ---- watch -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._worker is None:
            return
        self._look_for_reports()
        before, now = self._status, self._worker.status
        self._status = now
        if before.folder is not None and before.run_id == self._late_run and not now.run_id:
            self._reports.begin(before.run_id, before.folder)
        if now.problem and now.problem != before.problem:
            self.emit(RunEvent.ERROR, "record.problem", now.problem, run_id=now.run_id)
        elif before.problem and not now.problem:
            text = "The record is being written again; nothing was lost"
            self.emit(RunEvent.INFO, "record.well", text, run_id=now.run_id)
        free = self._free_space(now)
        self._report_status(now, free)

    def _free_space(self, status: Status) -> float:
        """Return the bytes that the run's disk has left; warn once when they are few."""
        if status.folder is None:
            self._low = False
            return float("nan")
        free = float(shutil.disk_usage(status.folder).free)
        low = free < self.number("free_space_minimum")
        if low and not self._low:
            text = f"{free / 1e6:.0f} MB are left for the record in {status.folder}: make room"
            self.emit(RunEvent.WARNING, "record.disk_low", text, {"free": free}, status.run_id)
        self._low = low
        return free

    def _report_status(self, status: Status, free: float) -> None:
        level = DiagnosticStatus.OK
        message = f"recording run {status.run_id}" if status.run_id else "no run is being recorded"
        if status.problem:
            level, message = DiagnosticStatus.ERROR, status.problem
        elif self._low:
            level, message = DiagnosticStatus.WARN, "the disk is nearly full"
        values = {"Messages": status.messages, "Lost": status.lost, "Free space (B)": free}
        self.report(level, message, values)


def main() -> None:
    """Run the node."""
    run_node(DataLogger)


if __name__ == "__main__":
    main()
