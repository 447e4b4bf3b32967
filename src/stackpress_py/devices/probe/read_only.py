"""Wires to devices that are only read: the driver's own masters and links behind a tap."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stackpress_py.devices.bus.aibus import AibusMaster
from stackpress_py.devices.bus.ascii_line import LineMaster
from stackpress_py.devices.bus.modbus_tcp import TcpMaster
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.bus.tcp_port import TcpPort
from stackpress_py.devices.device.links import Link
from stackpress_py.devices.device.links.ascii import sum64
from stackpress_py.devices.device.profile import AsciiProfile, DeviceProfile
from stackpress_py.devices.press.buses import Bus, TcpBus
from stackpress_py.devices.press.wires import Wire, aibus_wire, ascii_wire, modbus_wire
from stackpress_py.devices.probe.tap import (
    Tap,
    Tapped,
    asks_one_of,
    reads_aibus,
    reads_rtu,
    reads_tcp,
)

_PARITIES = {"N": "none", "E": "even", "O": "odd"}
MODBUS_TCP_PORT = 502


@dataclass(frozen=True, slots=True)
class Time:
    """The clock of the masters, s, monotonic, and how they wait; to be replaced in tests."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


REAL_TIME = Time()


@dataclass(frozen=True, slots=True)
class Setting:
    """How a serial line may be set.

    Attributes:
        baud: bit/s.
        framing: as in manuals: ``8E1``.
    """

    baud: int
    framing: str

    def __str__(self) -> str:
        return f"{self.baud} {self.framing}"

    @property
    def line(self) -> LineSettings:
        """As a port takes it."""
        return LineSettings(self.baud, _PARITIES[self.framing[1]], int(self.framing[2]))


@dataclass(frozen=True, slots=True)
class ReadOnlyWire:
    """A bus over which nothing can be written.

    Attributes:
        tap: between its master and its port.
        wire: as the driver has it.
    """

    tap: Tap
    wire: Wire

    def link(self, profile: DeviceProfile, unit: int) -> Link:
        """Return the way to one device."""
        return self.wire.link(profile, unit)

    @property
    def latency(self) -> float:
        """Time of the last answer, s; 0: the protocol's master has measured none."""
        return self.wire.latency()


def serial_wire(
    port: Tapped,
    protocol: str,
    setting: Setting,
    profiles: Iterable[DeviceProfile] = (),
    when: Time = REAL_TIME,
) -> ReadOnlyWire:
    """Return the wire of one protocol over a serial port.

    Args:
        port: set up as ``setting`` says.
        protocol: that is spoken over it: modbus, aibus or ascii.
        setting: of the line.
        profiles: of the devices in lines of text that may be asked over it.
        when: clock of the master.
    """
    character = setting.line.character
    if protocol == "aibus":
        tap = Tap(port, reads_aibus)
        return ReadOnlyWire(
            tap, aibus_wire(tap, AibusMaster(tap, character, when.clock, when.sleep))
        )
    if protocol == "ascii":
        tap = Tap(port, asks_one_of(_questions(profiles)))
        return ReadOnlyWire(
            tap, ascii_wire(tap, LineMaster(tap, character, when.clock, when.sleep))
        )
    tap = Tap(port, reads_rtu)
    return ReadOnlyWire(tap, modbus_wire(tap, RtuMaster(tap, character, when.clock, when.sleep)))


def tcp_wire(port: Tapped, when: Time = REAL_TIME) -> ReadOnlyWire:
    """Return the wire of Modbus over a TCP connection."""
    tap = Tap(port, reads_tcp)
    return ReadOnlyWire(tap, modbus_wire(tap, TcpMaster(tap, when.clock)))


def bus_wire(bus: Bus, profiles: Iterable[DeviceProfile], port: str = "") -> ReadOnlyWire:
    """Return the wire of a press's bus, closed.

    Args:
        bus: of the press profile.
        profiles: of its devices.
        port: another port than the profile's; for TCP ``host`` or ``host:port``.
    """
    if isinstance(bus, TcpBus):
        host, number = tcp_address(port) if port else (bus.host, bus.tcp_port)
        return tcp_wire(TcpPort(host, number))
    setting = Setting(bus.baud, bus.framing)
    path = SerialPort(port or bus.port, setting.line)
    return serial_wire(path, bus.speaks, setting, profiles)


def tcp_address(text: str) -> tuple[str, int]:
    """Return host and port of ``host`` or ``host:port``."""
    host, _, number = text.rpartition(":")
    return (host, int(number)) if host and number.isdecimal() else (text, MODBUS_TCP_PORT)


def _questions(profiles: Iterable[DeviceProfile]) -> frozenset[bytes]:
    """Return what may be sent to devices in lines of text: what their readable points ask."""
    found: set[bytes] = set()
    for profile in profiles:
        if isinstance(profile, AsciiProfile):
            end = profile.terminator.encode("ascii")
            for point in profile.points.values():
                query = profile.queries[point.query]
                text = query.send.encode("ascii")
                closed = text if query.checksum is None else text + sum64(text)
                found.add(closed + end)
    return frozenset(found)
