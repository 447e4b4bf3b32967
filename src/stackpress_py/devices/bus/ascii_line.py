"""A strict master for devices that speak in lines of text: balances, gauges, microcontrollers.

A line carries no checksum and no number. Only a whole line that the pattern matches from its first
to its last character is an answer; a line that came before the question is none, and the rest of a
line whose begin was missed is none. What cannot be seen:

- A character that became another of the same kind, or was lost within the line: 12.50 is read as
  13.50, or as 1.50. Let the pattern tell all that the device's format fixes, such as the number of
  digits, the decimal point's place and the unit. A parity bit helps if the port checks it when it
  receives, and gives another character than text has for a wrong one.
- An answer that is later than twice the reply latency is taken for that to the next question, if the
  pattern matches. So ask each device always the same, or use patterns that exclude each other.
- A device that is reset within a line and then begins a new one: both halves are read as one line.
"""

import math
import re
import time
from collections.abc import Callable
from typing import Protocol

from stackpress_py.devices.bus.ascii_lines import (
    FLOW_CONTROL,
    MOST_LINE,
    LineSplitter,
    check_terminator,
    endless,
    matched,
    quoted,
)
from stackpress_py.devices.bus.errors import NoReplyError, PortError, ReplyError
from stackpress_py.devices.bus.quiet import SLACK, Quiet
from stackpress_py.devices.bus.timing import Patience

CR_LF = b"\r\n"
#: A serial driver of Linux keeps 4095 bytes at most and drops what comes then. Where so many waited,
#: some may be missing.
MOST_WAITING = 4095
#: More in one go is no device's doing.
FLOOD = 0x100000
#: So many characters are awaited at once, instead of waking up for each.
NAP = 4


class LinePort(Protocol):
    """What the master needs of a port; every method may raise PortError."""

    @property
    def path(self) -> str:
        """Name for messages."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing."""


