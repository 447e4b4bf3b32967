"""The calendar of the serial line, without a clock."""

import random
from dataclasses import replace

import pytest

from stackpress_py.sim.line import Line, character_time, silent_interval
from unit.sim.plants import REFERENCE

WIRE = REFERENCE.wire


def line(baud: int = 115200, parity: str = "even", reply: bytes | None = b"reply") -> Line:
    wire = replace(WIRE, baud=baud, parity=parity)
    return Line(wire, lambda frame: reply, random.Random(1))


def run(subject: Line, begin: float, seconds: float) -> list[tuple[float, bytes]]:
    """Step through time; return what came and when."""
    seen = []
    steps = round(seconds / 1e-5)
    for step in range(steps):
        now = begin + step * 1e-5
        data = subject.step(now)
        if data:
            seen.append((now, data))
    return seen


@pytest.mark.parametrize(
    ("parity", "stop_bits", "bits"), [("none", 1, 10), ("even", 1, 11), ("odd", 2, 12)]
)
def test_bits_of_a_character(parity: str, stop_bits: int, bits: int) -> None:
    wire = replace(WIRE, baud=9600, parity=parity, stop_bits=stop_bits)
    assert character_time(wire) == pytest.approx(bits / 9600)


def test_the_silent_interval_is_3_5_characters_and_fixed_above_19200() -> None:
    assert silent_interval(replace(WIRE, baud=19200)) == pytest.approx(3.5 * 11 / 19200)
    assert silent_interval(replace(WIRE, baud=38400)) == 1.75e-3


@pytest.mark.parametrize("baud", [9600, 115200])
def test_request_silence_turnaround_and_reply_take_their_time(baud: int) -> None:
    subject = line(baud)
    subject.receive(b"12345678", 10.0)
    seen = run(subject, 10.0, 0.1)
    character = 11 / baud
    silence = max(3.5 * character, 0.0) if baud <= 19200 else 1.75e-3
    begin = 8 * character + silence + 1e-3
    assert b"".join(data for _, data in seen) == b"reply"
    for number, (when, data) in enumerate(seen, start=1):
        assert len(data) == 1
        assert when - 10.0 == pytest.approx(begin + number * character, abs=2e-5)


def test_bytes_in_quick_succession_are_one_frame_and_slower_ones_two() -> None:
    frames: list[bytes] = []

    def serve(frame: bytes) -> None:
        frames.append(frame)

    subject = Line(WIRE, serve, random.Random(1))
    subject.receive(b"ab", 0.0)
    subject.step(0.001)
    subject.receive(b"cd", 0.0015)
    run(subject, 0.0015, 0.01)
    subject.receive(b"ef", 0.02)
    run(subject, 0.02, 0.01)
    assert frames == [b"abcd", b"ef"]


def test_due_leads_to_every_byte_and_no_earlier() -> None:
    subject = line()
    subject.receive(b"12345678", 0.0)
    now, got, wakes = 0.0, b"", 0
    while (due := subject.due(now)) is not None:
        assert due >= now
        now = due + 1e-6
        got += subject.step(now)
        wakes += 1
        assert wakes < 20
    assert got == b"reply"
    assert now == pytest.approx(8 * 11 / 115200 + 1.75e-3 + 1e-3 + 5 * 11 / 115200, abs=1e-4)


def test_silence_on_the_line() -> None:
    subject = line()
    subject.faults.silent = True
    subject.receive(b"1234", 0.0)
    assert run(subject, 0.0, 0.05) == []


def test_noise_flips_bits() -> None:
    subject = line(reply=bytes(200))
    subject.faults.flipped = 0.5
    subject.receive(b"1234", 0.0)
    data = b"".join(part for _, part in run(subject, 0.0, 0.05))
    flipped = sum(byte != 0 for byte in data)
    assert len(data) == 200 and 60 < flipped < 140
    assert all(byte.bit_count() <= 1 for byte in data)


def test_a_late_reply_still_comes_and_the_next_one_after_it() -> None:
    replies = iter((b"first", b"second"))
    subject = Line(WIRE, lambda frame: next(replies), random.Random(1))
    subject.faults.delay = 0.05
    subject.receive(b"a", 0.0)
    seen = run(subject, 0.0, 0.02)
    subject.faults.delay = 0.0
    subject.receive(b"b", 0.02)
    seen += run(subject, 0.02, 0.08)
    assert seen[0][0] > 0.05
    assert b"".join(data for _, data in seen) == b"firstsecond"


def test_what_is_sent_into_a_reply_is_lost() -> None:
    served: list[bytes] = []

    def serve(frame: bytes) -> bytes:
        served.append(frame)
        return b"r" * 50

    subject = Line(WIRE, serve, random.Random(1))
    subject.receive(b"a", 0.0)
    run(subject, 0.0, 0.004)
    subject.receive(b"b", 0.004)
    run(subject, 0.004, 0.05)
    assert served == [b"a"]


def test_clearing_forgets_everything_under_way() -> None:
    subject = line()
    subject.receive(b"1234", 0.0)
    subject.clear()
    assert subject.due(0.0) is None
    assert run(subject, 0.0, 0.05) == []
