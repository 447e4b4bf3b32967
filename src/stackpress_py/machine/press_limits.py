"""What a recipe may ask of a press, as its profile tells: one answer for the sequencer and offline."""

import math

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.recipes.check import ForceRange, MachineLimits


def recipe_limits(profile: PressProfile) -> MachineLimits:
    """Return what a recipe may ask of a press."""
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
        approach_time=limits.stroke_time,
        opening_time=limits.stroke_time,
    )
