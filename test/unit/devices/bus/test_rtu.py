"""The RTU master and the answer to its question: right, disturbed, or wrong; in virtual time."""

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import (
    DeviceError,
    NoReplyError,
    RefusedError,
    ReplyError,
)
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.rtu_bench import (
    ANSWER_3,
    BOTH,
    READ_3,
    Bench,
    always,
    ask,
    one_after_the_other,
)
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, framed

# ---- requests and answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "sent", "answered"),
    [
        (modbus.read_bits(19, 9), "01 01 0013 0009", "01 01 02 cd 01"),
        (modbus.read_bits(19, 3, "discrete"), "01 02 0013 0003", "01 02 01 05"),
        (READ_3, "01 03 0010 0003", "01 03 06 0001 8000 ffff"),
        (modbus.read_registers(8, 1, "input"), "01 04 0008 0001", "01 04 02 000a"),
        (modbus.write_bit(3, True), "01 05 0003 ff00", "01 05 0003 ff00"),
        (modbus.write_register(3, 9), "01 06 0003 0009", "01 06 0003 0009"),
        (modbus.write_bits(3, [True, False]), "01 0f 0003 0002 01 01", "01 0f 0003 0002"),
        (modbus.write_registers(100, [7]), "01 10 0064 0001 02 0007", "01 10 0064 0001"),
        (
            modbus.read_write_registers(0, 2, 100, [9]),
            "01 17 0000 0002 0064 0001 02 0009",
            "01 17 04 0009 1234",
        ),
    ],
    ids=["01", "02", "03", "04", "05", "06", "15", "16", "23"],
)
@BOTH
def test_transcripts(request_: modbus.Request, sent: str, answered: str) -> None:
    answer = bytes.fromhex(answered)
    bench = Bench(lambda frame: [(0.002, framed(answer))] if frame[0] == 1 else [])
    assert bench.ask(request_) == answer[1:]
    assert bench.line.sent[-1] == framed(bytes.fromhex(sent))


@pytest.mark.parametrize("unit", [-1, 0, 248, 255])
def test_nobody_can_be_asked_in_the_place_of_a_unit(unit: int) -> None:
    bench = Bench(always())
    with pytest.raises(ValueError, match="allowed are 1 to 247"):
        bench.ask(unit=unit)
    assert bench.line.sent == []


@pytest.mark.parametrize("count", [1, 2, 10, 125])
def test_answers_of_every_length(count: int) -> None:
    words = tuple(range(count))
    answer = framed(bytes((1, 3, 2 * count)) + b"".join(word.to_bytes(2, "big") for word in words))
    bench = Bench(always((0.002, answer)))
    assert bench.read(modbus.read_registers(0, count)) == words
    on_wire = (8 + len(answer)) * CHARACTER
    assert bench.master.latency == pytest.approx(on_wire + 0.002, abs=2 * CHARACTER)


def test_frames_are_apart_by_the_protocols_silence() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    ends = []
    for _ in range(3):
        bench.read()
        ends.append(bench.line.sent_at[-1] + bench.master.latency)
    for end, begin in zip(ends, bench.line.sent_at[1:], strict=False):
        assert 1.75e-3 - 1e-9 <= begin - end < 1.8e-3


def test_a_device_may_want_a_longer_silence_before_it_is_asked() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.ask()
    end = bench.line.sent_at[-1] + bench.master.latency
    bench.ask(patience=Patience(REPLY_LATENCY, silence=0.03))
    assert bench.line.sent_at[-1] - end == pytest.approx(0.03, abs=1e-6)


# ---- what is not clean but right -----------------------------------------------------------------


def test_a_split_at_every_byte_is_joined() -> None:
    for split in range(1, len(ANSWER_3)):
        late = 0.002 + (split + 50) * CHARACTER  # the second half 5 ms later
        assert ask((0.002, ANSWER_3[:split]), (late, ANSWER_3[split:])) == (1, 2, 3)


def test_an_answer_that_comes_byte_by_byte_is_joined() -> None:
    pieces = [(0.002 + 0.001 * place, ANSWER_3[place:][:1]) for place in range(len(ANSWER_3))]
    assert ask(*pieces) == (1, 2, 3)


@BOTH
def test_leading_glitch_bytes_are_passed_over() -> None:
    for glitch in (
        b"\x00",
        b"\xff\x00",
        b"\x01",
        b"\x01\x03",
        b"\x01\x03\x06",
        b"\x01\x03\x06\x00",
        b"\x01\x83\x01",
        b"\x55" * 100,
    ):
        assert ask((0.002, glitch + ANSWER_3)) == (1, 2, 3)


@BOTH
def test_an_exception_behind_a_glitch_that_looks_like_an_answer_is_told() -> None:
    with pytest.raises(RefusedError):
        ask((0.002, b"\x01\x03\x06\x00" + framed(bytes.fromhex("01 83 02"))))


@BOTH
def test_a_trailing_glitch_does_not_disturb() -> None:
    bench = Bench(always((0.002, ANSWER_3 + b"\x00")))
    for _ in range(5):
        assert bench.read() == (1, 2, 3)
    assert bench.line.sent_at[4] - bench.line.sent_at[3] < 0.015, "no draining for a single byte"


@BOTH
def test_noise_and_then_the_answer() -> None:
    assert ask((0.0005, b"\x93\x01\x27\xfe" * 3), (0.004, ANSWER_3)) == (1, 2, 3)


