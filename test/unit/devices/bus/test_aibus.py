"""AIBUS frames by hand, and the master against everything that a line can do to them."""

import random
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.bus.aibus import AFTERMATH, AibusMaster
from stackpress_py.devices.bus.aibus_frames import (
    GLITCH,
    AibusReply,
    decoded,
    find_answers,
    read_request,
    speaker,
    write_request,
)
from stackpress_py.devices.bus.errors import NoReplyError, PortError, RefusedError, ReplyError
from stackpress_py.devices.bus.timing import Patience
from unit.devices.fakes import FakeLine, Slave

#: What FakeLine takes for a byte.
CHARACTER = 11 / 115200
PATIENCE = Patience(0.05)
UNIT = 7
HOT = AibusReply(1853, 1800, 42, 0b00010, 1800)

words = st.integers(-32768, 32767)
replies = st.builds(AibusReply, words, words, st.integers(-128, 127), st.integers(0, 255), words)
units = st.integers(1, 80)


def framed(reply: AibusReply, unit: int = UNIT) -> bytes:
    """Return an answer's bytes, made by the formula of the protocol's paper."""
    body = bytearray()
    for word in (reply.process_value, reply.set_point):
        body += bytes((word & 0xFF, word >> 8 & 0xFF))
    body += bytes((reply.output & 0xFF, reply.alarm))
    body += bytes((reply.value & 0xFF, reply.value >> 8 & 0xFF))
    check = reply.process_value + reply.set_point + reply.value + unit
    check += reply.alarm * 256 + (reply.output & 0xFF)
    return bytes(body) + bytes((check & 0xFF, check >> 8 & 0xFF))


def master_on(slave: Slave) -> tuple[AibusMaster, FakeLine]:
    line = FakeLine(slave)
    line.open()
    return AibusMaster(line, CHARACTER, line.clock, line.sleep), line


def always(*answers: tuple[float, bytes]) -> Slave:
    return lambda request: answers


def ask(*answers: tuple[float, bytes], unit: int = UNIT) -> AibusReply:
    master, _ = master_on(always(*answers))
    return master.read(unit, 0, PATIENCE)


# ---- frames --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        # 256 * parameter + 82 + unit
        (read_request(1, 0), "81 81 52 00 00 00 53 00"),
        (read_request(80, 0x0C), "d0 d0 52 0c 00 00 a2 0c"),
        # 256 * parameter + 67 + value + unit
        (write_request(1, 0, 1000), "81 81 43 00 e8 03 2c 04"),
        (write_request(5, 0x1B, -1), "85 85 43 1b ff ff 47 1b"),
        (write_request(1, 0xFF, 32000), "81 81 43 ff 00 7d 44 7c"),
    ],
)
def test_requests(frame: bytes, expected: str) -> None:
    assert frame == bytes.fromhex(expected)


def test_an_answer_is_signed_where_the_protocol_is() -> None:
    # 25.0 degC measured, 180.0 set, -20 % (cooling), low alarm, parameter -5; unit 3
    answer = bytes.fromhex("fa 00 08 07 ec 02 fb ff ec 0a")
    assert find_answers(answer, 3) == [answer]
    assert decoded(answer) == AibusReply(250, 1800, -20, 2, -5)


@given(replies, units)
def test_what_is_framed_is_decoded(reply: AibusReply, unit: int) -> None:
    answer = framed(reply, unit)
    if find_answers(answer, unit):
        assert decoded(answer) == reply
    else:
        assert len(set(struct.unpack("<5H", answer))) == 1


@pytest.mark.parametrize(
    ("unit", "parameter", "value", "wrong"),
    [
        (0, 0, 0, "unit 0"),
        (81, 0, 0, "unit 81"),
        (1, -1, 0, "parameter -1"),
        (1, 256, 0, "parameter 256"),
        (1, 0, 32001, "value 32001"),
        (1, 0, -32769, "value -32769"),
    ],
)
def test_impossible_requests_are_refused(unit: int, parameter: int, value: int, wrong: str) -> None:
    master, line = master_on(always())
    with pytest.raises(ValueError, match=wrong):
        master.write(unit, parameter, value, PATIENCE)
    if value == 0:
        with pytest.raises(ValueError, match=wrong):
            master.read(unit, parameter, PATIENCE)
    assert line.sent == []


