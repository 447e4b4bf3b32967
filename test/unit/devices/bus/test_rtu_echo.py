"""The local echo of two-wire adapters: passed over, and never taken for a confirmation."""

from collections.abc import Sequence

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import NoReplyError, PortError, ReplyError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.timing import Patience
from unit.devices.bus.rtu_bench import PacketLine
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, framed

FAST = Patience(REPLY_LATENCY)
READ_3 = modbus.read_registers(0x10, 3)
MIRRORED = [
    pytest.param(modbus.write_register(100, 7), id="06"),
    pytest.param(modbus.write_bit(100, True), id="05"),
    pytest.param(modbus.read_bits(0x0310, 17), id="01 whose answer can be its request"),
]


pytestmark = pytest.mark.usefixtures("handover")


class TwoWire(PacketLine):
    """An adapter that may hear itself, with a device that may be dead."""

    def __init__(self) -> None:
        super().__init__(self.at_other_end)
        self.echo = True
        self.alive = True
        self.open()

    def at_other_end(self, frame: bytes) -> Sequence[tuple[float, bytes]]:
        sent = [(-len(frame) * CHARACTER, frame)] if self.echo else []
        if not self.alive or frame[0] != 1:
            return sent
        body = {1: frame[:-2], 5: frame[:-2], 6: frame[:-2], 16: frame[:6]}
        answer = body.get(frame[1], b"\x01\x03\x06\x00\x01\x00\x02\x00\x03")
        return [*sent, (0.002, framed(answer))]


def master_on(line: TwoWire) -> RtuMaster:
    return RtuMaster(line, CHARACTER, line.clock, line.sleep)


REQUESTS = [
    pytest.param(READ_3, id="03"),
    pytest.param(modbus.read_registers(0x0600, 3), id="03 that begins like its answer"),
    pytest.param(modbus.write_registers(100, [7, 8]), id="16"),
    *MIRRORED,
]


@pytest.mark.parametrize("echo", [True, False], ids=["echo", "no echo"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_the_echo_is_passed_over(request_: modbus.Request, echo: bool) -> None:
    line = TwoWire()
    line.echo = echo
    master = master_on(line)
    for _ in range(3):
        assert master.transact(1, request_, FAST).startswith(request_.reply_prefix)


@pytest.mark.parametrize("first", [None, READ_3], ids=["at once", "after a read"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_an_echo_alone_is_no_answer(request_: modbus.Request, first: modbus.Request | None) -> None:
    line = TwoWire()
    master = master_on(line)
    if first is not None:
        master.transact(1, first, FAST)
    line.alive = False
    for _ in range(2):
        with pytest.raises(NoReplyError):
            master.transact(1, request_, FAST)
    line.alive = True
    master.transact(1, request_, FAST)


def test_nobody_is_asked_about_the_echo_that_a_read_has_shown() -> None:
    for echo in (True, False):
        line = TwoWire()
        line.echo = echo
        master = master_on(line)
        master.transact(1, READ_3, FAST)
        master.transact(1, modbus.write_register(100, 7), FAST)
        assert [frame[0] for frame in line.sent] == [1, 1]


def test_the_frame_that_finds_the_echo_is_for_nobody_and_sent_once() -> None:
    line = TwoWire()
    master = master_on(line)
    for _ in range(3):
        master.transact(1, modbus.write_register(100, 7), FAST)
    assert [frame[0] for frame in line.sent] == [248, 1, 1, 1]


def test_after_an_unplug_the_echo_is_looked_for_again() -> None:
    line = TwoWire()
    line.echo = False
    master = master_on(line)
    master.transact(1, READ_3, FAST)
    line.unplug()
    with pytest.raises(PortError):
        master.transact(1, READ_3, FAST)
    line.present, line.echo, line.alive = True, True, False
    line.open()
    with pytest.raises(NoReplyError):
        master.transact(1, modbus.write_register(100, 7), FAST)


def test_a_device_that_answers_for_everybody_is_no_echo() -> None:
    line = TwoWire()
    refusal = framed(bytes.fromhex("f8 83 04"))
    line.slave = lambda frame: [
        (0.002, framed(frame[:-2])) if frame[0] == 1 else (0.9 * REPLY_LATENCY, refusal)
    ]
    master = master_on(line)
    request = modbus.write_register(100, 7)
    assert master.transact(1, request, FAST) == request.pdu
    end = line.sent_at[0] + (8 + len(refusal)) * CHARACTER + 0.9 * REPLY_LATENCY
    assert line.sent_at[1] - end >= REPLY_LATENCY, "who knows what else it says"


def test_a_line_that_is_known_not_to_echo_is_used_at_once() -> None:
    line = TwoWire()
    line.echo = False
    master_on(line).transact(1, modbus.write_register(100, 7), FAST)
    assert line.sent_at[1] - line.sent_at[0] < REPLY_LATENCY + 0.015


def test_noise_in_place_of_the_echo_settles_nothing() -> None:
    line = TwoWire()
    line.slave = lambda frame: [(0.0, b"\x55" * 8)]
    master = master_on(line)
    with pytest.raises(ReplyError, match="noise"):
        master.transact(1, modbus.write_register(100, 7), FAST)


def test_a_garbled_echo_does_not_hide_that_there_is_one() -> None:
    """An answer behind bytes that are no echo says nothing about the next echo."""
    line = TwoWire()
    master = master_on(line)

    def garbled(frame: bytes) -> Sequence[tuple[float, bytes]]:
        return [
            (-len(frame) * CHARACTER, b"\x7f" + frame[1:]),
            (0.002, framed(b"\x01\x03\x06\x00\x01\x00\x02\x00\x03")),
        ]

    line.slave = garbled
    master.transact(1, READ_3, FAST)
    line.slave, line.alive = line.at_other_end, False
    with pytest.raises(NoReplyError):
        master.transact(1, modbus.write_register(100, 7), FAST)
