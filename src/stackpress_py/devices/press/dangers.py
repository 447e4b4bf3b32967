"""What loads without contradiction and would be dangerous all the same, in a press profile."""

from collections.abc import Iterator

from stackpress_py.devices.device.point import Point
from stackpress_py.devices.press.paths import place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.usage import Misfit, written
from stackpress_py.quantities import VELOCITY, conversion

#: s; a command that is withdrawn must be off the wire within it (docs/safety.md).
FROZEN_WITHIN = 0.2
#: s; the same for heaters.
COLD_WITHIN = 2.0
#: s; what interlocks judge must be as fresh.
JUDGED_EVERY = 0.1
#: Hz; slower cycles are too slow for a press that the program moves.
SLOWEST_MOVING_CYCLE = 5.0


def dangers(profile: PressProfile) -> Iterator[Misfit]:
    """Yield what is dangerous in a profile whose parts fit together."""
    yield from _without_a_way_back(profile)
    yield from _too_slow_to_stop(profile)
    yield from _too_slow_to_judge(profile)
    yield from _deaf(profile)
    yield from _beyond(profile)


def _point(profile: PressProfile, path: str) -> Point:
    where = place(path)
    points = profile.device_profiles[where.device].all_points()
    return points[where.path.partition(".")[0]]


def _moved(profile: PressProfile) -> set[str]:
    return {place(path).device for path in profile.actuation.places()}


def _heated(profile: PressProfile) -> set[str]:
    return {place(path).device for path in profile.heating.places()}


def _without_a_way_back(profile: PressProfile) -> Iterator[Misfit]:
    """A value that is written on change stays when the wish is gone, unless `safe` ends it."""
    for section, means in (("actuation", profile.actuation), ("heating", profile.heating)):
        for path in means.places():
            device, write = place(path).device, _point(profile, path).write
            stays = write is not None and write.when == "change"
            if stays and not profile.device_profiles[device].safe:
                yield (
                    (section,),
                    f"{path} keeps what was written to it: the profile of {device} needs a `safe`"
                    " sequence that ends it",
                )
    for device in _moved(profile) & _heated(profile):
        if profile.device_profiles[device].safe:
            yield (
                ("devices", device),
                "both moves and heats, and is made harmless by `safe`: it could do only both at once;"
                " write its values in each cycle instead",
            )


def _too_slow_to_stop(profile: PressProfile) -> Iterator[Misfit]:
    dogs, moved = profile.watchdogs, _moved(profile)
    if moved and profile.cycle.rate < SLOWEST_MOVING_CYCLE:
        yield (
            ("cycle", "rate"),
            f"must be {SLOWEST_MOVING_CYCLE:g} Hz at least: the program moves it",
        )
    for device, age, limit in (
        *((name, dogs.actuator_command, FROZEN_WITHIN) for name in moved),
        *((name, dogs.heater_command, COLD_WITHIN) for name in _heated(profile)),
    ):
        every = profile.devices[device].every or 0.0
        if every + age > limit:
            yield (
                ("devices", device, "every"),
                f"with the age at which commands end ({age:g} s) a command could stay for"
                f" {every + age:g} s; allowed are {limit:g} s",
            )


def _too_slow_to_judge(profile: PressProfile) -> Iterator[Misfit]:
    signals = profile.signals
    judged = {f"force_sensors[{sensor.name}]": sensor.source for sensor in profile.force_sensors}
    if _moved(profile):
        flags = ("guard_closed", "estop_released", "at_open_limit", "at_closed_limit", "ram_locked")
        found = {**{"position": signals.position}, **dict(signals.flags())}
        judged |= {name: path for name in ("position", *flags) if (path := found[name])}
    for name, path in judged.items():
        every = profile.devices[place(path).device].every or 0.0
        if every > JUDGED_EVERY:
            yield (
                ("devices", place(path).device, "every"),
                f"{name} would be judged every {every:g} s; allowed are {JUDGED_EVERY:g} s",
            )
    numbers = {name: path for name, (path, _) in signals.numbers().items() if path}
    for name, path in {**numbers, **judged}.items():
        if _point(profile, path).every is not None:
            yield (
                ("signals",),
                f"{name} comes from {path}, which has an `every` of its own: an old value would"
                " not be noticed",
            )


def _deaf(profile: PressProfile) -> Iterator[Misfit]:
    for _, path, _ in written(profile):
        device = place(path).device
        if not any(point.read for point in profile.device_profiles[device].all_points().values()):
            yield ("devices", device), "tells nothing: its loss could not be noticed"
            return


def _beyond(profile: PressProfile) -> Iterator[Misfit]:
    """What the press allows and the device refuses would stop the press in the middle of a run."""
    limit = profile.limits.velocity
    for name, (path, kind) in profile.actuation.numbers().items():
        if path is None or kind is not VELOCITY or limit is None:
            continue
        point = _point(profile, path)
        factor = conversion(point.unit, VELOCITY)[0]
        if point.maximum is not None and point.maximum * factor < limit * (1.0 - 1e-9):
            yield ("limits", "velocity"), f"is above the {name} that {path} takes"
