"""A port that lets nothing out but readings, and remembers what came in."""

from collections.abc import Callable
from typing import Protocol

from stackpress_py.devices.bus.modbus import (
    READ_COILS,
    READ_DISCRETE_INPUTS,
    READ_INPUT_REGISTERS,
    READ_REGISTERS,
)

_MODBUS_READS = (READ_COILS, READ_DISCRETE_INPUTS, READ_REGISTERS, READ_INPUT_REGISTERS)
#: Where the function stands in a frame of Modbus RTU, Modbus TCP and AIBUS.
_RTU_FUNCTION, _TCP_FUNCTION, _AIBUS_FUNCTION = 1, 7, 2
_AIBUS_READ = 0x52


class NotAReadingError(RuntimeError):
    """Something would have been written to a device."""


class Tapped(Protocol):
    """A serial port, or a TCP connection."""

    @property
    def path(self) -> str:
        """Name for messages."""

    @property
    def is_open(self) -> bool:
        """True until it is closed or lost."""

    def open(self) -> None:
        """Open it; raise PortError if that cannot be."""

    def close(self) -> None:
        """Close it."""

    def write(self, data: bytes) -> None:
        """Send bytes."""

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing."""


class Tap:
    """A port for readings only: the last gate before the wire.

    Args:
        port: that is tapped.
        is_reading: tells whether a frame only reads.

    Attributes:
        sent: the last frame.
        heard: what has come since :meth:`forget`.
        connections: how often it has been opened.
    """

    def __init__(self, port: Tapped, is_reading: Callable[[bytes], bool]) -> None:
        self._port = port
        self._is_reading = is_reading
        self.sent = b""
        self.heard = b""
        self.connections = 0

    @property
    def path(self) -> str:
        """Name for messages."""
        return self._port.path

    @property
    def is_open(self) -> bool:
        """True until it is closed or lost."""
        return self._port.is_open

    def open(self) -> None:
        """Open the port; an open one stays as it is.

        Raises:
            PortError: that cannot be.
        """
        if not self._port.is_open:
            self._port.open()
            self.connections += 1

    def close(self) -> None:
        """Close the port; a closed one stays as it is."""
        self._port.close()

    def write(self, data: bytes) -> None:
        """Send a frame that only reads.

        Raises:
            NotAReadingError: it would write.
            PortError: the port is gone.
        """
        if not self._is_reading(data):
            raise NotAReadingError(f"the frame {data.hex(' ')} would write to {self.path}")
        self.sent = data
        self._port.write(data)

    def read(self, timeout: float) -> bytes:
        """Return what has come, as the port does."""
        chunk = self._port.read(timeout)
        self.heard += chunk
        return chunk

    def forget(self) -> None:
        """Forget what was sent and heard."""
        self.sent, self.heard = b"", b""

    @property
    def echoed(self) -> bool:
        """The last frame came back."""
        return bool(self.sent) and self.sent in self.heard

    @property
    def foreign(self) -> bytes:
        """What was heard without the last frame's own echo."""
        return self.heard.replace(self.sent, b"", 1) if self.sent else self.heard


def reads_rtu(frame: bytes) -> bool:
    """Return True for a Modbus RTU frame that only reads."""
    return frame[_RTU_FUNCTION] in _MODBUS_READS


def reads_tcp(frame: bytes) -> bool:
    """Return True for a Modbus TCP frame that only reads."""
    return frame[_TCP_FUNCTION] in _MODBUS_READS


def reads_aibus(frame: bytes) -> bool:
    """Return True for an AIBUS frame that only reads."""
    return frame[_AIBUS_FUNCTION] == _AIBUS_READ


def asks_one_of(commands: frozenset[bytes]) -> Callable[[bytes], bool]:
    """Return a judge of lines of text: only these commands are questions."""
    return lambda frame: frame in commands
