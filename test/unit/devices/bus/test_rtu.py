"""The strict master against everything that a line can do to a frame."""

import random
from collections.abc import Sequence

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import (
    DeviceError,
    NoReplyError,
    PortError,
    RefusedError,
    ReplyError,
)
from stackpress_py.devices.bus.rtu import LineTiming, RtuMaster, crc16, hunt, intact, seal
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, FakeLine, Slave, crc, framed

READ_3 = modbus.read_registers(0x10, 3)
ANSWER_3 = framed(bytes.fromhex("01 03 06 00 01 00 02 00 03"))


def master_on(slave: Slave) -> tuple[RtuMaster, FakeLine]:
    line = FakeLine(slave)
    line.open()
    timing = LineTiming(CHARACTER, REPLY_LATENCY)
    return RtuMaster(line, 1, timing, line.clock, line.sleep), line


def always(*answers: tuple[float, bytes]) -> Slave:
    return lambda request: answers


def ask(*answers: tuple[float, bytes]) -> tuple[int, ...]:
    master, _ = master_on(always(*answers))
    return modbus.registers(master.transact(READ_3))


# ---- CRC and frames ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"123456789", 0x4B37),
        (bytes.fromhex("01 03 00 00 00 0a"), 0xCDC5),
        (bytes.fromhex("11 03 00 6b 00 03"), 0x8776),
        (bytes.fromhex("02 07"), 0x1241),
        (b"", 0xFFFF),
    ],
)
def test_crc_vectors(data: bytes, expected: int) -> None:
    assert crc16(data) == expected


def test_crc_agrees_with_the_bitwise_definition() -> None:
    source = random.Random(1)
    for length in range(64):
        data = source.randbytes(length)
        assert seal(data) == data + crc(data)


@pytest.mark.parametrize(
    ("request_", "sent", "answered", "words"),
    [
        (READ_3, "01 03 0010 0003", "01 03 06 0001 8000 ffff", (1, 0x8000, 0xFFFF)),
        (
            modbus.write_registers(100, [7, 8]),
            "01 10 0064 0002 04 0007 0008",
            "01 10 0064 0002",
            (),
        ),
        (
            modbus.read_write_registers(0, 2, 100, [9]),
            "01 17 0000 0002 0064 0001 02 0009",
            "01 17 04 0009 1234",
            (9, 0x1234),
        ),
    ],
    ids=["03", "16", "23"],
)
def test_transcripts(
    request_: modbus.Request, sent: str, answered: str, words: tuple[int, ...]
) -> None:
    master, line = master_on(always((0.002, framed(bytes.fromhex(answered)))))
    reply = master.transact(request_)
    assert line.sent == [framed(bytes.fromhex(sent))]
    if words:
        assert modbus.registers(reply) == words


@pytest.mark.parametrize(
    "build",
    [
        lambda: modbus.read_registers(0, 0),
        lambda: modbus.read_registers(0, 126),
        lambda: modbus.read_registers(65530, 7),
        lambda: modbus.write_registers(-1, [0]),
        lambda: modbus.write_registers(0, [65536]),
        lambda: modbus.read_write_registers(0, 1, 0, [0] * 122),
    ],
)
def test_impossible_requests_are_refused(build: object) -> None:
    assert callable(build)
    with pytest.raises(ValueError, match=r"registers|words"):
        build()


# ---- the fault matrix ----------------------------------------------------------------------------


def test_a_split_at_every_byte_is_joined() -> None:
    for split in range(1, len(ANSWER_3)):
        late = 0.002 + (split + 50) * CHARACTER  # the second half 5 ms later
        assert ask((0.002, ANSWER_3[:split]), (late, ANSWER_3[split:])) == (1, 2, 3)


def test_leading_glitch_bytes_are_passed_over() -> None:
    for glitch in (
        b"\x00",
        b"\xff\x00",
        b"\x01",
        b"\x01\x03",
        b"\x01\x03\x06\x00",
        b"\x01\x83\x01",
    ):
        assert ask((0.002, glitch + ANSWER_3)) == (1, 2, 3)


