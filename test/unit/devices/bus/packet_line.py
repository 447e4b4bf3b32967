"""A line whose adapter hands bytes over one by one, or many at once."""

from unit.devices.fakes import FakeLine

#: s between two packets of a USB adapter: more than the longest frame of the tests that use it.
PACKET = 8e-3


class PacketLine(FakeLine):
    """A line in virtual time.

    Attributes:
        packets: what has come is handed over in whole packets, as USB adapters do.
    """

    packets = False

    def read(self, timeout: float) -> bytes:
        first = super().read(timeout)
        if not self.packets or not first:
            return first
        self.time += PACKET
        return first + super().read(0.0)
