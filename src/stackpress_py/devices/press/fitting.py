"""Whether the parts of a press profile fit together: buses, devices, and the values they have."""

from collections import Counter
from collections.abc import Iterator, Sequence

from stackpress_py.devices.device.plan import Block, overlapping, read_blocks
from stackpress_py.devices.device.profile import ModbusProfile
from stackpress_py.devices.press.buses import SerialBus
from stackpress_py.devices.press.paths import place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.usage import (
    Misfit,
    flags_read,
    numbers_read,
    paths_read,
    written,
)
from stackpress_py.quantities import FORCE, FRACTION, PRESSURE, Kind, QuantityError, kind_of_unit

#: Highest address on a serial line.
MOST_UNITS = 247


def misfits(profile: PressProfile) -> Iterator[Misfit]:
    """Yield what does not fit together in a profile whose device profiles are loaded."""
    wiring = list(_buses(profile))
    yield from wiring
    values = [*_numbers(profile), *_flags(profile), *_sensors(profile), *_targets(profile)]
    yield from values
    if not wiring and not values:
        yield from _heartbeats(profile)


# ---- buses and devices -----------------------------------------------------------------------------


def _buses(profile: PressProfile) -> Iterator[Misfit]:
    if profile.cycle.bus not in profile.buses:
        yield ("cycle", "bus"), f"there is no bus '{profile.cycle.bus}'; {_buses_text(profile)}"
    units = Counter((installed.bus, installed.unit) for installed in profile.devices.values())
    for name, installed in profile.devices.items():
        where = ("devices", name)
        if installed.bus not in profile.buses:
            yield (*where, "bus"), f"there is no bus '{installed.bus}'; {_buses_text(profile)}"
            continue
        if installed.every is None and installed.bus != profile.cycle.bus:
            yield where, "is not on the bus of the cycle: say how often it is asked, `every: 0.5 s`"
        if units[installed.bus, installed.unit] > 1:
            unit = "" if installed.unit is None else f" unit {installed.unit}"
            yield where, f"shares{unit} the bus '{installed.bus}' with another device"
        yield from _line(profile, name)


def _buses_text(profile: PressProfile) -> str:
    return f"there are {', '.join(profile.buses)}"


def _line(profile: PressProfile, name: str) -> Iterator[Misfit]:
    """Yield what keeps a device from speaking on its bus."""
    installed, device = profile.devices[name], profile.device_profiles[name]
    bus, where = profile.buses[installed.bus], ("devices", name)
    if bus.speaks != device.protocol:
        yield (
            (*where, "bus"),
            f"{device.device} speaks {device.protocol}, and the bus '{installed.bus}' is"
            f" {bus.protocol}",
        )
        return
    if (installed.unit is None) != (device.protocol == "ascii"):
        has = "has no address: leave `unit` out" if installed.unit is not None else "needs a `unit`"
        yield (*where, "unit"), f"{device.device} {has}"
    if not isinstance(bus, SerialBus):
        return
    if installed.unit is not None and not 1 <= installed.unit <= MOST_UNITS:
        yield (*where, "unit"), f"found {installed.unit}, needs 1 to {MOST_UNITS} on a serial line"
    if device.line is None:
        return
    if bus.baud not in device.line.bauds:
        known = ", ".join(str(baud) for baud in device.line.bauds)
        yield ("buses", installed.bus, "baud"), f"found {bus.baud}; {device.device} knows {known}"
    if bus.framing not in device.line.framings:
        known = ", ".join(device.line.framings)
        yield ("buses", installed.bus), f"is {bus.framing}; {device.device} knows {known}"


# ---- values ----------------------------------------------------------------------------------------


def _why_no_value(profile: PressProfile, path: str) -> str:
    where = place(path)
    device = profile.device_profiles.get(where.device)
    if device is None:
        return f"there is no device '{where.device}'; there are {', '.join(profile.devices)}"
    return device.why_no_value(where.path)


def _kind(profile: PressProfile, path: str) -> Kind | None:
    """Return the kind of quantity of a path; None: it is a bit or a text."""
    where = place(path)
    point = profile.device_profiles[where.device].all_points()[where.path.partition(".")[0]]
    return None if "." in where.path or point.is_text else kind_of_unit(point.unit)


