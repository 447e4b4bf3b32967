"""Frames of AIBUS, the protocol of Yudian's AI instruments, as pure functions on bytes.

Sources: Yudian communication protocol V7.0 and V8.x (frame, checksum, addresses 0 to 80), and two public drivers that
agree with it. A request is eight bytes, ``80h+a 80h+a 52h|43h code low high sum``; every reply is ten bytes, low byte
first, and carries the measured value, the set-point, the output and the alarms whatever was asked. The sum is one of
16 bit words, not of bytes, and the address is part of it although the reply does not name its sender.
"""

import struct
from dataclasses import dataclass

READ, WRITE = 0x52, 0x43
ADDRESS_MARK = 0x80
HIGHEST_ADDRESS = 80
REQUEST_BYTES, REPLY_BYTES = 8, 10

_REQUEST = struct.Struct("<BBBBhH")
_REPLY = struct.Struct("<hhbBhH")


@dataclass(frozen=True, slots=True)
class Request:
    """What the master wants.

    Attributes:
        address: 0 to 80.
        write: write, else read.
        code: of the parameter.
        value: to be written; 0 in a read.
    """

    address: int
    write: bool
    code: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What each reply carries.

    Attributes:
        measured, target: as the instrument holds them, signed 16 bit.
        output: %, signed 8 bit.
        alarms: bits.
    """

    measured: int
    target: int
    output: int
    alarms: int


def packed_request(request: Request) -> bytes:
    """Return the bytes of a request."""
    function = WRITE if request.write else READ
    mark = ADDRESS_MARK + request.address
    total = _request_sum(request.address, function, request.code, request.value)
    return _REQUEST.pack(mark, mark, function, request.code, request.value, total)


def parsed_request(frame: bytes) -> Request | None:
    """Return the request in a frame; None: it is none, or its sum is wrong."""
    if len(frame) != REQUEST_BYTES:
        return None
    first, second, function, code, value, total = _REQUEST.unpack(frame)
    address = first - ADDRESS_MARK
    if first != second or not 0 <= address <= HIGHEST_ADDRESS or function not in (READ, WRITE):
        return None
    if total != _request_sum(address, function, code, value):
        return None
    return Request(address, function == WRITE, code, value)


def packed_reply(address: int, reading: Reading, value: int) -> bytes:
    """Return the bytes of a reply; ``value`` is that of the parameter that was asked for."""
    # The sum is of words as they are on the wire: a negative output counts as its byte, 256 more.
    word = reading.alarms * 256 + (reading.output & 0xFF)
    total = reading.measured + reading.target + word + value + address
    return _REPLY.pack(
        reading.measured,
        reading.target,
        reading.output,
        reading.alarms,
        value,
        total & 0xFFFF,
    )


def _request_sum(address: int, function: int, code: int, value: int) -> int:
    return (code * 256 + function + value + address) & 0xFFFF
