"""What is on a line before anybody asks."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.probe.listening import (
    Heard,
    answers,
    frames,
    kind_of,
    last_line,
)
from unit.devices.fakes import framed

QUESTION = framed(bytes.fromhex("05 03 00 01 00 02"))
ANSWER = framed(bytes.fromhex("05 03 04 00 19 00 50"))
REFUSAL = framed(bytes.fromhex("05 83 02"))
WRITE = framed(bytes.fromhex("05 10 00 01 00 02 04 00 01 00 02"))
CONFIRMATION = framed(bytes.fromhex("05 10 00 01 00 02"))


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (b"", Heard.NOTHING),
        (b"\x00\xff\x00", Heard.NOTHING),
        (b"12.5 kg\r\n12.6 kg\r\n", Heard.TEXT),
        (b"\x002.5 kg\r\n" + 3 * b"12.6 kg\r\n", Heard.TEXT),
        (b"1.0\r2.0\r", Heard.TEXT),
        (b"12345678901234567890", Heard.NOISE),
        (bytes(range(128, 200)), Heard.NOISE),
        (QUESTION, Heard.MODBUS),
        (b"\x00" + QUESTION + b"\xff" + ANSWER, Heard.MODBUS),
        (QUESTION[:-1] + b"\x00", Heard.NOISE),
    ],
)
def test_the_kind_of_what_is_heard(heard: bytes, kind: Heard) -> None:
    assert kind_of(heard) is kind


def test_all_frames_of_a_conversation_are_found() -> None:
    talk = QUESTION + ANSWER + b"\x55" + QUESTION + REFUSAL + WRITE + CONFIRMATION
    found = [(frame.function, frame.size) for frame in frames(talk)]
    assert found == [(3, 8), (3, 9), (3, 8), (0x83, 5), (16, 13), (16, 8)]
    assert {frame.unit for frame in frames(talk)} == {5}


def test_only_answers_tell_of_a_device() -> None:
    assert answers(QUESTION) == []
    assert answers(QUESTION + ANSWER) == [5]
    assert answers(REFUSAL) == [5]


@given(
    st.binary(max_size=12),
    st.integers(1, 247),
    st.sampled_from((3, 4)),
    st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=20),
)
def test_an_answer_is_found_behind_anything(
    before: bytes, unit: int, function: int, words: list[int]
) -> None:
    data = struct.pack(f">{len(words)}H", *words)
    answer = framed(bytes((unit, function, len(data))) + data)
    # What stands before may itself begin a longer frame only by its own checksum: never here.
    assert unit in answers(before + answer) or frames(before)


@given(st.binary(max_size=300))
def test_no_bytes_are_too_strange(heard: bytes) -> None:
    assert kind_of(heard) in Heard
    for frame in frames(heard):
        assert 4 <= frame.size <= 256


@pytest.mark.parametrize(
    ("heard", "line"),
    [
        (b"1.0 kg\r\n2.0 kg\r\n3.", "2.0 kg"),
        (b"ES\r\n", "ES"),
        (b"\x80\x81\r\n", ""),
        (b"no end", ""),
        (b"\r\n\r\n", ""),
    ],
)
def test_the_last_whole_line(heard: bytes, line: str) -> None:
    assert last_line(heard) == line
