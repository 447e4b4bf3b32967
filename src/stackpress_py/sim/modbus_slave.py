"""Frames of a Modbus RTU slave, as pure functions on bytes.

Sources: MODBUS Application Protocol V1.1b3 (functions 03, 06, 16, 23, exceptions), MODBUS over Serial Line V1.02 (CRC,
broadcast, silence for other units).
"""

import struct
from enum import IntEnum
from typing import Protocol

BROADCAST = 0
ERROR = 0x80
MOST_READ = 125
MOST_WRITTEN = 123
MOST_WRITTEN_WITH_READ = 121
ILLEGAL_FUNCTION = 1
ILLEGAL_VALUE = 3


class Function(IntEnum):
    """Function codes that are served."""

    READ = 0x03
    WRITE_ONE = 0x06
    WRITE = 0x10
    READ_WRITE = 0x17


class RefusalError(Exception):
    """A request that is answered with an exception.

    Attributes:
        code: exception code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code:02d}")
        self.code = code


class Tables(Protocol):
    """The registers behind the slave; each method raises :class:`RefusalError` for what it does not have."""

    def read(self, address: int, count: int) -> list[int]:
        """Return registers."""

    def check_read(self, address: int, count: int) -> None:
        """Check that :meth:`read` would answer."""

    def write(self, address: int, values: list[int]) -> None:
        """Write registers, all or none."""


def crc(data: bytes) -> bytes:
    """Return the CRC-16 (polynomial 0xA001, start 0xFFFF), low byte first as on the wire."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return bytes((value & 0xFF, value >> 8))


def _crc_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(_crc_entry(byte) for byte in range(256))


def answer(frame: bytes, unit: int, tables: Tables) -> bytes | None:
    """Return the reply to a frame; None where a slave is silent: bad CRC, other unit, broadcast, too short."""
    if not 4 <= len(frame) <= 256 or crc(frame[:-2]) != frame[-2:]:
        return None
    if frame[0] != unit or frame[0] == BROADCAST:
        return None
    function, body = frame[1], frame[2:-2]
    try:
        reply = bytes((unit, function)) + _serve(function, body, tables)
    except RefusalError as refusal:
        reply = bytes((unit, function | ERROR, refusal.code))
    return reply + crc(reply)


def _serve(function: int, body: bytes, tables: Tables) -> bytes:
    if function == Function.READ:
        return _read(body, tables)
    if function == Function.WRITE_ONE:
        address, value = _pair(body)
        tables.write(address, [value])
        return body
    if function == Function.WRITE:
        address, values = _written(body, MOST_WRITTEN)
        tables.write(address, values)
        return body[:4]
    if function == Function.READ_WRITE:
        return _read_write(body, tables)
    raise RefusalError(ILLEGAL_FUNCTION)


def _read(body: bytes, tables: Tables) -> bytes:
    address, count = _pair(body)
    _check_count(count)
    return _packed(tables.read(address, count))


def _read_write(body: bytes, tables: Tables) -> bytes:
    """Write first, then read; nothing is written if the read would be refused."""
    address, count = _pair(body[:4])
    _check_count(count)
    written_address, values = _written(body[4:], MOST_WRITTEN_WITH_READ)
    tables.check_read(address, count)
    tables.write(written_address, values)
    return _packed(tables.read(address, count))


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_READ:
        raise RefusalError(ILLEGAL_VALUE)


def _pair(body: bytes) -> tuple[int, int]:
    if len(body) != 4:
        raise RefusalError(ILLEGAL_VALUE)
    first, second = struct.unpack(">2H", body)
    return first, second


def _written(body: bytes, most: int) -> tuple[int, list[int]]:
    if len(body) < 5:
        raise RefusalError(ILLEGAL_VALUE)
    address, count, size = struct.unpack(">HHB", body[:5])
    if not 1 <= count <= most or size != 2 * count or len(body) != 5 + size:
        raise RefusalError(ILLEGAL_VALUE)
    return address, list(struct.unpack(f">{count}H", body[5:]))


def _packed(values: list[int]) -> bytes:
    return struct.pack(f">B{len(values)}H", 2 * len(values), *values)
