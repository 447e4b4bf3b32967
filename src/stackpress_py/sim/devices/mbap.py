"""Frames of Modbus TCP around those of Modbus RTU.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b: header of transaction, protocol 0, length and unit.
"""

import struct
from dataclasses import dataclass

from ..modbus_slave import crc

HEADER = struct.Struct(">HHHB")
#: The length counts unit, function and data.
SHORTEST, LONGEST = 2, 254


class FrameError(Exception):
    """Bytes that are no Modbus TCP; the connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Query:
    """A request: transaction number, unit, function with data."""

    transaction: int
    unit: int
    body: bytes

    def rtu(self, unit: int) -> bytes:
        """Return the request as an RTU frame to a unit."""
        frame = bytes((unit,)) + self.body
        return frame + crc(frame)

    def reply(self, frame: bytes) -> bytes:
        """Return an RTU reply as one to this request."""
        body = frame[1:-2]
        return HEADER.pack(self.transaction, 0, len(body) + 1, self.unit) + body


def split(buffer: bytearray) -> list[Query]:
    """Take all whole requests out of a buffer.

    Raises:
        FrameError: what stands there cannot be a request.
    """
    queries = []
    while len(buffer) >= HEADER.size:
        transaction, protocol, length, unit = HEADER.unpack_from(buffer)
        if protocol != 0 or not SHORTEST <= length <= LONGEST:
            raise FrameError(f"protocol {protocol}, length {length}")
        end = HEADER.size - 1 + length
        if len(buffer) < end:
            break
        queries.append(Query(transaction, unit, bytes(buffer[HEADER.size : end])))
        del buffer[:end]
    return queries
