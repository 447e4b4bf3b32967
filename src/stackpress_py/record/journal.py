"""The journal of a run: an append-only file of JSON lines, each bound to the one before it.

An entry's ``hash`` is the SHA-256 of its line without the hash, and the line holds the hash of the
entry before (``previous``): an entry that is changed, removed or put in afterwards breaks the
chain. A line that a power cut tore off is no break: the file simply ends one entry earlier.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

from stackpress_py.record.append_file import AppendFile

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    Attributes:
        time: s since the epoch.
        source: name of the node that says so.
        severity: "DEBUG", "INFO", "WARNING", "ERROR".
        code: stable, for programs.
        text: one sentence, for people.
        data: numbers, SI.
    """

    time: float
    source: str
    severity: str
    code: str
    text: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A journal as read back.

    Attributes:
        entries: those whose chain is intact, in order.
        problem: one sentence if the chain breaks; empty if it does not.
        torn: the last line is incomplete, as after a power cut.
    """

    entries: tuple[Entry, ...]
    problem: str = ""
    torn: bool = False


class Journal:
    """Writes the journal of one run.

    Args:
        path: of a file that must not exist.
    """

    def __init__(self, path: Path) -> None:
        self._file = AppendFile(path)
        self._sequence = 0
        self._previous = GENESIS

    def add(self, entry: Entry) -> None:
        """Take one entry; it is on the disk after the next :meth:`commit`."""
        body = {
            "sequence": self._sequence,
            "time": iso_time(entry.time),
            "source": entry.source,
            "severity": entry.severity,
            "code": entry.code,
            "text": entry.text,
            "data": plain(entry.data),
            "previous": self._previous,
        }
        line = json.dumps(body, separators=(",", ":"), allow_nan=False)
        self._previous = _hash(line)
        self._file.write(f'{line[:-1]},"hash":"{self._previous}"}}\n'.encode())
        self._sequence += 1

    def commit(self) -> None:
        """Wait until every entry is on the disk.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        if self._file.pending:
            self._file.commit()

    def close(self) -> None:
        """Close the file as it stands on the disk."""
        self._file.close()


def read(path: Path) -> Reading:
    """Return what a journal holds, up to the first line that is not to be trusted."""
    lines = path.read_bytes().split(b"\n")
    torn = lines.pop() != b""
    entries: list[Entry] = []
    previous = GENESIS
    for number, line in enumerate(lines):
        try:
            entry, previous = _parse(line.decode(), number, previous)
        except (ValueError, KeyError, TypeError) as error:
            problem = f"{path.name} line {number + 1}: {error}"
            return Reading(tuple(entries), problem, torn)
        entries.append(entry)
    return Reading(tuple(entries), "", torn)


def iso_time(time: float) -> str:
    """Return a time (s since the epoch) as ISO 8601 text, UTC, to the microsecond."""
    moment = datetime.fromtimestamp(time, timezone.utc)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def epoch_time(text: str) -> float:
    """Return the s since the epoch of a text by :func:`iso_time`."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def plain(value: Any) -> Any:
    """Return JSON data with null for each number that JSON has no word for (NaN, infinity).

    A date becomes its text.
    """
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a text; a text that is none is kept under the key "text"."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = text
    return found if isinstance(found, dict) else {"text": found}


def _parse(line: str, number: int, previous: str) -> tuple[Entry, str]:
    body, mark, tail = line.rpartition(',"hash":"')
    if not mark:
        raise ValueError("the entry has no hash")
    found = json.loads(body + "}")
    own = _hash(body + "}")
    if found["sequence"] != number or found["previous"] != previous or tail != own + '"}':
        raise ValueError("the entry was changed, or one before it was removed or put in")
    entry = Entry(
        epoch_time(found["time"]),
        found["source"],
        found["severity"],
        found["code"],
        found["text"],
        found["data"],
    )
    return entry, own


def _hash(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
