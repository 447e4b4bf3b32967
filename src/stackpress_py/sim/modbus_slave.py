"""A Modbus RTU slave's frames, as pure functions on bytes.

After Modbus over Serial Line V1.02 and Modbus Application Protocol V1.1b3.
"""

import struct
from typing import Protocol

READ_HOLDING, WRITE_SINGLE, WRITE_MULTIPLE, READ_WRITE = 0x03, 0x06, 0x10, 0x17
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


class RequestError(Exception):
    """A request that is answered with an exception.

    Attributes:
        code: exception code.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Registers(Protocol):
    """What the slave serves; both may raise RequestError."""

    def read(self, address: int, count: int) -> list[int]:
        """Read registers."""

    def write(self, address: int, values: list[int]) -> None:
        """Write registers."""


def crc(data: bytes) -> bytes:
    """Return the CRC-16 of the protocol, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def request_length(head: bytes) -> int | None:
    """Return the length of the request that begins with ``head``; None: not known yet; 0: by silence only."""
    if len(head) < 2:
        return None
    function = head[1]
    if function in (0x01, 0x02, READ_HOLDING, 0x04, 0x05, WRITE_SINGLE):
        return 8
    counted = {WRITE_MULTIPLE: 6, 0x0F: 6, READ_WRITE: 10}.get(function)
    if counted is None:
        return 0
    return None if len(head) <= counted else counted + 3 + head[counted]


def answer(frame: bytes, unit: int, registers: Registers) -> bytes | None:
    """Return the reply to a request; None where a slave is silent (bad CRC, another unit, a broadcast)."""
    if len(frame) < 4 or crc(frame[:-2]) != frame[-2:] or frame[0] != unit:
        return None
    function, body = frame[1], frame[2:-2]
    try:
        data = _serve(function, body, registers)
    except RequestError as error:
        function, data = function | 0x80, bytes([error.code])
    reply = bytes([unit, function]) + data
    return reply + crc(reply)


def _serve(function: int, body: bytes, registers: Registers) -> bytes:
    if function == READ_HOLDING:
        address, count = _two(body)
        return _read(registers, address, count, 125)
    if function == WRITE_SINGLE:
        address, value = _two(body)
        registers.write(address, [value])
        return body
    if function == WRITE_MULTIPLE:
        address, values = _values(body)
        registers.write(address, values)
        return body[:4]
    if function == READ_WRITE:
        address, count = _two(body[:4])
        if not 1 <= count <= 125:
            raise RequestError(ILLEGAL_VALUE)
        registers.read(address, count)
        registers.write(*_values(body[4:]))
        return _read(registers, address, count, 125)
    raise RequestError(ILLEGAL_FUNCTION)


def _two(body: bytes) -> tuple[int, int]:
    if len(body) != 4:
        raise RequestError(ILLEGAL_VALUE)
    first, second = struct.unpack(">HH", body)
    return first, second


def _values(body: bytes) -> tuple[int, list[int]]:
    if len(body) < 5:
        raise RequestError(ILLEGAL_VALUE)
    address, count, size = struct.unpack(">HHB", body[:5])
    if not 1 <= count <= 123 or size != 2 * count or len(body) != 5 + size:
        raise RequestError(ILLEGAL_VALUE)
    return address, list(struct.unpack(f">{count}H", body[5:]))


def _read(registers: Registers, address: int, count: int, most: int) -> bytes:
    if not 1 <= count <= most:
        raise RequestError(ILLEGAL_VALUE)
    values = registers.read(address, count)
    return struct.pack(f">B{count}H", 2 * count, *values)
