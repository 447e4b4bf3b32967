"""Serial lines with several devices each, on pseudo-terminals."""

import random
from collections.abc import Callable
from pathlib import Path

from ..line import Answer, Line
from ..port import Port
from .bench_config import LineEntry
from .mounted import Mounted

#: s between two looks at devices that talk by themselves.
LATEST = 0.02


class Bus:
    """A line, its port and its devices.

    Attributes:
        name: of its entry.
        line, port: how the master reaches them.
        devices: who hangs on it.
    """

    def __init__(
        self, entry: LineEntry, devices: list[Mounted], folder: Path, rng: random.Random
    ) -> None:
        self.name = entry.name
        self.port = Port(folder / entry.name)
        self.devices = devices
        self.line = Line(entry.wire, self._serve, rng, entry.duplex)
        self._now = 0.0

    @property
    def answered(self) -> int:
        """Replies so far."""
        return self.line.answered

    def receive(self, clock: Callable[[], float]) -> None:
        """Take what the master has sent."""
        self.line.receive(self.port.read(), clock())

    def step(self, now: float) -> None:
        """Answer and send what is due."""
        self._now = now
        for each in self.devices:
            data = each.device.emit(now)
            if not each.silent:
                self.line.say(data, now, each.number)
        self.port.write(self.line.step(now))

    def due(self, now: float) -> float:
        """Return the time at which :meth:`step` has something to do, or the latest that is worth waiting for."""
        times = [each.device.next_word(now) for each in self.devices]
        times.append(self.line.due(now))
        return min((each for each in times if each is not None), default=now + LATEST)

    def _serve(self, frame: bytes) -> Answer | None:
        answers = [each.answer(frame, self._now) for each in self.devices]
        return next((each for each in answers if each is not None), None)
