"""A serial port that says plainly what is wrong, and can be opened again after an unplug."""

import os
import select
import termios
from dataclasses import dataclass
from pathlib import Path

import serial

from stackpress_py.devices.errors import PortError

#: s after which bytes that cannot be sent mean that the port is gone.
WRITE_TIMEOUT = 0.5
_CHUNK = 512
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

    Args:
        path: device or symbolic link; it is looked up anew at each opening.
        settings: of the line.
    """

    def __init__(self, path: str, settings: LineSettings) -> None:
        self._path = path
        self._settings = settings
        self._serial: serial.Serial | None = None

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
                write_timeout=WRITE_TIMEOUT,
                exclusive=True,
            )
        except (OSError, termios.error, ValueError) as error:
            raise PortError(f"the port {self.path} cannot be opened: {_why(error)}") from error

    def _parity(self) -> str:
        # A pseudo-terminal has no parity bit, and who asks for one a second time gets an error.
        pseudo = str(Path(self._path).resolve()).startswith("/dev/pts/")
        return serial.PARITY_NONE if pseudo else _PARITIES[self._settings.parity]

    def close(self) -> None:
        """Close the port; a closed one stays as it is."""
        port, self._serial = self._serial, None
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
        try:
            self._opened().write(data)
        except (OSError, termios.error) as error:
            raise self._lost(error) from error

    def read(self, timeout: float) -> bytes:
        """Return what has come, waiting up to ``timeout`` s for the first byte; empty: nothing.

        Raises:
            PortError: the port is closed or was lost.
        """
        port = self._opened()
        try:
            descriptor = port.fileno()
            # pyserial would set the port up anew for each new time-out.
            ready, _, _ = select.select([descriptor], [], [], max(0.0, timeout))
            if not ready:
                return b""
            chunk = os.read(descriptor, _CHUNK)
        except (OSError, termios.error, ValueError) as error:
            raise self._lost(error) from error
        if not chunk:
            raise self._lost(OSError("the device is gone"))
        return chunk

    def _opened(self) -> serial.Serial:
        if self._serial is None:
            raise PortError(f"the port {self.path} is closed")
        return self._serial

    def _lost(self, error: Exception) -> PortError:
        self.close()
        return PortError(f"the port {self.path} was lost: {_why(error)}")


def _why(error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, termios.error) and error.args:
        code = error.args[0]
    if "exclusively lock" in str(error):
        return "another program uses it"
    if isinstance(code, int):
        return os.strerror(code)
    return str(error) or type(error).__name__
