"""Frames of AIBUS and the search for one among the bytes of a line; pure.

A request has 8 bytes: address + 80h twice, 52h (read) or 43h (write), parameter, value, checksum.
An answer has 10: process value, set point, output, alarm, the parameter's value, checksum. Words are
signed, low byte first. A checksum is the sum of the other words and the address, modulo 65536; in a
request, of function + 256 times parameter, value and address.

Source: Yudian Communication Protocol V8.x (AIBUS). Not confirmed on hardware.
"""

import struct
from dataclasses import dataclass

ANSWER_SIZE = 10
#: So many bytes beside an answer are passed over, before and after it. More would let noise through:
#: of any ten bytes of noise one in 65536 has the right sum.
GLITCH = 3
#: Address 0 exists too, but there zeros, as from a broken line, are a valid answer.
UNITS = range(1, 81)
LEAST_VALUE, MOST_VALUE = -32768, 32000
#: A value from 7F00h on tells that there is no such parameter, or no data.
NO_PARAMETER = 0x7F00

_READ, _WRITE = 0x52, 0x43
_ADDRESS = 0x80
_WORD = 0xFFFF


@dataclass(frozen=True, slots=True)
class AibusReply:
    """What every answer carries, raw.

    Attributes:
        process_value: measured value.
        set_point: that the controller follows at the moment.
        output: % of the controller's output.
        alarm: bits.
        value: of the parameter that was read or written.
    """

    process_value: int
    set_point: int
    output: int
    alarm: int
    value: int


def read_request(unit: int, parameter: int) -> bytes:
    """Return the frame that reads a parameter.

    Raises:
        ValueError: unit or parameter are not possible.
    """
    return _request(unit, _READ, parameter, 0)


def write_request(unit: int, parameter: int, value: int) -> bytes:
    """Return the frame that writes a parameter.

    Raises:
        ValueError: unit, parameter or value are not possible.
    """
    if not LEAST_VALUE <= value <= MOST_VALUE:
        raise ValueError(f"the value {value} is not within {LEAST_VALUE} to {MOST_VALUE}")
    return _request(unit, _WRITE, parameter, value)


def _request(unit: int, function: int, parameter: int, value: int) -> bytes:
    if unit not in UNITS:
        raise ValueError(f"unit {unit} is not within {UNITS[0]} to {UNITS[-1]}")
    if not 0 <= parameter <= 0xFF:
        raise ValueError(f"the parameter {parameter} is not within 0 to 255")
    check = (parameter << 8) + function + value + unit & _WORD
    address = _ADDRESS + unit
    return struct.pack("<BBBBhH", address, address, function, parameter, value, check)


def without_echo(received: bytes, request: bytes) -> bytes:
    """Return what came besides the request's own bytes, which a two-wire adapter may give back."""
    echo = received.find(request, 0, GLITCH + len(request))
    return received if echo < 0 else received[echo + len(request) :]


def find_answers(received: bytes, unit: int) -> list[bytes]:
    """Return every stretch that could be the unit's answer.

    Args:
        received: without the request's echo.
        unit: that was asked.
    """
    stretches = (
        received[begin : begin + ANSWER_SIZE] for begin in range(len(received) - ANSWER_SIZE + 1)
    )
    return [stretch for stretch in stretches if _valid(stretch, unit)]


def speaker(received: bytes) -> int | None:
    """Return the unit whose answer this is; None: it is nobody's."""
    if len(received) != ANSWER_SIZE:
        return None
    words = struct.unpack("<5H", received)
    unit: int = (words[4] - sum(words[:4])) & _WORD
    return unit if unit in UNITS and _valid(received, unit) else None


def decoded(answer: bytes) -> AibusReply:
    """Return what an answer tells."""
    process_value, set_point, output, alarm, value, _ = struct.unpack("<hhbBhH", answer)
    return AibusReply(process_value, set_point, output, alarm, value)


def _valid(answer: bytes, unit: int) -> bool:
    words = struct.unpack("<5H", answer)
    # A steady hum repeats itself: fifty-fives have the right sum for unit 1, ones for unit 3.
    return len(set(words)) > 1 and words[4] == (sum(words[:4]) + unit) & _WORD
