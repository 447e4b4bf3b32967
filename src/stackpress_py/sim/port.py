"""The pseudo-terminal under a stable name: what a driver opens as its serial port."""

import contextlib
import os
import termios
import tty
from pathlib import Path

#: Where the speeds stand in what termios tells.
_INPUT_SPEED, _OUTPUT_SPEED = 4, 5
_UNUSED_SPEED = termios.B50


class PortError(RuntimeError):
    """The port cannot be made; the message is one sentence."""


class Port:
    """A pseudo-terminal that can be unplugged and plugged in again.

    Attributes:
        link: symbolic link to the side that the driver opens; there while plugged in.
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        self._ends: tuple[int, int] | None = None
        self._name = ""

    @property
    def descriptor(self) -> int | None:
        """What to wait on for bytes; None while unplugged."""
        return None if self._ends is None else self._ends[0]

    def plug(self) -> None:
        """Make the terminal and its link.

        Raises:
            PortError: the link's place is taken or cannot be written.
        """
        if self._ends is not None:
            return
        if self.link.exists() and not self.link.is_symlink():
            raise PortError(f"{self.link} is in the way: it is not a link")
        # The driver's side stays open here too: without it the terminal would hang up with each driver that leaves.
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._name = os.ttyname(theirs)
        self._ends = (ours, theirs)
        self.keep_openable()
        fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        try:
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self._name)
            fresh.replace(self.link)
        except OSError as error:
            self._close()
            raise PortError(f"the link {self.link} cannot be made: {error.strerror}") from None

    def unplug(self) -> None:
        """Take terminal and link away; whoever has it open gets an error."""
        if self._ends is None:
            return
        with contextlib.suppress(OSError):
            if str(self.link.readlink()) == self._name:
                self.link.unlink()
        self._close()

    def keep_openable(self) -> None:
        """Let the next driver set a parity, as on a UART.

        A pseudo-terminal has no parity, and Linux makes it an error to ask for one when no other control flag changes
        with it: a driver that closes its port could not open it again. So the speed, which means nothing here, is
        put back to one that nobody uses.
        """
        if self._ends is None:
            return
        attributes = termios.tcgetattr(self._ends[1])
        if attributes[_OUTPUT_SPEED] != _UNUSED_SPEED:
            attributes[_INPUT_SPEED] = attributes[_OUTPUT_SPEED] = _UNUSED_SPEED
            with contextlib.suppress(termios.error):
                termios.tcsetattr(self._ends[1], termios.TCSANOW, attributes)

    def read(self) -> bytes:
        """Return the bytes that the driver has sent since the last time."""
        if self._ends is None:
            return b""
        try:
            return os.read(self._ends[0], 4096)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """Hand bytes to the driver; they are lost if nobody takes them for long, as on a wire."""
        if self._ends is not None and data:
            with contextlib.suppress(OSError):
                os.write(self._ends[0], data)

    def _close(self) -> None:
        if self._ends is not None:
            for end in self._ends:
                os.close(end)
        self._ends = None
