"""A strict Modbus RTU master.

RTU has no transaction number: an answer that comes late looks like the answer to the next question.
So after anything that went wrong the master listens until the line was silent for the slave's
longest reply latency before it speaks again. An answer counts only with the right unit, function,
length, echo and CRC; glitch bytes before it and the local echo of a two-wire adapter are passed
over.

Source: MODBUS over Serial Line Specification V1.02, sections 2.5.1 (framing) and 6.2.2 (CRC).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from stackpress_py.devices.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.modbus import EXCEPTIONS, Request

#: Above 19200 baud the silence between frames is fixed.
SHORTEST_SILENCE = 1.75e-3
#: A frame has at least unit, function and CRC; fewer bytes on an idle line are a glitch.
SHORTEST_FRAME = 4
#: An echo and an answer; more is noise.
MOST_BYTES = 2 * 256
#: s that the operating system may be late, or a USB adapter may hold bytes back.
SLACK = 0.01
#: s after which a line that is never silent is given up.
LONGEST_DRAIN = 1.0


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
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


def seal(body: bytes) -> bytes:
    """Return unit and PDU with their CRC."""
    return body + crc16(body).to_bytes(2, "little")


def intact(frame: bytes) -> bool:
    """Return True if the frame's CRC is right."""
    return len(frame) >= SHORTEST_FRAME and crc16(frame[:-2]) == int.from_bytes(
        frame[-2:], "little"
    )


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a hunt for an answer has found in the bytes received so far.

    Attributes:
        pdu: the answer, or an exception; empty: none yet.
        end: where it ends in the bytes.
        missing: how many more bytes it takes at least.
    """

    pdu: bytes
    end: int
    missing: int


def hunt(received: bytes, sent: bytes, request: Request) -> Sighting:
    """Look for the answer to a request.

    Args:
        received: all bytes since the request was sent.
        sent: the request's frame; its own echo is passed over.
        request: what was asked.
    """
    unit = sent[:1]
    shapes = (
        (unit + request.reply_prefix, request.reply_length + 3),
        (unit + request.exception_prefix, 5),
    )
    echo = received.find(sent)
    start = echo + len(sent) if echo >= 0 else 0
    missing = 5
    for offset in range(start, len(received)):
        for prefix, size in shapes:
            candidate = received[offset : offset + size]
            if candidate[: len(prefix)] != prefix[: len(candidate)]:
                continue
            if len(candidate) < size:
                missing = min(missing, size - len(candidate))
            elif intact(candidate) and candidate != sent[:size]:
                return Sighting(candidate[1:-2], offset + size, 0)
    return Sighting(b"", 0, missing)


class BytePort(Protocol):
    """What the master needs of a port; every method may raise PortError."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing."""


@dataclass(frozen=True, slots=True)
class LineTiming:
    """Times of one line.

    Attributes:
        character: s for one byte with start, parity and stop bits.
        reply_latency: s, longest time from the end of a request to the begin of its answer.
    """

    character: float
    reply_latency: float

    @property
    def silence(self) -> float:
        """Silence between two frames (t3.5), s."""
        return max(3.5 * self.character, SHORTEST_SILENCE)


class RtuMaster:
    """Speak with one unit through a port.

    Args:
        port: must be open when :meth:`transact` is called.
        unit: address of the slave, 1..247.
        timing: of the line and the slave.
        clock, sleep: monotonic s; to be replaced in tests.

    Attributes:
        latency: s from the first byte sent to the last received, of the last answer.
    """

    def __init__(
        self,
        port: BytePort,
        unit: int,
        timing: LineTiming,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._port = port
        self._unit = bytes((unit,))
        self._timing = timing
        self._clock = clock
        self._sleep = sleep
        self._dirty = True  # who knows what was spoken before we came
        self._quiet_since = clock()
        self.latency = 0.0

    def transact(self, request: Request) -> bytes:
        """Send a request and return its answer's PDU.

        Raises:
            NoReplyError: nothing came in time.
            ReplyError: what came is not the answer.
            RefusedError: the slave answered with an exception.
            PortError: the port is gone.
        """
        self._settle()
        sent = seal(self._unit + request.pdu)
        # Only an answer that was accepted makes the line clean again.
        self._dirty = True
        begin = self._clock()
        self._port.write(sent)
        pdu = self._receive(sent, request, begin)
        self._dirty = False
        self.latency = self._quiet_since - begin
        if pdu[0] == request.exception_prefix[0]:
            code = pdu[1]
            meaning = EXCEPTIONS.get(code, "unknown")
            raise RefusedError(
                f"unit {self._unit[0]} refuses function {request.pdu[0]:02d}:"
                f" exception {code} ({meaning})",
                code,
            )
        return pdu

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again: an answer was wrong."""
        self._dirty = True

    def _settle(self) -> None:
        """Wait until the line is ours, listening."""
        leftover, wait = 0, 0.0
        while wait >= 0.0:
            chunk = self._port.read(wait)
            if chunk:
                leftover += len(chunk)
                self._quiet_since = self._clock()
            if self._dirty or leftover >= SHORTEST_FRAME:
                self._drain()
            wait = self._quiet_since + self._timing.silence - self._clock()

    def _drain(self) -> None:
        silence = self._timing.reply_latency + self._timing.silence
        give_up = self._clock() + LONGEST_DRAIN
        while True:
            quiet_for = self._clock() - self._quiet_since
            if quiet_for >= silence:
                return
            if self._port.read(silence - quiet_for):
                self._quiet_since = self._clock()
            if self._clock() > give_up:
                raise ReplyError(
                    f"the line to unit {self._unit[0]} is never silent: look for noise,"
                    " or another master"
                )

    def _receive(self, sent: bytes, request: Request, begin: float) -> bytes:
        timing = self._timing
        size = request.reply_length + 3
        on_wire = (len(sent) + size) * timing.character
        deadline = begin + on_wire + timing.reply_latency + SLACK
        received = b""
        while len(received) < MOST_BYTES:
            wait = deadline - self._clock()
            if len(received) >= size + received.startswith(sent) * len(sent):
                # The answer should be complete: what is still to come comes soon or is none.
                wait = min(wait, timing.silence + SLACK)
            # Past the deadline too: what has come while this process slept is in the buffer.
            chunk = self._port.read(max(0.0, wait))
            self._quiet_since = self._clock()
            if not chunk:
                break
            received += chunk
            sighting = hunt(received, sent, request)
            if sighting.pdu:
                if len(received) - sighting.end >= SHORTEST_FRAME:
                    raise ReplyError(f"unit {self._unit[0]} gave more than one answer")
                return sighting.pdu
            # Bytes come one by one: sleep through the answer instead of waking up for each.
            left = max(0.0, deadline - self._clock())
            self._sleep(min(sighting.missing * timing.character, left))
        raise self._why_none(received, sent, size)

    def _why_none(self, received: bytes, sent: bytes, size: int) -> NoReplyError | ReplyError:
        unit = self._unit[0]
        answer = received.replace(sent, b"", 1)
        if not answer:
            return NoReplyError(f"unit {unit} does not answer")
        if len(answer) == size and answer[:1] != self._unit and intact(answer):
            return ReplyError(f"unit {answer[0]} answered instead of unit {unit}")
        if intact(answer):
            return ReplyError(f"unit {unit} answered something else: {answer[:16].hex(' ')}")
        return ReplyError(
            f"{len(answer)} bytes came from unit {unit}, and they are not the answer of {size}"
            f" bytes: {answer[:16].hex(' ')}"
        )
