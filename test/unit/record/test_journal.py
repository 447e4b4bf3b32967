"""The journal: whatever is cut off or changed, what is before it can be read and trusted."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.record import journal
from stackpress_py.record.journal import Entry, Journal

ENTRIES = [
    Entry(1.8e9 + 0.25 * i, "press_driver", "INFO", f"code.{i}", f"Café ½ „{i}“\n", {"x": i / 3})
    for i in range(6)
]


def write(path: Path) -> bytes:
    book = Journal(path)
    for entry in ENTRIES:
        book.add(entry)
    book.commit()
    book.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write(tmp_path_factory.mktemp("journal") / "journal.jsonl")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch") / "journal.jsonl"


def test_it_reads_back_what_was_written(content: bytes, scratch: Path) -> None:
    scratch.write_bytes(content)
    found = journal.read(scratch)
    assert (found.problem, found.torn) == ("", False)
    assert list(found.entries) == ENTRIES


@settings(deadline=None)
@given(cut=st.integers(0, 10_000))
def test_cut_anywhere_it_still_reads(content: bytes, scratch: Path, cut: int) -> None:
    cut %= len(content) + 1
    scratch.write_bytes(content[:cut])
    found = journal.read(scratch)
    whole = content[:cut].count(b"\n")
    assert found.problem == ""
    assert list(found.entries) == ENTRIES[:whole]
    assert found.torn is not (cut == 0 or content[:cut].endswith(b"\n"))


@settings(deadline=None)
@given(where=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_found(content: bytes, scratch: Path, where: int, flip: int) -> None:
    where %= len(content) - 1
    changed = bytearray(content)
    changed[where] ^= flip
    scratch.write_bytes(changed)
    found = journal.read(scratch)
    line = content[:where].count(b"\n")
    assert found.problem or found.torn
    assert list(found.entries) == ENTRIES[: len(found.entries)]
    assert len(found.entries) <= line or flip == 0


@pytest.mark.parametrize("index", [0, 2, 4])
def test_a_removed_line_is_found(content: bytes, scratch: Path, index: int) -> None:
    lines = content.splitlines(keepends=True)
    del lines[index]
    scratch.write_bytes(b"".join(lines))
    found = journal.read(scratch)
    assert f"line {index + 1}" in found.problem
    assert len(found.entries) == index


def test_every_line_is_strict_json(tmp_path: Path) -> None:
    book = Journal(tmp_path / "journal.jsonl")
    book.add(Entry(0.0, "x", "INFO", "c", "t", {"a": [math.nan, {"b": math.inf}]}))
    book.commit()
    book.close()

    def refuse(word: str) -> None:
        raise AssertionError(word)

    line = (tmp_path / "journal.jsonl").read_text()
    assert json.loads(line, parse_constant=refuse)["data"] == {"a": [None, {"b": None}]}


@given(time=st.floats(0.0, 4e9))
def test_times_survive_to_the_microsecond(time: float) -> None:
    assert journal.epoch_time(journal.iso_time(time)) == pytest.approx(time, abs=1e-6)
