"""Reports that are being made, each in a process of its own so that nothing waits for it."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: Also when this process is killed, nothing of it stays behind.
_DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")
_LONGEST_EXCUSE = 500


@dataclass(frozen=True, slots=True)
class FinishedReport:
    """The end of one report.

    Attributes:
        run_id: run that it is about.
        page: path of the page; None: it could not be made.
        problem: why not; empty: it was made.
    """

    run_id: str
    page: Path | None
    problem: str


class ReportJobs:
    """Starts reports and notices their end."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    def begin(self, run_id: str, folder: Path) -> None:
        """Start to make the report of a run."""
        command = (sys.executable, "-m", "stackpress_py.record.report", str(folder))
        self._running[run_id] = subprocess.Popen(
            (*_DIES_WITH_PARENT, *command),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finished(self) -> list[FinishedReport]:
        """Return the reports that have ended since the last call."""
        done = [run_id for run_id, job in self._running.items() if job.poll() is not None]
        return [_end(run_id, self._running.pop(run_id)) for run_id in done]

    def stop(self) -> None:
        """End those that are being made."""
        for job in self._running.values():
            job.terminate()
            job.communicate()
        self._running.clear()


def _end(run_id: str, job: subprocess.Popen[str]) -> FinishedReport:
    output, errors = job.communicate()
    if job.returncode == 0:
        return FinishedReport(run_id, Path(output.strip()), "")
    return FinishedReport(run_id, None, errors.strip()[-_LONGEST_EXCUSE:])
