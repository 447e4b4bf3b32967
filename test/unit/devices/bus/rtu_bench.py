"""The RTU master on a line in virtual time, whose adapter hands bytes over one by one or many at once."""

from collections.abc import Sequence

import pytest

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.timing import Patience
from unit.devices.fakes import CHARACTER, REPLY_LATENCY, FakeLine, Slave, framed

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


READ_3 = modbus.read_registers(0x10, 3)
ANSWER_3 = framed(bytes.fromhex("01 03 06 00 01 00 02 00 03"))
FAST = Patience(REPLY_LATENCY)


class Bench:
    """A master on a line; unit 1 is asked unless a test says otherwise."""

    def __init__(self, slave: Slave) -> None:
        self.line = PacketLine(slave)
        self.line.open()
        self.master = RtuMaster(self.line, CHARACTER, self.line.clock, self.line.sleep)

    def ask(
        self, request: modbus.Request = READ_3, unit: int = 1, patience: Patience = FAST
    ) -> bytes:
        return self.master.transact(unit, request, patience)

    def read(self, request: modbus.Request = READ_3) -> tuple[int, ...]:
        return modbus.registers(self.ask(request))

    def took(self) -> float:
        """s since the last request was sent."""
        return self.line.time - self.line.sent_at[-1]


def always(*answers: tuple[float, bytes]) -> Slave:
    return lambda request: answers


def one_after_the_other(*answers: Sequence[tuple[float, bytes]]) -> Slave:
    coming = iter(answers)
    return lambda request: next(coming)


def ask(*answers: tuple[float, bytes]) -> tuple[int, ...]:
    return Bench(always(*answers)).read()


def counted(number: int) -> bytes:
    """An answer of one register."""
    return framed(bytes((1, 3, 2, 0, number)))


COUNT = modbus.read_registers(0, 1)
#: An answer is met in pieces, or whole at once.
BOTH = pytest.mark.usefixtures("handover")
