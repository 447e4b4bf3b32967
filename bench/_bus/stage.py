"""A slave on a real pseudo-terminal that does with each request what a script says."""

import contextlib
import os
import select
import struct
import threading
import time
import tty
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackpress_py.sim.modbus_slave import crc

UNIT = 1
#: s between two looks for a plug that was pulled, or for the end.
LOOK = 5e-3


@dataclass(frozen=True, slots=True)
class Send:
    """Send bytes some time (s) after the request has come."""

    delay: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Pull:
    """Pull the plug some time (s) after the request has come."""

    delay: float


Step = Send | Pull
Script = Callable[["Question"], Sequence[Step]]


def framed(body: bytes) -> bytes:
    """Return unit and PDU with their CRC."""
    return body + crc(body)


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what its right answer is.

    Attributes:
        frame: as it came.
        number: of the request; no two requests have the same values.
    """

    frame: bytes
    number: int

    @property
    def function(self) -> int:
        """Return the function code."""
        return self.frame[1]

    @property
    def address(self) -> int:
        """Return the first register."""
        return int.from_bytes(self.frame[2:4], "big")

    @property
    def count(self) -> int:
        """Return how many registers are read."""
        return int.from_bytes(self.frame[4:6], "big")

    @property
    def words(self) -> list[int]:
        """Return the registers' values at this request."""
        last = self.address + self.count
        return [(31 * place + 977 * self.number) & 0xFFFF for place in range(self.address, last)]

    @property
    def right(self) -> bytes:
        """Return the right answer's frame."""
        if self.function == 3:
            return read_answer(self.words)
        return framed(self.frame[:6])


def read_answer(words: Sequence[int], unit: int = UNIT, function: int = 3) -> bytes:
    """Return the answer's frame with registers."""
    head = bytes((unit, function, 2 * len(words)))
    return framed(head + struct.pack(f">{len(words)}H", *words))


def answer(question: Question) -> Sequence[Step]:
    """Answer rightly."""
    return [Send(1e-3, question.right)]


class Stage:
    """The slave; it answers rightly unless scripts are waiting.

    Args:
        link: name under which the port can be opened.
        echo: the line gives the master's own bytes back.

    Attributes:
        question: the last request that came.
        scripts: what is done with the next requests, one after the other.
    """

    def __init__(self, link: Path, echo: bool = False) -> None:
        self.link = link
        self._echo = echo
        self.question = Question(b"", 0)
        self.scripts: deque[Script] = deque()
        self._ends: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.plug()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """End the thread and take the port away."""
        self._stop.set()
        self._thread.join()
        self.pull()

    def plug(self) -> None:
        """Make the port."""
        with self._lock:
            ours, theirs = os.openpty()
            tty.setraw(theirs)
            self._ends = (ours, theirs)
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(os.ttyname(theirs))

    def pull(self) -> None:
        """Take the port away, as when a USB adapter is unplugged."""
        with self._lock:
            ends, self._ends = self._ends, None
            if ends is not None:
                self.link.unlink(missing_ok=True)
                for end in ends:
                    os.close(end)

    def send(self, data: bytes) -> None:
        """Send bytes that nobody asked for; what finds no room is lost, as on a wire."""
        with self._lock:
            if self._ends is not None:
                os.set_blocking(self._ends[0], False)
                with contextlib.suppress(OSError):
                    os.write(self._ends[0], data)

    def _serve(self) -> None:
        received = b""
        while not self._stop.is_set():
            chunk = self._receive()
            received = received + chunk if chunk else b""
            if len(received) >= 8 and crc(received[:-2]) == received[-2:]:
                self._act(received, time.monotonic())
                received = b""

    def _receive(self) -> bytes:
        with self._lock:
            descriptor = -1 if self._ends is None else self._ends[0]
        if descriptor < 0:
            self._stop.wait(LOOK)
            return b""
        try:
            if select.select([descriptor], [], [], LOOK)[0]:
                return os.read(descriptor, 1000)
        except (OSError, ValueError):
            return b""  # the plug was pulled meanwhile
        return b""

    def _act(self, frame: bytes, now: float) -> None:
        if self._echo:
            self.send(frame)
        if frame[0] != UNIT:
            return
        self.question = Question(frame, self.question.number + 1)
        script = self.scripts.popleft() if self.scripts else answer
        for step in script(self.question):
            while (wait := now + step.delay - time.monotonic()) > 0.0:
                time.sleep(wait)
            if isinstance(step, Pull):
                self.pull()
            else:
                self.send(step.data)
