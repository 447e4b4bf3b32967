"""Modbus requests and what their answers must look like; pure, without framing.

Source: MODBUS Application Protocol Specification V1.1b3, sections 6.1 (01) to 6.6 (06), 6.11 (15),
6.12 (16), 6.17 (23) and 7 (exceptions). Addresses are 0-based, as on the wire; words are 0..65535.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

READ_COILS = 0x01
READ_DISCRETE_INPUTS = 0x02
READ_REGISTERS = 0x03
READ_INPUT_REGISTERS = 0x04
WRITE_COIL = 0x05
WRITE_REGISTER = 0x06
WRITE_COILS = 0x0F
WRITE_REGISTERS = 0x10
READ_WRITE_REGISTERS = 0x17
EXCEPTION = 0x80

#: Largest number of registers: read (03, 04, 23), written by 16, written by 23.
MOST_READ, MOST_WRITTEN, MOST_WRITTEN_WITH_READ = 125, 123, 121
#: Largest number of bits: read (01, 02), written by 15.
MOST_BITS_READ, MOST_BITS_WRITTEN = 2000, 1968
#: Requests to read that are kept.
MOST_REMEMBERED = 512

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

RegisterTable = Literal["holding", "input"]
BitTable = Literal["coil", "discrete"]

_READS_REGISTERS: dict[RegisterTable, int] = {
    "holding": READ_REGISTERS,
    "input": READ_INPUT_REGISTERS,
}
_READS_BITS: dict[BitTable, int] = {"coil": READ_COILS, "discrete": READ_DISCRETE_INPUTS}


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
    def mirrored(self) -> bool:
        """True if the right answer can be the request itself, as with functions 05 and 06."""
        return len(self.pdu) == self.reply_length and self.pdu.startswith(self.reply_prefix)

    @property
    def exception_prefix(self) -> bytes:
        """What an exception answer's PDU begins with; one byte of code follows."""
        return bytes((self.pdu[0] | EXCEPTION,))


# ---- registers -----------------------------------------------------------------------------------


def read_registers(address: int, count: int, table: RegisterTable = "holding") -> Request:
    """Return the request to read holding (function 03) or input registers (04).

    Raises:
        ValueError: the range is not possible.
    """
    return _reading_registers(address, count, table)


# The same blocks are read again and again.
@lru_cache(maxsize=MOST_REMEMBERED)
def _reading_registers(address: int, count: int, table: RegisterTable) -> Request:
    _check(address, count, MOST_READ, "registers")
    function = _READS_REGISTERS[table]
    pdu = struct.pack(">BHH", function, address, count)
    return Request(pdu, bytes((function, 2 * count)), 2 + 2 * count)


def write_register(address: int, word: int) -> Request:
    """Return the request to write one holding register (function 06).

    Raises:
        ValueError: the address or the word is not possible.
    """
    _check(address, 1, 1, "registers")
    pdu = struct.pack(">BH", WRITE_REGISTER, address) + pack((word,))
    return Request(pdu, pdu, len(pdu))


def write_registers(address: int, words: Sequence[int]) -> Request:
    """Return the request to write holding registers (function 16).

    Raises:
        ValueError: the range or a word is not possible.
    """
    _check(address, len(words), MOST_WRITTEN, "registers")
    head = struct.pack(">BHH", WRITE_REGISTERS, address, len(words))
    return Request(head + bytes((2 * len(words),)) + pack(words), head, len(head))


def read_write_registers(
    read_address: int, read_count: int, write_address: int, words: Sequence[int]
) -> Request:
    """Return the request to write and then read in one transaction (function 23).

    Raises:
        ValueError: a range or a word is not possible.
    """
    _check(read_address, read_count, MOST_READ, "registers")
    _check(write_address, len(words), MOST_WRITTEN_WITH_READ, "registers")
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
    """Return the words of an answer's PDU to a request that reads registers."""
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


# ---- bits ----------------------------------------------------------------------------------------


def read_bits(address: int, count: int, table: BitTable = "coil") -> Request:
    """Return the request to read coils (function 01) or discrete inputs (02).

    Raises:
        ValueError: the range is not possible.
    """
    return _reading_bits(address, count, table)


@lru_cache(maxsize=MOST_REMEMBERED)
def _reading_bits(address: int, count: int, table: BitTable) -> Request:
    _check(address, count, MOST_BITS_READ, "bits")
    function, size = _READS_BITS[table], _bytes_for(count)
    pdu = struct.pack(">BHH", function, address, count)
    return Request(pdu, bytes((function, size)), 2 + size)


def write_bit(address: int, on: bool) -> Request:
    """Return the request to write one coil (function 05).

    Raises:
        ValueError: the address is not possible.
    """
    _check(address, 1, 1, "bits")
    pdu = struct.pack(">BHH", WRITE_COIL, address, 0xFF00 if on else 0)
    return Request(pdu, pdu, len(pdu))


def write_bits(address: int, values: Sequence[bool]) -> Request:
    """Return the request to write coils (function 15).

    Raises:
        ValueError: the range is not possible.
    """
    count = len(values)
    _check(address, count, MOST_BITS_WRITTEN, "bits")
    head = struct.pack(">BHH", WRITE_COILS, address, count)
    packed = sum(bool(value) << place for place, value in enumerate(values))
    size = _bytes_for(count)
    return Request(head + bytes((size,)) + packed.to_bytes(size, "little"), head, len(head))


def bits(reply: bytes, count: int) -> tuple[bool, ...]:
    """Return the first ``count`` bits of an answer's PDU to a request that reads bits.

    The specification fills the last byte up with zeros; not every device does, so the rest is not
    looked at.
    """
    packed = int.from_bytes(reply[2:], "little")
    return tuple(bool(packed >> place & 1) for place in range(count))


def _bytes_for(count: int) -> int:
    return (count + 7) // 8


def _check(address: int, count: int, most: int, what: str) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"{count} {what} in one request; allowed are 1 to {most}")
    if not 0 <= address <= 0x10000 - count:
        raise ValueError(f"{what} {address} to {address + count - 1} are beyond 0 to 65535")
