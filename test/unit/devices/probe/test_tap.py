"""The last gate before the wire: nothing but readings passes."""

import struct

import pytest

from stackpress_py.devices.bus import aibus_frames, modbus
from stackpress_py.devices.device.profile import known_devices, load_device
from stackpress_py.devices.probe.read_only import Setting, Time, serial_wire
from stackpress_py.devices.probe.tap import (
    NotAReadingError,
    Tap,
    reads_aibus,
    reads_rtu,
    reads_tcp,
)
from unit.devices.fakes import FakeLine, framed

SETTING = Setting(9600, "8N1")


@pytest.mark.parametrize("function", range(256))
def test_only_the_four_functions_that_read_pass(function: int) -> None:
    pdu = bytes((function, 0, 0, 0, 1))
    reads = function in (1, 2, 3, 4)
    assert reads_rtu(framed(b"\x01" + pdu)) is reads
    assert reads_tcp(struct.pack(">HHHB", 7, 0, 6, 1) + pdu) is reads


@pytest.mark.parametrize("function", range(256))
def test_only_the_reading_of_aibus_passes(function: int) -> None:
    frame = bytearray(aibus_frames.read_request(3, 0))
    frame[2] = function
    assert reads_aibus(bytes(frame)) is (function == 0x52)


def test_a_write_of_aibus_is_refused() -> None:
    assert not reads_aibus(aibus_frames.write_request(3, 0, 100))


@pytest.mark.parametrize(
    "request_",
    [
        modbus.write_register(1, 2),
        modbus.write_registers(1, [2, 3]),
        modbus.write_bit(1, True),
        modbus.write_bits(1, [True, False]),
        modbus.read_write_registers(0, 1, 5, [7]),
    ],
)
def test_what_would_write_never_reaches_the_port(request_: modbus.Request) -> None:
    line = FakeLine(lambda frame: [])
    tap = Tap(line, reads_rtu)
    tap.open()
    with pytest.raises(NotAReadingError, match="would write to fake0"):
        tap.write(framed(b"\x01" + request_.pdu))
    assert line.sent == []


@pytest.mark.parametrize("word", [b"@", b"T", b"TI", b"Z", b"ZI", b"SIR", b"TA 1.0 kg"])
def test_a_balance_gets_no_command_but_the_questions_of_its_profile(word: bytes) -> None:
    line = FakeLine(lambda frame: [])
    wire = serial_wire(line, "ascii", SETTING, [load_device("mt_sics")])
    wire.tap.open()
    with pytest.raises(NotAReadingError):
        wire.tap.write(word + b"\r\n")
    wire.tap.write(b"SI\r\n")
    assert line.sent == [b"SI\r\n"]


WRITABLE = {
    name: points
    for name in known_devices()
    if (points := [n for n, point in load_device(name).all_points().items() if point.write])
}


@pytest.mark.parametrize("name", WRITABLE)
def test_a_link_over_a_wire_that_only_reads_cannot_write(name: str) -> None:
    profile = load_device(name)
    line = FakeLine(lambda frame: [])
    wire = serial_wire(line, profile.protocol, SETTING, [profile], Time(line.clock, line.sleep))
    wire.tap.open()
    for point in WRITABLE[name]:
        with pytest.raises(NotAReadingError):
            wire.link(profile, 1).write({point: 1})
    assert all(reads_rtu(frame) for frame in line.sent)  # the question whether the line echoes


def test_what_comes_is_remembered_until_it_is_forgotten() -> None:
    line = FakeLine(lambda frame: [(0.0, frame), (0.01, b"\x07")])
    tap = Tap(line, reads_rtu)
    tap.open()
    question = framed(b"\x01\x03\x00\x00\x00\x01")
    tap.write(question)
    while tap.read(0.1):
        pass
    assert (tap.echoed, tap.heard, tap.foreign) == (True, question + b"\x07", b"\x07")
    tap.forget()
    assert (tap.echoed, tap.heard, tap.foreign) == (False, b"", b"")


def test_openings_are_counted_so_that_a_new_connection_is_known() -> None:
    tap = Tap(FakeLine(lambda frame: []), reads_tcp)
    for _ in range(2):
        tap.open()
        tap.open()
        assert tap.is_open
        tap.close()
    assert tap.connections == 2
