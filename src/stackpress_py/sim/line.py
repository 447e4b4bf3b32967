"""The serial line in time: when bytes that were sent have arrived, when a frame ends, when its reply comes.

A pseudo-terminal hands over all bytes of a request at once; on a real wire each takes its time. So the line keeps
its own calendar of both directions. Times are s of the caller's clock. Source of the silent intervals: MODBUS over
Serial Line V1.02, section 2.5.1.1.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .config import WireConfig

#: Above this rate the silent interval is fixed.
FIXED_SILENCE_BAUD = 19200
FIXED_SILENCE = 1.75e-3
SILENT_CHARACTERS = 3.5
#: s between two wake-ups while a reply is handed out; shorter only for its last byte.
CHUNK = 1e-3
LONGEST_FRAME = 256


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of one of several slaves.

    Attributes:
        data: the frame.
        delay: s by which it comes later than the line's turn-around has it.
        sender: whose it is: one slave sends its replies one after the other, two may talk into each other.
    """

    data: bytes
    delay: float = 0.0
    sender: int = 0


Serve = Callable[[bytes], bytes | Answer | None]


def character_time(wire: WireConfig) -> float:
    """Return the time (s) of one character: start bit, 8 data bits, parity, stop bits."""
    bits = 1 + 8 + (0 if wire.parity == "none" else 1) + wire.stop_bits
    return bits / wire.baud


def silent_interval(wire: WireConfig) -> float:
    """Return the silence (s) that ends a frame."""
    if wire.baud > FIXED_SILENCE_BAUD:
        return FIXED_SILENCE
    return SILENT_CHARACTERS * character_time(wire)


@dataclass(slots=True)
class LineFaults:
    """What is wrong with the line: no replies, share of flipped bytes, delay (s) of each reply."""

    silent: bool = False
    flipped: float = 0.0
    delay: float = 0.0


@dataclass(slots=True)
class _Reply:
    begin: float
    data: bytes
    sender: int = 0
    sent: int = 0


@dataclass(slots=True)
class _Request:
    data: bytearray = field(default_factory=bytearray)
    end: float = 0.0


class Line:
    """A line with one or several slaves: half-duplex as RS-485, or with a wire for each direction as RS-232.

    Attributes:
        faults: what is wrong with it.
        answered: replies begun so far.
    """

    def __init__(
        self, wire: WireConfig, serve: Serve, rng: random.Random, duplex: bool = False
    ) -> None:
        self.faults = LineFaults()
        self.answered = 0
        self._serve = serve
        self._rng = rng
        self._duplex = duplex
        self._character = character_time(wire)
        self._silence = silent_interval(wire)
        self._turnaround = wire.turnaround_ms * 1e-3
        self._request = _Request()
        self._replies: list[_Reply] = []

    def clear(self) -> None:
        """Forget everything under way."""
        self._request = _Request()
        self._replies.clear()

    def receive(self, data: bytes, now: float) -> None:
        """Take bytes that the master has sent; while the slave is sending they are lost in the collision."""
        if not self._duplex and self._sending(now):
            return
        request = self._request
        begin = max(now, request.end)
        request.end = begin + len(data) * self._character
        if len(request.data) <= LONGEST_FRAME:
            request.data += self._flip(data)

    def step(self, now: float) -> bytes:
        """Answer a frame that has ended by now; return the bytes that have come over the wire by now."""
        request = self._request
        if request.data and now >= request.end + self._silence:
            self._request = _Request()
            self._answer(bytes(request.data), request.end + self._silence)
        return self._arrived(now)

    def due(self, now: float) -> float | None:
        """Return the time at which :meth:`step` has something to do; None: nothing is under way."""
        times = []
        if self._request.data:
            times.append(self._request.end + self._silence)
        for reply in self._replies:
            end = reply.begin + len(reply.data) * self._character
            first = reply.begin + (reply.sent + 1) * self._character
            times.append(min(end, max(first, now + CHUNK)))
        return min(times, default=None)

    def say(self, data: bytes, now: float, sender: int = 0) -> None:
        """Let a slave send what nobody has asked for."""
        if data and not self.faults.silent:
            self._begin(data, now + self.faults.delay, sender, 0.0)

    def _answer(self, frame: bytes, end: float) -> None:
        reply = self._serve(frame)
        if reply is None or self.faults.silent:
            return
        answer = reply if isinstance(reply, Answer) else Answer(reply)
        begin = end + self._turnaround + self.faults.delay + answer.delay
        self._begin(answer.data, begin, answer.sender, self._silence)
        self.answered += 1

    def _begin(self, data: bytes, begin: float, sender: int, gap: float) -> None:
        """Send, but not before the same slave's earlier replies and a gap (s)."""
        for last in self._replies:
            if last.sender == sender:
                begin = max(begin, last.begin + len(last.data) * self._character + gap)
        self._replies.append(_Reply(begin, self._flip(data), sender))

    def _sending(self, now: float) -> bool:
        return any(now >= reply.begin for reply in self._replies)

    def _arrived(self, now: float) -> bytes:
        """Return what has come, in the order of time: frames that overlap are mixed up, as on a wire."""
        come: list[tuple[float, int]] = []
        for reply in self._replies:
            count = min(len(reply.data), int((now - reply.begin) / self._character + 1e-6))
            for index in range(reply.sent, count):
                come.append((reply.begin + index * self._character, reply.data[index]))
            reply.sent = max(reply.sent, count)
        self._replies = [reply for reply in self._replies if reply.sent < len(reply.data)]
        come.sort(key=lambda each: each[0])
        return bytes(byte for _, byte in come)

    def _flip(self, data: bytes) -> bytes:
        if self.faults.flipped <= 0.0:
            return data
        return bytes(
            byte ^ (1 << self._rng.randrange(8))
            if self._rng.random() < self.faults.flipped
            else byte
            for byte in data
        )
