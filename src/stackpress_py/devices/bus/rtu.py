"""A strict Modbus RTU master for all the units of one line.

RTU has no transaction number: an answer that comes late looks like the answer to the next question.
So after anything that went wrong the master listens until the line was silent for the reply latency
of the device that was asked, before it speaks again. An answer counts only with the right unit,
function, length, echo and CRC, and with silence after it; glitch bytes around it and the local echo
of a two-wire adapter are passed over.

What stays possible: the answer to a read repeats no address. A device that answers later than twice
its declared reply latency, and with as many bytes as the next read of the same unit expects, is
believed once, until its second answer is met. So declare the longest latency, read blocks of
different lengths, and have a heartbeat in the block where the device offers one. Of garbled frames
that begin rightly and have the right length a CRC lets one of 65536 pass.

Source: MODBUS over Serial Line Specification V1.02, sections 2.2 (units) and 2.5.1 (framing).
"""

import time
from collections.abc import Callable
from typing import Protocol

from stackpress_py.devices.bus.errors import (
    NeverSilentError,
    PortError,
    RefusedError,
    ReplyError,
)
from stackpress_py.devices.bus.modbus import EXCEPTIONS, Request, read_registers
from stackpress_py.devices.bus.rtu_frames import (
    ENVELOPE,
    SHORTEST_ANSWER,
    SHORTEST_FRAME,
    Asked,
    framed,
    hunt,
    intact,
    is_answer,
    why_none,
)
from stackpress_py.devices.bus.timing import Patience

#: Above 19200 baud the silence between frames is fixed.
SHORTEST_SILENCE = 1.75e-3
#: An echo and an answer; more is noise.
MOST_BYTES = 2 * 256
#: s that the operating system may be late, or a USB adapter may hold bytes back.
SLACK = 0.01
#: s beyond the silence it waits for, after which a line that is never silent is given up.
LONGEST_DRAIN = 1.0
#: s that an exception may be told late, to sleep through the answer in one go.
EXCEPTION_DELAY = 5e-3
#: s from an answer that was accepted to the next request, at best.
PREPARATION = 0.1e-3
#: Units that one device can have; 0 is a broadcast, which nobody answers, and 248 is reserved.
FIRST_UNIT, LAST_UNIT, NOBODY = 1, 247, 248


class BytePort(Protocol):
    """What the master needs of a port; every method may raise PortError."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing."""