@BOTH
def test_another_unit_and_then_the_right_one() -> None:
    other = framed(bytes.fromhex("02 03 06 0009 0009 0009"))
    assert ask((0.001, other), (0.004, ANSWER_3)) == (1, 2, 3)


def test_a_device_that_answers_just_inside_its_latency() -> None:
    assert ask((REPLY_LATENCY - 1e-4, ANSWER_3)) == (1, 2, 3)


# ---- what is wrong -------------------------------------------------------------------------------


@BOTH
def test_a_flip_of_every_bit_is_found() -> None:
    for bit in range(8 * len(ANSWER_3)):
        damaged = bytearray(ANSWER_3)
        damaged[bit // 8] ^= 1 << bit % 8
        bench = Bench(one_after_the_other([(0.002, bytes(damaged))], [(0.002, ANSWER_3)]))
        with pytest.raises(DeviceError):
            bench.read()
        assert bench.read() == (1, 2, 3)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(framed(bytes.fromhex("02 03 06 0001 0002 0003")), id="other unit"),
        pytest.param(framed(bytes.fromhex("00 03 06 0001 0002 0003")), id="broadcast unit"),
        pytest.param(framed(bytes.fromhex("01 04 06 0001 0002 0003")), id="other function"),
        pytest.param(framed(bytes.fromhex("01 84 02")), id="exception of another function"),
        pytest.param(framed(bytes.fromhex("02 83 02")), id="exception of another unit"),
        pytest.param(framed(bytes.fromhex("01 03 04 0001 0002")), id="too short"),
        pytest.param(framed(bytes.fromhex("01 03 08 0001 0002 0003 0004")), id="too long"),
        pytest.param(framed(bytes.fromhex("01 03 06 0001 0002")), id="byte count too high"),
        pytest.param(framed(bytes.fromhex("01 03 04 0001 0002 0003")), id="byte count too low"),
        pytest.param(ANSWER_3[:-1], id="cut off"),
        pytest.param(ANSWER_3[1:], id="begins too late"),
        pytest.param(bytes(range(256)) * 2, id="noise"),
    ],
)
@BOTH
def test_what_is_not_the_answer_is_refused_and_the_next_one_is_right(answer: bytes) -> None:
    bench = Bench(one_after_the_other([(0.002, answer)], [(0.002, ANSWER_3)]))
    with pytest.raises(ReplyError):
        bench.read()
    assert bench.read() == (1, 2, 3)


@BOTH
def test_a_truncated_answer_is_told_soon_after_the_latency() -> None:
    for kept in range(1, len(ANSWER_3)):
        bench = Bench(one_after_the_other([(0.002, ANSWER_3[:kept])], [(0.002, ANSWER_3)]))
        with pytest.raises(ReplyError):
            bench.read()
        assert bench.took() < REPLY_LATENCY + 0.015
        assert bench.read() == (1, 2, 3)


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param(modbus.write_registers(100, [7, 8]), "01 10 0064 0003", id="16 count"),
        pytest.param(modbus.write_registers(100, [7, 8]), "01 10 0065 0002", id="16 address"),
        pytest.param(modbus.write_registers(100, [7, 8]), "01 06 0064 0002", id="16 function"),
        pytest.param(modbus.write_register(100, 7), "01 06 0064 0008", id="06 value"),
        pytest.param(modbus.write_register(100, 7), "01 06 0065 0007", id="06 address"),
        pytest.param(modbus.write_bit(100, True), "01 05 0064 0000", id="05 value"),
        pytest.param(modbus.write_bit(100, True), "01 05 0065 ff00", id="05 address"),
        pytest.param(modbus.write_bits(100, [True]), "01 0f 0064 0002", id="15 count"),
    ],
)
@BOTH
def test_a_write_is_confirmed_by_its_own_echo_only(request_: modbus.Request, answer: str) -> None:
    bench = Bench(lambda frame: [(0.002, framed(bytes.fromhex(answer)))] if frame[0] == 1 else [])
    with pytest.raises(ReplyError):
        bench.ask(request_)


def test_silence_is_told_after_the_reply_latency() -> None:
    bench = Bench(always())
    with pytest.raises(NoReplyError, match="unit 1 does not answer"):
        bench.read()
    assert bench.took() < REPLY_LATENCY + 0.015


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(ANSWER_3[:-1] + b"\x00", id="wrong CRC"),
        pytest.param(framed(bytes.fromhex("02 03 06 0001 0002 0003")), id="other unit"),
    ],
)
def test_a_wrong_answer_of_full_length_is_told_without_waiting_for_more(answer: bytes) -> None:
    bench = Bench(always((0.002, answer)))
    with pytest.raises(ReplyError):
        bench.ask(patience=Patience(1.0))
    assert bench.took() < 0.02


@pytest.mark.parametrize("count", [1, 3, 100])
def test_an_exception_is_told_at_once(count: int) -> None:
    bench = Bench(always((0.002, framed(bytes.fromhex("01 83 02")))))
    with pytest.raises(RefusedError, match=r"exception 2 \(illegal address\)") as caught:
        bench.read(modbus.read_registers(0, count))
    assert caught.value.code == 2
    assert bench.took() < 0.01
    with pytest.raises(RefusedError):
        bench.read(modbus.read_registers(0, count))
    assert bench.line.sent_at[1] - bench.line.sent_at[0] < 0.012, "nothing is owed"
