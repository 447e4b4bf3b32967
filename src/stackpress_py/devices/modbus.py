"""Modbus requests and what their answers must look like; pure, without framing.

Source: MODBUS Application Protocol Specification V1.1b3, sections 6.3 (03), 6.12 (16), 6.17 (23)
and 7 (exceptions). Addresses are 0-based, as on the wire; words are 0..65535.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

READ_REGISTERS = 0x03
WRITE_REGISTERS = 0x10
READ_WRITE_REGISTERS = 0x17
EXCEPTION = 0x80

#: Largest number of registers: read (03, 23), written by 16, written by 23.
MOST_READ, MOST_WRITTEN, MOST_WRITTEN_WITH_READ = 125, 123, 121

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledged, still working",
    6: "busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request and the form of its only right answer.

    Attributes:
        pdu: function code and data.
        reply_prefix: what the answer's PDU begins with; it holds every echo that can be checked.
        reply_length: bytes of the answer's PDU.
    """

    pdu: bytes
    reply_prefix: bytes
    reply_length: int

    @property
    def exception_prefix(self) -> bytes:
        """What an exception answer's PDU begins with; one byte of code follows."""
        return bytes((self.pdu[0] | EXCEPTION,))


def read_registers(address: int, count: int) -> Request:
    """Return the request to read holding registers (function 03).

    Raises:
        ValueError: the range is not possible.
    """
    _check(address, count, MOST_READ)
    pdu = struct.pack(">BHH", READ_REGISTERS, address, count)
    return Request(pdu, bytes((READ_REGISTERS, 2 * count)), 2 + 2 * count)


def write_registers(address: int, words: Sequence[int]) -> Request:
    """Return the request to write holding registers (function 16).

    Raises:
        ValueError: the range or a word is not possible.
    """
    _check(address, len(words), MOST_WRITTEN)
    head = struct.pack(">BHH", WRITE_REGISTERS, address, len(words))
    return Request(head + bytes((2 * len(words),)) + pack(words), head, len(head))


def read_write_registers(
    read_address: int, read_count: int, write_address: int, words: Sequence[int]
) -> Request:
    """Return the request to write and then read in one transaction (function 23).

    Raises:
        ValueError: a range or a word is not possible.
    """
    _check(read_address, read_count, MOST_READ)
    _check(write_address, len(words), MOST_WRITTEN_WITH_READ)
    head = struct.pack(
        ">BHHHHB",
        READ_WRITE_REGISTERS,
        read_address,
        read_count,
        write_address,
        len(words),
        2 * len(words),
    )
    prefix = bytes((READ_WRITE_REGISTERS, 2 * read_count))
    return Request(head + pack(words), prefix, 2 + 2 * read_count)


def registers(reply: bytes) -> tuple[int, ...]:
    """Return the words of an answer's PDU to a reading request."""
    return struct.unpack(f">{reply[1] // 2}H", reply[2:])


def pack(words: Sequence[int]) -> bytes:
    """Return words as bytes, high byte first.

    Raises:
        ValueError: a word is not 0..65535.
    """
    try:
        return struct.pack(f">{len(words)}H", *words)
    except struct.error:
        raise ValueError(f"the words {list(words)} are not all within 0..65535") from None


def _check(address: int, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"{count} registers in one request; allowed are 1 to {most}")
    if not 0 <= address <= 0x10000 - count:
        raise ValueError(f"registers {address} to {address + count - 1} are beyond 0 to 65535")
