"""What is heard on a line before anybody asks; pure.

A device that sends unasked is heard at once, and so is another master: to speak then would disturb
its press.
"""

from dataclasses import dataclass
from enum import Enum

from stackpress_py.devices.bus.rtu_frames import SHORTEST_ANSWER, SHORTEST_FRAME, intact

#: Fewer bytes in a whole listening are a glitch of the line, as at the opening of a port.
GLITCH = 4
#: Of text so many characters in a hundred are printable.
_PRINTABLE_PERCENT = 95
_LINES = 2
_ENDS = (b"\r", b"\n")
_FUNCTIONS = frozenset((1, 2, 3, 4, 5, 6, 15, 16, 23))
_EXCEPTION = 0x80
#: Bytes of a request that reads, and of what answers a write.
_FIXED_SIZE = 8
#: Bytes around the data of an answer to a read, and of a write of several registers.
_AROUND_READ, _AROUND_WRITE = 5, 9
_LONGEST_FRAME = 256


class Heard(Enum):
    """What comes unasked.

    Attributes:
        NOTHING: at most a glitch.
        TEXT: lines.
        MODBUS: frames: another master speaks with its devices.
        NOISE: neither.
    """

    NOTHING = "nothing"
    TEXT = "text"
    MODBUS = "modbus"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame of Modbus RTU among other bytes."""

    unit: int
    function: int
    size: int


def kind_of(heard: bytes) -> Heard:
    """Return what was heard."""
    if len(heard) < GLITCH:
        return Heard.NOTHING
    if _is_text(heard):
        return Heard.TEXT
    return Heard.MODBUS if frames(heard) else Heard.NOISE


def _is_text(heard: bytes) -> bool:
    printable = sum(map(_is_printable, heard))
    lines = max(heard.count(b"\n"), heard.count(b"\r"))
    return 100 * printable >= _PRINTABLE_PERCENT * len(heard) and lines >= _LINES


def _is_printable(byte: int) -> bool:
    return 0x20 <= byte < 0x7F or byte in b"\r\n\t"


def frames(heard: bytes) -> list[Frame]:
    """Return the frames of Modbus RTU among bytes, requests and answers alike."""
    found: list[Frame] = []
    begin = 0
    while begin <= len(heard) - SHORTEST_FRAME:
        frame = _frame_at(heard, begin)
        if frame is None:
            begin += 1
        else:
            found.append(frame)
            begin += frame.size
    return found


def answers(heard: bytes) -> list[int]:
    """Return the units that have answered a read, well or with an exception."""
    return [frame.unit for frame in frames(heard) if frame.size != _FIXED_SIZE]


def last_line(heard: bytes) -> str:
    """Return the last whole line of a text; empty: there is none, or it is no text."""
    begun = [line.strip() for line in heard.splitlines(keepends=True) if line.endswith(_ENDS)]
    line = next((line for line in reversed(begun) if line), b"")
    return line.decode("ascii") if line and all(map(_is_printable, line)) else ""


def _frame_at(heard: bytes, begin: int) -> Frame | None:
    unit, function = heard[begin], heard[begin + 1]
    if unit > 247 or function & ~_EXCEPTION not in _FUNCTIONS:
        return None
    sizes = [SHORTEST_ANSWER] if function & _EXCEPTION else _sizes(heard, begin)
    for size in sizes:
        whole = heard[begin : begin + size]
        if len(whole) == size <= _LONGEST_FRAME and intact(whole):
            return Frame(unit, function, size)
    return None


def _sizes(heard: bytes, begin: int) -> list[int]:
    """Return how long a frame that begins here can be."""
    sizes = [_FIXED_SIZE, heard[begin + 2] + _AROUND_READ]
    if begin + 6 < len(heard):
        sizes.append(heard[begin + 6] + _AROUND_WRITE)
    return sizes
