"""The world's socket: what robots, persons and faults do to the simulated press; one JSON object per line."""

import contextlib
import json
import selectors
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from .faults import Faults, Request, RequestError
from .press import ReachError, SimulatedPress
from .truth import state

Reply = dict[str, object]

LONGEST_LINE = 64 * 1024
LONGEST_CELL_ID = 200


class WorldError(RuntimeError):
    """The socket cannot be made; the message is one sentence."""


class World:
    """Answers requests."""

    def __init__(self, press: SimulatedPress) -> None:
        self._press = press
        self._faults = Faults(press)
        self._operations: dict[str, Callable[[Request], Reply]] = {
            "place": self._place,
            "take": self._take,
            "enter": self._enter,
            "leave": self._leave,
            "state": self._state,
            "inject": self._inject,
            "heal": self._heal,
        }

    def answer(self, line: bytes) -> bytes:
        """Answer one line with one line."""
        try:
            reply: Reply = {"ok": True, **self._act(line)}
        except (RequestError, ReachError, RuntimeError) as error:
            reply = {"ok": False, "error": str(error)}
        return json.dumps(reply).encode() + b"\n"

    def _act(self, line: bytes) -> Reply:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise RequestError("a request must be one JSON object on one line") from None
        name = request.get("op") if isinstance(request, dict) else None
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is None:
            raise RequestError(f"'op' must be one of {', '.join(self._operations)}, found {name!r}")
        return operation(request)

    def _place(self, request: Request) -> Reply:
        cell_id = request.get("cell_id")
        if not isinstance(cell_id, str) or not 0 < len(cell_id) <= LONGEST_CELL_ID:
            raise RequestError(f"'cell_id' must be a text of 1 to {LONGEST_CELL_ID} characters")
        self._press.place(cell_id)
        return {"cell_id": cell_id}

    def _take(self, request: Request) -> Reply:
        cell_id, taken = self._press.take()
        return {
            "cell_id": cell_id,
            "peak_pressure": taken.peak_pressure,
            "density": taken.density,
            "broken": taken.broken,
        }

    def _enter(self, request: Request) -> Reply:
        self._press.enter()
        return {}

    def _leave(self, request: Request) -> Reply:
        self._press.leave()
        return {}

    def _state(self, request: Request) -> Reply:
        press = self._press
        return {
            **state(press),
            "collisions": press.collisions,
            "cycles": press.cycles,
            "requests": press.line.answered,
            "arm_inside": press.arm_inside,
        }

    def _inject(self, request: Request) -> Reply:
        self._faults.switch(request, True)
        return {}

    def _heal(self, request: Request) -> Reply:
        self._faults.switch(request, False)
        return {}


class Answers(Protocol):
    """What a socket needs of its world."""

    def answer(self, line: bytes) -> bytes:
        """Answer one line with one line."""


class WorldSocket:
    """A Unix stream socket on which any number of clients speak to the world."""

    def __init__(self, path: Path, world: Answers, selector: selectors.BaseSelector) -> None:
        self._path = path
        self._world = world
        self._selector = selector
        self._buffers: dict[socket.socket, bytearray] = {}
        self._listener = _listen(path)
        self._made = path.stat().st_ino
        selector.register(self._listener, selectors.EVENT_READ, self.accept)

    def close(self) -> None:
        """Send everybody away and remove the socket."""
        for connection in (self._listener, *self._buffers):
            connection.close()
        with contextlib.suppress(OSError):
            if self._path.stat().st_ino == self._made:
                self._path.unlink()

    def accept(self) -> None:
        """Take a client."""
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            self._buffers[connection] = bytearray()
            self._selector.register(
                connection, selectors.EVENT_READ, lambda: self._talk(connection)
            )

    def _talk(self, connection: socket.socket) -> None:
        buffer = self._buffers[connection]
        try:
            data = connection.recv(4096)
            buffer += data
            while b"\n" in buffer:
                line, _, rest = bytes(buffer).partition(b"\n")
                buffer[:] = rest
                connection.sendall(self._world.answer(line))
        except OSError:
            data = b""
        if not data or len(buffer) > LONGEST_LINE:
            self._selector.unregister(connection)
            del self._buffers[connection]
            connection.close()


def _listen(path: Path) -> socket.socket:
    if path.is_socket():
        if _is_alive(path):
            raise WorldError(f"{path} is in use: another simulated press runs there")
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise WorldError(f"the socket {path} cannot be made: {reason}") from None
    listener.setblocking(False)
    return listener


def _is_alive(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
