"""The running bench: one thread that waits for bytes, tests and the next deadline. The only clock of its devices."""

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ..program import LONGEST_PAUSE, REAL_TIME_PRIORITY
from ..world import WorldSocket
from .bench import Bench
from .bench_config import WORLD_NAME, BenchConfig
from .bench_requests import Requests
from .buses import Bus

#: s between two looks at everything.
PERIOD = 0.02


class BenchProgram:
    """A bench in real time."""

    def __init__(self, config: BenchConfig, folder: Path) -> None:
        # select(): epoll and poll round a time-out up to whole milliseconds, twelve characters at 115200 baud.
        self._selector = selectors.SelectSelector()
        self._start = self._looked = time.monotonic()
        self._bench = Bench(config, folder, self._selector, self._now)
        self._socket_path = folder / WORLD_NAME
        self._watched: dict[str, int] = {}
        self._stop = False

    def run(self, ready: Callable[[list[str]], None]) -> None:
        """Run until SIGTERM or SIGINT; call ``ready`` with all addresses once they can be opened.

        Raises:
            port.PortError, world.WorldError: a link or the socket cannot be made.
        """
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME_PRIORITY))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        socket = WorldSocket(self._socket_path, Requests(self._bench), self._selector)
        try:
            self._bench.plug()
            self._start = self._looked = time.monotonic()
            ready(self._bench.addresses())
            while not self._stop:
                self._turn()
        finally:
            self._bench.close()
            socket.close()
            self._selector.close()

    def _turn(self) -> None:
        for bus in self._bench.buses.values():
            self._watch(bus)
            bus.port.keep_openable()
        now = self._now()
        wake = min(self._bench.due(now), now + PERIOD)
        ready = self._selector.select(max(0.0, wake - now))
        self._bench.world.advance(self._now())
        for key, _ in ready:
            key.data()
            # At once: the number of a closed port may be that of the next client.
            for bus in self._bench.buses.values():
                self._watch(bus)
        self._bench.step(self._now())

    def _watch(self, bus: Bus) -> None:
        descriptor, watched = bus.port.descriptor, self._watched.get(bus.name)
        if descriptor == watched:
            return
        if watched is not None:
            self._selector.unregister(watched)
            del self._watched[bus.name]
        if descriptor is not None:
            self._selector.register(
                descriptor, selectors.EVENT_READ, lambda: bus.receive(self._now)
            )
            self._watched[bus.name] = descriptor

    def _now(self) -> float:
        looked, self._looked = self._looked, time.monotonic()
        # A longer pause of this process is the computer's, and not the devices', whose time then stands still.
        self._start += max(0.0, self._looked - looked - LONGEST_PAUSE)
        return self._looked - self._start

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop = True
