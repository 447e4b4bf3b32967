"""What every simulated device is to the line that it hangs on. Times are s since the start of the program."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol


class SimulatedDevice(Protocol):
    """A device on a line: subclass it, so that what a device does not do has its default here.

    No device reads a clock: time comes with each call and never runs backwards.
    """

    @abstractmethod
    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the reply to a frame that has ended now, framing and checksum included; None: stay silent.

        On a line with several devices each of them is given every frame; one that is not meant is silent.
        """

    def advance(self, now: float) -> None:
        """Let the device's own time pass up to now; called often, whether anybody asks or not."""

    def next_word(self, now: float) -> float | None:
        """Return the time at which the device has something to send unasked; None: it only answers."""
        return None

    def emit(self, now: float) -> bytes:
        """Return what the device has sent unasked up to now, and forget it."""
        return b""

    def truth(self) -> dict[str, object]:
        """Return what a test may know of the inside: output, position, wear of the memory."""
        return {}

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return the faults of the device itself that can be switched on and off, by name."""
        return {}