@pytest.mark.parametrize(
    "request_", [READ_3, modbus.write_registers(100, [7, 8]), modbus.read_registers(0x0600, 3)]
)
def test_the_local_echo_is_passed_over(request_: modbus.Request) -> None:
    body = b"\x01" + request_.reply_prefix
    answer = framed(body.ljust(1 + request_.reply_length, b"\x05"))

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(-len(request) * CHARACTER, request), (0.002, answer)]

    master, _ = master_on(slave)
    assert master.transact(request_) == answer[1:-2]


def test_an_echo_alone_is_no_answer() -> None:
    for request in (READ_3, modbus.write_registers(100, [7]), modbus.write_registers(0, [0] * 9)):
        master, _ = master_on(lambda sent: [(0.0, sent)])
        with pytest.raises(NoReplyError):
            master.transact(request)


def test_a_flip_of_every_bit_is_found() -> None:
    for bit in range(8 * len(ANSWER_3)):
        damaged = bytearray(ANSWER_3)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DeviceError):
            ask((0.002, bytes(damaged)))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(framed(bytes.fromhex("02 03 06 0001 0002 0003")), id="other unit"),
        pytest.param(framed(bytes.fromhex("00 03 06 0001 0002 0003")), id="broadcast unit"),
        pytest.param(framed(bytes.fromhex("01 04 06 0001 0002 0003")), id="other function"),
        pytest.param(framed(bytes.fromhex("01 84 02")), id="exception of another function"),
        pytest.param(framed(bytes.fromhex("01 03 04 0001 0002")), id="too short"),
        pytest.param(framed(bytes.fromhex("01 03 08 0001 0002 0003 0004")), id="too long"),
        pytest.param(framed(bytes.fromhex("01 03 06 0001 0002")), id="length that lies"),
        pytest.param(ANSWER_3[:-1], id="cut off"),
        pytest.param(ANSWER_3[1:], id="begins too late"),
        pytest.param(bytes(range(256)) * 2, id="noise"),
    ],
)
def test_what_is_not_the_answer_is_refused(answer: bytes) -> None:
    with pytest.raises(ReplyError):
        ask((0.002, answer))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("01 10 0064 0003", id="other count"),
        pytest.param("01 10 0065 0002", id="other address"),
        pytest.param("01 06 0064 0002", id="other function"),
    ],
)
def test_a_write_is_confirmed_by_its_own_echo_only(answer: str) -> None:
    master, _ = master_on(always((0.002, framed(bytes.fromhex(answer)))))
    with pytest.raises(ReplyError):
        master.transact(modbus.write_registers(100, [7, 8]))


def test_silence_is_told_after_the_reply_latency() -> None:
    master, line = master_on(always())
    with pytest.raises(NoReplyError, match="unit 1 does not answer"):
        master.transact(READ_3)
    assert line.time - line.sent_at[0] < REPLY_LATENCY + 0.015


def test_an_exception_is_told_at_once() -> None:
    master, line = master_on(always((0.002, framed(bytes.fromhex("01 83 02")))))
    with pytest.raises(RefusedError, match=r"exception 2 \(illegal address\)") as caught:
        master.transact(READ_3)
    assert caught.value.code == 2
    assert line.time - line.sent_at[0] < 0.005


def test_an_answer_after_the_time_out_is_not_taken_for_the_next() -> None:
    """The trap of every RTU library: one answer late, for ever."""
    delays = iter([0.045, 0.002, 0.002])
    values = iter([1, 2, 3])

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(next(delays), framed(bytes((1, 3, 2, 0, next(values)))))]

    master, _ = master_on(slave)
    request = modbus.read_registers(0, 1)
    with pytest.raises(NoReplyError):
        master.transact(request)
    assert modbus.registers(master.transact(request)) == (2,)
    assert modbus.registers(master.transact(request)) == (3,)


def test_after_an_error_the_line_is_silent_before_the_next_request() -> None:
    answers = iter([[(0.0, b"\x55" * 30)], [(0.002, ANSWER_3)]])
    master, line = master_on(lambda request: next(answers))
    with pytest.raises(ReplyError):
        master.transact(READ_3)
    last_noise = line.sent_at[0] + (8 + 30) * CHARACTER
    assert modbus.registers(master.transact(READ_3)) == (1, 2, 3)
    assert line.sent_at[1] - last_noise >= REPLY_LATENCY


