"""Between the values of a press's devices and one reading, one command; pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from stackpress_py.devices.device.device import Wish
from stackpress_py.devices.press.actuation import ByTravel
from stackpress_py.devices.press.admission import why_no_motion
from stackpress_py.devices.press.command import (
    ForceTarget,
    Levels,
    Motion,
    PressCommand,
    PumpAndValve,
)
from stackpress_py.devices.press.loads import ISOSTATIC_AREA
from stackpress_py.devices.press.paths import Place, place
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import Reading
from stackpress_py.devices.press.sensors import ForceSensor
from stackpress_py.quantities import (
    PRESSURE,
    VELOCITY,
    Kind,
    conversion,
    format_quantity,
    kind_of_unit,
)

#: Values of the devices by the devices' names; a device that is not known now is left out.
Values = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where a force sensor's reading is, and what makes it a force: N = reading * factor."""

    place: Place
    factor: float


class Wiring:
    """What the values of a press's devices mean, after its profile.

    Args:
        profile: of the press.
    """

    def __init__(self, profile: PressProfile) -> None:
        self._profile = profile
        signals = profile.signals
        self._numbers = {
            name: place(path) for name, (path, _) in signals.numbers().items() if path is not None
        }
        self._flags = {
            name: place(path) for name, path in signals.flags().items() if path is not None
        }
        self._cells = tuple(
            _Cell(place(sensor.source), self._factor(sensor)) for sensor in profile.force_sensors
        )
        alone = sum(bool(device.faults) for device in profile.device_profiles.values()) == 1
        self._faults = tuple(
            (Place(name, path), path.rpartition(".")[2] if alone else f"{name}.{path}")
            for name, device in profile.device_profiles.items()
            for path in device.faults
        )
        self._levels = {name: path for name, path in profile.commands.named().items() if path}
        self._moves = {place(path).device for path in profile.actuation.places()}
        self._heats = {place(path).device for path in profile.heating.places()}

    def _factor(self, sensor: ForceSensor) -> float:
        where = place(sensor.source)
        own = self._profile.device_profiles[where.device].all_points()[where.path].unit
        kind = kind_of_unit(sensor.unit or own)
        # The device's own unit is in its values already.
        factor = conversion(sensor.unit, kind)[0] if sensor.unit else 1.0
        if kind is not PRESSURE:
            return factor
        return factor * (ISOSTATIC_AREA if sensor.area is None else sensor.area)

    @property
    def fault_names(self) -> tuple[str, ...]:
        """Names of all faults that the devices can report."""
        return tuple(name for _, name in self._faults)

    # ---- read ------------------------------------------------------------------------------------

    def reading(
        self, values: Values, missing: tuple[str, ...] = (), not_taken: tuple[str, ...] = ()
    ) -> Reading:
        """Return what the press measures.

        Args:
            values: of the devices that are known now.
            missing: one sentence for each device that does not answer.
            not_taken: one sentence for each value that was written and is not held.
        """

        def number(name: str) -> float:
            return _value(values, self._numbers.get(name))

        return Reading(
            forces=tuple(_value(values, cell.place) * cell.factor for cell in self._cells),
            position=number("position"),
            velocity=number("velocity"),
            upper_temperature=number("upper_temperature"),
            lower_temperature=number("lower_temperature"),
            frame_temperature=number("frame_temperature"),
            upper_output=number("upper_output"),
            lower_output=number("lower_output"),
            oil_pressure=number("oil_pressure"),
            chamber_pressure=number("chamber_pressure"),
            motion_enabled=self._flag(values, "motion_enabled", absent=False, unknown=True),
            guard_closed=self._flag(values, "guard_closed", absent=True, unknown=False),
            estop_released=self._flag(values, "estop_released", absent=True, unknown=False),
            at_open_limit=self._flag(values, "at_open_limit", absent=False, unknown=False),
            at_closed_limit=self._flag(values, "at_closed_limit", absent=False, unknown=True),
            part_present=self._flag(values, "part_present", absent=False, unknown=False),
            ram_locked=self._flag(values, "ram_locked", absent=False, unknown=True),
            heating_enabled=self._flag(values, "heating_enabled", absent=False, unknown=True),
            faults=tuple(name for where, name in self._faults if _value(values, where) == 1.0),
            missing=missing,
            not_taken=not_taken,
        )

    def _flag(self, values: Values, name: str, absent: bool, unknown: bool) -> bool:
        """Return a state; one that the press does not have, or that is not known now, as given."""
        where = self._flags.get(name)
        if where is None:
            return absent
        value = _value(values, where)
        if math.isnan(value):
            return unknown
        return (value != 0.0) is not where.negated

    def why_weaker(self, values: Values) -> str:
        """Return how what the devices tell of their own limits contradicts the profile, or empty."""
        profile = self._profile
        limits, trips, dogs = profile.limits, profile.trips, profile.watchdogs
        ours: dict[str, float | None] = {
            "force_limit": trips.force,
            "travel": limits.travel,
            "velocity_limit": limits.velocity,
            "temperature_limit": trips.temperature,
            "watchdog_time": dogs.device,
        }
        for name, (path, kind) in profile.own_limits.named().items():
            number = ours[name]
            if path is None or number is None:
                continue
            own, sign = _value(values, place(path)), -1 if name == "watchdog_time" else 1
            # The tolerance is for single precision.
            if not sign * (own - number) >= -1e-6 * abs(number):
                return _weaker(name, own, number, kind, profile.press)
        return ""

    # ---- write -----------------------------------------------------------------------------------

    def wishes(self, command: PressCommand) -> dict[str, Wish]:
        """Return what each device shall do.

        Raises:
            ValueError: a number is not finite or beyond the press's limits, and is not clipped.
        """
        active = dict.fromkeys(self._profile.devices, False)
        values: dict[str, dict[str, float]] = {name: {} for name in self._profile.devices}
        if command.motion is not None:
            moves = self._move(command.motion)
            _put(values, moves)
            active |= {name: bool(moves) for name in self._moves}
        if command.heat is not None:
            upper, lower = command.heat.upper, command.heat.lower
            _put(values, _given(self._profile.heating.numbers(), {"upper": upper, "lower": lower}))
            _put(values, _enabled(self._profile.heating.bits()))
            active |= dict.fromkeys(self._heats, True)
        for name, level in (
            ("reset", command.levels.reset),
            ("lock", command.levels.lock),
            ("unlock", command.levels.unlock),
        ):
            if name in self._levels:
                _put(values, {self._levels[name]: float(level)})
        return {name: Wish(values[name], active[name]) for name in values}

    def confirmed(self, wishes: Mapping[str, Wish]) -> Levels:
        """Return the levels in the wishes that the devices have confirmed."""

        def level(name: str) -> bool:
            path = self._levels.get(name)
            if path is None:
                return False
            where = place(path)
            wish = wishes.get(where.device)
            return wish is not None and wish.values.get(where.path, 0.0) != 0.0

        return Levels(level("reset"), level("lock"), level("unlock"))

    def _move(self, motion: Motion) -> dict[str, float]:
        """Return the values, by their paths, that make a motion; none at all: stand still."""
        if problem := why_no_motion(self._profile, motion):
            raise ValueError(problem)
        means, travel = self._profile.actuation, self._profile.limits.travel or 0.0
        if isinstance(motion, ForceTarget):
            numbers = {"force": motion.force, "rate": motion.rate}
        elif isinstance(motion, PumpAndValve):
            numbers = {"pump": motion.pump, "valve": motion.valve}
        elif isinstance(means, ByTravel):
            speed = self._speed(means, abs(motion.velocity))
            if speed == 0.0:
                return {}
            numbers = {"position": travel if motion.velocity > 0.0 else 0.0, "speed": speed}
        else:
            numbers = {"velocity": motion.velocity}
        return {**_given(means.numbers(), numbers), **_enabled(means.bits())}

    def _speed(self, means: ByTravel, speed: float) -> float:
        """Return a speed (m/s) that the positioner knows: its slowest one, or none, if it is below."""
        where = place(means.speed)
        point = self._profile.device_profiles[where.device].all_points()[where.path]
        slowest = (point.minimum or 0.0) * conversion(point.unit, VELOCITY)[0]
        if speed >= slowest:
            return speed
        return slowest if speed >= 0.5 * slowest else 0.0


def _value(values: Values, where: Place | None) -> float:
    if where is None or where.device not in values:
        return math.nan
    return values[where.device].get(where.path, math.nan)


def _given(
    targets: Mapping[str, tuple[str | None, Kind]], numbers: Mapping[str, float]
) -> dict[str, float]:
    """Return numbers by the paths that they are written to."""
    found: dict[str, float] = {}
    for name, number in numbers.items():
        path = targets[name][0]
        if path is not None:
            found[path] = number
    return found


def _enabled(bits: Mapping[str, str | None]) -> dict[str, float]:
    return {path: 1.0 for path in bits.values() if path is not None}


def _put(values: dict[str, dict[str, float]], numbers: Mapping[str, float]) -> None:
    for path, number in numbers.items():
        where = place(path)
        values[where.device][where.path] = number


def _weaker(name: str, own: float, ours: float, kind: Kind, press: str) -> str:
    relation = "less" if name == "watchdog_time" else "more"
    return (
        f"the press's own {name.replace('_', ' ')} is {format_quantity(own, kind)}, and the profile"
        f" says {relation}, {format_quantity(ours, kind)}: correct profile {press}"
    )
