"""The thread that writes: whatever may have to wait for a disk happens in it, and only there."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stackpress_py.record import run_folder
from stackpress_py.record.mcap_writer import RawMessage
from stackpress_py.record.recorder import Graph, Recorder
from stackpress_py.record.run_folder import RecordError

#: s between two commits: what a power cut can cost is this and the time of the commit itself.
COMMIT_PERIOD = 0.5
#: s between two looks at the messages that have come: one wake-up serves many of them.
_PERIOD = 0.1
#: Messages that may wait for the thread; more are counted as lost.
_LONGEST_QUEUE = 200_000


@dataclass(frozen=True, slots=True)
class Order:
    """A request to open a record.

    Attributes:
        run_id: identity of the run.
        output: absolute folder in which the run's folder is made.
        minimum_free: bytes that the disk must have left.
        details: the sequencer's JSON object: recipe as run, parameters, cell id.
    """

    run_id: str
    output: Path
    minimum_free: float
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """How the record is doing.

    Attributes:
        run_id: run that is being recorded; empty: none.
        folder: its folder; None: none.
        messages: taken so far.
        lost: that could not be taken.
        problem: what goes wrong, one sentence; empty: nothing.
    """

    run_id: str = ""
    folder: Path | None = None
    messages: int = 0
    lost: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Close:
    run_id: str
    outcome: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Command:
    what: Order | _Close
    answer: Future[Path]


class RecordWorker:
    """Records one run at a time; its methods never wait for the disk.

    Args:
        graph: what there is to record.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._messages: deque[RawMessage] = deque()
        self._commands: deque[_Command] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._recording = False
        self._overflow = 0
        self._recorder: Recorder | None = None
        self._outcome: Mapping[str, Any] | None = None
        self._next_commit = 0.0
        self._status = Status()
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()

    @property
    def status(self) -> Status:
        """How the record is doing."""
        return self._status

    def put(self, message: RawMessage) -> None:
        """Take a message; it is dropped while no record is open."""
        if not self._recording:
            return
        if len(self._messages) >= _LONGEST_QUEUE:
            self._overflow += 1
            return
        self._messages.append(message)

    def open(self, order: Order) -> Future[Path]:
        """Open a record; the future has the run's folder, or a RecordError."""
        return self._ask(order)

    def close(self, run_id: str, outcome: Mapping[str, Any]) -> Future[Path]:
        """Complete the record of a run; the future has the run's folder, or a RecordError."""
        return self._ask(_Close(run_id, outcome))

    def stop(self, timeout: float) -> None:
        """End the thread, waiting up to ``timeout`` s; an open record stays as it is."""
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout)

    def _ask(self, what: Order | _Close) -> Future[Path]:
        command = _Command(what, Future())
        self._commands.append(command)
        self._wake.set()
        return command.answer

    # ---- in the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(None if self._recorder is None else _PERIOD)
            self._wake.clear()
            while self._commands:
                self._obey(self._commands.popleft())
            self._drain()
            if time.monotonic() >= self._next_commit:
                self._commit()
        if self._recorder is not None:
            self._recorder.close()

    def _obey(self, command: _Command) -> None:
        try:
            what = command.what
            folder = self._open(what) if isinstance(what, Order) else self._close(what)
        except RecordError as error:
            command.answer.set_exception(error)
        except Exception as error:
            command.answer.set_exception(RecordError(f"the record failed: {error!r}"))
        else:
            command.answer.set_result(folder)

    def _open(self, order: Order) -> Path:
        if self._recorder is not None:
            run_id = self._recorder.folder.run_id
            raise RecordError(f"the record of run {run_id} is still open: close it first")
        folder = run_folder.create(order.output, order.run_id, order.minimum_free)
        self._messages.clear()
        self._overflow = 0
        # From here on messages are kept, and written as soon as the files are there.
        self._recording = True
        try:
            self._recorder = Recorder(folder, self._graph, order.details, time.time())
        except OSError as error:
            self._recording = False
            raise RecordError(f"the record in {folder.path} cannot be opened: {error}") from error
        self._outcome = None
        self._status = Status(folder.run_id, folder.path)
        return folder.path

    def _close(self, request: _Close) -> Path:
        recorder = self._recorder
        if recorder is None or recorder.folder.run_id != request.run_id:
            now = f"run {recorder.folder.run_id}" if recorder else "nothing"
            raise RecordError(f"run {request.run_id} is not being recorded; {now} is")
        self._recording = False
        self._drain()
        self._outcome = request.outcome
        self._commit()
        if self._recorder is not None:
            raise RecordError(
                f"the record in {recorder.folder.path} is not complete yet,"
                f" the logger goes on trying: {self._status.problem}"
            )
        return recorder.folder.path

    def _drain(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        while self._messages:
            message = self._messages.popleft()
            try:
                recorder.add(message)
            except Exception as error:
                recorder.lost += 1
                self._trouble(f"a message of {message.topic} was not recorded: {error!r}")

    def _commit(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        recorder.lost += self._overflow
        self._overflow = 0
        try:
            if self._outcome is None:
                recorder.commit()
            else:
                recorder.finish(self._outcome, time.time())
        except Exception as error:
            self._trouble(f"the record cannot be written, messages wait in memory: {error}")
        else:
            self._settle(recorder)
        self._next_commit = time.monotonic() + COMMIT_PERIOD

    def _settle(self, recorder: Recorder) -> None:
        """Everything taken so far is on the disk."""
        problem = f"{recorder.lost} messages were lost" if recorder.lost else ""
        folder = recorder.folder
        self._status = Status(folder.run_id, folder.path, recorder.messages, recorder.lost, problem)
        if self._outcome is not None:
            recorder.close()
            self._recorder = None
            self._status = Status(messages=recorder.messages, lost=recorder.lost, problem=problem)

    def _trouble(self, problem: str) -> None:
        self._status = replace(self._status, problem=problem)
