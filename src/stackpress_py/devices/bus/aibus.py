"""A strict master for AIBUS, the protocol of Yudian's temperature controllers.

An answer carries no code of the parameter that was asked for, no number, and its unit only within a
checksum that is a mere sum. So this master takes an answer only when it came alone, whole and in
silence, and lets the line become silent after anything that went wrong. What it cannot see:

- An answer that is later than twice the reply latency is taken for the next question's. Its process
  value, set point, output and alarm are then merely old; its parameter value is another parameter's.
  So a cycle should always read the same parameter, and one that matters is read twice. A write is
  safe: its answer must repeat the value.
- Noise of the right length passes once in 65536 times, and so do flipped bits that cancel each
  other in the sum.
- A glitch byte before an answer whose last byte is lost can be read as an answer, shifted by one
  byte: with units 1 to 4 and small values the sum then fits. Units from 5 on are safe from this.

Source: Yudian Communication Protocol V8.x (AIBUS). The documents at hand name no silence between
frames; Modbus's 3.5 characters are kept.
"""

import time
from collections.abc import Callable

from stackpress_py.devices.bus.aibus_frames import (
    ANSWER_SIZE,
    GLITCH,
    NO_PARAMETER,
    AibusReply,
    decoded,
    find_answers,
    read_request,
    speaker,
    without_echo,
    write_request,
)
from stackpress_py.devices.bus.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.bus.quiet import SLACK, Quiet
from stackpress_py.devices.bus.rtu import BytePort
from stackpress_py.devices.bus.timing import Patience

#: Characters of silence between two frames.
GAP = 3.5
#: s for which more is awaited after what could be an answer: a USB adapter may hold the rest back
#: for its latency time, 16 ms with the drivers of FTDI.
AFTERMATH = 0.02
#: The nearest of Modbus's exceptions.
ILLEGAL_ADDRESS = 2


class AibusMaster:
    """Speak with the controllers of one line.

    Args:
        port: must be open when a method is called.
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
        self._port = port
        self._character = character
        self._clock = clock
        self._sleep = sleep
        self._quiet = Quiet(port, clock)
        self.latency = 0.0

    def read(self, unit: int, parameter: int, patience: Patience) -> AibusReply:
        """Read a parameter, and with it all that an answer carries.

        Args:
            unit: address of the controller, 1..80.
            parameter: code, 0..255.
            patience: of this controller.

        Raises:
            NoReplyError: nothing came in time.
            ReplyError: what came is not the answer.
            RefusedError: the controller has no such parameter.
            PortError: the port is gone.
            ValueError: unit or parameter are not possible.
        """
        return self._transact(unit, parameter, read_request(unit, parameter), patience)

    def write(self, unit: int, parameter: int, value: int, patience: Patience) -> AibusReply:
        """Write a parameter; the answer must repeat the value.

        Args:
            unit: address of the controller, 1..80.
            parameter: code, 0..255.
            value: raw, -32768..32000.
            patience: of this controller.

        Raises:
            NoReplyError: nothing came in time; the value may have been written.
            ReplyError: what came is not the answer, or tells another value.
            RefusedError: the controller has no such parameter.
            PortError: the port is gone.
            ValueError: unit, parameter or value are not possible.
        """
        request = write_request(unit, parameter, value)
        reply = self._transact(unit, parameter, request, patience)
        if reply.value != value:
            # A refusal, or the late answer to another question: nothing in it tells which.
            self._quiet.distrust()
            raise ReplyError(
                f"unit {unit} answers {reply.value} to the writing of {value} to parameter"
                f" {parameter:02X}h: read the parameter to see what holds"
            )
        return reply

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again: an answer was wrong."""
        self._quiet.distrust()

    def _transact(
        self, unit: int, parameter: int, request: bytes, patience: Patience
    ) -> AibusReply:
        self._quiet.settle(f"unit {unit}", patience, GAP * self._character, GLITCH)
        begin = self._clock()
        self._port.write(request)
        on_wire = (len(request) + ANSWER_SIZE) * self._character
        received = self._receive(request, begin + on_wire + patience.reply_latency + SLACK)
        answer = without_echo(received, request)
        found = find_answers(answer, unit)
        if len(found) != 1 or len(answer) > ANSWER_SIZE + GLITCH:
            raise _why_none(answer, unit)
        reply = decoded(found[0])
        self._quiet.trust()
        self.latency = self._quiet.since - begin
        if reply.value >= NO_PARAMETER:
            raise RefusedError(
                f"unit {unit} has no parameter {parameter:02X}h (it answers {reply.value}):"
                " compare with the manual of this model",
                ILLEGAL_ADDRESS,
            )
        return reply

    def _receive(self, request: bytes, deadline: float) -> bytes:
        """Return all that came until nothing more came."""
        received, wait = b"", deadline - self._clock()
        while True:
            # Past the deadline too: what has come while this process slept is in the buffer.
            chunk = self._port.read(max(0.0, wait))
            if not chunk:
                return received
            self._quiet.heard()
            received += chunk
            missing = ANSWER_SIZE - len(without_echo(received, request))
            if missing < -GLITCH:
                return received
            if missing > 0:
                # Bytes come one by one: sleep through the answer instead of waking up for each.
                self._sleep(min(missing * self._character, max(0.0, deadline - self._clock())))
            wait = AFTERMATH if missing <= 0 else deadline - self._clock()


def _why_none(answer: bytes, unit: int) -> NoReplyError | ReplyError:
    if not answer:
        return NoReplyError(f"unit {unit} does not answer")
    other = speaker(answer)
    if other is not None and other != unit:
        return ReplyError(f"unit {other} answered instead of unit {unit}")
    if len(answer) > ANSWER_SIZE + GLITCH:
        return ReplyError(
            f"more came from unit {unit} than one answer: {answer[: 2 * ANSWER_SIZE].hex(' ')}"
        )
    if len(answer) > ANSWER_SIZE and find_answers(answer, unit):
        return ReplyError(
            f"what came from unit {unit} can be read in more than one way: {answer.hex(' ')}"
        )
    return ReplyError(
        f"{len(answer)} bytes came from unit {unit}, and they are not the answer of"
        f" {ANSWER_SIZE} bytes: {answer.hex(' ')}"
    )
