"""The simulated press as a program: ``python -m stackpress_py.sim --config FILE --link PATH --world PATH``."""

import argparse
import json
import random
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

from . import modbus_slave
from .config import Config, ConfigError, load
from .mechanics import STEP
from .plant import Plant
from .plc import Plc
from .wire import Wire
from .world import World, truth

#: s between two lines of the truth log, and the longest wait of the loop.
PERIOD = 0.02
LONGEST_LINE = 65536


class Simulator:
    """The running program: wire, world and truth log on one thread."""

    def __init__(self, config: Config, link: Path, world: Path, truth_log: TextIO | None) -> None:
        self._plc = Plc(Plant(config))
        self._wire = Wire(config.wire, link, self._serve, random.Random(config.seed + 1))
        self._world = World(self._plc, self._wire)
        self._unit = config.wire.unit
        self._truth_log = truth_log
        self._selector = selectors.DefaultSelector()
        self._start = time.monotonic()
        self._next_line = 0.0
        self._watched: int | None = None
        self._stop = False
        self._world_path = world
        world.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(world))
        self._listener.listen()
        self._listener.setblocking(False)
        self._buffers: dict[socket.socket, bytearray] = {}

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._request_stop)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wire.plug()
        print(f"ready {self._wire.link}", flush=True)
        try:
            while not self._stop:
                self._watch_wire()
                self._turn()
        finally:
            self._wire.unplug()
            self._listener.close()
            self._world_path.unlink(missing_ok=True)

    def _turn(self) -> None:
        due = self._wire.due(self._now())
        for key, _ in self._selector.select(PERIOD if due is None else min(PERIOD, due)):
            if key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.fileobj, socket.socket):
                self._talk(key.fileobj)
            else:
                self._wire.receive(self._now())
        self._catch_up()
        self._wire.step(self._now())
        self._write_truth()

    def _now(self) -> float:
        return time.monotonic() - self._start

    def _catch_up(self) -> None:
        steps = int((self._now() - self._plc.plant.time) / STEP)
        if steps > 0:
            self._plc.advance(steps * STEP)

    def _serve(self, frame: bytes) -> bytes | None:
        self._catch_up()
        return modbus_slave.answer(frame, self._unit, self._plc)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop = True

    def _watch_wire(self) -> None:
        if self._wire.descriptor == self._watched:
            return
        if self._watched is not None:
            self._selector.unregister(self._watched)
        self._watched = self._wire.descriptor
        if self._watched is not None:
            self._selector.register(self._watched, selectors.EVENT_READ)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setblocking(False)
        self._buffers[connection] = bytearray()
        self._selector.register(connection, selectors.EVENT_READ)

    def _talk(self, connection: socket.socket) -> None:
        buffer = self._buffers[connection]
        try:
            data = connection.recv(4096)
            buffer += data
            while b"\n" in buffer:
                line, _, rest = bytes(buffer).partition(b"\n")
                buffer[:] = rest
                self._catch_up()
                connection.sendall(self._world.answer(line))
        except OSError:
            data = b""
        if not data or len(buffer) > LONGEST_LINE:
            self._selector.unregister(connection)
            del self._buffers[connection]
            connection.close()

    def _write_truth(self) -> None:
        log, plc = self._truth_log, self._plc
        events, plc.events = plc.events, []
        if log is None:
            return
        for when, text in events:
            log.write(json.dumps({"t": round(when, 4), "stamp": time.time(), "event": text}) + "\n")
        if plc.plant.time >= self._next_line:
            self._next_line = plc.plant.time + PERIOD
            log.write(json.dumps({"stamp": time.time(), **truth(plc)}) + "\n")
            log.flush()


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(prog="sim_press", description="Simulated reference press.")
    parser.add_argument("--config", type=Path, required=True, help="constants (YAML)")
    parser.add_argument("--link", type=Path, required=True, help="link to the serial port")
    parser.add_argument("--world", type=Path, required=True, help="socket of the world around it")
    parser.add_argument("--truth", type=Path, help="file for the true values (JSON lines)")
    arguments = parser.parse_args()
    try:
        config = load(arguments.config)
        log = None if arguments.truth is None else arguments.truth.open("w", encoding="utf-8")
        simulator = Simulator(config, arguments.link, arguments.world, log)
    except (ConfigError, OSError) as error:
        print(f"sim_press: {error}", file=sys.stderr)
        sys.exit(2)
    simulator.run()


if __name__ == "__main__":
    main()
