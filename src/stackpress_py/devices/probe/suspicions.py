"""What is wrong with a device's values, or looks as if it were; pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackpress_py.devices.device.decoding import Decoder, Raws
from stackpress_py.devices.device.modbus_profile import ModbusProfile
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import ModbusPoint
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.steps import Check
from stackpress_py.devices.device.words import Raw, RegisterType, WordOrder, decode, encode
from stackpress_py.devices.device.writing import same
from stackpress_py.quantities import (
    FORCE,
    LENGTH,
    PRESSURE,
    TEMPERATURE,
    VELOCITY,
    Kind,
    conversion,
    kind_of_unit,
)

#: SI values beyond which no press is.
_PLAUSIBLE: Mapping[Kind, tuple[float, float]] = {
    TEMPERATURE: (-273.15, 2500.0),
    FORCE: (-1e8, 1e8),
    PRESSURE: (-1e11, 1e11),
    LENGTH: (-1e3, 1e3),
    VELOCITY: (-1e3, 1e3),
}
_OTHERWISE = (-1e12, 1e12)
#: Raw floats nearer to zero than this are parts of other numbers.
_TINY = 1e-15
#: degC: rooms, if the number means degrees Fahrenheit.
_ROOM_IN_FAHRENHEIT = (60.0, 95.0)
_WORD = 0x10000
#: So many zeros are no accident.
_SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Attributes:
        text: one sentence: what, where, what to do.
        wrong: it is wrong; else it only may be.
    """

    text: str
    wrong: bool = True


def findings(
    profile: DeviceProfile, decoder: Decoder, raws: Raws, values: Mapping[str, float]
) -> tuple[Finding, ...]:
    """Return what there is to look at.

    Args:
        profile: of the device.
        decoder: of all its readable values.
        raws: that were read.
        values: in SI, by their paths.
    """
    found = list(_identity(profile, decoder, raws))
    found += [
        Finding(f"the device reports the fault {path}")
        for path in profile.faults
        if values.get(path) == 1.0
    ]
    points = profile.all_points()
    if all_zero(profile, raws):
        found.append(
            Finding("every value is 0: these are not its registers, or the device measures nothing")
        )
    for name, raw in raws.items():
        value = values.get(name, math.nan)
        order = _order(name, points[name], profile, raw)
        if text := order or _beyond(name, points[name], raw, value):
            found.append(Finding(text))
    if not _celsius_is_checked(profile, decoder, raws):
        found += _fahrenheit(points, values)
    return tuple(found)


# ---- identity --------------------------------------------------------------------------------------


def _identity(profile: DeviceProfile, decoder: Decoder, raws: Raws) -> Iterator[Finding]:
    checked = {check.point for check in profile.checks}
    for name, point in profile.all_points().items():
        if name in checked or name not in raws or point.equals is None:
            continue
        expected = point.equals if point.field else point.as_read(point.equals)
        if (whole := decoder.whole(name, raws)) != expected:
            yield Finding(
                f"{name} is {whole}, and this profile is for {expected}: set the device up, or"
                " choose another profile"
            )
    for check in profile.checks:
        if check.point not in raws or passes(check, profile, decoder, raws):
            continue
        why = f" ({check.why})" if check.why else ""
        wanted = f"'{check.text}'" if check.text is not None else f"{check.raw}"
        raw = raws[check.point]
        found = f"'{raw}'" if isinstance(raw, str) else decoder.whole(check.point, raws)
        todo = (
            "the driver sets it at its start; until then read the values with care"
            if check.set
            else "choose another profile, or set the device up"
        )
        yield Finding(f"{check.point} is {found} and should be {wanted}{why}: {todo}")


def passes(check: Check, profile: DeviceProfile, decoder: Decoder, raws: Raws) -> bool:
    """Return True if the device says of itself what a check asks for; its point was read."""
    found = raws[check.point]
    if check.text is not None:
        return isinstance(found, str) and found.startswith(check.text)
    number = decoder.whole(check.point, raws)
    wanted = profile.all_points()[check.point].as_read(check.raw or 0)
    return number is not None and same(number, wanted)