@given(replies, units, st.integers(0, 4), st.integers(0, 0xFFFF))
def test_damage_within_one_word_is_always_seen(
    reply: AibusReply, unit: int, at: int, other: int
) -> None:
    """Of a sum every flipped bit, every wrong byte and every burst within a word is seen."""
    numbers = list(struct.unpack("<5H", framed(reply, unit)))
    if numbers[at] == other:
        return
    numbers[at] = other
    assert find_answers(struct.pack("<5H", *numbers), unit) == []


@given(replies, units, units)
def test_another_units_answer_is_never_taken(reply: AibusReply, unit: int, other: int) -> None:
    if unit != other:
        assert find_answers(framed(reply, other), unit) == []


@pytest.mark.parametrize(("hum", "unit"), [("55", 1), ("aa", 2), ("ff", 3), ("5455", 4)])
def test_a_hum_is_no_answer(hum: str, unit: int) -> None:
    """Streams that repeat themselves have the right sum for some units."""
    noise = (bytes.fromhex(hum) * 10)[:10]
    numbers = struct.unpack("<5H", noise)
    assert numbers[4] == (sum(numbers[:4]) + unit) & 0xFFFF
    assert find_answers(noise, unit) == []
    assert speaker(noise) is None


# ---- the master ----------------------------------------------------------------------------------


def test_a_read_and_a_write() -> None:
    master, line = master_on(always((0.002, framed(HOT))))
    assert master.read(UNIT, 0, PATIENCE) == HOT
    assert master.write(UNIT, 0, 1800, PATIENCE) == HOT
    assert line.sent == [read_request(UNIT, 0), write_request(UNIT, 0, 1800)]
    assert master.latency == pytest.approx(0.002 + 18 * CHARACTER, abs=1e-4)


def test_a_write_that_is_not_repeated_is_told() -> None:
    """The controller kept its value, or this answers another question."""
    master, line = master_on(always((0.002, framed(HOT))))
    with pytest.raises(ReplyError, match="answers 1800 to the writing of 1900 to parameter 00h"):
        master.write(UNIT, 0, 1900, PATIENCE)
    before = line.time
    master.read(UNIT, 0, PATIENCE)
    assert line.sent_at[-1] - before >= PATIENCE.reply_latency - 1e-9


@pytest.mark.parametrize("value", [0x7F00, 0x7F7F, 0x7FFF])
def test_a_parameter_that_does_not_exist_is_told(value: int) -> None:
    master, line = master_on(always((0.002, framed(AibusReply(250, 0, 0, 0, value)))))
    for use in (
        lambda: master.read(UNIT, 0x51, PATIENCE),
        lambda: master.write(UNIT, 0x51, 3, PATIENCE),
    ):
        with pytest.raises(RefusedError, match="unit 7 has no parameter 51h") as caught:
            use()
        assert caught.value.code == 2
    assert line.sent_at[1] - line.sent_at[0] < PATIENCE.reply_latency, "a refusal is an answer"


def test_a_split_at_every_byte_is_joined() -> None:
    answer = framed(HOT)
    for split in range(1, len(answer)):
        late = 0.002 + (split + 50) * CHARACTER
        assert ask((0.002, answer[:split]), (late, answer[split:])) == HOT


@pytest.mark.parametrize("glitch", ["00", "ff", "87", "ff 00", "00 ff", "fa 00 ff"])
def test_leading_and_trailing_glitch_bytes_are_passed_over(glitch: str) -> None:
    noise = bytes.fromhex(glitch)
    assert ask((0.002, noise + framed(HOT))) == HOT
    assert ask((0.002, framed(HOT) + noise)) == HOT


@pytest.mark.parametrize("glitch", [b"", b"\x00", b"\xff\xff\xff"])
def test_the_local_echo_is_passed_over(glitch: bytes) -> None:
    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(-len(request) * CHARACTER, glitch + request), (0.002, framed(HOT))]

    master, _ = master_on(slave)
    assert master.read(UNIT, 0, PATIENCE) == HOT
    assert master.write(UNIT, 0, 1800, PATIENCE) == HOT


