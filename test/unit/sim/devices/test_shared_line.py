"""Several devices on one line, in time, without a clock."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from stackpress_py.sim.line import Answer, Line
from unit.sim.plants import REFERENCE

WIRE = replace(REFERENCE.wire, baud=115200, parity="none", turnaround_ms=1.0)
CHARACTER = 10 / 115200
SILENCE = 1.75e-3


def line(serve: Callable[[bytes], bytes | Answer | None], duplex: bool = False) -> Line:
    return Line(WIRE, serve, random.Random(1), duplex)


def run(subject: Line, begin: float, seconds: float) -> list[tuple[float, bytes]]:
    seen = []
    for step in range(round(seconds / 1e-5)):
        now = begin + step * 1e-5
        data = subject.step(now)
        if data:
            seen.append((now, data))
    return seen


def text(seen: list[tuple[float, bytes]]) -> bytes:
    return b"".join(data for _, data in seen)


def test_each_device_has_its_own_delay() -> None:
    delays = {b"a": 0.01, b"b": 0.0}
    subject = line(lambda frame: Answer(b"reply", delays[frame], frame[0]))
    first = []
    for number, name in enumerate((b"a", b"b")):
        begin = 0.1 * number
        subject.receive(name, begin)
        first.append(run(subject, begin, 0.05)[0][0] - begin)
    assert first[0] - first[1] == pytest.approx(0.01, abs=2e-5)
    assert first[1] == pytest.approx(CHARACTER + SILENCE + 1e-3 + CHARACTER, abs=3e-5)


def test_a_slow_device_does_not_hold_up_another_one() -> None:
    delays = {b"s": 0.05, b"f": 0.0}
    subject = line(lambda frame: Answer(frame * 3, delays[frame], frame[0]))
    subject.receive(b"s", 0.0)
    seen = run(subject, 0.0, 0.02)
    subject.receive(b"f", 0.02)
    seen += run(subject, 0.02, 0.08)
    assert text(seen) == b"fffsss"
    assert seen[-1][0] > 0.05


def test_two_devices_that_talk_at_once_are_mixed_up() -> None:
    delays = {b"s": 0.0052, b"f": 0.0}
    subject = line(lambda frame: Answer(frame * 40, delays[frame], frame[0]))
    subject.receive(b"s", 0.0)
    run(subject, 0.0, 0.003)
    subject.receive(b"f", 0.003)
    mixed = text(run(subject, 0.003, 0.03))
    assert sorted(mixed) == sorted(b"s" * 40 + b"f" * 40)
    assert mixed not in (b"s" * 40 + b"f" * 40, b"f" * 40 + b"s" * 40)


def test_what_a_device_says_by_itself_comes_at_its_pace() -> None:
    subject = line(lambda frame: None)
    subject.say(b"hello", 1.0)
    subject.say(b"world", 1.0)
    seen = run(subject, 1.0, 0.01)
    assert text(seen) == b"helloworld"
    assert seen[-1][0] - 1.0 == pytest.approx(10 * CHARACTER, abs=2e-5)
    assert subject.due(2.0) is None


def test_a_silent_line_says_nothing() -> None:
    subject = line(lambda frame: None)
    subject.faults.silent = True
    subject.say(b"hello", 0.0)
    assert run(subject, 0.0, 0.01) == []


@pytest.mark.parametrize(("duplex", "served"), [(False, [b"a"]), (True, [b"a", b"b"])])
def test_with_two_wires_a_request_may_come_while_a_reply_goes(
    duplex: bool, served: list[bytes]
) -> None:
    frames: list[bytes] = []

    def serve(frame: bytes) -> bytes:
        frames.append(frame)
        return b"r" * 50

    subject = line(serve, duplex)
    subject.receive(b"a", 0.0)
    run(subject, 0.0, 0.004)
    subject.receive(b"b", 0.004)
    run(subject, 0.004, 0.05)
    assert frames == served


def test_due_leads_to_the_end_of_all_replies() -> None:
    subject = line(lambda frame: Answer(frame * 20, 0.02 if frame == b"s" else 0.0, frame[0]))
    subject.receive(b"s", 0.0)
    now, got, sent = 0.0, b"", False
    for _ in range(200):
        due = subject.due(now)
        if due is None:
            break
        assert due >= now
        now = due + 1e-6
        got += subject.step(now)
        if not sent:
            subject.receive(b"f", now)
            sent = True
    assert got == b"f" * 20 + b"s" * 20 or got == b"s" * 20 + b"f" * 20
