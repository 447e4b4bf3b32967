"""Run the ``stackpress`` command as a user does, and see which processes it leaves."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stackpress_py.cli import environment

DOMAIN = "ROS_DOMAIN_ID"
RUNTIME = Path(tempfile.gettempdir())


def processes_of(domain: int) -> dict[int, str]:
    """Return the command lines, by process number, of everything that runs in a ROS domain."""
    mark = f"{DOMAIN}={domain}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            if alive and mark in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                found[int(folder.name)] = b" ".join(words).decode(errors="replace")
    return found


def wait_for(condition: Callable[[], object], timeout: float, what: str) -> None:
    """Wait until the condition holds; fail with `what` if it does not within `timeout` s."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"after {timeout} s still waiting for {what}"
        time.sleep(0.02)


class Command:
    """One running ``stackpress`` command."""

    def __init__(
        self, words: tuple[str, ...], domain: int, folder: Path, log: Path | None = None
    ) -> None:
        self._log = log or folder / "output.txt"
        variables = environment.completed(os.environ, domain)
        # The usual folder of a test has too long a name for a socket.
        variables["XDG_RUNTIME_DIR"] = str(RUNTIME)
        with self._log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "stackpress_py.cli.app", *words],
                env=variables,
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self._log.read_text(errors="replace")

    def wait(self, timeout: float) -> int:
        """Return the exit code; fail if there is none within `timeout` s."""
        wait_for(lambda: self.process.poll() is not None, timeout, f"the end of\n{self.output}")
        return int(self.process.returncode)

    def wait_for_output(self, text: str, timeout: float) -> None:
        """Wait until a text was printed."""

        def printed() -> bool:
            assert self.process.poll() is None or text in self.output, self.output
            return text in self.output

        wait_for(printed, timeout, f"{text!r} in\n{self.output}")


@contextmanager
def command(*words: str, domain: int, folder: Path) -> Iterator[Command]:
    """Run a ``stackpress`` command; at the end nothing of its domain is left, by force."""
    running = Command(words, domain, folder)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(20.0)
        for number in processes_of(domain):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        running.process.wait()
