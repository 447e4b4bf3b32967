"""The running program: one thread that waits for bytes, robots and the next deadline. The only clock of sim/."""

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from .config import SimConfig
from .press import SimulatedPress
from .truth import PERIOD, TruthLog
from .world import World, WorldSocket

#: A real press does not wait for the computer that drives it.
REAL_TIME_PRIORITY = 20
#: s; a longer pause of this process is the computer's and not the press's, whose time then stands still.
LONGEST_PAUSE = 0.05


class _PreciseSelector(selectors.SelectSelector):
    """select(): epoll and poll round a time-out up to whole milliseconds, twelve characters at 115200 baud."""


class Program:
    """A simulated press in real time."""

    def __init__(self, config: SimConfig, link: Path, world: Path, truth: Path | None) -> None:
        self._press = SimulatedPress(config, link)
        self._truth = truth
        self._log: TruthLog | None = None
        self._selector = _PreciseSelector()
        self._world_path = world
        self._watched: int | None = None
        self._start = self._looked = 0.0
        self._stop = False

    def run(self, ready: Callable[[], None]) -> None:
        """Run until SIGTERM or SIGINT; call ``ready`` once link and socket exist.

        Raises:
            port.PortError, world.WorldError: link or socket cannot be made.
        """
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME_PRIORITY))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        socket = WorldSocket(self._world_path, World(self._press), self._selector)
        try:
            # Only now: the file of another simulated press that runs here stays whole.
            if self._truth is not None:
                self._log = TruthLog(self._truth, self._press)
            self._press.port.plug()
            self._start = self._looked = time.monotonic()
            ready()
            while not self._stop:
                self._turn()
        finally:
            self._press.port.unplug()
            socket.close()
            self._selector.close()
            if self._log is not None:
                self._log.close()

    def _turn(self) -> None:
        self._watch_port()
        self._press.port.keep_openable()
        now = self._now()
        line_due = self._press.line.due(now)
        wake = min(self._press.plant.time + PERIOD, now + PERIOD)
        if line_due is not None:
            wake = min(wake, line_due)
        ready = self._selector.select(max(0.0, wake - now))
        self._catch_up()
        for key, _ in ready:
            key.data()
            # At once: the number of a closed port may be that of the next client.
            self._watch_port()
        self._press.port.write(self._press.line.step(self._now()))
        self._write_log()

    def _catch_up(self) -> None:
        """Bring the physics up to now, in steps of the log, so that each of its lines has its own time."""
        now = self._now()
        while self._log is not None and self._log.due <= now:
            self._press.advance(self._log.due)
            self._write_log()
            if self._press.plant.time < self._log.due:
                break
        self._press.advance(now)

    def _write_log(self) -> None:
        events, self._press.plc.events = self._press.plc.events, []
        if self._log is None:
            return
        for when, text in events:
            self._log.event(when, text)
        self._log.write()

    def _receive(self) -> None:
        self._press.line.receive(self._press.port.read(), self._now())

    def _watch_port(self) -> None:
        descriptor = self._press.port.descriptor
        if descriptor == self._watched:
            return
        if self._watched is not None:
            self._selector.unregister(self._watched)
        if descriptor is not None:
            self._selector.register(descriptor, selectors.EVENT_READ, self._receive)
        self._watched = descriptor

    def _now(self) -> float:
        looked, self._looked = self._looked, time.monotonic()
        self._start += max(0.0, self._looked - looked - LONGEST_PAUSE)
        return self._looked - self._start

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop = True
