"""What a recipe may ask of a press, as its profile tells: one answer for the sequencer and offline."""

from stackpress_py.devices.profile import PressProfile
from stackpress_py.recipes.check import ForceRange, MachineLimits


def recipe_limits(profile: PressProfile) -> MachineLimits:
    """Return what a recipe may ask of a press."""
    limits, sensors = profile.limits, profile.force_sensors
    # Beyond the begin of the blend a smaller sensor no longer speaks for itself.
    ends = [sensor.range * profile.fusion.blend_from for sensor in sensors[:-1]]
    ends.append(sensors[-1].range)
    return MachineLimits(
        force=limits.force,
        force_rate=limits.force_rate,
        temperature=limits.temperature,
        coolest=limits.coolest,
        heating_rate=limits.heating_rate,
        cooling_rate=limits.cooling_rate,
        temperature_uncertainty=limits.temperature_uncertainty,
        ranges=tuple(
            ForceRange(end, sensor.uncertainty) for end, sensor in zip(ends, sensors, strict=True)
        ),
        approach_time=limits.travel / limits.velocity,
        opening_time=limits.travel / limits.velocity,
    )