def all_zero(profile: DeviceProfile, raws: Raws) -> bool:
    """Return True if so many zeros were read that they are no values."""
    if profile.protocol == "ascii":
        return False  # a line that matches is one
    numbers = [raw for raw in raws.values() if isinstance(raw, int | float)]
    return len(numbers) >= _SEVERAL and not any(numbers)


# ---- word order and size ---------------------------------------------------------------------------


def _order(name: str, point: Point, profile: DeviceProfile, raw: Raw) -> str:
    """Return what speaks for the other word order; empty: nothing."""
    if not isinstance(point, ModbusPoint) or not isinstance(profile, ModbusProfile):
        return ""
    if point.size < 2 or point.is_text or point.bits or not isinstance(raw, int | float):
        return ""
    words = encode(raw, point.type, WordOrder.HIGH_FIRST)
    other = decode(words, point.type, WordOrder.LOW_FIRST)
    if not isinstance(other, int | float):
        return ""
    swapped = _swapped_float(point, raw, other) if point.is_float else _swapped_whole(raw, other)
    if not swapped:
        return ""
    present = point.word_order or profile.modbus.word_order
    wanted = (
        WordOrder.LOW_FIRST if present is WordOrder.HIGH_FIRST else WordOrder.HIGH_FIRST
    ).value
    return (
        f"{name} reads {raw:.6g}; with the words the other way round it would be"
        f" {other * point.scale:.6g}{_unit(point)}: this looks like `word_order: {wanted}`"
    )


def _swapped_float(point: ModbusPoint, raw: float, other: float) -> bool:
    return not _sensible(point, raw) and other != 0.0 and _sensible(point, other)


def _sensible(point: ModbusPoint, raw: float) -> bool:
    if not math.isfinite(raw) or 0.0 < abs(raw) < _TINY:
        return False
    kind = kind_of_unit(point.unit)
    factor, zero = conversion(point.unit, kind)
    low, high = _PLAUSIBLE.get(kind, _OTHERWISE)
    return low <= raw * point.scale * factor + zero <= high


def _swapped_whole(raw: int | float, other: int | float) -> bool:
    """Return True for a small number whose words were exchanged: a multiple of 65536, or nearly."""
    number = int(raw)
    return abs(number) >= _WORD and number % _WORD in (0, _WORD - 1) and abs(other) < _WORD


def _beyond(name: str, point: Point, raw: Raw, value: float) -> str:
    """Return why a value cannot be true; empty: it can."""
    kind = kind_of_unit(point.unit)
    if kind not in _PLAUSIBLE or not math.isfinite(value):
        return ""
    low, high = _PLAUSIBLE[kind]
    if low <= value <= high:
        return ""
    hint = "look at `type`, `scale` and `unit`"
    unsigned = isinstance(point, ModbusPoint) and point.type is RegisterType.U16
    if unsigned and isinstance(raw, int) and raw >= _WORD // 2:
        hint = f"as `type: i16` its raw value would be {raw - _WORD}"
    return f"{name} reads {raw}, beyond anything that {kind.name} can be here: {hint}"


# ---- Fahrenheit ------------------------------------------------------------------------------------


def _celsius_is_checked(profile: DeviceProfile, decoder: Decoder, raws: Raws) -> bool:
    return any(
        "elsius" in check.why and check.point in raws and passes(check, profile, decoder, raws)
        for check in profile.checks
    )


def _fahrenheit(points: Mapping[str, Point], values: Mapping[str, float]) -> Iterator[Finding]:
    low, high = _ROOM_IN_FAHRENHEIT
    for name, point in points.items():
        value = values.get(name, math.nan)
        # Nobody knows what a set-point should be.
        target = point.write is not None or "target" in name
        if not target and kind_of_unit(point.unit) is TEMPERATURE and low <= value <= high:
            room = (value - 32.0) / 1.8
            yield Finding(
                f"{name} is {value:.4g} degC; if the device is at room temperature it may tell"
                f" degrees Fahrenheit ({value:.4g} degF are {room:.3g} degC): compare with its"
                " display",
                wrong=False,
            )


def _unit(point: Point) -> str:
    return f" {point.unit}" if point.unit else ""
