"""The control laws that a press needs, as its profile tells."""

import math

from stackpress_py.control.by_hand import ByHandLaw
from stackpress_py.control.force import ForceController
from stackpress_py.control.force_setpoint import ForceSetpointLaw
from stackpress_py.control.law import PressFacts, PressureLaw
from stackpress_py.control.pump_and_valve import PumpAndValveLaw
from stackpress_py.control.thermal import ThermalController
from stackpress_py.control.thermal_law import ThermalLaw
from stackpress_py.control.thermal_setpoint import SetpointLimits, ThermalSetpointLaw
from stackpress_py.control.tuning import load_tuning
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.press.actuation import ByPumpAndValve, HeatBySetpoint
from stackpress_py.devices.press.paths import place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import FRACTION, TEMPERATURE, conversion

#: m; a ram up to here counts as open, where the press has no limit switch for it.
OPEN_POSITION = 1e-3
#: Smallest step of a fraction that is told as a floating-point number.
FINEST_FRACTION = 1e-6
#: K, smallest step of a set-point; and of one that is kept in a memory that wears out.
LEAST_STEP = 0.1
LEAST_STEP_EEPROM = 1.0


def contact_force(profile: PressProfile) -> float:
    """Return the force (N) above which something is in contact: what the finest sensor can tell for sure."""
    return 2.0 * profile.force_sensors[0].uncertainty + 2.0


def pressure_law(profile: PressProfile) -> PressureLaw:
    """Return the law of pressure of a press.

    Raises:
        DocumentError: it needs a tuning, and that is missing or wrong.
    """
    means, by = profile.actuation, profile.actuation.by
    if by in ("velocity", "travel"):
        return ForceController(load_tuning(profile.tuning_path).force)
    steps = (1.0, 1.0)
    if isinstance(means, ByPumpAndValve):
        steps = _fraction_step(profile, means.pump), _fraction_step(profile, means.valve)
    facts = PressFacts(
        force_limit=profile.limits.force,
        force_rate=profile.limits.force_rate,
        contact_force=contact_force(profile),
        opening_time=profile.limits.stroke_time,
        period=1.0 / profile.cycle.rate,
        pump_step=steps[0],
        valve_step=steps[1],
    )
    if by == "force":
        return ForceSetpointLaw(facts)
    if by != "pump_and_valve":
        return ByHandLaw(facts)
    known = None if profile.tuning is None else load_tuning(profile.tuning_path).hydraulic
    return PumpAndValveLaw(facts, known)


def _fraction_step(profile: PressProfile, path: str) -> float:
    """Return the smallest step (0..1) of what a pump or a valve can be told; 1: it is a bit."""
    where = place(path)
    if "." in where.path:
        return 1.0
    point = profile.device_profiles[where.device].all_points()[where.path]
    return FINEST_FRACTION if point.is_float else point.scale * conversion(point.unit, FRACTION)[0]


def is_open(profile: PressProfile, at_open_limit: bool, position: float) -> bool | None:
    """Return whether a press is open by its own word; None: it cannot tell.

    Args:
        profile: of the press.
        at_open_limit: its limit switch says so.
        position: m, of its ram; NaN: not known.
    """
    if profile.signals.at_open_limit is not None:
        return at_open_limit
    return None if profile.signals.position is None else position <= OPEN_POSITION


def temperature_laws(profile: PressProfile) -> tuple[ThermalLaw, ThermalLaw]:
    """Return the laws of the upper and the lower platen; those of a press that does not heat stay idle.

    Raises:
        DocumentError: they need a tuning, and that is missing or wrong.
    """
    if profile.heating.by == "power":
        tuning = load_tuning(profile.tuning_path)
        return ThermalController(tuning.upper_platen), ThermalController(tuning.lower_platen)
    heat, step = profile.limits.heat, _step(profile)
    if heat is None:
        limits = SetpointLimits(-math.inf, math.inf, step)
    else:
        limits = SetpointLimits(heat.coolest, heat.temperature, step)
    return ThermalSetpointLaw(limits), ThermalSetpointLaw(limits)


def _step(profile: PressProfile) -> float:
    """Return the smallest change (K) of a set-point that is worth a write."""
    means = profile.heating
    if not isinstance(means, HeatBySetpoint):
        return LEAST_STEP
    points = [_point(profile, path) for path in (means.upper, means.lower)]
    return max(_step_of(point) for point in points)


def _point(profile: PressProfile, path: str) -> Point:
    where = place(path)
    return profile.device_profiles[where.device].all_points()[where.path]


def _step_of(point: Point) -> float:
    write = point.write
    if write is None:
        return LEAST_STEP
    least = LEAST_STEP_EEPROM if write.memory == "eeprom" else LEAST_STEP
    factor = conversion(point.unit, TEMPERATURE)[0]
    return max(least, write.step * factor)
