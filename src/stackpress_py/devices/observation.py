"""From one bus cycle to what the interlocks judge; pure."""

import math
from collections.abc import Sequence

from stackpress_py.devices.interlocks import Observation
from stackpress_py.devices.press_map import PressCommand, Reading
from stackpress_py.devices.profile import PressProfile
from stackpress_py.devices.ranges import FusedForce


def observe(
    profile: PressProfile, reading: Reading, force: FusedForce, sent: PressCommand
) -> Observation:
    """Return what the interlocks judge of a cycle in which the press answered.

    Args:
        profile: of the press.
        reading: the press's answer.
        force: fused from it.
        sent: the command that the press has confirmed in this cycle.
    """
    platens = _platens(profile, reading)
    return Observation(
        connected=True,
        enabled=reading.motion_enabled or sent.velocity is not None,
        velocity=sent.velocity or 0.0,
        force=force.force,
        beyond_range=force.beyond_range,
        position=reading.position,
        temperatures=tuple(platens.values()),
        guard_closed=reading.guard_closed,
        estop_released=reading.estop_released,
        at_open_limit=reading.at_open_limit,
        at_closed_limit=reading.at_closed_limit,
        broken=_broken(profile, reading, force, platens),
        faults=profile.fault_names(reading.faults),
    )


def _platens(profile: PressProfile, reading: Reading) -> dict[str, float]:
    """Return the temperatures (degC) of the platens that have a sensor."""
    table = (
        ("upper_temperature", profile.read.upper_temperature, reading.upper_temperature),
        ("lower_temperature", profile.read.lower_temperature, reading.lower_temperature),
    )
    return {name: value for name, register, value in table if register is not None}


def _broken(
    profile: PressProfile, reading: Reading, force: FusedForce, platens: dict[str, float]
) -> Sequence[str]:
    values = dict(
        zip((sensor.name for sensor in profile.force_sensors), force.sensors, strict=True)
    )
    values["position"] = reading.position
    values.update(platens)
    broken = [f"{name} is not known" for name, value in values.items() if math.isnan(value)]
    return [*broken, force.disagreement] if force.disagreement else broken
