"""Whatever a line does within the promises, a value that is returned is the answer to its question."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.rtu_bench import PacketLine
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, FakeLine, framed

PATIENCE = Patience(REPLY_LATENCY)
TWO = modbus.read_registers(0, 2)


def answer(number: int, unit: int = 1, function: int = 3) -> bytes:
    """The answer to question ``number``: no two are the same."""
    return framed(bytes((unit, function, 4)) + (7919 * number).to_bytes(4, "big"))


@dataclass(frozen=True)
class Fault:
    """What happens to one answer.

    Attributes:
        cut: bytes kept, from the front or (negative) from the end.
        flips: bits that are turned around, at most three: what a CRC is sure to find.
        before, after: other bytes around it.
        copies: how often it is sent, with gaps of so many characters.
        old: the answer to the question before comes right before it.
        delay: s between the question's end and it.
        foreign: another unit's answer comes first.
    """

    cut: int = 0
    flips: tuple[int, ...] = ()
    before: bytes = b""
    after: bytes = b""
    copies: tuple[int, ...] = ()
    old: bool = False
    delay: float = 0.002
    foreign: bool = False

    def stream(self, number: int) -> list[tuple[float, bytes]]:
        frame = bytearray(answer(number))
        for bit in self.flips:
            frame[bit // 8] ^= 1 << bit % 8
        kept = bytes(frame[: self.cut] if self.cut > 0 else frame[self.cut :])
        first = self.before + (answer(number - 1) if self.old else b"")
        first += answer(number, unit=2) if self.foreign else b""
        pieces = [(self.delay, first + kept)]
        for gap in self.copies:
            begin, data = pieces[-1]
            pieces.append((begin + (len(data) + gap) * CHARACTER, kept))
        begin, data = pieces[-1]
        return [*pieces[:-1], (begin, data + self.after)]


BITS = 8 * len(answer(1))
# Up to the latency in time, then late by as much again: beyond that nothing is promised.
DELAYS = st.one_of(st.floats(1e-4, REPLY_LATENCY), st.floats(REPLY_LATENCY, 2 * REPLY_LATENCY))
GLITCH = st.binary(max_size=12)
DAMAGED = st.builds(
    Fault,
    cut=st.integers(-len(answer(1)), len(answer(1))),
    flips=st.lists(st.integers(0, BITS - 1), unique=True, max_size=3).map(tuple),
    before=st.one_of(st.just(b""), GLITCH, st.just(answer(1)[:4])),
    after=st.one_of(st.just(b""), GLITCH, st.just(answer(1)[:5])),
    copies=st.lists(st.integers(0, 16), max_size=2).map(tuple),
    delay=DELAYS,
    foreign=st.booleans(),
)
# An old answer alone is like the right one to the last bit; it gives itself away by the second.
MERGED = st.builds(Fault, before=GLITCH, after=GLITCH, old=st.just(True), delay=DELAYS)
ANYTHING = st.one_of(st.none(), DAMAGED, MERGED, st.just(Fault()), st.builds(Fault, delay=DELAYS))


class Line(PacketLine):
    """Answers question after question, each with its own fault; None: not at all."""

    def __init__(self, faults: Sequence[Fault | None], packets: bool) -> None:
        super().__init__(self.at_other_end)
        self.packets = packets
        self.coming = list(faults)
        self.asked = 0
        self.open()

    def at_other_end(self, frame: bytes) -> Sequence[tuple[float, bytes]]:
        self.asked += 1
        fault = self.coming.pop(0) if self.coming else Fault()
        return [] if fault is None else fault.stream(self.asked)


def play(faults: Sequence[Fault | None], packets: bool) -> None:
    line = Line(faults, packets)
    master = RtuMaster(line, CHARACTER, line.clock, line.sleep)
    for _ in range(len(faults) + 1):
        try:
            got = modbus.registers(master.transact(1, TWO, PATIENCE))
        except DeviceError:
            continue
        assert got == modbus.registers(answer(line.asked)[1:-2])
    # The last question met no fault, and whatever was before is over.
    assert got == modbus.registers(answer(line.asked)[1:-2])


@settings(max_examples=1500, derandomize=True, deadline=None)
@given(st.lists(ANYTHING, min_size=1, max_size=6), st.booleans())
def test_a_value_is_the_answer_to_its_question(faults: list[Fault | None], packets: bool) -> None:
    play(faults, packets)


def test_a_hundred_thousand_random_frames_are_no_answers() -> None:
    source = random.Random(11)
    line = FakeLine(lambda request: [(0.002, source.randbytes(source.randrange(1, 24)))])
    line.open()
    master = RtuMaster(line, CHARACTER, line.clock, line.sleep)
    request = modbus.read_registers(0, 2)
    accepted = 0
    for _ in range(100_000):
        try:
            master.transact(1, request, PATIENCE)
        except DeviceError:
            continue
        accepted += 1
    assert accepted == 0
    assert len(line.sent) == 100_000
