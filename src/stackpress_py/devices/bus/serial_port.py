"""A serial port that says plainly what is wrong, and can be opened again after an unplug."""

import os
import select
import termios
from dataclasses import dataclass
from pathlib import Path

import serial

from stackpress_py.devices.bus.errors import PortError

#: s after which bytes that cannot be sent mean that the port is gone.
WRITE_TIMEOUT = 0.5
_CHUNK = 512
_MS = 1e3
_PARITIES = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
}


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How bytes go over a line.

    Attributes:
        baud: bit/s.
        parity: "none", "even" or "odd".
        stop_bits: 1 or 2.
    """

    baud: int
    parity: str
    stop_bits: int

    @property
    def character(self) -> float:
        """Time of one byte on the line, s: start, 8 data, parity, stop."""
        return (9 + (self.parity != "none") + self.stop_bits) / self.baud


class SerialPort:
    """One serial port, for this process alone.

    pyserial sets the line up; bytes go straight to and from the descriptor, which costs a third of
    the time. The descriptor never blocks.

    Args:
        path: device or symbolic link; it is looked up anew at each opening.
        settings: of the line.
    """

    def __init__(self, path: str, settings: LineSettings) -> None:
        self._path = path
        self._settings = settings
        self._serial: serial.Serial | None = None
        self._descriptor = -1
        self._coming = select.poll()

    @property
    def path(self) -> str:
        """Device or symbolic link."""
        return self._path

    @property
    def is_open(self) -> bool:
        """True until the port is closed or lost."""
        return self._serial is not None

    def open(self) -> None:
        """Open the port; an open one stays as it is.

        Raises:
            PortError: it is missing, in use, not allowed, or no serial port.
        """
        if self._serial is not None:
            return
        try:
            self._serial = serial.Serial(
                self._path,
                self._settings.baud,
                parity=self._parity(),
                stopbits=self._settings.stop_bits,
                timeout=0,
                exclusive=True,
            )
            self._descriptor = self._serial.fileno()
            if self._parity() != serial.PARITY_NONE:
                notice_parity_errors(self._descriptor)
        except (OSError, termios.error, ValueError) as error:
            raise PortError(f"the port {self.path} cannot be opened: {_why(error)}") from error
        os.set_blocking(self._descriptor, False)
        self._coming = select.poll()
        self._coming.register(self._descriptor, select.POLLIN)

    def _parity(self) -> str:
        # A pseudo-terminal has no parity bit, and who asks for one a second time gets an error.
        pseudo = str(Path(self._path).resolve()).startswith("/dev/pts/")
        return serial.PARITY_NONE if pseudo else _PARITIES[self._settings.parity]

    def close(self) -> None:
        """Close the port; a closed one stays as it is."""
        port, self._serial = self._serial, None
        self._descriptor = -1
        if port is not None:
            try:
                port.close()
            except (OSError, termios.error):
                return  # it was unplugged: nothing is left to close

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
            PortError: the port is closed or was lost.
        """
        if self._descriptor < 0:
            raise self._closed()
        try:
            sent = os.write(self._descriptor, data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise self._lost(error) from error
        if sent < len(data):
            self._write_rest(data[sent:])

    def _write_rest(self, data: bytes) -> None:
        """Send what the system's buffer did not take at once."""
        room = select.poll()
        room.register(self._descriptor, select.POLLOUT)
        try:
            while data:
                if not room.poll(WRITE_TIMEOUT * _MS):
                    raise OSError("it takes no more bytes")
                data = data[os.write(self._descriptor, data) :]
        except OSError as error:
            raise self._lost(error) from error

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing.

        The system rounds the wait up to whole milliseconds. Without a wait the loss of the port can
        go unnoticed until the next one.

        Raises:
            PortError: the port is closed or was lost.
        """
        if self._descriptor < 0:
            raise self._closed()
        try:
            if timeout <= 0.0:
                return os.read(self._descriptor, _CHUNK)
            if not self._coming.poll(timeout * _MS):
                return b""
            chunk = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(OSError("the device is gone"))
        return chunk

    def _closed(self) -> PortError:
        return PortError(f"the port {self.path} is closed")

    def _lost(self, error: Exception) -> PortError:
        self.close()
        return PortError(f"the port {self.path} was lost: {_why(error)}")


def notice_parity_errors(descriptor: int) -> None:
    """Let a byte with a wrong parity come as zero; pyserial lets it pass for a good one.

    Raises:
        termios.error: it is no serial port, or was lost.
    """
    attributes = termios.tcgetattr(descriptor)
    attributes[0] |= termios.INPCK
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _why(error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, termios.error) and error.args:
        code = error.args[0]
    if "exclusively lock" in str(error):
        return "another program uses it"
    if isinstance(code, int):
        return os.strerror(code)
    return str(error) or type(error).__name__
