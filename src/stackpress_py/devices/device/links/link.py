"""What a device needs of its bus."""

from collections.abc import Mapping
from typing import Protocol

from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.words import Raw

#: Raw numbers by the names of points.
Numbers = Mapping[str, int | float]


class Link(Protocol):
    """The way to one device; every method may raise DeviceError."""

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        """Return the raw values of points."""

    def write(self, numbers: Numbers) -> None:
        """Write raw numbers to points; returns when the device has confirmed all."""

    def exchange(self, numbers: Numbers, names: frozenset[str]) -> dict[str, Raw]:
        """Write points and read others, in one transaction if the device can."""

    def distrust(self) -> None:
        """Listen until the bus is silent before speaking again: an answer was wrong."""


def patience(profile: DeviceProfile) -> Patience:
    """Return how long the bus waits for a device."""
    return Patience(profile.timing.reply_latency, profile.timing.silence)