class RtuMaster:
    """Speak with the units of one line through a port.

    Args:
        port: must be open when :meth:`transact` is called.
        character: s for one byte with start, parity and stop bits.
        clock, sleep: monotonic s; to be replaced in tests.

    Attributes:
        latency: s from the first byte sent to the last received, of the last answer.
    """

    def __init__(
        self,
        port: BytePort,
        character: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.latency = 0.0
        self._port = port
        self._character = character
        self._silence = max(3.5 * character, SHORTEST_SILENCE)
        self._clock = clock
        self._sleep = sleep
        self._quiet_since = clock()
        self._dirty = True  # who knows what was spoken before we came
        self._owed: float | None = None  # s, reply latency of the device that was asked last
        self._echoes: bool | None = None  # the line gives our own bytes back; None: unknown

    def transact(self, unit: int, request: Request, patience: Patience) -> bytes:
        """Send a request to a unit (1..247) and return its answer's PDU.

        Raises:
            NoReplyError: nothing came in time.
            ReplyError: what came is not the answer.
            RefusedError: the slave answered with an exception.
            PortError: the port is gone.
            ValueError: there is no such unit.
        """
        if not FIRST_UNIT <= unit <= LAST_UNIT:
            raise ValueError(
                f"unit {unit} cannot be asked; allowed are {FIRST_UNIT} to {LAST_UNIT}"
            )
        try:
            if self._echoes is None and request.mirrored:
                self._find_echo(patience)
            pdu = self._exchange(framed(unit, request.pdu), request, patience)
        except PortError:
            # Another adapter may be plugged in its place.
            self._dirty, self._echoes = True, None
            raise
        if pdu[0] != request.pdu[0]:
            code = pdu[1]
            raise RefusedError(
                f"unit {unit} refuses function {request.pdu[0]:02d}:"
                f" exception {code} ({EXCEPTIONS.get(code, 'unknown')})",
                code,
            )
        return pdu

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again: an answer was wrong."""
        self._dirty = True

    def _exchange(self, frame: bytes, request: Request, patience: Patience) -> bytes:
        """Send a request and return the answer; a clean one costs the least possible work."""
        size = request.reply_length + ENVELOPE
        wait = (len(frame) + size) * self._character + patience.reply_latency + SLACK
        begin = self._send(frame, patience)
        received = self._port.read(wait)
        self._quiet_since = self._clock()
        # Bytes come one by one: sleep until the last is on its way, instead of waking up for each.
        rest = (size - len(received) - 0.5) * self._character
        due = self._quiet_since + rest
        if received and 0.0 < rest <= EXCEPTION_DELAY:
            self._sleep(rest)
            received += self._port.read(0.0)
            self._quiet_since = self._clock()
        if is_answer(received, frame, request) and received != frame:
            pdu, surplus, self._echoes = received[1:-2], 0, False
        else:
            pdu, surplus = self._receive(received, Asked(frame, request), due, begin + wait)
        self.latency = self._quiet_since - begin
        self._hear_end(frame[0], surplus)
        self._dirty = False
        return pdu

    def _send(self, frame: bytes, patience: Patience) -> float:
        """Send a request once the line is ours; return when."""
        self._settle(patience)
        # Only an answer that was accepted makes the line clean again.
        self._dirty, self._owed = True, patience.reply_latency
        begin = self._clock()
        self._quiet_since = begin + len(frame) * self._character
        self._port.write(frame)
        return begin

    def _find_echo(self, patience: Patience) -> None:
        """Find out whether the line gives our own bytes back, with a frame that nobody answers.

        Where the answer repeats the request an echo must not be taken for the answer.
        """
        probe = framed(NOBODY, read_registers(0, 1).pdu)
        deadline = self._send(probe, patience) + patience.reply_latency + SLACK
        deadline += len(probe) * self._character
        received = b""
        while len(received) < MOST_BYTES and (wait := deadline - self._clock()) > 0.0:
            if chunk := self._port.read(wait):
                received += chunk
                self._quiet_since = self._clock()
        echoes = probe in received
        # Some slaves answer for units that are not theirs.
        if received and not echoes and not intact(received):
            raise ReplyError(f"{len(received)} bytes came that nobody asked for: look for noise")
        self._echoes = echoes

    # ---- before a request ------------------------------------------------------------------------

    def _settle(self, patience: Patience) -> None:
        """Wait until the line is ours, listening."""
        if self._owed is None:
            self._owed = patience.reply_latency
        silence = max(self._silence, patience.silence)
        leftover = 0
        while True:
            if self._dirty or leftover >= SHORTEST_FRAME:
                self._drain(self._owed + silence)
                leftover = 0
            wait = self._quiet_since + silence - self._clock()
            if wait > 0.0:
                self._sleep(wait)
            chunk = self._port.read(0.0)
            if not chunk:
                return
            leftover += len(chunk)
            self._quiet_since = self._clock()

    def _drain(self, silence: float) -> None:
        give_up = self._clock() + silence + LONGEST_DRAIN
        wait = 0.0
        while wait >= 0.0:
            if self._port.read(wait):
                self._quiet_since = self._clock()
            now = self._clock()
            if now > give_up:
                raise NeverSilentError(
                    "the line is never silent: look for noise, or another master"
                )
            wait = self._quiet_since + silence - now
        self._dirty = False

    # ---- after a request -------------------------------------------------------------------------

    def _receive(
        self, received: bytes, asked: Asked, due: float, deadline: float
    ) -> tuple[bytes, int]:
        """Return the answer and how many bytes came after it.

        Args:
            received: what has come.
            asked: the question.
            due: when its last byte is on its way, if those bytes are its begin and no pause comes.
            deadline: when it must have come.
        """
        while received and len(received) < MOST_BYTES:
            pdu, missing = self._look(received, asked)
            if pdu:
                return pdu, -missing
            # An adapter may hand over bytes late and many at once: after that time each is waited for.
            nap = min(missing * self._character, min(due, deadline) - self._clock())
            if nap > 0.0:
                self._sleep(nap)
            wait = deadline - self._clock()
            if len(received) >= asked.size + received.startswith(asked.frame) * len(asked.frame):
                # The answer should be complete: what is still to come comes soon or is none.
                wait = min(wait, self._silence + SLACK)
            # Past the deadline too: what has come while this process slept is in the buffer.
            chunk = self._port.read(max(0.0, wait))
            self._quiet_since = self._clock()
            if not chunk:
                break
            received += chunk
        pdu, missing = self._hunt(received, asked)
        if not pdu:
            raise why_none(received, asked)
        return pdu, -missing

    def _look(self, received: bytes, asked: Asked) -> tuple[bytes, int]:
        """Return the answer, empty if it is not there yet, and how many bytes are missing.

        Bytes that came after it count as negative.
        """
        missing = asked.size - len(received)
        if missing < 0 or not asked.is_begun_by(received):
            return self._hunt(received, asked)
        if missing > 0:
            if len(received) == 1 and missing * self._character > EXCEPTION_DELAY:
                missing = SHORTEST_ANSWER - 1
            return b"", missing
        if received == asked.frame or not intact(received):
            return self._hunt(received, asked)
        self._echoes = False
        return received[1:-2], 0

    def _hunt(self, received: bytes, asked: Asked) -> tuple[bytes, int]:
        found = hunt(received, asked, self._echoes is not False or not asked.request.mirrored)
        if not found.pdu:
            return b"", found.missing
        if found.echo:
            self._echoes = True
        return found.pdu, found.end - len(received)

    def _hear_end(self, unit: int, surplus: int) -> None:
        """Listen to the silence that ends a frame, all but the time to prepare the next request.

        What follows at once makes the answer one of several, and perhaps an old one.
        """
        while surplus < SHORTEST_FRAME:
            wait = self._quiet_since + self._silence - PREPARATION - self._clock()
            if wait > 0.0:
                self._sleep(wait)
            chunk = self._port.read(0.0)
            if not chunk:
                return
            surplus += len(chunk)
            self._quiet_since = self._clock()
        raise ReplyError(f"unit {unit} gave more than one answer")
