"""CRC and the hunt for an answer among bytes, without a line."""

import random

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.rtu_frames import Asked, crc16, hunt, intact, is_answer, seal
from unit.devices.fakes import crc, framed

READ_3 = modbus.read_registers(0x10, 3)
ASKED_3 = Asked.of(1, READ_3)
ANSWER_3 = framed(bytes.fromhex("01 03 06 00 01 00 02 00 03"))


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


def test_a_frame_is_intact_or_not() -> None:
    assert intact(ANSWER_3)
    assert not intact(ANSWER_3[:-1])
    assert not intact(b"\xff\xff"), "the CRC of nothing"


def test_an_answer_is_told_alone_and_among_others() -> None:
    assert is_answer(ANSWER_3, ASKED_3.frame, READ_3)
    for other in (ANSWER_3[:-1], ANSWER_3 + b"\x00", b"\x00" + ANSWER_3, 2 * ANSWER_3):
        assert not is_answer(other, ASKED_3.frame, READ_3)
    found = hunt(b"\x01\x03" + ASKED_3.frame + b"\x99" + ANSWER_3 + b"\x77", ASKED_3)
    assert found.pdu == ANSWER_3[1:-2]
    assert found.echo
    assert found.end == 2 + 8 + 1 + len(ANSWER_3)


def test_how_many_bytes_are_missing_at_least() -> None:
    for count in range(2, len(ANSWER_3)):
        assert hunt(ANSWER_3[:count], ASKED_3).missing <= len(ANSWER_3) - count
        assert ASKED_3.is_begun_by(ANSWER_3[:count])
    assert hunt(b"\x01", ASKED_3).missing == 4, "an exception has five bytes"
    assert hunt(b"\x55\x55\x55", ASKED_3).missing == 5
    assert hunt(b"\x55\x01\x83", ASKED_3).missing == 3
    assert not ASKED_3.is_begun_by(b"\x01\x83")


def test_what_repeats_the_request_is_its_answer_only_where_nothing_echoes() -> None:
    asked = Asked.of(1, modbus.write_register(7, 8))
    assert hunt(asked.frame, asked, echoes=True).pdu == b""
    assert hunt(asked.frame, asked, echoes=False).pdu == asked.frame[1:-2]
    assert hunt(2 * asked.frame, asked, echoes=True).pdu == asked.frame[1:-2]


def test_a_write_whose_own_bytes_look_like_its_answer() -> None:
    """The echo's first eight bytes can have a right CRC: of 65536 writes one is like that."""
    head = bytes.fromhex("01 10 0064 0001 02")
    low, high = crc(head[:6])
    # Byte count and first data byte take the place of the CRC; look for an address where they fit.
    for address in range(0x10000):
        head = b"\x01\x10" + address.to_bytes(2, "big") + b"\x00\x01"
        low, high = crc(head)
        if low == 2:
            break
    asked = Asked.of(1, modbus.write_registers(address, [high << 8]))
    assert intact(asked.frame[:8])
    for count in range(len(asked.frame) + 1):
        assert hunt(asked.frame[:count], asked).pdu == b""
    answer = framed(head)
    assert hunt(asked.frame + answer, asked).pdu == answer[1:-2]


def test_random_bytes_are_never_an_answer() -> None:
    source = random.Random(7)
    for _ in range(100_000):
        noise = source.randbytes(source.randrange(40))
        assert hunt(noise, ASKED_3).pdu == b""


def test_random_bytes_of_the_right_form_need_the_right_crc() -> None:
    source = random.Random(9)
    for _ in range(5_000):
        body = ANSWER_3[:3] + source.randbytes(6)
        other = source.randbytes(2)
        accepted = hunt(body + other, ASKED_3).pdu != b""
        assert accepted == (other == crc(body))


def test_random_damage_never_gives_another_value() -> None:
    """Cut, duplicate, swap and flip whole answers: what is accepted is the truth."""
    source = random.Random(8)
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
        assert hunt(bytes(frame), ASKED_3).pdu in (b"", ANSWER_3[1:-2])
