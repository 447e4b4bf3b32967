"""A TCP connection that says plainly what is wrong, and can be opened again after it was lost."""

import errno
import os
import select
import socket

from stackpress_py.devices.bus.errors import PortError

#: s after which a host that does not take the connection is given up.
CONNECT_TIMEOUT = 1.0
#: s after which bytes that are not acknowledged mean that the host is gone.
WRITE_TIMEOUT = 0.5
#: After this many s without a byte the system asks whether the host is still there, and again after
#: each further one; so many questions without an answer end the connection.
KEEP_ALIVE, KEEP_ALIVE_COUNT = 1, 3
_CHUNK = 4096
_MS = 1e3

_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


class TcpPort:
    """One connection to a device or gateway; used like a serial port.

    Args:
        host: name or address. A name is looked up anew at each opening, for which no time-out
            holds but the system's own.
        port: 1..65535; Modbus's own is 502.
        connect_timeout: s.
    """

    def __init__(self, host: str, port: int, connect_timeout: float = CONNECT_TIMEOUT) -> None:
        if not 1 <= port <= 0xFFFF:
            raise ValueError(f"the port {port} of {host} is not within 1 to 65535")
        self._host = host
        self._port = port
        self._connect_timeout = connect_timeout
        self._socket: socket.socket | None = None
        self._coming = select.poll()
        self._connections = 0

    @property
    def path(self) -> str:
        """Host and port."""
        return f"{self._host}:{self._port}"

    @property
    def is_open(self) -> bool:
        """True until the connection is closed or lost."""
        return self._socket is not None

    @property
    def connections(self) -> int:
        """How often it has been opened: what came over an earlier connection belongs to that."""
        return self._connections

    def open(self) -> None:
        """Connect; an open connection stays as it is.

        Raises:
            PortError: the host is unknown, not reachable, or takes no connection.
        """
        if self._socket is not None:
            return
        try:
            connection = socket.create_connection(
                (self._host, self._port), timeout=self._connect_timeout
            )
        except (OSError, UnicodeError) as error:
            raise PortError(self._why_not(error)) from error
        try:
            _tune(connection)
        except OSError as error:
            connection.close()
            raise PortError(self._why_not(error)) from error
        self._socket = connection
        self._coming = select.poll()
        self._coming.register(connection, select.POLLIN)
        self._connections += 1

    def close(self) -> None:
        """End the connection; a closed one stays as it is."""
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            PortError: the connection is closed or was lost.
        """
        try:
            self._opened().sendall(data)
        except OSError as error:
            raise self._lost(error) from error

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing.

        Raises:
            PortError: the connection is closed or was lost.
        """
        connection = self._opened()
        try:
            if not self._coming.poll(max(0.0, timeout) * _MS):
                return b""
            chunk = connection.recv(_CHUNK)
        except OSError as error:
            raise self._lost(error) from error
        if not chunk:
            self.close()
            raise PortError(f"{self.path} has ended the connection")
        return chunk

    def _opened(self) -> socket.socket:
        if self._socket is None:
            raise PortError(f"the connection to {self.path} is closed")
        return self._socket

    def _lost(self, error: OSError) -> PortError:
        self.close()
        return PortError(f"the connection to {self.path} was lost: {_reason(error)}")

    def _why_not(self, error: Exception) -> str:
        if isinstance(error, ConnectionRefusedError):
            return (
                f"{self.path} refused the connection: look whether its server is switched on, and"
                " at the port's number"
            )
        if isinstance(error, TimeoutError):
            return (
                f"there was no answer from {self.path} within {self._connect_timeout:g} s: look at"
                " the address, the cable and the power"
            )
        if isinstance(error, socket.gaierror | UnicodeError):
            return f"the host of {self.path} is unknown: look at its name, or give its address"
        if isinstance(error, OSError) and error.errno in _UNREACHABLE:
            return (
                f"{self.path} is unreachable ({_reason(error)}): look at the address, the cable"
                " and this computer's network"
            )
        return f"{self.path} cannot be connected to: {_reason(error)}"


def _tune(connection: socket.socket) -> None:
    # Requests are small and answers are waited for: nothing may be held back to be sent together.
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_ALIVE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_ALIVE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEP_ALIVE_COUNT)
    connection.settimeout(WRITE_TIMEOUT)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the host takes no more bytes"
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