def test_an_echo_alone_is_silence() -> None:
    master, _ = master_on(lambda request: [(0.0, request)])
    with pytest.raises(NoReplyError, match="unit 7 does not answer"):
        master.read(UNIT, 0, PATIENCE)


def test_silence_is_told_after_the_reply_latency() -> None:
    master, line = master_on(always())
    with pytest.raises(NoReplyError, match="unit 7 does not answer"):
        master.read(UNIT, 0, PATIENCE)
    assert line.time - line.sent_at[0] < PATIENCE.reply_latency + 0.015


def test_another_unit_is_told() -> None:
    with pytest.raises(ReplyError, match="unit 8 answered instead of unit 7"):
        ask((0.002, framed(HOT, 8)))


@pytest.mark.parametrize(
    "answer",
    [
        framed(HOT)[:-1],
        framed(HOT)[1:],
        framed(HOT) + framed(HOT),
        framed(HOT, 8) + framed(HOT),
        framed(HOT) + b"\x00" * (GLITCH + 1),
        b"\x00" * (GLITCH + 1) + framed(HOT),
        bytes(10),
        b"\x55" * 100,
    ],
    ids=["cut behind", "cut before", "twice", "two units", "trailing", "leading", "zeros", "hum"],
)
def test_what_is_no_answer_is_told_with_its_bytes(answer: bytes) -> None:
    with pytest.raises(ReplyError, match="unit 7.*" + answer[:4].hex(" ")):
        ask((0.002, answer))


def test_an_answer_after_the_time_out_is_not_taken_for_the_next() -> None:
    """The trap of this protocol: another parameter's value, for ever."""
    delays = iter([0.09, 0.002, 0.002])

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(next(delays), framed(AibusReply(1853, 1800, 42, 0, 100 + request[3])))]

    master, _ = master_on(slave)
    with pytest.raises(NoReplyError):
        master.read(UNIT, 1, PATIENCE)
    assert master.read(UNIT, 2, PATIENCE).value == 102
    assert master.read(UNIT, 3, PATIENCE).value == 103


def test_the_drain_waits_for_the_device_that_was_asked() -> None:
    """A slow controller's late answer is not taken for that of a fast one, nor makes it slow."""
    slow, fast = Patience(0.2), Patience(0.02)
    master, line = master_on(
        lambda request: [(0.002, framed(HOT, 9))] if request[0] == 0x89 else []
    )
    master.read(9, 0, fast)
    with pytest.raises(NoReplyError):
        master.read(UNIT, 0, slow)
    master.read(9, 0, fast)
    assert line.sent_at[2] - line.sent_at[1] >= 0.4 - 1e-9
    master.read(9, 0, fast)
    assert line.sent_at[3] - line.sent_at[2] < 0.03 + AFTERMATH


def test_the_devices_own_silence_is_kept() -> None:
    master, line = master_on(always((0.002, framed(HOT))))
    for _ in range(2):
        master.read(UNIT, 0, Patience(0.05, silence=0.1))
    answered = line.sent_at[0] + 0.002 + 18 * CHARACTER
    assert line.sent_at[1] - answered >= 0.1 - 1e-9


def test_endless_noise_ends_in_an_error() -> None:
    master, line = master_on(always())
    line.inject(b"\xa9" * 100_000)
    with pytest.raises(ReplyError, match="line to unit 7 is never silent"):
        master.read(UNIT, 0, PATIENCE)
    assert line.sent == []


def test_endless_noise_after_a_request_ends_in_an_error() -> None:
    master, line = master_on(always((0.002, b"\xa9" * 100_000)))
    with pytest.raises(ReplyError, match="more came from unit 7 than one answer"):
        master.read(UNIT, 0, PATIENCE)
    assert line.time - line.sent_at[0] < 0.002 + 30 * CHARACTER + AFTERMATH


def test_an_unasked_answer_between_two_requests_is_drained() -> None:
    master, line = master_on(always((0.002, framed(HOT))))
    master.read(UNIT, 0, PATIENCE)
    line.inject(framed(AibusReply(0, 0, 0, 0, 0)))
    line.sleep(0.01)
    before = line.time
    assert master.read(UNIT, 0, PATIENCE) == HOT
    assert line.sent_at[-1] - before >= PATIENCE.reply_latency - 1e-9


