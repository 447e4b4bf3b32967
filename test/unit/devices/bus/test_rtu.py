"""The RTU master against everything a line can do to it, in virtual time."""

from collections.abc import Callable, Sequence

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import (
    DeviceError,
    NoReplyError,
    PortError,
    RefusedError,
    ReplyError,
)
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.packet_line import PacketLine
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, Slave, framed

READ_3 = modbus.read_registers(0x10, 3)
ANSWER_3 = framed(bytes.fromhex("01 03 06 00 01 00 02 00 03"))
FAST = Patience(REPLY_LATENCY)


class Bench:
    """A master on a line; unit 1 is asked unless a test says otherwise."""

    def __init__(self, slave: Slave) -> None:
        self.line = PacketLine(slave)
        self.line.open()
        self.master = RtuMaster(self.line, CHARACTER, self.line.clock, self.line.sleep)

    def ask(
        self, request: modbus.Request = READ_3, unit: int = 1, patience: Patience = FAST
    ) -> bytes:
        return self.master.transact(unit, request, patience)

    def read(self, request: modbus.Request = READ_3) -> tuple[int, ...]:
        return modbus.registers(self.ask(request))

    def took(self) -> float:
        """s since the last request was sent."""
        return self.line.time - self.line.sent_at[-1]


def always(*answers: tuple[float, bytes]) -> Slave:
    return lambda request: answers


def one_after_the_other(*answers: Sequence[tuple[float, bytes]]) -> Slave:
    coming = iter(answers)
    return lambda request: next(coming)


def ask(*answers: tuple[float, bytes]) -> tuple[int, ...]:
    return Bench(always(*answers)).read()


def counted(number: int) -> bytes:
    """An answer of one register."""
    return framed(bytes((1, 3, 2, 0, number)))


COUNT = modbus.read_registers(0, 1)
#: An answer is met in pieces, or whole at once.
BOTH = pytest.mark.usefixtures("handover")


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


# ---- answers to other questions ------------------------------------------------------------------


@pytest.mark.parametrize("late", [0.031, 0.035, 0.039])
@BOTH
def test_an_answer_after_the_time_out_is_not_taken_for_the_next(late: float) -> None:
    """The trap of every RTU library: one answer late, for ever."""
    delays, values = iter([late, 0.002, 0.002]), iter([1, 2, 3])
    bench = Bench(lambda request: [(next(delays), counted(next(values)))])
    with pytest.raises(NoReplyError):
        bench.read(COUNT)
    assert bench.read(COUNT) == (2,)
    assert bench.read(COUNT) == (3,)


@BOTH
def test_a_late_answer_of_another_block_of_the_same_length() -> None:
    delays = iter([0.035, 0.002])

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        return [(next(delays), framed(b"\x01\x03\x02" + request[2:4]))]

    bench = Bench(slave)
    with pytest.raises(NoReplyError):
        bench.read(modbus.read_registers(7, 1))
    assert bench.read(modbus.read_registers(8, 1)) == (8,)


def test_after_an_error_the_line_is_silent_before_the_next_request() -> None:
    bench = Bench(one_after_the_other([(0.0, b"\x55" * 30)], [(0.002, ANSWER_3)]))
    with pytest.raises(ReplyError):
        bench.read()
    last_noise = bench.line.sent_at[0] + (8 + 30) * CHARACTER
    assert bench.read() == (1, 2, 3)
    assert bench.line.sent_at[1] - last_noise >= REPLY_LATENCY


def test_an_answer_that_is_not_believed_above_is_treated_like_an_error() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.read()
    bench.master.distrust()
    end = bench.line.time
    bench.read()
    assert bench.line.sent_at[-1] - end >= REPLY_LATENCY


@pytest.mark.parametrize("gap", [0, 1, 5, 15], ids="{} characters apart".format)
@pytest.mark.parametrize("first", [1, 2], ids=["old and right", "twice the same"])
@BOTH
def test_two_answers_are_none_and_never_shift_the_next_ones(first: int, gap: int) -> None:
    length = len(counted(0))
    second = 0.002 + (length + gap) * CHARACTER
    bench = Bench(
        one_after_the_other(
            [(0.002, counted(first)), (second, counted(2))],
            [(0.002, counted(3))],
        )
    )
    with pytest.raises(ReplyError, match="more than one answer"):
        bench.read(COUNT)
    assert bench.read(COUNT) == (3,)


def test_a_second_answer_is_told_too_when_only_its_end_comes_late() -> None:
    exception = framed(bytes.fromhex("01 83 02"))
    for split in range(1, len(exception)):
        begin = 0.002 + len(counted(1)) * CHARACTER
        pieces = [(begin, exception[:split]), (begin + (split + 12) * CHARACTER, exception[split:])]
        with pytest.raises(ReplyError, match="more than one answer"):
            Bench(always((0.002, counted(1)), *pieces)).read(COUNT)


@BOTH
def test_an_unasked_frame_between_two_requests_is_drained() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.read()
    bench.line.inject(framed(bytes.fromhex("01 03 06 0009 0009 0009")))
    bench.line.sleep(0.01)
    before = bench.line.time
    assert bench.read() == (1, 2, 3)
    assert bench.line.sent_at[-1] - before >= REPLY_LATENCY