def _numbers(profile: PressProfile) -> Iterator[Misfit]:
    for where, path, kind in numbers_read(profile):
        problem = _why_no_value(profile, path)
        if problem:
            yield where, problem
        elif _kind(profile, path) is not kind:
            yield where, f"{path} {_unit_text(profile, path)}, needs that of {kind.name}"


def _unit_text(profile: PressProfile, path: str) -> str:
    where = place(path)
    if "." in where.path:
        return "is a bit, without a unit"
    unit = profile.device_profiles[where.device].all_points()[where.path].unit
    return f"has the unit '{unit}'"


def _flags(profile: PressProfile) -> Iterator[Misfit]:
    for where, path in flags_read(profile):
        problem = _why_no_value(profile, path)
        if problem:
            yield where, problem


def _sensors(profile: PressProfile) -> Iterator[Misfit]:
    for index, sensor in enumerate(profile.force_sensors):
        where: tuple[str | int, ...] = ("force_sensors", index, "source")
        if problem := _why_no_value(profile, sensor.source):
            yield where, problem
            continue
        kind = _kind(profile, sensor.source)
        if sensor.unit is not None and kind is not FRACTION:
            yield where, f"{sensor.source} {_unit_text(profile, sensor.source)}: leave `unit` out"
            continue
        if sensor.unit is not None:
            try:
                kind = kind_of_unit(sensor.unit)
            except QuantityError as error:
                yield where, str(error)
                continue
        if profile.isostatic and (kind is not PRESSURE or sensor.area is not None):
            yield where, "an isostatic press reads its pressure itself: a pressure without `area`"
        elif not profile.isostatic and kind is PRESSURE and sensor.area is None:
            yield where, "is a pressure: give the `area` of the piston that it acts on"
        elif kind not in (FORCE, PRESSURE):
            hint = ": say in which `unit` it is read" if kind is FRACTION else ""
            yield (
                where,
                f"{sensor.source} {_unit_text(profile, sensor.source)}, needs a force{hint}",
            )


def _targets(profile: PressProfile) -> Iterator[Misfit]:
    for where, path, kind in written(profile):
        spot = place(path)
        device = profile.device_profiles.get(spot.device)
        if device is None:
            yield where, _why_no_value(profile, path)
            continue
        name, _, bit = spot.path.partition(".")
        point = device.all_points().get(name)
        if point is None or point.write is None:
            known = ", ".join(n for n, p in device.all_points().items() if p.write) or "none"
            yield where, f"{device.device} cannot be written at '{name}'; it can at {known}"
        elif bit and bit not in point.bits:
            yield where, f"{name} of {device.device} has no bit '{bit}'"
        elif not bit and kind is not None and kind_of_unit(point.unit) is not kind:
            yield where, f"{path} has the unit '{point.unit}', needs that of {kind.name}"


# ---- one block -------------------------------------------------------------------------------------


def _heartbeats(profile: PressProfile) -> Iterator[Misfit]:
    """A sign of life counts only for values that are read in the same request."""
    for name, paths in paths_read(profile).items():
        device = profile.device_profiles[name]
        if not isinstance(device, ModbusProfile):
            continue
        beat = device.heartbeat
        told = tuple(path for path in (beat.echo, beat.sequence) if path is not None)
        needed = device.closure(iter((*paths, *device.faults, *told)))
        quick = [point for point in needed if device.points[point].every is None]
        blocks = read_blocks(quick, device.points, device.modbus)
        cyclic = [n for n, p in device.points.items() if p.write and p.write.when == "cycle"]
        if told and len(blocks) > 1:
            yield (
                ("devices", name),
                f"the heartbeat of {device.device} is not read in one request with the values that"
                " are used, for points that nobody uses are not read: raise `modbus.bridge` so that"
                f" it covers the gaps ({_gaps(blocks)}), or give what changes slowly an `every`",
            )
        if problem := overlapping(cyclic, device.points):
            yield ("devices", name), f"{device.device}: {problem}"


def _gaps(blocks: Sequence[Block]) -> str:
    """Return the unused registers between requests."""
    ends = [block.address + block.count for block in blocks]
    return ", ".join(
        f"{end} to {block.address - 1}"
        for end, block in zip(ends, blocks[1:], strict=False)
        if block.address > end
    )
