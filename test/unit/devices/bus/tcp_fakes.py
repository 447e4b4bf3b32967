"""The other end of a TCP connection: in virtual time, and for real."""

import asyncio
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Sequence

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from stackpress_py.devices.bus.errors import PortError

LOCAL = "127.0.0.1"
#: A socket that lingers so ends its connection with a reset instead of a polite end.
ABORT = struct.pack("ii", 1, 0)
#: s after which a test is given up.
AT_MOST = 20.0

#: What a device does with a request: (s after it, bytes in one segment) of all that it sends.
Device = Callable[[bytes], Sequence[tuple[float, bytes]]]


def framed(pdu: bytes, request: bytes, unit: int | None = None) -> bytes:
    """Return the answer's frame to a request's."""
    return request[:4] + struct.pack(">H", len(pdu) + 1) + bytes((unit or request[6],)) + pdu


class FakeConnection:
    """A connection whose other end is a function; time passes only when somebody waits."""

    path = "192.0.2.1:502"

    def __init__(self, device: Device) -> None:
        self.device = device
        self.time = 100.0
        self.sent: list[bytes] = []
        self.sent_at: list[float] = []
        self.connections = 0
        self.is_open = False
        self._coming: deque[tuple[float, bytes]] = deque()
        self.open()

    def clock(self) -> float:
        return self.time

    def open(self) -> None:
        self.is_open = True
        self.connections += 1

    def close(self) -> None:
        self.is_open = False
        self._coming.clear()

    def inject(self, data: bytes, delay: float = 0.0) -> None:
        self._coming.append((self.time + delay, data))
        self._coming = deque(sorted(self._coming, key=lambda item: item[0]))

    def write(self, data: bytes) -> None:
        self._require()
        self.sent.append(data)
        self.sent_at.append(self.time)
        for delay, answer in self.device(data):
            self.inject(answer, delay)

    def read(self, timeout: float) -> bytes:
        self._require()
        if not self._coming or self._coming[0][0] > self.time + timeout:
            self.time += timeout
            return b""
        when, data = self._coming.popleft()
        self.time = max(self.time, when)
        return data

    def _require(self) -> None:
        if not self.is_open:
            raise PortError(f"the connection to {self.path} is closed")


class PymodbusServer:
    """An independent server in a thread of its own: unit 1, registers 0 to 99 that hold 0 to 99."""

    def __init__(self) -> None:
        self.port = 0
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; again at the port of the first time."""
        self._loop = asyncio.new_event_loop()
        self._ready, self._end = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        assert self._ready.wait(AT_MOST)

    def stop(self) -> None:
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(AT_MOST)
        assert not self._thread.is_alive()
        self._thread = None
        self._loop.close()

    async def _run(self) -> None:
        block = SimData(0, values=list(range(100)), datatype=DataType.REGISTERS)
        server = ModbusTcpServer(SimDevice(1, [block]), address=(LOCAL, self.port))
        await server.serve_forever(background=True)
        self.port = server.transport.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        await server.shutdown()


#: What a peer does with a request.
Answer = Callable[[socket.socket, bytes], None]


class Peer:
    """The other end of real connections, which treats one request after the other as told."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = iter(answers)
        self._listener = socket.create_server((LOCAL, 0))
        self._listener.settimeout(AT_MOST)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        """Wait until every request has been treated and every connection has ended."""
        self._thread.join(AT_MOST)
        assert not self._thread.is_alive()
        self._listener.close()

    def _serve(self) -> None:
        answer = next(self._answers, None)
        while answer is not None:
            connection, _ = self._listener.accept()
            with connection:
                connection.settimeout(AT_MOST)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while answer is not None and connection.fileno() >= 0:
                    request = connection.recv(1000)
                    if not request:
                        break
                    answer(connection, request)
                    answer = next(self._answers, None)