class LineMaster:
    """Ask the device at the other end of a port, or listen to it.

    Args:
        port: must be open when a method is called.
        character: s for one byte with start, parity and stop bits.
        clock, sleep: monotonic s; to be replaced in tests.

    Attributes:
        latency: s from the first byte sent to the last received, of the last answer to a question.
    """

    def __init__(
        self,
        port: LinePort,
        character: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._port = port
        self._character = character
        self._clock = clock
        self._sleep = sleep
        self._quiet = Quiet(port, clock, FLOW_CONTROL)
        self._ear = _Ear(port, clock)
        self.latency = 0.0

    def ask(
        self,
        command: bytes,
        pattern: re.Pattern[bytes],
        patience: Patience,
        terminator: bytes = CR_LF,
    ) -> re.Match[bytes]:
        """Send a command and return the match of the line that answers it.

        Args:
            command: without the terminator; its own echo is passed over.
            pattern: of the whole line, without the terminator.
            patience: of this device.
            terminator: that ends the command and the answer.

        Raises:
            NoReplyError: nothing came in time.
            ReplyError: what came is not one line that matches.
            PortError: the port is gone.
            ValueError: command or terminator are not possible.
        """
        check_terminator(terminator)
        if terminator in command:
            raise ValueError(f"the command {command!r} holds its terminator, which is added to it")
        self._ear.deafen()
        self._quiet.settle(self._port.path, patience, 0.0, 0)
        begin = self._clock()
        self._port.write(command + terminator)
        on_wire = (len(command) + len(terminator)) * self._character
        line = self._receive(command, terminator, begin + on_wire + patience.reply_latency + SLACK)
        match = matched(line, pattern, self._port.path)
        self._quiet.trust()
        self.latency = self._quiet.since - begin
        return match

    def listen(
        self, pattern: re.Pattern[bytes], patience: Patience, terminator: bytes = CR_LF
    ) -> re.Match[bytes]:
        """Return the match of the newest line of a device that sends by itself.

        A line is given once, and none whose end is longer ago than the patience. After opening, the
        first line's begin may have been missed: so the patience should be twice the time from one
        line to the next. Such a device cannot be asked, for it is never silent.

        Args:
            pattern: of the whole line, without the terminator.
            patience: its reply latency is the longest time to wait for a line.
            terminator: that ends each line.

        Raises:
            NoReplyError: no new line came in time.
            ReplyError: the newest line does not match.
            PortError: the port is gone.
            ValueError: the terminator is not possible.
        """
        check_terminator(terminator)
        self._quiet.distrust()
        line = self._ear.newest(terminator, patience.reply_latency)
        return matched(line, pattern, self._port.path)

    def distrust(self) -> None:
        """Take nothing for an answer that is on its way now: an answer was wrong."""
        self._quiet.distrust()
        self._ear.deafen()

    def _receive(self, command: bytes, terminator: bytes, deadline: float) -> bytes:
        """Return the line that came after the command, alone."""
        splitter = LineSplitter(terminator, whole=True)
        lines: list[bytes] = []
        echo: bytes | None = command
        begun = False
        while not lines:
            # Past the deadline too: what has come while this process slept is in the buffer.
            chunk = self._port.read(max(0.0, deadline - self._clock()))
            if not chunk:
                raise self._why_none(splitter.partial)
            self._quiet.heard()
            lines = splitter.feed(chunk)
            if lines and lines[0] == echo:
                del lines[0]
                echo = None
            if len(splitter.partial) > MOST_LINE:
                raise endless(splitter.partial, self._port.path)
            echoing = echo is not None and echo.startswith(splitter.partial)
            if splitter.partial and not begun and not echoing:
                # It came in time: now it may be as long as a line can be.
                begun, deadline = True, deadline + MOST_LINE * self._character
            if not lines:
                self._sleep(NAP * self._character)
        if len(lines) > 1 or splitter.partial:
            rest = terminator.join([*lines, splitter.partial])
            raise ReplyError(f"more than one line came from {self._port.path}: {quoted(rest)}")
        return lines[0]

    def _why_none(self, partial: bytes) -> NoReplyError | ReplyError:
        if partial:
            return endless(partial, self._port.path)
        return NoReplyError(f"the device at {self._port.path} does not answer")


class _Ear:
    """Hear the newest line of a device that sends by itself.

    Args:
        port: must be open.
        clock: monotonic s.
    """

    def __init__(self, port: LinePort, clock: Callable[[], float]) -> None:
        self._port = port
        self._clock = clock
        self._splitter = LineSplitter(CR_LF)
        self._emptied = -math.inf

    def deafen(self) -> None:
        """Forget what was heard: something may be missed from now on."""
        self._splitter.tear()
        self._emptied = -math.inf

    def newest(self, terminator: bytes, patience: float) -> bytes:
        """Return the newest line, waiting up to ``patience`` s for one."""
        if terminator != self._splitter.terminator:
            self._splitter = LineSplitter(terminator)
            self._emptied = -math.inf
        begin = self._clock()
        young = begin - self._emptied <= patience
        try:
            lines = self._hear(b"")
            if not young:
                lines.clear()
                if self._splitter.partial:
                    # Nobody knows when it began: the device may have been reset since.
                    self._splitter.tear()
            while not lines:
                chunk = self._port.read(max(0.0, begin + patience + SLACK - self._clock()))
                if not chunk:
                    raise self._why_none(patience)
                lines = self._hear(chunk)
        except PortError:
            self.deafen()
            raise
        return lines[-1]

    def _hear(self, chunk: bytes) -> list[bytes]:
        """Return the lines that end in a chunk and in all that waits behind it."""
        waiting = chunk
        while chunk := self._port.read(0.0):
            waiting += chunk
            if len(waiting) > FLOOD:
                raise endless(waiting, self._port.path)
        self._emptied = self._clock()
        if len(waiting) >= MOST_WAITING:
            self._splitter.tear()
            return []
        lines = self._splitter.feed(waiting)
        if len(self._splitter.partial) > MOST_LINE:
            error = endless(self._splitter.partial, self._port.path)
            self._splitter.tear()
            raise error
        return lines

    def _why_none(self, patience: float) -> NoReplyError | ReplyError:
        if self._splitter.partial:
            return endless(self._splitter.partial, self._port.path)
        return NoReplyError(f"no whole line came from {self._port.path} within {patience:g} s")
