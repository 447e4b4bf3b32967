"""What a press profile and a user's wishes mean for a measurement: what can be measured, and within which limits.

SI units, temperatures in degC.
"""

import math
from dataclasses import dataclass

from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import ModbusPoint
from stackpress_py.devices.press.actuation import ByPumpAndValve, ByTravel, HeatByPower
from stackpress_py.devices.press.paths import place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import (
    VELOCITY,
    Kind,
    conversion,
    format_force,
    format_length,
    format_temperature,
)
from stackpress_py.tune.heat import HeatFacts
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.moves import RamFacts
from stackpress_py.tune.pulses import OilFacts
from stackpress_py.tune.warming import SetpointFacts

#: Parts of the profile's limits that are used where the user says nothing.
FORCE_SHARE, FORCE_RATE_SHARE, HEATING_SHARE = 0.25, 0.5, 0.5
#: degC that is used where the user says nothing.
USUAL_TEMPERATURE = 80.0
#: m before the end of the ram's travel.
END_MARGIN = 1e-3


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user allows; None: what is usual.

    Attributes:
        force, force_rate: N, N/s.
        clear_to: m, ram position up to which surely nothing touches.
        deepest: m, ram position that is not passed.
        temperature, heating_rate: degC, K/s.
    """

    force: float | None = None
    force_rate: float | None = None
    clear_to: float | None = None
    deepest: float | None = None
    temperature: float | None = None
    heating_rate: float | None = None


class LimitError(ValueError):
    """The user allows what the press does not; the message is one sentence."""


def limits(profile: PressProfile, allowed: Allowed) -> Limits:
    """Return what is allowed, inside what the profile allows.

    Raises:
        LimitError: the user allows more than the profile.
    """
    own, heat = profile.limits, profile.limits.heat
    temperature = allowed.temperature
    if temperature is None:
        temperature = (
            USUAL_TEMPERATURE if heat is None else min(USUAL_TEMPERATURE, heat.temperature)
        )
    rate = allowed.heating_rate
    if rate is None:
        rate = 0.0 if heat is None else HEATING_SHARE * heat.heating_rate
    found = Limits(
        force=_given(allowed.force, FORCE_SHARE * own.force),
        force_rate=_given(allowed.force_rate, FORCE_RATE_SHARE * own.force_rate),
        velocity=own.velocity or 0.0,
        clear_to=_given(allowed.clear_to, profile.tare.position_below or 0.0),
        deepest=_given(
            allowed.deepest, math.inf if own.travel is None else own.travel - END_MARGIN
        ),
        temperature=temperature,
        heating_rate=rate,
    )
    _check(profile, found)
    return found


def _given(value: float | None, usual: float) -> float:
    return usual if value is None else value


def _check(profile: PressProfile, found: Limits) -> None:
    own, heat = profile.limits, profile.limits.heat
    if found.force > own.force:
        raise LimitError(
            f"--force is above {format_force(own.force)}, the limit of {profile.press}"
        )
    if found.force_rate > own.force_rate:
        raise LimitError(f"--force-rate is above the limit of {profile.press}")
    if own.travel is not None and not found.clear_to < found.deepest <= own.travel:
        raise LimitError(
            f"--clear-to must be below --deepest, and that at most {format_length(own.travel)}, the travel"
        )
    if heat is not None and found.temperature > heat.temperature:
        allowed = format_temperature(heat.temperature)
        raise LimitError(f"--temperature is above {allowed}, the limit of {profile.press}")
    if heat is not None and found.heating_rate > heat.heating_rate:
        raise LimitError(f"--heating-rate is above the limit of {profile.press}")


def ram_facts(profile: PressProfile, found: Limits) -> RamFacts | None:
    """Return what is known of the ram; None: the program does not move it by velocity."""
    means = profile.actuation
    if means.by not in ("velocity", "travel"):
        return None
    slowest = _least(profile, means.speed, VELOCITY) if isinstance(means, ByTravel) else 0.0
    return RamFacts(found, 1.0 / profile.cycle.rate, slowest)


def oil_facts(profile: PressProfile, found: Limits) -> OilFacts | None:
    """Return what is known of pump and valve; None: the press has none that the program moves."""
    means = profile.actuation
    if not isinstance(means, ByPumpAndValve):
        return None
    return OilFacts(
        limits=found,
        period=1.0 / profile.cycle.rate,
        pump_bit=_is_bit(profile, means.pump),
        valve_bit=_is_bit(profile, means.valve),
        fastest_rise=profile.trips.force_rate,
        closing_time=profile.limits.stroke_time,
    )


def heat_facts(profile: PressProfile, found: Limits) -> HeatFacts | SetpointFacts | None:
    """Return what is known of the platens; None: the press does not heat."""
    means, heat = profile.heating, profile.limits.heat
    if heat is None:
        return None
    if not isinstance(means, HeatByPower):
        return SetpointFacts(found, heat.uncertainty, heat.coolest)
    points = [_point(profile, path) for path in (means.upper, means.lower)]
    cools = all(point.minimum is None or point.minimum < 0.0 for point in points)
    cooling = heat.cooling_rate if cools else 0.0
    return HeatFacts(found, heat.uncertainty, heat.heating_rate, cooling)


def _least(profile: PressProfile, path: str, kind: Kind) -> float:
    point = _point(profile, path)
    return (point.minimum or 0.0) * conversion(point.unit, kind)[0]


def _is_bit(profile: PressProfile, path: str) -> bool:
    where = place(path)
    if "." in where.path:
        return True
    point = _point(profile, path)
    return isinstance(point, ModbusPoint) and point.is_bit


def _point(profile: PressProfile, path: str) -> Point:
    where = place(path)
    return profile.device_profiles[where.device].all_points()[where.path]
