"""Requests byte by byte after the examples of MODBUS Application Protocol V1.1b3, and their answers' form."""

from collections.abc import Callable

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.modbus import Request


@pytest.mark.parametrize(
    ("request_", "pdu", "prefix", "length"),
    [
        pytest.param(modbus.read_bits(19, 19), "01 0013 0013", "01 03", 5, id="01"),
        pytest.param(modbus.read_bits(196, 22, "discrete"), "02 00c4 0016", "02 03", 5, id="02"),
        pytest.param(modbus.read_registers(107, 3), "03 006b 0003", "03 06", 8, id="03"),
        pytest.param(modbus.read_registers(8, 1, "input"), "04 0008 0001", "04 02", 4, id="04"),
        pytest.param(modbus.write_bit(172, True), "05 00ac ff00", "05 00ac ff00", 5, id="05 on"),
        pytest.param(modbus.write_bit(172, False), "05 00ac 0000", "05 00ac 0000", 5, id="05 off"),
        pytest.param(modbus.write_register(1, 3), "06 0001 0003", "06 0001 0003", 5, id="06"),
        pytest.param(
            modbus.write_bits(19, [bool(0x1CD >> place & 1) for place in range(10)]),
            "0f 0013 000a 02 cd 01",
            "0f 0013 000a",
            5,
            id="15",
        ),
        pytest.param(
            modbus.write_registers(1, [10, 0x0102]),
            "10 0001 0002 04 000a 0102",
            "10 0001 0002",
            5,
            id="16",
        ),
        pytest.param(
            modbus.read_write_registers(3, 6, 14, [0xFF, 0xFF, 0xFF]),
            "17 0003 0006 000e 0003 06 00ff 00ff 00ff",
            "17 0c",
            14,
            id="23",
        ),
    ],
)
def test_requests(request_: Request, pdu: str, prefix: str, length: int) -> None:
    assert request_.pdu == bytes.fromhex(pdu)
    assert request_.reply_prefix == bytes.fromhex(prefix)
    assert request_.reply_length == length
    assert request_.exception_prefix == bytes((request_.pdu[0] | 0x80,))


def test_registers_of_an_answer() -> None:
    assert modbus.registers(bytes.fromhex("03 06 022b 0000 ffff")) == (0x22B, 0, 0xFFFF)
    assert modbus.registers(bytes.fromhex("04 02 000a")) == (10,)


def test_bits_of_an_answer() -> None:
    """The example of section 6.1: outputs 20 to 38 of a device."""
    found = modbus.bits(bytes.fromhex("01 03 cd 6b 05"), 19)
    expected = "1011 0011  1101 0110  101".replace(" ", "")
    assert found == tuple(mark == "1" for mark in expected)


def test_bits_that_fill_up_the_last_byte_are_not_looked_at() -> None:
    assert modbus.bits(bytes.fromhex("02 01 ff"), 3) == (True, True, True)
    assert modbus.bits(bytes.fromhex("02 01 f8"), 3) == (False, False, False)


@pytest.mark.parametrize(("count", "size"), [(1, 1), (8, 1), (9, 2), (2000, 250)])
def test_as_many_bytes_as_the_bits_take(count: int, size: int) -> None:
    assert modbus.read_bits(0, count).reply_prefix == bytes((1, size))
    assert modbus.read_bits(0, count).reply_length == 2 + size


def test_every_written_bit_stands_in_its_place() -> None:
    for place in range(16):
        pdu = modbus.write_bits(0, [place == number for number in range(16)]).pdu
        assert int.from_bytes(pdu[6:], "little") == 1 << place


def test_which_answers_look_like_their_request() -> None:
    assert modbus.write_bit(3, True).mirrored
    assert modbus.write_register(3, 4).mirrored
    assert modbus.read_bits(0x0300, 17).mirrored, "an answer with three bytes can be the same"
    assert not modbus.read_bits(0x0400, 17).mirrored
    assert not modbus.read_bits(0x0300, 9).mirrored
    assert not modbus.write_registers(3, [4]).mirrored
    assert not modbus.read_registers(0x0600, 3).mirrored


@pytest.mark.parametrize(
    "build",
    [
        lambda: modbus.read_registers(0, 0),
        lambda: modbus.read_registers(0, 126),
        lambda: modbus.read_registers(65530, 7),
        lambda: modbus.read_registers(-1, 1, "input"),
        lambda: modbus.write_register(65536, 0),
        lambda: modbus.write_register(0, -1),
        lambda: modbus.write_registers(-1, [0]),
        lambda: modbus.write_registers(0, []),
        lambda: modbus.write_registers(0, [65536]),
        lambda: modbus.write_registers(0, [0] * 124),
        lambda: modbus.read_write_registers(0, 1, 0, [0] * 122),
        lambda: modbus.read_write_registers(0, 126, 0, [0]),
        lambda: modbus.read_bits(0, 2001),
        lambda: modbus.read_bits(65535, 2, "discrete"),
        lambda: modbus.write_bit(65536, True),
        lambda: modbus.write_bits(0, [True] * 1969),
        lambda: modbus.write_bits(0, []),
    ],
)
def test_impossible_requests_are_refused(build: Callable[[], Request]) -> None:
    with pytest.raises(ValueError, match=r"registers|words|bits"):
        build()


def test_the_largest_requests_are_possible() -> None:
    assert len(modbus.write_registers(0, [0] * 123).pdu) == 252
    assert len(modbus.write_bits(0, [True] * 1968).pdu) == 252
    assert modbus.read_registers(65535 - 124, 125).reply_length == 252
    assert modbus.read_bits(65536 - 2000, 2000).reply_length == 252