def test_endless_noise_ends_in_an_error() -> None:
    master, line = master_on(always())
    line.inject(b"\xaa" * 100_000)
    with pytest.raises(ReplyError, match="never silent"):
        master.transact(READ_3)
    assert line.sent == []


def test_a_trailing_glitch_does_not_disturb() -> None:
    master, line = master_on(always((0.002, ANSWER_3 + b"\x00")))
    for _ in range(5):
        assert modbus.registers(master.transact(READ_3)) == (1, 2, 3)
    assert line.sent_at[4] - line.sent_at[3] < 0.01, "no draining for a single byte"


def test_an_unasked_frame_between_two_requests_is_drained() -> None:
    master, line = master_on(always((0.002, ANSWER_3)))
    master.transact(READ_3)
    line.inject(framed(bytes.fromhex("01 03 06 0009 0009 0009")))
    line.sleep(0.01)
    before = line.time
    assert modbus.registers(master.transact(READ_3)) == (1, 2, 3)
    assert line.sent_at[-1] - before >= REPLY_LATENCY


def test_frames_are_apart_by_the_protocols_silence() -> None:
    master, line = master_on(always((0.002, ANSWER_3)))
    ends = []
    for _ in range(3):
        master.transact(READ_3)
        ends.append(line.time)
    for end, begin in zip(ends, line.sent_at[1:], strict=False):
        assert begin - end >= 1.75e-3 - 1e-9


def test_duplicated_answers_never_shift_the_next_ones() -> None:
    values = iter(range(1, 6))

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(0.002, 2 * framed(bytes((1, 3, 2, 0, next(values)))))]

    master, _ = master_on(slave)
    request = modbus.read_registers(0, 1)
    assert [modbus.registers(master.transact(request))[0] for _ in range(5)] == [1, 2, 3, 4, 5]


def test_two_answers_at_once_are_none() -> None:
    class Burst(FakeLine):
        """Everything arrives in one piece, as from a network gateway."""

        def read(self, timeout: float) -> bytes:
            first = super().read(timeout)
            self.time += 0.01 if first else 0.0
            return first + super().read(0.0)

    line = Burst(always((0.002, 2 * ANSWER_3)))
    line.open()
    timing = LineTiming(CHARACTER, REPLY_LATENCY)
    with pytest.raises(ReplyError, match="more than one answer"):
        RtuMaster(line, 1, timing, line.clock, line.sleep).transact(READ_3)


def test_unplug_is_told_at_every_stage() -> None:
    master, line = master_on(always((0.002, ANSWER_3)))
    line.unplug()
    with pytest.raises(PortError):
        master.transact(READ_3)

    def vanish(request: bytes) -> Sequence[tuple[float, bytes]]:
        line.unplug()
        return []

    line.present, line.slave = True, vanish
    line.open()
    with pytest.raises(PortError):
        master.transact(READ_3)


def test_random_bytes_are_never_an_answer() -> None:
    source = random.Random(7)
    sent = seal(b"\x01" + READ_3.pdu)
    for _ in range(30_000):
        noise = source.randbytes(source.randrange(40))
        assert hunt(noise, sent, READ_3).pdu == b""


def test_random_damage_never_gives_another_value() -> None:
    """Cut, duplicate, swap and flip whole answers: what is accepted is the truth."""
    source = random.Random(8)
    sent = seal(b"\x01" + READ_3.pdu)
    for _ in range(20_000):
        frame = bytearray(ANSWER_3)
        for _ in range(source.randrange(1, 4)):
            at = source.randrange(len(frame))
            action = source.randrange(3)
            if action == 0:
                frame[at] ^= 1 << source.randrange(8)
            elif action == 1 and len(frame) > 4:
                del frame[at]
            else:
                frame.insert(at, source.randrange(256))
        pdu = hunt(bytes(frame), sent, READ_3).pdu
        assert pdu in (b"", ANSWER_3[1:-2])


def test_a_frame_is_intact_or_not() -> None:
    assert intact(ANSWER_3)
    assert not intact(ANSWER_3[:-1])
    assert not intact(b"\xff\xff")