def test_duplicated_answers_never_shift_the_next_ones() -> None:
    times = iter([2, 1, 2, 2, 1, 1])
    values = iter(range(6))

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(0.002, next(times) * framed(AibusReply(250, 0, 0, 0, next(values))))]

    master, _ = master_on(slave)
    for expected in (None, 1, None, None, 4, 5):
        if expected is None:
            with pytest.raises(ReplyError, match="more came from unit 7 than one answer"):
                master.read(UNIT, 0, PATIENCE)
        else:
            assert master.read(UNIT, 0, PATIENCE).value == expected


def test_after_distrust_the_line_is_silent() -> None:
    master, line = master_on(always((0.002, framed(HOT))))
    master.read(UNIT, 0, PATIENCE)
    before = line.time
    master.distrust()
    master.read(UNIT, 0, PATIENCE)
    assert line.sent_at[1] - before >= PATIENCE.reply_latency - 1e-9


def test_unplug_is_told_at_every_stage() -> None:
    master, line = master_on(always((0.002, framed(HOT))))
    line.unplug()
    with pytest.raises(PortError):
        master.read(UNIT, 0, PATIENCE)

    def vanish(request: bytes) -> Sequence[tuple[float, bytes]]:
        line.unplug()
        return []

    line.present, line.slave = True, vanish
    line.open()
    with pytest.raises(PortError):
        master.read(UNIT, 0, PATIENCE)


# ---- what a sum cannot tell ----------------------------------------------------------------------


def test_a_shifted_reading_is_not_taken() -> None:
    """A glitch of ones before a cold controller's answer: ten of these eleven bytes fit unit 1."""
    answer = framed(AibusReply(25, 180, 0, 0, 180), 1)
    shifted = (b"\xff" + answer)[:10]
    assert find_answers(shifted, 1) == [shifted], "or this test shows nothing"
    assert decoded(shifted).process_value == 25 * 256 + 255
    with pytest.raises(ReplyError, match="can be read in more than one way"):
        ask((0.002, b"\xff" + answer), unit=1)
    late = 0.002 + 11 * CHARACTER + 0.016  # a USB adapter holds the last byte back
    with pytest.raises(ReplyError, match="can be read in more than one way"):
        ask((0.002, shifted), (late, answer[-1:]), unit=1)


@given(replies, st.integers(5, 80), st.integers(0, 255))
def test_units_from_5_on_are_never_misread_by_a_shift_of_one_byte(
    reply: AibusReply, unit: int, glitch: int
) -> None:
    answer = framed(reply, unit)
    assert find_answers(bytes((glitch,)) + answer[:-1], unit) == []
    assert find_answers(answer[1:] + bytes((glitch,)), unit) == []


def test_random_damage_never_gives_another_value() -> None:
    """Cut, duplicate, insert and flip: what is accepted is the truth."""
    source = random.Random(3)
    accepted = 0
    for _ in range(3_000):
        truth = AibusReply(source.randrange(-200, 4000), 1800, source.randrange(101), 0, 1800)
        frame = bytearray(framed(truth))
        at = source.randrange(len(frame))
        action = source.randrange(4)
        if action == 0:
            frame[at] ^= 1 << source.randrange(8)
        elif action == 1:
            del frame[at:]
        elif action == 2:
            frame.insert(at, source.randrange(256))
        else:
            frame[at:at] = frame[:at]
        try:
            reply = ask((0.002, bytes(frame)))
        except (ReplyError, NoReplyError):
            continue
        accepted += 1
        assert reply == truth
    assert accepted > 100, "a byte too many before or after the answer does no harm"


def test_of_random_answers_as_many_pass_as_a_sum_lets_through() -> None:
    """No more than the docstring says: 1 in 65536 of what has the right length."""
    source = random.Random(5)
    passed = sum(len(find_answers(source.randbytes(10), UNIT)) for _ in range(400_000))
    assert 400_000 / 65536 / 4 < passed < 400_000 / 65536 * 4
