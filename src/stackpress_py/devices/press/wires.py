"""From a press profile to ports, masters and devices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stackpress_py.devices.bus.aibus import AibusMaster
from stackpress_py.devices.bus.ascii_line import LineMaster
from stackpress_py.devices.bus.modbus_tcp import TcpMaster
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.bus.tcp_port import TcpPort
from stackpress_py.devices.device.device import Device
from stackpress_py.devices.device.links import AibusLink, AsciiLink, Link, ModbusLink
from stackpress_py.devices.device.profile import AibusProfile, AsciiProfile, DeviceProfile
from stackpress_py.devices.press.bus_loop import AskedDevice, BusLoop, Port
from stackpress_py.devices.press.buses import Bus, Installed, TcpBus
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.usage import paths_read

#: Questions that may stay without an answer before a slow device counts as lost.
QUESTIONS_TO_LOSS = 3.0
#: Cycles that a wish outlives.
CYCLES_OF_A_WISH = 3.0


@dataclass(frozen=True, slots=True)
class Wire:
    """One bus, closed.

    Attributes:
        port: of the bus.
        link: makes the way of one device over it: profile and address.
        latency: returns the s that the last answer took.
    """

    port: Port
    link: Callable[[DeviceProfile, int], Link]
    latency: Callable[[], float]


def open_wire(bus: Bus, port: str = "") -> Wire:
    """Return a bus, closed.

    Args:
        bus: of the press profile.
        port: another port than the profile's; for TCP ``host`` or ``host:port``.
    """
    if isinstance(bus, TcpBus):
        host, number = _address(port) if port else (bus.host, bus.tcp_port)
        tcp = TcpPort(host, number)
        return modbus_wire(tcp, TcpMaster(tcp))
    settings = LineSettings(bus.baud, bus.parity, bus.stop_bits)
    serial = SerialPort(port or bus.port, settings)
    if bus.protocol == "aibus":
        return aibus_wire(serial, AibusMaster(serial, settings.character))
    if bus.protocol == "ascii":
        return ascii_wire(serial, LineMaster(serial, settings.character))
    return modbus_wire(serial, RtuMaster(serial, settings.character))


def _address(text: str) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    return (host, int(number)) if host and number.isdecimal() else (text, 502)


def modbus_wire(port: Port, master: RtuMaster | TcpMaster) -> Wire:
    """Return a Modbus bus."""

    def link(profile: DeviceProfile, unit: int) -> Link:
        if isinstance(profile, AibusProfile | AsciiProfile):
            raise TypeError(f"{profile.device} does not speak Modbus")
        return ModbusLink(master, unit, profile)

    return Wire(port, link, lambda: master.latency)


def aibus_wire(port: Port, master: AibusMaster) -> Wire:
    """Return an AIBUS line."""

    def link(profile: DeviceProfile, unit: int) -> Link:
        if not isinstance(profile, AibusProfile):
            raise TypeError(f"{profile.device} does not speak AIBUS")
        return AibusLink(master, unit, profile)

    return Wire(port, link, lambda: master.latency)


def ascii_wire(port: Port, master: LineMaster) -> Wire:
    """Return the line of one line-oriented device."""

    def link(profile: DeviceProfile, unit: int) -> Link:
        if not isinstance(profile, AsciiProfile):
            raise TypeError(f"{profile.device} does not speak in lines of text")
        return AsciiLink(master, profile)

    return Wire(port, link, lambda: master.latency)


def bus_loops(profile: PressProfile, ports: Mapping[str, str]) -> list[BusLoop]:
    """Return the buses of a press, closed, that of the cycle first.

    Args:
        profile: of the press.
        ports: by the names of buses, instead of the profile's.
    """
    wires = {name: open_wire(bus, ports.get(name, "")) for name, bus in profile.buses.items()}
    return loops_on(profile, wires)


def loops_on(profile: PressProfile, wires: Mapping[str, Wire]) -> list[BusLoop]:
    """Return the buses of a press on given wires, that of the cycle first."""
    lead = profile.cycle.bus
    names = [lead, *(name for name in profile.buses if name != lead)]
    loops = []
    for name in names:
        wire = wires[name]
        devices = [
            _asked(profile, device, installed, wire)
            for device, installed in profile.devices.items()
            if installed.bus == name
        ]
        if devices:
            loops.append(
                BusLoop(
                    name,
                    wire.port,
                    devices,
                    profile.cycle.reopen_every,
                    # A wish is renewed in each cycle; what is renewed no more must not go on.
                    max(profile.watchdogs.actuator_command, CYCLES_OF_A_WISH / profile.cycle.rate),
                    wire.latency,
                )
            )
    return loops


def _asked(profile: PressProfile, name: str, installed: Installed, wire: Wire) -> AskedDevice:
    kind = profile.device_profiles[name]
    device = Device(name, kind, wire.link(kind, installed.unit or 0), paths_read(profile)[name])
    every = installed.every or 0.0
    usual = max(profile.cycle.lost_after, QUESTIONS_TO_LOSS * every)
    return AskedDevice(device, every, installed.lost_after or usual)
