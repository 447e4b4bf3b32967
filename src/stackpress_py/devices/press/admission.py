"""Whether a press takes a command: its kind, and the limits of the profile; pure."""

from stackpress_py.devices.press.command import ForceTarget, Heat, Motion, PumpAndValve, Velocity
from stackpress_py.devices.press.profile import PressProfile


def why_no_motion(profile: PressProfile, motion: Motion) -> str:
    """Return why a press cannot make a motion; empty: it can."""
    limits, by = profile.limits, profile.actuation.by
    name = "the actuator command"
    if isinstance(motion, Velocity) and by in ("velocity", "travel"):
        limit = limits.velocity or 0.0
        if abs(motion.velocity) <= limit:
            return ""
        return f"{name} asks for {motion.velocity} m/s; allowed are -{limit:g} to {limit:g} m/s"
    if isinstance(motion, ForceTarget) and by == "force":
        if 0.0 <= motion.force <= limits.force and 0.0 < motion.rate <= limits.force_rate:
            return ""
        return (
            f"{name} asks for {motion.force} N at {motion.rate} N/s; allowed are 0 to"
            f" {limits.force:g} N at up to {limits.force_rate:g} N/s"
        )
    if isinstance(motion, PumpAndValve) and by == "pump_and_valve":
        if 0.0 <= motion.pump <= 1.0 and 0.0 <= motion.valve <= 1.0:
            return ""
        return f"{name} asks for pump {motion.pump} and valve {motion.valve}; allowed are 0 to 1"
    return f"{name} is of another kind than this press takes, which is moved by {by}"


def why_no_heat(profile: PressProfile, heat: Heat) -> str:
    """Return why a press cannot heat so; empty: it can."""
    by, limits = profile.heating.by, profile.limits.heat
    if limits is None:
        return "the heater command is refused: this press does not heat"
    low, high = (-1.0, 1.0) if by == "power" else (limits.coolest, limits.temperature)
    for platen, number in (("upper", heat.upper), ("lower", heat.lower)):
        if not low <= number <= high:
            return f"the heater command asks for {platen} {number}; allowed are {low:g} to {high:g}"
    return ""
