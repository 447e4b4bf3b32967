"""A file that only grows, and of which a failing disk loses nothing that memory can still hold."""

import fcntl
import os
from pathlib import Path


class AppendFile:
    """Bytes are kept in memory until :meth:`commit` has them safely on the disk.

    When the disk fails, the bytes stay and the next commit tries again, so the file never has a
    hole and never ends in a torn record because of an error. It has what
    :class:`mcap.writer.Writer` asks of a stream.

    Args:
        path: of a file that must not exist.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        # Tells others, for as long as this process lives, that the file is not finished.
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._size = 0
        self._pending = bytearray()

    @property
    def pending(self) -> int:
        """Bytes that are not on the disk yet."""
        return len(self._pending)

    def write(self, data: bytes) -> int:
        """Take bytes to be appended."""
        self._pending += data
        return len(data)

    def tell(self) -> int:
        """Return the length that the file has after the next commit, in bytes."""
        return self._size + len(self._pending)

    def flush(self) -> None:
        """Do nothing: only :meth:`commit` writes."""

    def commit(self) -> None:
        """Write what is pending and wait until it is on the disk.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        written = 0
        with memoryview(self._pending) as view:
            while written < len(view):
                written += os.pwrite(self._file, view[written:], self._size + written)
        os.fsync(self._file)
        self._size += written
        self._pending.clear()

    def close(self) -> None:
        """Close the file; what is still pending is lost."""
        os.close(self._file)


def sync_directory(path: Path) -> None:
    """Wait until the names of the files in a folder are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, text: str) -> None:
    """Write a text file so that at any moment either the old or the new one is there, whole."""
    draft = path.with_name(path.name + ".new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_directory(path.parent)
