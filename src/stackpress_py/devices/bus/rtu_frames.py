"""Frames of Modbus RTU and the hunt for one among the bytes of a line; pure.

Source: MODBUS over Serial Line Specification V1.02, sections 2.5.1 (framing) and 6.2.2 (CRC).
"""

from dataclasses import dataclass
from functools import lru_cache

from stackpress_py.devices.bus.errors import NoReplyError, ReplyError
from stackpress_py.devices.bus.modbus import Request

#: Bytes of unit, function and CRC; fewer bytes on an idle line are a glitch.
SHORTEST_FRAME = 4
#: Bytes of an exception answer, the shortest that there is.
SHORTEST_ANSWER = 5
#: Bytes of a frame besides the PDU: unit and CRC.
ENVELOPE = 3


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """Return the CRC of a frame's bytes; on the wire its low byte comes first."""
    crc, table = 0xFFFF, _CRC
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def seal(body: bytes) -> bytes:
    """Return unit and PDU with their CRC."""
    return body + crc16(body).to_bytes(2, "little")


def intact(frame: bytes) -> bool:
    """Return True if the frame's CRC is right."""
    # The CRC over a frame and its own CRC is zero.
    return len(frame) >= SHORTEST_FRAME and crc16(frame) == 0


# The same questions are asked again and again.
@lru_cache(maxsize=256)
def framed(unit: int, pdu: bytes) -> bytes:
    """Return the frame of a request."""
    return seal(bytes((unit,)) + pdu)


def is_answer(received: bytes, frame: bytes, request: Request) -> bool:
    """Return True if these bytes are the answer to the request sent as a frame, whole and alone."""
    return (
        len(received) == request.reply_length + ENVELOPE
        and received[0] == frame[0]
        and received.startswith(request.reply_prefix, 1)
        and crc16(received) == 0
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request on its way to a unit, and how its answer is told from everything else.

    Attributes:
        frame: as it was sent.
        request: what was asked.
    """

    frame: bytes
    request: Request

    @classmethod
    def of(cls, unit: int, request: Request) -> "Asked":
        """Return a request to a unit."""
        return cls(framed(unit, request.pdu), request)

    @property
    def unit(self) -> int:
        """Return the unit that was asked."""
        return self.frame[0]

    @property
    def head(self) -> bytes:
        """Return what the answer's frame begins with."""
        return self.frame[:1] + self.request.reply_prefix

    @property
    def size(self) -> int:
        """Return the bytes of the answer's frame."""
        return self.request.reply_length + ENVELOPE

    def is_begun_by(self, received: bytes) -> bool:
        """Return True if these bytes can be the begin of the answer, with nothing before it."""
        return received.startswith(self.head) or self.head.startswith(received)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a hunt for an answer has found in the bytes received so far.

    Attributes:
        pdu: the answer, or an exception; empty: none yet.
        end: where it ends in the bytes.
        missing: how many more bytes it takes at least.
        echo: the request's own bytes came before it.
    """

    pdu: bytes
    end: int
    missing: int
    echo: bool


def hunt(received: bytes, asked: Asked, echoes: bool = True) -> Sighting:
    """Look for the answer to a request.

    Args:
        received: all bytes since the request was sent.
        asked: the request.
        echoes: the line may give the request's own bytes back, which are passed over then.
    """
    sent = asked.frame if echoes else b""
    echo = received.find(sent) if echoes else -1
    shapes = (
        (asked.head, asked.size),
        (asked.head[:1] + asked.request.exception_prefix, SHORTEST_ANSWER),
    )
    missing = SHORTEST_ANSWER
    offset = received.find(asked.head[0], echo + len(sent) if echo >= 0 else 0)
    while offset >= 0:
        for prefix, size in shapes:
            candidate = received[offset : offset + size]
            if candidate[: len(prefix)] != prefix[: len(candidate)]:
                continue
            if len(candidate) < size:
                missing = min(missing, size - len(candidate))
            elif intact(candidate) and (echo >= 0 or candidate != sent[:size]):
                return Sighting(candidate[1:-2], offset + size, 0, echo >= 0)
        offset = received.find(asked.head[0], offset + 1)
    return Sighting(b"", 0, missing, echo >= 0)


def why_none(received: bytes, asked: Asked) -> NoReplyError | ReplyError:
    """Return the error that says why what came is not the answer."""
    unit = asked.unit
    answer = received.replace(asked.frame, b"", 1)
    if not answer:
        return NoReplyError(f"unit {unit} does not answer")
    if intact(answer) and answer[0] != unit:
        return ReplyError(f"unit {answer[0]} answered instead of unit {unit}")
    if intact(answer):
        return ReplyError(f"unit {unit} answered something else: {answer[:16].hex(' ')}")
    return ReplyError(
        f"{len(answer)} bytes came from unit {unit}, and they are not the answer of {asked.size}"
        f" bytes: {answer[:16].hex(' ')}"
    )
