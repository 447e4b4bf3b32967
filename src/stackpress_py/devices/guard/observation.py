"""From one bus cycle to what the interlocks judge; pure."""

import math
from collections.abc import Sequence

from stackpress_py.devices.guard.interlocks import Observation
from stackpress_py.devices.guard.ranges import FusedForce
from stackpress_py.devices.press.command import PressCommand
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import Reading


def observe(
    profile: PressProfile, reading: Reading, force: FusedForce, sent: PressCommand, overdue: float
) -> Observation:
    """Return what the interlocks judge of a cycle in which the press answered.

    Args:
        profile: of the press.
        reading: the press's answer.
        force: fused from it.
        sent: the command that was written in this cycle.
        overdue: s for which a command that had been acting is missing.
    """
    platens = _platens(profile, reading)
    return Observation(
        connected=True,
        enabled=reading.motion_enabled or sent.motion is not None,
        velocity=sent.velocity,
        force=force.force,
        beyond_range=force.beyond_range,
        position=reading.position,
        oil_pressure=reading.oil_pressure,
        temperatures=tuple(platens.values()),
        guard_closed=reading.guard_closed,
        # A chain of which nothing is heard is no open chain: the device that is missing trips itself.
        estop_released=reading.estop_released or bool(reading.missing),
        at_open_limit=reading.at_open_limit,
        at_closed_limit=reading.at_closed_limit,
        broken=_broken(profile, reading, force, platens),
        not_taken=reading.not_taken,
        faults=reading.faults,
        overdue=overdue,
    )


def _platens(profile: PressProfile, reading: Reading) -> dict[str, float]:
    """Return the temperatures (degC) of the platens that have a sensor."""
    table = (
        ("upper_temperature", profile.signals.upper_temperature, reading.upper_temperature),
        ("lower_temperature", profile.signals.lower_temperature, reading.lower_temperature),
    )
    return {name: value for name, path, value in table if path is not None}


def _broken(
    profile: PressProfile, reading: Reading, force: FusedForce, platens: dict[str, float]
) -> Sequence[str]:
    values = {
        sensor.name: value
        for sensor, value in zip(profile.force_sensors, force.sensors, strict=True)
        # A small cell may say nothing while it is overloaded: a larger one tells that it is.
        if not abs(force.force) > profile.fusion.blend_to * sensor.range
    }
    signals = profile.signals
    if signals.position is not None:
        values["position"] = reading.position
    if signals.oil_pressure is not None:
        values["oil_pressure"] = reading.oil_pressure
    values.update(platens)
    broken = [f"{name} is not known" for name, value in values.items() if math.isnan(value)]
    broken += reading.missing
    return [*broken, force.disagreement] if force.disagreement else broken
