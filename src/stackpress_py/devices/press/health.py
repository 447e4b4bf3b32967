"""What an operator should know of a press's devices and sensors; pure."""

import datetime
from collections.abc import Iterator, Mapping

from stackpress_py.devices.device.point import Write
from stackpress_py.devices.press.bus_loop import DeviceState
from stackpress_py.devices.press.buses import SerialBus
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.probe.latency_timer import why_slow

#: Part of a memory's endurance after which its wear is worth a warning.
WORTH_A_WARNING = 0.5
#: Writes that a memory survives where the manual does not say.
USUAL_ENDURANCE = 100_000
#: Days before its expiry from which a calibration is worth a warning.
SOON = 30


def device_health(states: Mapping[str, DeviceState]) -> dict[str, str]:
    """Return one sentence for each device."""
    return {
        name: state.problem or "; ".join(state.not_taken) or "answers"
        for name, state in states.items()
    }


def slow_ports(profile: PressProfile, ports: Mapping[str, str]) -> Iterator[str]:
    """Yield one sentence for each serial port whose adapter holds bytes back.

    Args:
        profile: of the press.
        ports: by the names of buses, instead of the profile's.
    """
    for name, bus in profile.buses.items():
        if isinstance(bus, SerialBus):
            rate = profile.cycle.rate if name == profile.cycle.bus else 0.0
            problem = why_slow(ports.get(name, bus.port), rate)
            if problem:
                yield problem


def unproved(profile: PressProfile) -> str:
    """Return which profiles no hardware has proved yet, one sentence; empty: all are proved."""
    levels = {f"press {profile.press}": profile.verification.level}
    levels |= {kind.device: kind.verification.level for kind in profile.device_profiles.values()}
    found = [f"{name} ({level})" for name, level in levels.items() if level != "hardware_verified"]
    return f"not proved on hardware yet: {', '.join(found)}" if found else ""


def wear(profile: PressProfile, writes: Mapping[str, int]) -> dict[str, str]:
    """Return how far each memory that wears out has been used since the driver's start.

    Args:
        profile: of the press.
        writes: numbers of writes by ``device.point``.
    """
    return {
        path: f"{writes[path]} of {write.endurance} writes"
        if write.endurance
        else f"{writes[path]} writes"
        for path, write in _wearing(profile, writes)
    }


def worn(profile: PressProfile, writes: Mapping[str, int]) -> Iterator[str]:
    """Yield one sentence for each memory that is worn out soon."""
    for path, write in _wearing(profile, writes):
        count, limit = writes[path], write.endurance or USUAL_ENDURANCE
        if count > WORTH_A_WARNING * limit:
            yield f"{path} was written {count} times; its memory survives {limit}"


def _wearing(profile: PressProfile, writes: Mapping[str, int]) -> Iterator[tuple[str, Write]]:
    """Yield the points that were written to a memory that wears out."""
    for path in writes:
        device, _, name = path.partition(".")
        write = profile.device_profiles[device].all_points()[name].write
        if write is not None and write.memory == "eeprom":
            yield path, write


def calibration_problems(profile: PressProfile, today: datetime.date) -> Iterator[str]:
    """Yield one sentence for each force sensor without a valid calibration."""
    for sensor in profile.force_sensors:
        calibration = sensor.calibration
        if calibration is None:
            yield f"{sensor.name} has no calibration on record: add one to profile {profile.press}"
        elif today > calibration.expires:
            yield (
                f"the calibration of {sensor.name} expired on {calibration.expires}"
                f" ({calibration.certificate}): have it calibrated"
            )
        elif (calibration.expires - today).days <= SOON:
            yield f"the calibration of {sensor.name} expires on {calibration.expires}"
