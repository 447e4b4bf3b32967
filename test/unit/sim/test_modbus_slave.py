"""Frames by hand: the bytes of the specification's examples and of the reference press's page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.modbus_slave import RefusalError, answer, crc

UNIT = 1


class Tables:
    """Eight registers from address 100; 13 is a bad value."""

    def __init__(self) -> None:
        self.values = [0, 1, 2, 3, 4, 5, 6, 7]

    def check_read(self, address: int, count: int) -> None:
        if not 100 <= address <= address + count <= 108:
            raise RefusalError(2)

    def read(self, address: int, count: int) -> list[int]:
        self.check_read(address, count)
        return self.values[address - 100 : address - 100 + count]

    def write(self, address: int, values: list[int]) -> None:
        self.check_read(address, len(values))
        if 13 in values:
            raise RefusalError(3)
        self.values[address - 100 : address - 100 + len(values)] = values


def framed(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc(body)


def test_the_crc_of_published_frames() -> None:
    assert crc(bytes.fromhex("0103 0000 000A")).hex() == "c5cd"
    assert crc(bytes.fromhex("1103 006B 0003")).hex() == "7687"
    assert crc(b"123456789").hex() == "374b"


@pytest.mark.parametrize(
    ("request_hex", "reply_hex"),
    [
        ("01 03 0064 0003", "01 03 06 0000 0001 0002"),
        ("01 06 0065 BEEF", "01 06 0065 BEEF"),
        ("01 10 0064 0002 04 000A 000B", "01 10 0064 0002"),
        ("01 17 0064 0002 0064 0001 02 0009", "01 17 04 0009 0001"),
        # other functions
        ("01 04 0064 0001", "01 84 01"),
        ("01 01 0064 0001", "01 81 01"),
        ("01 2B 0E 01 00", "01 AB 01"),
        # outside the tables
        ("01 03 006B 0002", "01 83 02"),
        ("01 06 0000 0001", "01 86 02"),
        ("01 10 0000 0001 02 0001", "01 90 02"),
        ("01 17 0000 0001 0064 0001 02 0009", "01 97 02"),
        # bad values and counts
        ("01 06 0064 000D", "01 86 03"),
        ("01 03 0064 0000", "01 83 03"),
        ("01 03 0064 007E", "01 83 03"),
        ("01 10 0064 0002 02 0001", "01 90 03"),
        ("01 10 0064 0001 02 0001 00", "01 90 03"),
        ("01 10 0064 0000 00", "01 90 03"),
        ("01 17 0064 0000 0064 0001 02 0009", "01 97 03"),
        ("01 03 0064", "01 83 03"),
    ],
)
def test_request_and_reply(request_hex: str, reply_hex: str) -> None:
    assert answer(framed(request_hex), UNIT, Tables()) == framed(reply_hex)


@pytest.mark.parametrize(
    "frame",
    [
        framed("02 03 0064 0001"),
        framed("00 06 0064 0001"),
        framed("01 03 0064 0001")[:-1] + b"\0",
        b"\0" + framed("01 03 0064 0001"),
        b"\x01",
        b"",
        framed("01" * 300),
    ],
)
def test_silence(frame: bytes) -> None:
    tables = Tables()
    assert answer(frame, UNIT, tables) is None
    assert tables.values == Tables().values


def test_a_refused_read_writes_nothing() -> None:
    tables = Tables()
    reply = answer(framed("01 17 0000 0014 0064 0001 02 0009"), UNIT, tables)
    assert reply == framed("01 97 02")
    assert tables.values == Tables().values


@given(st.binary(max_size=300))
def test_noise_is_never_answered_but_by_a_lucky_crc(noise: bytes) -> None:
    reply = answer(noise, UNIT, Tables())
    assert reply is None or crc(noise[:-2]) == noise[-2:]


@given(st.binary(min_size=1, max_size=253), st.integers(1, 0x2B))
def test_every_whole_frame_gets_a_whole_reply(body: bytes, function: int) -> None:
    request = bytes((UNIT, function)) + body
    reply = answer(request + crc(request), UNIT, Tables())
    if len(request) + 2 <= 256:
        assert reply is not None
        assert crc(reply[:-2]) == reply[-2:] and reply[0] == UNIT and reply[1] & 0x7F == function
