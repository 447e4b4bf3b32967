"""A recorder that is killed costs at most the last second, and every reader opens the rest."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stackpress_py.record import journal, manifest, reader, recovery, report
from stackpress_py.record.run_folder import RecordError, RunFolder
from unit.record import readers, synthetic

WRITER = Path(__file__).with_name("endless_writer.py")


class KilledRun:
    """A process that records messages as fast as a graph gives them, until it is killed."""

    def __init__(self, base: Path) -> None:
        self._log = base / "put.txt"
        self.folder = base / "runs" / "run_1"
        with self._log.open("w") as log:
            self.process = subprocess.Popen([sys.executable, str(WRITER), str(base)], stdout=log)

    def wait_for_messages(self, count: int) -> None:
        deadline = time.monotonic() + 30.0
        while len(self.put()) < count:
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def put(self) -> list[int]:
        """Log times (ns) of the messages that were handed to the record."""
        return [int(line) for line in self._log.read_text().split("\n")[:-1]]

    def kill(self) -> int:
        """Kill it; return the time (ns) at which it was done."""
        self.process.send_signal(signal.SIGKILL)
        now = time.time_ns()
        self.process.wait()
        return now


@pytest.fixture
def killed(tmp_path: Path) -> tuple[KilledRun, int]:
    run = KilledRun(tmp_path)
    try:
        run.wait_for_messages(700)
    finally:
        moment = run.kill()
    return run, moment


def test_at_most_the_last_second_is_lost(killed: tuple[KilledRun, int]) -> None:
    run, moment = killed
    put = [t for t in run.put() if t <= moment - 1e9]
    assert recovery.recover(RunFolder(run.folder)) == 1
    found = [time for _, time, _ in readers.by_mcap(run.folder)]
    assert found == sorted(found)
    assert len(found) >= len(put) > 100
    assert found[: len(put)] == put
    assert len(readers.by_rosbags(run.folder)) == len(found)
    assert len(readers.by_mcap_ros2(run.folder)) == len(found)


def test_the_unfinished_file_reads_without_recovery(killed: tuple[KilledRun, int]) -> None:
    run, _ = killed
    found = reader.read(run.folder)
    assert not found.complete
    assert found.manifest.outcome is None
    before = len(found.press.time)
    recovery.recover(RunFolder(run.folder))
    again = reader.read(run.folder)
    assert again.complete
    assert len(again.press.time) == before


def test_the_report_says_so(killed: tuple[KilledRun, int]) -> None:
    run, _ = killed
    page = report.build(run.folder).read_text()
    assert "NO VERDICT" in page
    assert "The recording ended without warning" in page
    assert (run.folder / "report.png").read_bytes().startswith(b"\x89PNG")
    assert journal.read(run.folder / "journal.jsonl").problem == ""
    assert manifest.read(run.folder / "manifest.json").stopped is None


def test_a_bag_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    run = KilledRun(tmp_path)
    try:
        run.wait_for_messages(100)
        with pytest.raises(RecordError, match="is being written"):
            recovery.recover(RunFolder(run.folder))
    finally:
        run.kill()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.77, 0.999])
def test_a_file_cut_anywhere_is_completed(tmp_path: Path, share: float) -> None:
    folder = synthetic.record(tmp_path)
    given = readers.by_mcap(folder)
    (file,) = (folder / "bag").glob("*.mcap")
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    recovery.recover(RunFolder(folder))
    assert recovery.is_complete(file)
    found = readers.by_mcap(folder)
    # The file was in the order of its chunks; the reader sorts by time.
    assert set(found) <= set(given)
    assert len(found) >= int(share * len(given) * 0.8)
    if found:
        assert len(readers.by_rosbags(folder)) == len(found)


def test_damage_in_the_middle_keeps_what_is_before(tmp_path: Path) -> None:
    folder = synthetic.record(tmp_path)
    (file,) = (folder / "bag").glob("*.mcap")
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    file.write_bytes(content[:-100])
    recovery.recover(RunFolder(folder))
    assert len(readers.by_mcap(folder)) > 1000
    assert json.loads((folder / "manifest.json").read_text())["run_id"] == "run_1"
