"""Which values of its devices a press profile uses, and where in the file it says so."""

from collections.abc import Iterator
from typing import TypeAlias

from stackpress_py.devices.press.paths import place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import Kind

Where: TypeAlias = tuple[str | int, ...]
#: Where in the file, and what is wrong there.
Misfit: TypeAlias = tuple[Where, str]


def numbers_read(profile: PressProfile) -> Iterator[tuple[Where, str, Kind]]:
    """Yield the quantities that are read, without the force sensors."""
    for name, (path, kind) in profile.signals.numbers().items():
        if path is not None:
            yield ("signals", name), path, kind
    for name, (path, kind) in profile.own_limits.named().items():
        if path is not None:
            yield ("own_limits", name), path, kind


def flags_read(profile: PressProfile) -> Iterator[tuple[Where, str]]:
    """Yield the states that are read."""
    for name, path in profile.signals.flags().items():
        if path is not None:
            yield ("signals", name), path


def written(profile: PressProfile) -> Iterator[tuple[Where, str, Kind | None]]:
    """Yield what is written: numbers with their kind, bits with None."""
    for section, means in (("actuation", profile.actuation), ("heating", profile.heating)):
        for name, (path, kind) in means.numbers().items():
            if path is not None:
                # A pump may be a bit, or a fraction of its speed.
                yield (section, name), path, None if place(path).path.count(".") else kind
        for name, bit in means.bits().items():
            if bit is not None:
                yield (section, name), bit, None
    for name, bit in profile.commands.named().items():
        if bit is not None:
            yield ("commands", name), bit, None


def paths_read(profile: PressProfile) -> dict[str, tuple[str, ...]]:
    """Return the paths that are read of each device."""
    found: dict[str, list[str]] = {name: [] for name in profile.devices}
    read = [path for _, path, _ in numbers_read(profile)]
    read += [path for _, path in flags_read(profile)]
    read += [sensor.source for sensor in profile.force_sensors]
    for path in read:
        where = place(path)
        found[where.device].append(where.path)
    return {name: tuple(dict.fromkeys(paths)) for name, paths in found.items()}
