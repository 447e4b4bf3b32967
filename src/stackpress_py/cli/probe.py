"""``stackpress probe``: what answers on a port, what devices say, and what is wrong; nothing is written."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.probe_input import (
    is_tcp,
    one,
    parse_bauds,
    parse_framings,
    parse_units,
    parse_wait,
)
from stackpress_py.cli.probe_read import Site, device_site, press_sites, read_sites
from stackpress_py.cli.probe_view import print_lines, print_report, search_display
from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.bus.serial_port import SerialPort
from stackpress_py.devices.bus.tcp_port import TcpPort
from stackpress_py.devices.device.profile import DeviceProfile, known_devices, load_device
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.ports import given_ports
from stackpress_py.devices.probe.advice import advice
from stackpress_py.devices.probe.latency_timer import why_slow
from stackpress_py.devices.probe.ports import users, why_not_opened
from stackpress_py.devices.probe.read_only import Setting, tcp_address
from stackpress_py.devices.probe.report import Watcher
from stackpress_py.devices.probe.scan import Scan
from stackpress_py.devices.probe.scope import PROTOCOLS, SERIAL_UNITS, UNITS, Scope
from stackpress_py.devices.probe.tcp_scan import TcpScan
from stackpress_py.documents import DocumentError


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """What the user has asked for, as written.

    Attributes:
        port: serial port, or ``host:port``; empty: those of the press profile.
        device: device profile to read with; empty: search.
        press: press profile to read with; empty: none.
        ports: ``bus=port`` of a press, instead of the profile's.
        units, baud, framing, protocol, wait: that narrow the search.
        live: read again and again.
        everything: search on after something has answered.
    """

    port: str
    device: str
    press: str
    ports: tuple[str, ...]
    units: str
    baud: str
    framing: str
    protocol: str
    wait: str
    live: bool
    everything: bool


def probe(options: ProbeOptions, console: Console) -> ExitCode:
    """Search a port, or read devices, and print what there is.

    Raises:
        CliError: wrong usage, or a port cannot be used.
    """
    _check_together(options)
    if options.press:
        return read_sites(_press_sites(options), options.live, console)
    if options.device:
        return read_sites([_device_site(options)], options.live, console)
    return _search(options, console)


def _check_together(options: ProbeOptions) -> None:
    narrowed = options.units or options.baud or options.framing or options.protocol != "all"
    wrong = ""
    if options.press and (options.device or narrowed):
        wrong = "--press says itself which devices there are: leave all but PORT and --port out"
    elif options.ports and not options.press:
        wrong = "--port bus=port is for a press: give --press, or PORT without an option"
    elif options.device and (options.everything or options.protocol != "all"):
        wrong = "--all and --protocol are for a search: leave them out, or --device"
    elif options.live and not (options.press or options.device):
        wrong = "--live needs something to read: give --device or --press"
    elif not options.press and not options.port:
        wrong = "which port? give a serial port or host:502, or --press"
    if wrong:
        raise CliError(ExitCode.BAD_INPUT, wrong)


# ---- reading ---------------------------------------------------------------------------------------


def _press_sites(options: ProbeOptions) -> list[Site]:
    text = ",".join((*((options.port,) if options.port else ()), *options.ports))
    try:
        profile = load_profile(options.press)
        return press_sites(profile, given_ports(profile, text))
    except (DocumentError, ValueError) as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None


def _device_site(options: ProbeOptions) -> Site:
    try:
        profile = load_device(options.device)
    except DocumentError as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None
    unit = one(parse_units(options.units or "1"), "unit")
    if is_tcp(options.port):
        if profile.protocol != "modbus" or options.baud or options.framing:
            raise CliError(
                ExitCode.BAD_INPUT,
                f"{options.port} is a TCP port, which has no baud rate and no framing, and"
                " transports Modbus only",
            )
        return device_site(profile, unit, options.port, None)
    line = profile.line
    if line is None and not (options.baud and options.framing):
        raise CliError(
            ExitCode.BAD_INPUT,
            f"{profile.device} names no serial settings: give --baud and --framing, or host:502",
        )
    if unit not in SERIAL_UNITS:
        raise CliError(
            ExitCode.BAD_INPUT, f"--unit {unit} is not possible: a serial line has units 1 to 247"
        )
    bauds = parse_bauds(options.baud) or (line.bauds[:1] if line else ())
    framings = parse_framings(options.framing) or (line.framings[:1] if line else ())
    setting = Setting(one(bauds, "baud rate"), one(framings, "framing"))
    return device_site(profile, unit, options.port, setting)


# ---- search ----------------------------------------------------------------------------------------


def _search(options: ProbeOptions, console: Console) -> ExitCode:
    scope = _scope(options)
    profiles = [load_device(name) for name in known_devices()]
    serial = not is_tcp(options.port)
    if serial and not any(unit in SERIAL_UNITS for unit in scope.units):
        raise CliError(
            ExitCode.BAD_INPUT, f"--units {options.units}: a serial line has units 1 to 247"
        )
    if serial:
        print_lines(_remarks(options.port), console)
    with search_display(console) as watcher:
        search = _search_of(options.port, scope, profiles, watcher)
        stopped = not _run(search, options.port)
    print_report(search.report, options.port, console)
    if stopped:
        print_lines(["ended before everything was tried"], console)
        return ExitCode.STOPPED
    print_lines(advice(search.report, serial), console)
    if not search.report.found:
        return ExitCode.NOT_READY
    return ExitCode.OK


def _search_of(
    port: str, scope: Scope, profiles: list[DeviceProfile], watcher: Watcher
) -> Scan | TcpScan:
    if is_tcp(port):
        return TcpScan(TcpPort(*tcp_address(port)), scope, profiles, watcher)
    return Scan(lambda setting: SerialPort(port, setting.line), scope, profiles, watcher)


def _run(search: Scan | TcpScan, port: str) -> bool:
    """Search; return False if the user has ended it."""
    try:
        search.run()
    except KeyboardInterrupt:
        return False
    except PortError as error:
        lines = [str(error)] if is_tcp(port) else why_not_opened(error, port)
        if "/" not in port and not is_tcp(port):
            lines.append("for Modbus TCP write host:502")
        raise CliError(ExitCode.NOT_READY, "\n".join(lines)) from None
    return True


def _remarks(port: str) -> list[str]:
    """Return what can be said of a serial port before it is opened."""
    remarks = [slow] if (slow := why_slow(port, 0.0)) else []
    # A pseudo-terminal is held open by the program at its other end.
    others = [] if str(Path(port).resolve()).startswith("/dev/pts/") else users(port)
    if others:
        remarks.append(
            f"{port} is also open in {', '.join(others)}: that program takes answers away; end it"
        )
    return remarks


def _scope(options: ProbeOptions) -> Scope:
    if options.protocol != "all" and options.protocol not in PROTOCOLS:
        known = ", ".join((*PROTOCOLS, "all"))
        raise CliError(
            ExitCode.BAD_INPUT, f"--protocol {options.protocol} is not known; there are {known}"
        )
    return Scope(
        PROTOCOLS if options.protocol == "all" else (options.protocol,),
        parse_bauds(options.baud),
        parse_framings(options.framing),
        parse_units(options.units) or UNITS,
        parse_wait(options.wait),
        options.everything,
    )
