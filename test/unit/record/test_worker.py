"""The writing thread: it answers, it survives a disk that refuses, and it says what goes wrong."""

import resource
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stackpress_py.record import journal, manifest
from stackpress_py.record.mcap_writer import RawMessage
from stackpress_py.record.run_folder import RecordError
from stackpress_py.record.worker import Order, RecordWorker
from unit.record import readers, synthetic

LIMIT = 10.0


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[RecordWorker]:
    made = RecordWorker(synthetic.graph(tmp_path))
    yield made
    made.stop(LIMIT)


def order(tmp_path: Path, run_id: str = "run_1") -> Order:
    return Order(run_id, tmp_path / "runs", 0.0, synthetic.ORDER)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_message_between_open_and_close_is_recorded(
    worker: RecordWorker, tmp_path: Path
) -> None:
    messages = synthetic.messages()[:2000]
    worker.put(messages[0])  # before it is open: dropped
    folder = worker.open(order(tmp_path)).result(LIMIT)
    for message in messages[1:]:
        worker.put(message)
    assert worker.close("run_1", {"verdict": "PASSED"}).result(LIMIT) == folder
    worker.put(messages[0])  # after it is closed: dropped
    assert len(readers.by_mcap(folder)) == 1999
    found = manifest.read(folder / "manifest.json")
    assert sum(found.messages.values()) == 1999
    assert found.lost == 0
    assert journal.read(folder / "journal.jsonl").entries[-1].code == "record.end"


def test_one_run_after_the_other(worker: RecordWorker, tmp_path: Path) -> None:
    for run_id in ("run_1", "run_2"):
        folder = worker.open(order(tmp_path, run_id)).result(LIMIT)
        worker.put(synthetic.messages()[0])
        worker.close(run_id, {}).result(LIMIT)
        assert len(readers.by_mcap(folder)) == 1


def test_refusals_are_sentences(worker: RecordWorker, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="nothing is"):
        worker.close("run_1", {}).result(LIMIT)
    worker.open(order(tmp_path)).result(LIMIT)
    with pytest.raises(RecordError, match="record of run run_1 is still open"):
        worker.open(order(tmp_path, "run_2")).result(LIMIT)
    with pytest.raises(RecordError, match="run other is not being recorded; run run_1 is"):
        worker.close("other", {}).result(LIMIT)
    worker.close("run_1", {}).result(LIMIT)
    with pytest.raises(RecordError, match="exists already"):
        worker.open(order(tmp_path)).result(LIMIT)


def test_a_message_that_cannot_be_recorded_is_counted_and_told(
    worker: RecordWorker, tmp_path: Path
) -> None:
    folder = worker.open(order(tmp_path)).result(LIMIT)
    worker.put(RawMessage("/foreign", b"\0\1\0\0", 1, 1))
    wait_for(lambda: worker.status.problem)
    worker.close("run_1", {}).result(LIMIT)
    assert manifest.read(folder / "manifest.json").lost == 1


def test_a_disk_that_refuses_is_told_and_costs_nothing(
    worker: RecordWorker, tmp_path: Path
) -> None:
    messages = synthetic.messages()[:3000]
    folder = worker.open(order(tmp_path)).result(LIMIT)
    (file,) = (folder / "bag").glob("*.mcap")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 2000, hard))
        for message in messages:
            worker.put(message)
        wait_for(lambda: "cannot be written" in worker.status.problem)
        with pytest.raises(RecordError, match="goes on trying"):
            worker.close("run_1", {"verdict": "PASSED"}).result(LIMIT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    wait_for(lambda: not worker.status.run_id)
    assert len(readers.by_mcap(folder)) == 3000
    found = manifest.read(folder / "manifest.json")
    assert found.outcome == {"verdict": "PASSED"}
    assert found.lost == 0
