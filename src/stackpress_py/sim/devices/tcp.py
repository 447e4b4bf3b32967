"""Modbus TCP: devices behind a port of the loopback interface."""

import contextlib
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from .bench_config import TcpEntry
from .mbap import FrameError, Query, split
from .mounted import Mounted

LOOPBACK = "127.0.0.1"


class ListenError(RuntimeError):
    """The port cannot be opened; the message is one sentence."""


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    buffer: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class _Late:
    due: float
    connection: _Connection
    data: bytes


class TcpPort:
    """A listening port. With one device behind it, that one answers whatever unit is asked; else the unit asked.

    Attributes:
        name: of its entry.
        devices: who is behind it.
        answered: replies so far.
        unplugged: nobody is let in.
    """

    def __init__(
        self,
        entry: TcpEntry,
        devices: list[Mounted],
        selector: selectors.BaseSelector,
        clock: Callable[[], float],
    ) -> None:
        self.name = entry.name
        self.devices = devices
        self.answered = 0
        self.unplugged = False
        self._selector = selector
        self._clock = clock
        self._connections: list[_Connection] = []
        self._late: list[_Late] = []
        self._listener = _listen(entry)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    @property
    def address(self) -> str:
        """Host and port."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def unplug(self, on: bool) -> None:
        """Send everybody away and let nobody in, or let them in again."""
        self.unplugged = on
        if on:
            for connection in [*self._connections]:
                self._drop(connection)

    def step(self, now: float) -> None:
        """Send the replies that are due."""
        due = [late for late in self._late if late.due <= now]
        self._late = [late for late in self._late if late.due > now]
        for late in due:
            if late.connection in self._connections:
                try:
                    late.connection.socket.sendall(late.data)
                except OSError:
                    self._drop(late.connection)

    def due(self) -> float | None:
        """Return the time of the next reply."""
        return min((late.due for late in self._late), default=None)

    def close(self) -> None:
        """Send everybody away and stop listening."""
        self.unplug(True)
        self._selector.unregister(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            peer, _ = self._listener.accept()
            if self.unplugged:
                peer.close()
                return
            peer.setblocking(False)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(peer)
            self._connections.append(connection)
            self._selector.register(peer, selectors.EVENT_READ, lambda: self._read(connection))

    def _read(self, connection: _Connection) -> None:
        try:
            data = connection.socket.recv(4096)
            connection.buffer += data
            queries = split(connection.buffer)
        except (OSError, FrameError):
            data, queries = b"", []
        for query in queries:
            self._answer(connection, query)
        if not data:
            self._drop(connection)

    def _answer(self, connection: _Connection, query: Query) -> None:
        now = self._clock()
        for each in self.devices:
            if len(self.devices) > 1 and each.unit != query.unit:
                continue
            answer = each.answer(query.rtu(each.unit), now)
            if answer is not None:
                self.answered += 1
                data = query.reply(answer.data)
                if each.foreign_unit is not None:
                    data = data[:6] + bytes((each.foreign_unit,)) + data[7:]
                self._late.append(_Late(now + answer.delay, connection, data))

    def _drop(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._selector.unregister(connection.socket)
            connection.socket.close()


def _listen(entry: TcpEntry) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, entry.port))
        listener.listen()
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ListenError(
            f"port {entry.port} of '{entry.name}' cannot be opened: {reason}"
        ) from None
    listener.setblocking(False)
    return listener
