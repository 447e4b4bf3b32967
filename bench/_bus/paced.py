"""A Modbus slave on a pseudo-terminal, paced like the wire; a process of its own.

Started as ``python paced.py LINK BAUD``; says ``ready`` once the link is there, stops on SIGTERM.
The wire is that of the simulated press: every byte takes its time, the slave waits for the silence
that ends a frame and then for its own turn-around.
"""

import contextlib
import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from stackpress_py.sim.config import WireConfig
from stackpress_py.sim.line import Line, character_time, silent_interval
from stackpress_py.sim.modbus_slave import answer
from stackpress_py.sim.port import Port

PARITY, STOP_BITS, UNIT, TURNAROUND_MS = "even", 1, 1, 1.0
REAL_TIME_PRIORITY = 20


def wire(baud: int) -> WireConfig:
    """Return the line at a rate."""
    return WireConfig(baud, PARITY, STOP_BITS, UNIT, TURNAROUND_MS)


def limit(baud: int, sent: int, answered: int) -> float:
    """Return the shortest time (s) that a transaction of so many bytes takes on this line.

    All bytes, the silence before the request and that before the answer, the slave's turn-around.
    """
    line = wire(baud)
    on_wire = (sent + answered) * character_time(line)
    return on_wire + 2 * silent_interval(line) + TURNAROUND_MS * 1e-3


def register(address: int) -> int:
    """Return what the slave holds."""
    return (address * 257 + 11) & 0xFFFF


class Registers:
    """Registers that never change."""

    def read(self, address: int, count: int) -> list[int]:
        """Return registers."""
        return [register(number) for number in range(address, address + count)]

    def check_read(self, address: int, count: int) -> None:
        """Accept: there are registers everywhere."""

    def write(self, address: int, values: list[int]) -> None:
        """Accept, and forget."""


def serve(link: Path, baud: int) -> None:
    """Answer until the process is ended."""
    registers = Registers()
    line = Line(wire(baud), lambda frame: answer(frame, UNIT, registers), random.Random(1))
    port = Port(link)
    port.plug()
    print("ready", flush=True)
    try:
        while port.descriptor is not None:
            due = line.due(time.monotonic())
            wait = None if due is None else max(0.0, due - time.monotonic())
            # select() waits to the microsecond; poll() would round up to whole milliseconds.
            ready = select.select([port.descriptor], [], [], wait)[0]
            now = time.monotonic()
            if ready:
                line.receive(port.read(), now)
            port.write(line.step(now))
    finally:
        port.unplug()


def main() -> None:
    """Serve the line that the arguments name."""
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(REAL_TIME_PRIORITY))
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    serve(Path(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    main()
