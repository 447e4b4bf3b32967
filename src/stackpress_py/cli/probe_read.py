"""Reading devices whose profiles are known: once, or live until Ctrl-C."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.probe_view import Sight, print_sights, sights_view
from stackpress_py.cli.signals import stop_requests
from stackpress_py.devices.bus.errors import DeviceError, NoReplyError, PortError
from stackpress_py.devices.bus.serial_port import SerialPort
from stackpress_py.devices.bus.tcp_port import TcpPort
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.probe.latency_timer import why_slow
from stackpress_py.devices.probe.ports import why_not_opened
from stackpress_py.devices.probe.read_only import (
    ReadOnlyWire,
    Setting,
    bus_wire,
    serial_wire,
    tcp_address,
    tcp_wire,
)
from stackpress_py.devices.probe.snapshot import DeviceReader

#: s between the begins of two rounds of a live table.
PERIOD = 0.25


@dataclass(frozen=True, slots=True)
class Site:
    """One port and the devices behind it.

    Attributes:
        where: port and setting, for messages.
        wire: closed.
        readers: of its devices.
        serial: it is a serial port.
        rate: Hz at which it shall be read; 0: not known.
    """

    where: str
    wire: ReadOnlyWire
    readers: tuple[DeviceReader, ...]
    serial: bool
    rate: float = 0.0


def device_site(profile: DeviceProfile, unit: int, port: str, setting: Setting | None) -> Site:
    """Return a port with one device.

    Args:
        profile: of the device.
        unit: its address.
        port: serial port, or ``host:port``.
        setting: of the line; None: it is TCP.
    """
    if setting is None:
        wire, where = tcp_wire(TcpPort(*tcp_address(port))), port
    else:
        serial = SerialPort(port, setting.line)
        wire = serial_wire(serial, profile.protocol, setting, (profile,))
        where = f"{port} at {setting}"
    reader = DeviceReader(profile.device, profile, unit, wire)
    return Site(where, wire, (reader,), setting is not None)


def press_sites(profile: PressProfile, ports: Mapping[str, str]) -> list[Site]:
    """Return the ports of a press with its devices.

    Args:
        profile: of the press.
        ports: by the names of buses, instead of the profile's.
    """
    sites = []
    for name, bus in profile.buses.items():
        on_it = {d: entry for d, entry in profile.devices.items() if entry.bus == name}
        kinds = [profile.device_profiles[device] for device in on_it]
        wire = bus_wire(bus, kinds, ports.get(name, ""))
        readers = tuple(
            DeviceReader(device, profile.device_profiles[device], entry.unit or 0, wire)
            for device, entry in on_it.items()
        )
        setting = "" if bus.protocol == "modbus_tcp" else f" at {bus.baud} {bus.framing}"
        rate = profile.cycle.rate if name == profile.cycle.bus else 0.0
        where = f"{wire.tap.path}{setting}"
        sites.append(Site(where, wire, readers, bus.protocol != "modbus_tcp", rate))
    return sites


def read_sites(sites: Sequence[Site], live: bool, console: Console) -> ExitCode:
    """Read all devices and print what they say.

    Raises:
        CliError: the only port cannot be opened, or the only device does not answer.
    """
    try:
        if live:
            return _watch(sites, console)
        sights = _round(sites)
    finally:
        for site in sites:
            site.wire.tap.close()
    if len(sights) == 1 and sights[0].snapshot is None:
        raise CliError(ExitCode.NOT_READY, sights[0].problem)
    print_sights(sights, _remarks(sites), console)
    return _code(sights)


def _watch(sites: Sequence[Site], console: Console) -> ExitCode:
    """Read again and again until Ctrl-C."""
    remarks = _remarks(sites)
    with stop_requests() as stop, _screen(console) as show:
        for count in itertools.count(1):
            begin = time.monotonic()
            sights = _round(sites)
            show(sights_view(sights, [*remarks, f"read {count} times; Ctrl-C ends"]))
            if stop.count:
                break
            time.sleep(max(0.0, begin + PERIOD - time.monotonic()))
    return _code(sights)


@contextmanager
def _screen(console: Console) -> Iterator[Callable[[RenderableType], None]]:
    """Return what shows a view: in place on a terminal, one below the other elsewhere."""
    if not console.is_terminal:
        yield console.print
        return
    with Live(console=console, auto_refresh=False) as screen:
        yield lambda view: screen.update(view, refresh=True)


def _round(sites: Sequence[Site]) -> list[Sight]:
    return [sight for site in sites for sight in _read_site(site)]


def _read_site(site: Site) -> list[Sight]:
    try:
        site.wire.tap.open()
    except PortError as error:
        path = site.wire.tap.path
        problem = "\n".join(why_not_opened(error, path) if site.serial else [str(error)])
        names = ", ".join(reader.name for reader in site.readers)
        return [Sight(names, site.where, 0, None, problem)]
    return [_read(reader, site) for reader in site.readers]


def _read(reader: DeviceReader, site: Site) -> Sight:
    try:
        snapshot = reader.read()
    except NoReplyError as error:
        problem = (
            f"{error}, on {site.where}: look for it with `stackpress probe {site.wire.tap.path}`"
        )
        return Sight(reader.name, site.where, reader.unit, None, problem)
    except DeviceError as error:
        return Sight(reader.name, site.where, reader.unit, None, str(error))
    return Sight(reader.name, site.where, reader.unit, snapshot, "")


def _remarks(sites: Sequence[Site]) -> list[str]:
    found = [why_slow(site.wire.tap.path, site.rate) for site in sites if site.serial]
    return [text for text in found if text]


def _code(sights: Sequence[Sight]) -> ExitCode:
    if all(sight.snapshot is None for sight in sights):
        return ExitCode.NOT_READY
    fine = all(sight.snapshot is not None and sight.snapshot.fine for sight in sights)
    return ExitCode.OK if fine else ExitCode.FAILED