def test_an_unasked_frame_that_has_just_begun_is_waited_for() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.read()
    bench.line.inject(framed(bytes.fromhex("01 03 06 0009 0009 0009")), delay=-CHARACTER)
    assert bench.read() == (1, 2, 3)


def test_an_unasked_frame_into_which_a_request_is_sent_is_not_its_answer() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.read()
    bench.line.inject(framed(bytes.fromhex("01 03 06 0009 0009 0009")), delay=1.6e-3)
    with pytest.raises(ReplyError, match="more than one answer"):
        bench.read()
    assert bench.read() == (1, 2, 3)


def test_what_was_spoken_before_we_came_is_drained() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.line.inject(framed(bytes.fromhex("01 03 06 0009 0009 0009")), delay=0.9 * REPLY_LATENCY)
    assert bench.read() == (1, 2, 3)


def test_endless_noise_ends_in_an_error_and_its_end_is_noticed() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    bench.line.inject(b"\xaa" * 20_000)
    with pytest.raises(ReplyError, match="never silent"):
        bench.read()
    assert bench.line.sent == []
    bench.line.time += 20_000 * CHARACTER
    assert bench.read() == (1, 2, 3)


def test_endless_noise_after_a_request_ends_in_an_error_in_time() -> None:
    bench = Bench(always((0.0, b"\x01\x03" * 10_000)))
    with pytest.raises(ReplyError):
        bench.read()
    assert bench.took() < REPLY_LATENCY + 0.1


# ---- unplug --------------------------------------------------------------------------------------


@BOTH
def test_unplug_is_told_at_every_stage_and_the_line_is_distrusted_afterwards() -> None:
    bench = Bench(always((0.002, ANSWER_3)))
    line, answering = bench.line, bench.line.slave

    def vanish(*answers: tuple[float, bytes]) -> Slave:
        def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
            line.unplug()
            return answers

        return slave

    bench.read()
    for stage in (answering, vanish(), vanish((0.002, ANSWER_3[:4]))):
        line.slave = stage
        if stage is answering:
            line.unplug()
        with pytest.raises(PortError):
            bench.read()
        line.present, line.slave = True, answering
        line.open()
        assert bench.read() == (1, 2, 3)
        assert line.sent_at[-1] - line.sent_at[-2] >= REPLY_LATENCY + 8 * CHARACTER


# ---- several units on one line -------------------------------------------------------------------


def units(delays: dict[int, float]) -> Callable[[bytes], Sequence[tuple[float, bytes]]]:
    """Devices that answer a read of one register with their own number."""

    def slave(request: bytes) -> Sequence[tuple[float, bytes]]:
        unit = request[0]
        if unit not in delays:
            return []
        return [(delays[unit], framed(bytes((unit, 3, 2, 0, unit))))]

    return slave


def test_each_device_has_its_own_patience() -> None:
    bench = Bench(units({1: 0.002, 2: 0.4}))
    slow = Patience(0.5)
    bench.ask(COUNT, 1)
    for _ in range(3):
        begin = bench.line.time
        assert modbus.registers(bench.ask(COUNT, 1)) == (1,)
        assert bench.line.time - begin < 0.01, "the slow device does not make this one slow"
        assert modbus.registers(bench.ask(COUNT, 2, slow)) == (2,)
    begin = bench.line.time
    with pytest.raises(NoReplyError, match="unit 3"):
        bench.ask(COUNT, 3)
    assert bench.line.time - begin < REPLY_LATENCY + 0.02


def test_the_drain_waits_for_the_device_that_was_asked() -> None:
    bench = Bench(units({1: 0.002}))
    bench.ask(COUNT, 1)
    for unit, latency in ((2, 0.3), (3, REPLY_LATENCY)):
        with pytest.raises(NoReplyError):
            bench.ask(COUNT, unit, Patience(latency))
        end = bench.line.time
        bench.ask(COUNT, 1)
        assert bench.line.sent_at[-1] - end == pytest.approx(latency + 1.75e-3, abs=1e-3)


def test_a_slow_devices_late_answer_is_not_the_next_devices() -> None:
    bench = Bench(units({1: 0.002, 2: 0.5}))
    bench.ask(COUNT, 1)
    with pytest.raises(NoReplyError, match="unit 2"):
        bench.ask(COUNT, 2, Patience(0.3))
    assert modbus.registers(bench.ask(COUNT, 1)) == (1,)


def test_a_drain_that_failed_is_still_owed() -> None:
    bench = Bench(units({1: 0.002}))
    bench.ask(COUNT, 1)
    with pytest.raises(NoReplyError):
        bench.ask(COUNT, 2, Patience(0.3))
    bench.line.inject(b"\xaa" * 15_000)
    with pytest.raises(ReplyError, match="never silent"):
        bench.ask(COUNT, 1)
    bench.line.close()
    bench.line.open()
    end = bench.line.time
    bench.ask(COUNT, 1)
    assert bench.line.sent_at[-1] - end >= 0.3
