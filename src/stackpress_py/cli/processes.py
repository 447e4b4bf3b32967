"""Run the programs of one press under supervisord, and leave none behind.

supervisord starts them, forwards their output and stops them: SIGTERM first, SIGKILL if that does
not help. Each process of the chain dies with its parent (``setpriv --pdeathsig``), so that nothing
is left even if the command itself is killed; a program that would not obey is collected as the
command's own orphan.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.supervisord import (
    STOP_TIMEOUT,
    Access,
    Control,
    Program,
    die_with_parent,
    supervisord_config,
)

#: s that supervisord has to stop everything: the simulated press stops after the nodes.
SHUTDOWN_TIMEOUT = 2 * STOP_TIMEOUT + 2.0
#: s for supervisord to listen; it begins without being woken, but a second later.
LISTEN_TIMEOUT = 10.0
#: s between two looks at whether supervisord has ended.
POLL_PERIOD = 0.05
PR_SET_CHILD_SUBREAPER = 36


class ProcessGroup:
    """The programs of one press, from construction to :meth:`stop`.

    Args:
        programs: what to run.
        environment: of all of them.
        folder: existing folder for configuration, log and process number.
        output: file descriptor or file for everything that they print; None: this process's output.

    Raises:
        CliError: setpriv is not installed.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        environment: Mapping[str, str],
        folder: Path,
        output: int | None = None,
    ) -> None:
        if shutil.which("setpriv") is None:
            raise CliError(
                ExitCode.BROKEN, "setpriv is not installed: install the package util-linux"
            )
        become_subreaper()
        append_only(sys.stdout.fileno() if output is None else output)
        file = folder / "supervisord.conf"
        access = Access.within(folder)
        file.write_text(supervisord_config(programs, folder, access))
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(file)]
        # Its own session: the terminal's Ctrl-C and hang-up reach us alone.
        self._process = subprocess.Popen(
            die_with_parent(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            start_new_session=True,
        )
        self._vital = frozenset(program.name for program in programs if program.vital)
        self._control = Control(access)
        deadline = time.monotonic() + LISTEN_TIMEOUT
        while not self._control.wake() and self.running and time.monotonic() < deadline:
            time.sleep(0.02)
        # The answer comes before the programs are started, the next one after that.
        self._control.wake()

    @property
    def running(self) -> bool:
        """True while supervisord runs."""
        return self._process.poll() is None

    def check(self) -> None:
        """Make sure that the press can still be worked with.

        Raises:
            CliError: supervisord, all programs, or one that nothing works without has ended.
        """
        running = self._control.running()
        if running is None or not self.running:
            ended = "supervisord"
        elif not running:
            ended = "every program of the press"
        elif missing := self._vital - running:
            ended = ", ".join(sorted(missing))
        else:
            return
        raise CliError(ExitCode.BROKEN, f"{ended} ended by itself: see its messages")

    def wait(self, timeout: float) -> bool:
        """Wait until supervisord has ended, at most `timeout` s; return True if it has."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self) -> None:
        """Stop all programs and wait until none is left."""
        if self.running and not self._control.shutdown():
            self._process.terminate()
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT
        while not self.wait(POLL_PERIOD):
            self._control.wake()
            if time.monotonic() > deadline:
                self._process.kill()
        collect_orphans(STOP_TIMEOUT)


def append_only(file: int) -> None:
    """Make everybody who shares an open file write at its end: supervisord opens it once more."""
    if stat.S_ISREG(os.fstat(file).st_mode):
        flags = fcntl.fcntl(file, fcntl.F_GETFL)
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_APPEND)


def become_subreaper() -> None:
    """Make orphans of our descendants our children instead of init's (prctl(2), Linux 3.4)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def collect_orphans(timeout: float) -> None:
    """Wait for the children that are left, at most `timeout` s, then kill them."""
    deadline = time.monotonic() + timeout
    while children := _children(os.getpid()):
        late = time.monotonic() > deadline
        for child in children:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                if late:
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0 if late else os.WNOHANG)
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    result = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # After the name, which may hold anything and ends at the last bracket (proc(5)).
            if file.read_text().rpartition(")")[2].split()[1] == str(parent):
                result.append(int(file.parent.name))
    return result
