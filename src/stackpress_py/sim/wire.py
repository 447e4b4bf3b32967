"""The serial line: a pseudo-terminal whose bytes take the time that they would take on the wire."""

import os
import random
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path

from . import modbus_slave
from .config import WireConfig

#: Above this rate the protocol fixes its silent intervals (Modbus over Serial Line V1.02, 2.5.1.1).
FIXED_GAP_BAUD = 19200
FIXED_GAP = 1.75e-3


class Wire:
    """One slave on one line.

    A request counts as received when its bytes would have come over the wire and the line has then been silent for 3.5
    characters; the reply begins after the turn-around and is handed out byte by byte as time passes.

    Attributes:
        silent: the slave does not answer (an injected fault).
        flip_rate: chance that a byte of a reply has a bit flipped (an injected fault).
        extra_delay: s by which replies come late (an injected fault).
    """

    def __init__(
        self,
        config: WireConfig,
        link: Path,
        serve: Callable[[bytes], bytes | None],
        rng: random.Random,
    ) -> None:
        bits = 10 if config.parity.upper() == "N" else 11
        self._char = bits / config.baud
        self._gap = FIXED_GAP if config.baud > FIXED_GAP_BAUD else 3.5 * self._char
        self._turnaround = config.turnaround_ms * 1e-3
        self._serve = serve
        self._rng = rng
        self.link = link
        self._request = bytearray()
        self._first = self._last = 0.0
        self._answered = True
        self._replies: deque[tuple[float, int]] = deque()
        self.silent = False
        self.flip_rate = 0.0
        self.extra_delay = 0.0
        self._master: int | None = None
        self._slave: int | None = None

    # ---- the cable ----------------------------------------------------------------------------------------------

    @property
    def descriptor(self) -> int | None:
        """File descriptor to wait on; None while unplugged."""
        return self._master

    def plug(self) -> None:
        """Make the pseudo-terminal and the link to it."""
        if self._master is not None:
            return
        self._master, self._slave = os.openpty()
        # The slave's end stays open here, or the master would see an error whenever a client leaves.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.link)

    def unplug(self) -> None:
        """Take the line away: whoever has it open gets an error."""
        for descriptor in (self._master, self._slave):
            if descriptor is not None:
                os.close(descriptor)
        self._master = self._slave = None
        self.link.unlink(missing_ok=True)
        self._request.clear()
        self._replies.clear()

    # ---- bytes --------------------------------------------------------------------------------------------------

    def receive(self, now: float) -> None:
        """Take the bytes that have come."""
        if self._master is None:
            return
        try:
            data = os.read(self._master, 4096)
        except (BlockingIOError, OSError):
            return
        if self._request and now - self._last > max(self._gap, 0.02):
            self._request.clear()
        if not self._request:
            self._first = now
        self._request += data
        self._last = now
        self._answered = False

    def step(self, now: float) -> None:
        """Answer a request that is complete by now, and hand out the bytes that are due."""
        if self._request and not self._answered:
            complete = self._first + len(self._request) * self._char + self._gap
            wanted = modbus_slave.request_length(bytes(self._request))
            whole = wanted is not None and 0 < wanted <= len(self._request)
            if now >= complete and (whole or now - self._last > self._gap):
                self._answer(max(complete, now))
        self._hand_out(now)

    def due(self, now: float) -> float | None:
        """Return in how many seconds :meth:`step` has something to do; None: nothing is under way."""
        if self._replies:
            return max(0.001, self._replies[0][0] - now)
        if self._request and not self._answered:
            complete = self._first + len(self._request) * self._char + self._gap
            return max(0.0005, complete - now)
        return None

    def _answer(self, now: float) -> None:
        frame = bytes(self._request)
        self._request.clear()
        self._answered = True
        reply = self._serve(frame)
        if reply is None or self.silent:
            return
        begin = now + self._turnaround + self.extra_delay
        for index, byte in enumerate(reply):
            if self.flip_rate > 0.0 and self._rng.random() < self.flip_rate:
                byte ^= 1 << self._rng.randrange(8)
            self._replies.append((begin + (index + 1) * self._char, byte))

    def _hand_out(self, now: float) -> None:
        ready = bytearray()
        while self._replies and self._replies[0][0] <= now:
            ready.append(self._replies.popleft()[1])
        if ready and self._master is not None:
            try:
                os.write(self._master, ready)
            except OSError:
                self._replies.clear()
