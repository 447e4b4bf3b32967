"""A bench of simulated devices as a process of its own, and a client of its socket."""

import json
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGS = Path(__file__).parents[2] / "config" / "sim" / "devices"
PATIENCE = 20.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.02)


class Bench:
    """A running bench with a client of its socket."""

    def __init__(self, config: Path, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackpress_py.sim.devices"]
            + ["--config", str(config), "--folder", str(folder)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "it does not start"
        word, *self.addresses = self.process.stdout.readline().split()
        assert word == "ready"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(folder / "world"))
        self._lines = self._socket.makefile("rb")

    def do(self, **request: object) -> dict[str, object]:
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        answer = json.loads(self._lines.readline())
        assert answer["ok"], answer
        assert isinstance(answer, dict)
        return answer

    def device(self, name: str) -> dict[str, object]:
        devices = self.do(op="state")["devices"]
        assert isinstance(devices, dict)
        state = devices[name]
        assert isinstance(state, dict)
        return state

    def link(self, line: str) -> str:
        return str(self.folder / line)

    def stop(self) -> str:
        """Stop it; return what it said on stderr."""
        self._lines.close()
        self._socket.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=PATIENCE)[1]


@contextmanager
def running(config: Path) -> Iterator[Bench]:
    # The usual folder of a test has too long a name for a socket.
    with tempfile.TemporaryDirectory(prefix="sim") as folder:
        bench = Bench(config, Path(folder))
        try:
            yield bench
        finally:
            errors = bench.stop()
        assert (bench.process.returncode, errors) == (0, "")
        assert list(Path(folder).iterdir()) == []


def complaint(config: Path, folder: Path) -> str:
    """Start a bench that cannot start; return the one line that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "stackpress_py.sim.devices"]
        + ["--config", str(config), "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr
