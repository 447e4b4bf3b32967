"""What a recipe may ask of a press, as its profile tells: one answer for the sequencer and offline."""

import math

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.machine.stack import compliance_of
from stackpress_py.recipes.check import ForceRange, MachineLimits

#: s in which a press is unloaded from its full force where nobody has given a rate.
RELEASE_TIME = 100.0


def why_no_handover(profile: PressProfile) -> str:
    """Return why no robot may be let into a press, or an empty text."""
    signals, commands = profile.signals, profile.commands
    if commands.lock is None or commands.unlock is None or signals.ram_locked is None:
        return (
            "this press has no lock of its own (commands.lock, commands.unlock and"
            " signals.ram_locked of its profile): it takes no handover"
        )
    if signals.position is None and signals.at_open_limit is None:
        return (
            "this press cannot tell that it is open (signals.position or signals.at_open_limit of"
            " its profile): it takes no handover"
        )
    return ""


def release_rate(profile: PressProfile, asked: float) -> float:
    """Return the rate (N/s) at which a press is unloaded where nobody has given one.

    Args:
        profile: of the press.
        asked: N/s, for presses that have forces; the pressure of an isostatic one goes by its range.
    """
    if not profile.isostatic:
        return asked
    return min(profile.limits.force_rate, profile.limits.force / RELEASE_TIME)


def recipe_limits(profile: PressProfile) -> MachineLimits:
    """Return what a recipe may ask of a press.

    Raises:
        DocumentError: its tuning file cannot be used.
    """
    limits, sensors, heat = profile.limits, profile.force_sensors, profile.limits.heat
    # Beyond the begin of the blend a smaller sensor no longer speaks for itself.
    ends = [sensor.range * profile.fusion.blend_from for sensor in sensors[:-1]]
    ends.append(sensors[-1].range)
    return MachineLimits(
        force=limits.force,
        force_rate=limits.force_rate,
        isostatic=profile.isostatic,
        heats=heat is not None,
        temperature=math.inf if heat is None else heat.temperature,
        coolest=-math.inf if heat is None else heat.coolest,
        heating_rate=math.inf if heat is None else heat.heating_rate,
        cooling_rate=math.inf if heat is None else heat.cooling_rate,
        temperature_uncertainty=0.0 if heat is None else heat.uncertainty,
        ranges=tuple(
            ForceRange(end, sensor.uncertainty) for end, sensor in zip(ends, sensors, strict=True)
        ),
        tells_height=compliance_of(profile) is not None,
        approach_time=limits.stroke_time,
        opening_time=limits.stroke_time,
    )
