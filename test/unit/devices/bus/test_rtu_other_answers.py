"""The RTU master and what is not the answer to its question: old, double, unasked; unplug; other units."""

from collections.abc import Callable, Sequence

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import (
    NoReplyError,
    PortError,
    ReplyError,
)
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.rtu_bench import (
    ANSWER_3,
    BOTH,
    COUNT,
    Bench,
    always,
    counted,
    one_after_the_other,
)
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, Slave, framed

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
