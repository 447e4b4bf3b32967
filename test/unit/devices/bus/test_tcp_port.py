"""A TCP port against real sockets on this computer: refused, taken away, opened again."""

import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest

from stackpress_py.devices.bus import tcp_port
from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.bus.tcp_port import KEEP_ALIVE, KEEP_ALIVE_COUNT, TcpPort

LOCAL = "127.0.0.1"
#: Takes a connection whose peer vanishes down with a reset instead of a polite end.
ABORT = struct.pack("ii", 1, 0)


class Host:
    """The other end, which can vanish and come back with the same number."""

    def __init__(self) -> None:
        self.listener = self._listen(0)
        self.port: int = self.listener.getsockname()[1]

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.create_server((LOCAL, port))
        listener.settimeout(10.0)
        return listener

    def accept(self) -> socket.socket:
        connection, _ = self.listener.accept()
        connection.settimeout(10.0)
        return connection

    def stop(self) -> None:
        self.listener.close()

    def start(self) -> None:
        self.listener = self._listen(self.port)


@pytest.fixture
def host() -> Iterator[Host]:
    it = Host()
    yield it
    it.stop()


@pytest.fixture
def port(host: Host) -> Iterator[TcpPort]:
    it = TcpPort(LOCAL, host.port)
    yield it
    it.close()


@pytest.fixture
def peer(host: Host, port: TcpPort) -> Iterator[socket.socket]:
    port.open()
    it = host.accept()
    yield it
    it.close()


def read_until(port: TcpPort, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = port.read(10.0)
        assert chunk, "the peer has sent it"
        received += chunk
    return received


def test_bytes_go_both_ways_unchanged(port: TcpPort, peer: socket.socket) -> None:
    data = bytes(range(256)) * 40
    port.write(data)
    received = b""
    while len(received) < len(data):
        received += peer.recv(10_000)
    assert received == data
    peer.sendall(data)
    assert read_until(port, len(data)) == data
    assert port.read(0.0) == b""


def test_a_read_waits_as_long_as_asked(port: TcpPort, peer: socket.socket) -> None:
    begin = time.monotonic()
    assert port.read(0.02) == b""
    assert time.monotonic() - begin >= 0.02


def test_a_port_can_be_closed_and_opened_again(host: Host, port: TcpPort) -> None:
    for number in (1, 2, 3):
        port.open()
        port.open()
        assert port.is_open
        assert port.connections == number
        port.close()
        port.close()
        assert not port.is_open
    assert port.path == f"127.0.0.1:{host.port}"


def test_a_closed_port_is_told(port: TcpPort) -> None:
    uses: list[Callable[[], object]] = [lambda: port.write(b"x"), lambda: port.read(0.0)]
    for use in uses:
        with pytest.raises(PortError, match=rf"connection to {port.path} is closed"):
            use()


def test_what_a_small_frame_needs_is_set(
    port: TcpPort, peer: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen by the system, not by what was asked of it."""
    connections: list[socket.socket] = []
    connect = socket.create_connection

    def watched(address: tuple[str, int], timeout: float) -> socket.socket:
        connections.append(connect(address, timeout))
        return connections[-1]

    monkeypatch.setattr(tcp_port.socket, "create_connection", watched)
    port.close()
    port.open()
    option = connections[0].getsockopt
    assert option(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert option(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert option(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == KEEP_ALIVE
    assert option(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == KEEP_ALIVE
    assert option(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == KEEP_ALIVE_COUNT


def test_a_peer_that_ends_is_told_and_the_next_opening_connects(
    host: Host, port: TcpPort, peer: socket.socket
) -> None:
    peer.sendall(b"last")
    peer.close()
    assert read_until(port, 4) == b"last"
    with pytest.raises(PortError, match=rf"^{port.path} has ended the connection"):
        port.read(10.0)
    assert not port.is_open
    port.open()
    again = host.accept()
    again.sendall(b"again")
    assert read_until(port, 5) == b"again"
    assert port.connections == 2
    again.close()


def test_a_peer_that_vanishes_is_told_when_reading(port: TcpPort, peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    peer.close()
    with pytest.raises(PortError, match=r"was lost: Connection reset by peer"):
        port.read(10.0)
    assert not port.is_open


def test_a_peer_that_vanishes_is_told_when_writing(port: TcpPort, peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    peer.close()
    with pytest.raises(PortError, match=rf"connection to {port.path} was lost"):
        while True:  # until the reset has arrived
            port.write(b"x")
    assert not port.is_open


def test_a_peer_that_takes_nothing_is_told(port: TcpPort, peer: socket.socket) -> None:
    with pytest.raises(PortError, match=r"was lost: the host takes no more bytes"):
        for _ in range(1000):
            port.write(bytes(1_000_000))
    assert not port.is_open


def test_a_refusal_is_told_and_the_host_can_come_back(host: Host, port: TcpPort) -> None:
    host.stop()
    with pytest.raises(PortError, match=rf"^{port.path} refused the connection"):
        port.open()
    assert not port.is_open
    host.start()
    port.open()
    assert port.is_open


def test_a_host_that_does_not_answer_is_told() -> None:
    """A full queue of connections: this computer drops what comes then, as a firewall does."""
    with socket.socket() as listener:
        listener.bind((LOCAL, 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address):
            port = TcpPort(LOCAL, address[1], connect_timeout=0.1)
            with pytest.raises(PortError, match=rf"no answer from {port.path} within 0\.1 s"):
                port.open()
    assert not port.is_open


@pytest.mark.parametrize("name", ["a" * 70, "press..local", "press.invalid"])
def test_an_unknown_host_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_no_server(*question: object, **more: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    if name.endswith("invalid"):
        monkeypatch.setattr(socket, "getaddrinfo", ask_no_server)
    with pytest.raises(PortError, match=rf"the host of {name}:502 is unknown"):
        TcpPort(name, 502).open()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("No route to host", "is unreachable"),
        ("Network is unreachable", "is unreachable"),
        ("Operation not permitted", "cannot be connected to"),
    ],
)
def test_the_systems_word_is_told(error: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"No route to host": 113, "Network is unreachable": 101}

    def fail(address: tuple[str, int], timeout: float) -> socket.socket:
        raise OSError(numbers.get(error, 1), error)

    monkeypatch.setattr(tcp_port.socket, "create_connection", fail)
    with pytest.raises(PortError, match=rf"^192\.0\.2\.1:502 {told}.*{error}"):
        TcpPort("192.0.2.1", 502).open()


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match=rf"the port {port} of host is not within 1 to 65535"):
        TcpPort("host", port)
