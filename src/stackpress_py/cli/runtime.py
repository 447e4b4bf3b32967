"""The folder of one running press: lock, supervisord's files, simulated port and socket."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from stackpress_py.cli.exit_codes import CliError, ExitCode


def runtime_folder(domain: int, namespace: str) -> Path:
    """Return the folder of one press on this machine, whether it runs or not."""
    return _base() / f"{domain}{namespace.replace('/', '_')}"


@contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Make the folder and hold it for as long as the context lasts.

    Raises:
        CliError: another process holds it, or it cannot be made.
    """
    with claim(folder):
        yield folder


def claim(folder: Path) -> TextIO:
    """Make the folder and return its lock: the folder is held for as long as that file is open.

    Raises:
        CliError: another process holds it, or it cannot be made.
    """
    _make_private(folder.parent)
    _make_private(folder)
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip() or "unknown"
        lock.close()
        raise CliError(
            ExitCode.REJECTED,
            f"this press runs already, started by process {owner}: "
            "stop that one, or use another --namespace or --domain",
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _base() -> Path:
    user = os.environ.get("XDG_RUNTIME_DIR", "")
    if user and os.access(user, os.W_OK):
        return Path(user) / "stackpress"
    return Path(tempfile.gettempdir()) / f"stackpress-{os.getuid()}"


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        owner = folder.lstat()
    except OSError as error:
        raise CliError(ExitCode.BROKEN, f"{folder} cannot be made: {error.strerror}") from None
    if owner.st_uid != os.getuid() or not stat.S_ISDIR(owner.st_mode):
        raise CliError(ExitCode.BROKEN, f"{folder} belongs to somebody else: remove it")
