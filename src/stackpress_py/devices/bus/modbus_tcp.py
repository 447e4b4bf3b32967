"""A strict Modbus TCP master.

Every request has a transaction number of its own, so a late answer is known and passed over. An
answer counts only with the right number, unit, function, length and echo. Where the stream of frames
is lost the connection is ended, for nothing in it can be trusted any more.

What cannot be seen: a gateway to serial devices may itself take a late answer for that to the next
request, and send it with this one's number. So that the gateway's line can become silent, the master
waits for the device's reply latency after anything that went wrong, as on a serial line.

Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, sections 3.1.3 (header) and 4.4
(client).
"""

import struct
import time
from collections.abc import Callable
from typing import Protocol

from stackpress_py.devices.bus.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.bus.modbus import EXCEPTIONS, Request
from stackpress_py.devices.bus.quiet import SLACK, Quiet
from stackpress_py.devices.bus.timing import Patience

#: Bytes between a request and its answer; more is a flood.
MOST_BYTES = 0x10000
#: Transaction, protocol, length, unit.
_HEADER = struct.Struct(">HHHB")
#: Bytes of the header that its length does not count.
_UNCOUNTED = 6
#: The length counts the unit and a PDU of 1 to 253 bytes.
_LENGTHS = range(2, 255)
_NUMBERS = 0x10000
#: Exceptions by which a gateway tells that its device was not reached or did not answer.
_GATEWAY = {10, 11}


class StreamPort(Protocol):
    """What the master needs of a port; every method may raise PortError."""

    @property
    def path(self) -> str:
        """Name for messages."""

    @property
    def connections(self) -> int:
        """How often it has been opened."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing."""

    def close(self) -> None:
        """End the connection."""


class TcpMaster:
    """Speak with the units behind one connection.

    Args:
        port: must be open when :meth:`transact` is called.
        clock: monotonic s; to be replaced in tests.

    Attributes:
        latency: s from the request's sending to its answer, of the last answer.
    """

    def __init__(self, port: StreamPort, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = _FrameStream(port)
        self._clock = clock
        self._quiet = Quiet(self._stream, clock)
        self._path = port.path
        self.latency = 0.0

    def transact(self, unit: int, request: Request, patience: Patience) -> bytes:
        """Send a request and return its answer's PDU.

        Args:
            unit: 0..255; a device that is no gateway often wants 1, 0 or 255.
            request: what to ask.
            patience: of this device.

        Raises:
            NoReplyError: nothing came in time.
            ReplyError: what came is not the answer; the connection may have been ended.
            RefusedError: the device answered with an exception.
            PortError: the connection is lost.
            ValueError: the unit is not possible.
        """
        if not 0 <= unit <= 0xFF:
            raise ValueError(f"unit {unit} is not within 0 to 255")
        name = f"unit {unit} of {self._path}"
        # Answers to earlier requests do no harm: however many come, no drain is needed.
        self._quiet.settle(name, patience, 0.0, MOST_BYTES)
        begin = self._clock()
        self._stream.send(unit, request.pdu)
        frame = self._receive(name, begin + patience.reply_latency + SLACK)
        if frame[_UNCOUNTED] != unit:
            raise ReplyError(f"unit {frame[_UNCOUNTED]} answered instead of {name}")
        pdu = frame[_HEADER.size :]
        refused = pdu.startswith(request.exception_prefix) and len(pdu) == 2
        if not refused and not (
            pdu.startswith(request.reply_prefix) and len(pdu) == request.reply_length
        ):
            raise ReplyError(f"{name} answered something else: {pdu[:16].hex(' ')}")
        self.latency = self._quiet.since - begin
        if not refused or pdu[1] not in _GATEWAY:
            self._quiet.trust()
        if refused:
            raise _refusal(name, request, pdu[1])
        return pdu

    def distrust(self) -> None:
        """Be silent for a while before speaking again: an answer was wrong."""
        self._quiet.distrust()

    def _receive(self, name: str, deadline: float) -> bytes:
        """Return the frame that answers the last request."""
        size = 0
        while size < MOST_BYTES:
            # Past the deadline too: what has come while this process slept is in the buffer.
            chunk = self._stream.read(max(0.0, deadline - self._clock()))
            if not chunk:
                raise NoReplyError(f"{name} does not answer")
            self._quiet.heard()
            size += len(chunk)
            answers = self._stream.answers()
            if len(answers) > 1:
                raise ReplyError(f"{name} gave more than one answer")
            if answers:
                return answers[0]
        raise ReplyError(f"{self._path} sends without end, and not what {name} was asked for")


class _FrameStream:
    """Cut the bytes of a connection into frames, and tell which answer the last request.

    Args:
        port: must be open when it is used.
    """

    def __init__(self, port: StreamPort) -> None:
        self._port = port
        self._received = b""
        self._frames: list[bytes] = []
        self._connection = 0
        self._number = 0
        self._sent = 0

    def send(self, unit: int, pdu: bytes) -> None:
        """Send a request with a new transaction number; frames that came before are forgotten."""
        self._number = (self._number + 1) % _NUMBERS
        self._frames.clear()
        self.write(_HEADER.pack(self._number, 0, 1 + len(pdu), unit) + pdu)
        self._sent += 1

    def write(self, data: bytes) -> None:
        """Send bytes."""
        self._port.write(data)

    def read(self, timeout: float) -> bytes:
        """Return what has come, as the port does; its whole frames are kept.

        Raises:
            ReplyError: it is no Modbus TCP; the connection has been ended.
            PortError: the connection is lost.
        """
        if self._port.connections != self._connection:
            # What came over an earlier connection has no continuation in this one.
            self._received, self._sent = b"", 0
            self._connection = self._port.connections
        chunk = self._port.read(timeout)
        self._received += chunk
        while len(self._received) >= _HEADER.size:
            _, protocol, length, _ = _HEADER.unpack_from(self._received)
            if protocol != 0 or length not in _LENGTHS:
                raise self._lost()
            end = _UNCOUNTED + length
            if len(self._received) < end:
                break
            self._frames.append(self._received[:end])
            self._received = self._received[end:]
        return chunk

    def answers(self) -> list[bytes]:
        """Take the frames that answer the last request; those to earlier ones are passed over.

        Raises:
            ReplyError: a frame answers what was never asked over this connection.
        """
        frames, self._frames = self._frames, []
        answers = []
        for frame in frames:
            number = int.from_bytes(frame[:2], "big")
            age = (self._number - number) % _NUMBERS
            if age >= self._sent:
                raise ReplyError(
                    f"{self._port.path} answered transaction {number}, which was not asked for"
                )
            if age == 0:
                answers.append(frame)
        return answers

    def _lost(self) -> ReplyError:
        head, self._received = self._received[: _HEADER.size], b""
        self._port.close()
        return ReplyError(
            f"what {self._port.path} sends is no Modbus TCP ({head.hex(' ')}): the connection was"
            " ended; look at the port's number"
        )


def _refusal(name: str, request: Request, code: int) -> RefusedError:
    meaning = EXCEPTIONS.get(code, "unknown")
    return RefusedError(
        f"{name} refuses function {request.pdu[0]:02d}: exception {code} ({meaning})", code
    )
