"""Requests and replies of the table-driven slave, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.devices.generic_plc import GenericPlc, Settings
from stackpress_py.sim.devices.modbus_device import READ, WRITE, Manners, ModbusDevice
from stackpress_py.sim.devices.points import Kind, Parameter, Point
from stackpress_py.sim.modbus_slave import crc
from unit.sim.devices.master import Master, RefusedError


def framed(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc(body)


@pytest.mark.parametrize(
    ("request_hex", "reply_hex"),
    [
        ("01 01 0000 000A", "01 01 02 0000"),
        ("01 02 0000 000A", "01 02 02 FF03"),
        ("01 03 0002 0001", "01 03 02 0000"),
        ("01 04 0003 0003", "01 04 06 0003 0004 0005"),
        ("01 05 0001 FF00", "01 05 0001 FF00"),
        ("01 06 0001 BEEF", "01 06 0001 BEEF"),
        ("01 08 0000 A537", "01 08 0000 A537"),
        ("01 0F 0000 000A 02 CD01", "01 0F 0000 000A"),
        ("01 10 0001 0002 04 000A 0102", "01 10 0001 0002"),
        ("01 17 0001 0002 0001 0001 02 0009", "01 17 04 0009 0000"),
        # functions that are not there
        ("01 07", "01 87 01"),
        ("01 2B 0E 01 00", "01 AB 01"),
        ("01 08 0001 0000", "01 88 01"),
        # addresses
        ("01 03 0063 0002", "01 83 02"),
        ("01 04 0064 0001", "01 84 02"),
        ("01 01 001F 0002", "01 81 02"),
        ("01 05 0020 FF00", "01 85 02"),
        ("01 17 0063 0002 0001 0001 02 0009", "01 97 02"),
        # counts and values; the count is looked at before the address
        ("01 03 0000 0000", "01 83 03"),
        ("01 03 FFFF 007E", "01 83 03"),
        ("01 02 0000 07D1", "01 82 03"),
        ("01 05 0001 0001", "01 85 03"),
        ("01 0F 0000 000A 01 CD", "01 8F 03"),
        ("01 10 0001 0002 02 000A", "01 90 03"),
        ("01 10 0001 0000 00", "01 90 03"),
        ("01 06 0001 00", "01 86 03"),
    ],
)
def test_request_and_reply(request_hex: str, reply_hex: str) -> None:
    device = GenericPlc(Settings(), lambda: 0.0)
    assert device.answer(framed(request_hex), 0.0) == framed(reply_hex)


def test_coils_come_back_in_their_order() -> None:
    master = Master(GenericPlc(Settings(), lambda: 0.0))
    master.ask(15, bytes.fromhex("0000 000A 02 CD01"))
    wanted = [True, False, True, True, False, False, True, True, True, False]
    assert master.bits(0, 10) == wanted
    assert master.bits(0, 10, function=2) == [not each for each in wanted]


def test_a_broadcast_is_obeyed_without_a_reply() -> None:
    device = GenericPlc(Settings(), lambda: 0.0)
    assert device.answer(framed("00 06 0001 BEEF"), 0.0) is None
    assert Master(device).word(1) == 0xBEEF
    assert device.answer(framed("00 03 0001 0001"), 0.0) is None


def test_a_device_may_ignore_broadcasts() -> None:
    device = ModbusDevice(1, Manners((READ, WRITE)))
    device.holding.add(Point(0, parameter := Parameter(0), Kind.U16))
    assert device.answer(framed("00 10 0000 0001 02 0007"), 0.0) is None
    assert parameter.value == 0


@pytest.mark.parametrize(
    "frame",
    [
        framed("02 03 0000 0001"),
        framed("01 03 0000 0001")[:-1] + b"\0",
        b"\0" + framed("01 03 0000 0001"),
        b"",
        b"\x01",
        framed("01" * 300),
    ],
)
def test_silence(frame: bytes) -> None:
    assert GenericPlc(Settings(), lambda: 0.0).answer(frame, 0.0) is None


def test_limits_are_those_of_the_device() -> None:
    device = ModbusDevice(1, Manners((READ, WRITE), most_read=4, most_written=2, too_many=2))
    device.holding.add(*(Point(n, Parameter(0), Kind.U16) for n in range(8)))
    master = Master(device)
    assert master.read(0, 4) == [0] * 4
    master.write(0, 1, 2)
    for act in (lambda: master.read(0, 5), lambda: master.write(0, 1, 2, 3)):
        with pytest.raises(RefusedError, match="exception 2"):
            act()
    with pytest.raises(RefusedError, match="exception 1"):
        master.write_one(0, 1)
    assert master.read(0, 3) == [1, 2, 0]


@given(st.binary(min_size=1, max_size=253), st.integers(1, 0x2B))
def test_every_whole_frame_gets_a_whole_reply(body: bytes, function: int) -> None:
    request = bytes((1, function)) + body
    reply = GenericPlc(Settings(), lambda: 0.0).answer(request + crc(request), 0.0)
    if len(request) + 2 <= 256:
        assert reply is not None
        assert crc(reply[:-2]) == reply[-2:] and reply[0] == 1 and reply[1] & 0x7F == function
