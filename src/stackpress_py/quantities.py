"""Quantities as people write them, ``"74 MPa"``, and as the program computes with them, SI floats.

A quantity in a file or on the command line is a text with a unit; a bare number is refused, because
nobody can tell what it means. Inside the program everything is SI without suffix, except that
temperatures are degrees Celsius (as in ``sensor_msgs/Temperature``) and their differences and rates
K and K/s.

The annotated types (``Pressure``, ``Duration``, ...) are floats for the type checker; in a pydantic
model they take text with a unit, and ``model_dump(mode="json")`` gives it back.
"""

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    import pint

ABSOLUTE_ZERO = -273.15  # degC

#: Units that are understood. pint's own list takes 25 times longer to load at each start, and knows
#: names that only typing errors produce (there `M` is a molarity, `a` a year).
_DEFINITIONS = """
nano- = 1e-9 = n-
micro- = 1e-6 = u-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
hecto- = 1e2 = h-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
meter = [length] = m = metre
second = [time] = s = sec
kilogram = [mass] = kg
gram = 1e-3 * kilogram = g
kelvin = [temperature]; offset: 0 = K
degree_Celsius = kelvin; offset: 273.15 = degC = celsius = degreeC
degree_Fahrenheit = 5 / 9 * kelvin; offset: 255.372222222222222 = degF = fahrenheit = degreeF
percent = 0.01
ppm = 1e-6
minute = 60 * second = min
hour = 60 * minute = h = hr
day = 24 * hour = d
inch = 0.0254 * meter
hertz = 1 / second = Hz
newton = kilogram * meter / second ** 2 = N
kilogram_force = 9.80665 * newton = kgf
pound_force = 4.4482216152605 * newton = lbf
pascal = newton / meter ** 2 = Pa
bar = 1e5 * pascal
psi = 6894.757293168361 * pascal
joule = newton * meter = J
watt = joule / second = W
"""

_LONGEST_TEXT = 60
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(.*)", re.DOTALL | re.ASCII)
_FACTOR = r"[A-Za-zµμ°%]{1,20}(?:(?:\^|\*\*)-?[1-4]|[²³])?"
_UNIT = re.compile(rf"(?:1 ?/ ?)?{_FACTOR}(?: ?[*/·] ?{_FACTOR}){{0,5}}")
_SPELLINGS = {"°": "deg", "%": "percent", "µ": "u", "μ": "u", "·": "*", "²": "**2", "³": "**3"}


class QuantityError(ValueError):
    """A text is not the quantity that is needed; the message says what was found and is allowed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of quantity.

    Attributes:
        name: with its article, as in "a pressure".
        unit: the unit that the program computes in, in pint's words.
        example: what a person could write.
        display: units for people, each with its size in ``unit``, larger ones first.
        offset: True for a point on a scale (degC), False for anything that can be added.
        bare: True if a number without a unit is understood.
    """

    name: str
    unit: str
    example: str
    display: tuple[tuple[str, float], ...]
    offset: bool = False
    bare: bool = False

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Take text with a unit, keep an SI float, give text back in JSON."""
        return core_schema.no_info_before_validator_function(
            lambda found: parse(found, self),
            handler(source),  # a float, with the field's own limits
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: format_quantity(value, self, digits=None), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell editors that the value is a text, and show one."""
        return {"type": ["string", "number"] if self.bare else "string", "examples": [self.example]}


_MINUTE, _HOUR = 60.0, 3600.0
PRESSURE = Kind(
    "a pressure", "Pa", "74 MPa", (("GPa", 1e9), ("MPa", 1e6), ("kPa", 1e3), ("Pa", 1.0))
)
PRESSURE_RATE = Kind(
    "a pressure rate",
    "Pa/s",
    "2 MPa/s",
    (("MPa/s", 1e6), ("kPa/s", 1e3), ("Pa/s", 1.0)),
)
FORCE = Kind("a force", "N", "8.4 kN", (("kN", 1e3), ("N", 1.0), ("mN", 1e-3)))
FORCE_RATE = Kind("a force rate", "N/s", "2 kN/s", (("kN/s", 1e3), ("N/s", 1.0)))
LENGTH = Kind("a length", "m", "12 mm", (("m", 1.0), ("mm", 1e-3), ("um", 1e-6), ("nm", 1e-9)))
AREA = Kind("an area", "m**2", "113 mm^2", (("m^2", 1.0), ("cm^2", 1e-4), ("mm^2", 1e-6)))
MASS = Kind("a mass", "kg", "100 mg", (("kg", 1.0), ("g", 1e-3), ("mg", 1e-6)))
DENSITY = Kind("a density", "kg/m**3", "1.64 g/cm^3", (("g/cm^3", 1e3), ("kg/m^3", 1.0)))
VELOCITY = Kind("a velocity", "m/s", "5 mm/s", (("m/s", 1.0), ("mm/s", 1e-3), ("um/s", 1e-6)))
ACCELERATION = Kind("an acceleration", "m/s**2", "50 mm/s^2", (("m/s^2", 1.0), ("mm/s^2", 1e-3)))
DURATION = Kind(
    "a duration", "s", "3 min", (("h", _HOUR), ("min", _MINUTE), ("s", 1.0), ("ms", 1e-3))
)
FREQUENCY = Kind("a frequency", "Hz", "50 Hz", (("kHz", 1e3), ("Hz", 1.0), ("mHz", 1e-3)))
CHANGE_RATE = Kind("a relative rate of change", "1/s", "0.01 %/min", (("%/min", 0.01 / _MINUTE),))
TEMPERATURE = Kind("a temperature", "degC", "80 degC", (("degC", 1.0),), offset=True)
TEMPERATURE_DIFFERENCE = Kind("a temperature difference", "K", "2 K", (("K", 1.0), ("mK", 1e-3)))
TEMPERATURE_RATE = Kind(
    "a temperature rate", "K/s", "5 K/min", (("K/min", 1 / _MINUTE), ("K/h", 1 / _HOUR))
)
POWER = Kind("a power", "W", "800 W", (("kW", 1e3), ("W", 1.0), ("mW", 1e-3)))
ENERGY = Kind("an energy", "J", "3 kJ", (("MJ", 1e6), ("kJ", 1e3), ("J", 1.0)))
STIFFNESS = Kind("a stiffness", "N/m", "50 kN/mm", (("kN/mm", 1e6), ("N/mm", 1e3), ("N/m", 1.0)))
COMPLIANCE = Kind("a compliance", "m/N", "20 nm/N", (("um/N", 1e-6), ("nm/N", 1e-9)))
HEAT_CAPACITY = Kind("a heat capacity", "J/K", "700 J/K", (("kJ/K", 1e3), ("J/K", 1.0)))
CONDUCTANCE = Kind("a heat conductance", "W/K", "1.7 W/K", (("W/K", 1.0), ("mW/K", 1e-3)))
EXPANSION = Kind("a thermal expansion", "1/K", "12 ppm/K", (("ppm/K", 1e-6), ("1/K", 1.0)))
GROWTH = Kind(
    "a growth per kelvin", "m/K", "1.3 um/K", (("mm/K", 1e-3), ("um/K", 1e-6), ("nm/K", 1e-9))
)
FRACTION = Kind("a fraction", "", "1 %", (("%", 0.01), ("ppm", 1e-6)), bare=True)

#: Every kind; the first that fits a text tells what it is (a bare number: a fraction).
KINDS = (
    FRACTION,
    PRESSURE,
    PRESSURE_RATE,
    FORCE,
    FORCE_RATE,
    LENGTH,
    AREA,
    MASS,
    DENSITY,
    VELOCITY,
    ACCELERATION,
    DURATION,
    FREQUENCY,
    CHANGE_RATE,
    TEMPERATURE_DIFFERENCE,
    TEMPERATURE,
    TEMPERATURE_RATE,
    POWER,
    ENERGY,
    STIFFNESS,
    COMPLIANCE,
    HEAT_CAPACITY,
    CONDUCTANCE,
    EXPANSION,
    GROWTH,
)

Pressure = Annotated[float, PRESSURE]
PressureRate = Annotated[float, PRESSURE_RATE]
Force = Annotated[float, FORCE]
ForceRate = Annotated[float, FORCE_RATE]
Length = Annotated[float, LENGTH]
Area = Annotated[float, AREA]
Mass = Annotated[float, MASS]
Density = Annotated[float, DENSITY]
Velocity = Annotated[float, VELOCITY]
Acceleration = Annotated[float, ACCELERATION]
Duration = Annotated[float, DURATION]
Frequency = Annotated[float, FREQUENCY]
ChangeRate = Annotated[float, CHANGE_RATE]
Temperature = Annotated[float, TEMPERATURE]
TemperatureDifference = Annotated[float, TEMPERATURE_DIFFERENCE]
TemperatureRate = Annotated[float, TEMPERATURE_RATE]
Power = Annotated[float, POWER]
Energy = Annotated[float, ENERGY]
Stiffness = Annotated[float, STIFFNESS]
Compliance = Annotated[float, COMPLIANCE]
HeatCapacity = Annotated[float, HEAT_CAPACITY]
Conductance = Annotated[float, CONDUCTANCE]
Expansion = Annotated[float, EXPANSION]
Growth = Annotated[float, GROWTH]
Fraction = Annotated[float, FRACTION]


@cache
def _registry() -> "pint.UnitRegistry":
    import pint  # 0.1 s: only for those who read quantities

    registry: pint.UnitRegistry = pint.UnitRegistry(None)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry


def parse(text: object, kind: Kind) -> float:
    """Return the SI value of a text such as ``"74 MPa"``.

    Raises:
        QuantityError: it is no such quantity; the sentence says what was found and what is allowed.
    """
    if kind.bare and isinstance(text, int | float) and not isinstance(text, bool):
        value = float(text)
    elif isinstance(text, str):
        number, unit = _split(text, kind)
        value = _convert(number, unit, text, kind)
    else:
        raise _refusal(text, kind)
    if not math.isfinite(value):
        raise _refusal(text, kind, "which is not finite, ")
    if kind is TEMPERATURE and value < ABSOLUTE_ZERO:
        raise _refusal(text, kind, "which is below absolute zero, ")
    return value


def kind_of_unit(unit: str) -> Kind:
    """Return the kind of quantity of a unit such as ``"mm/s"``; of none: a fraction.

    Raises:
        QuantityError: the unit is not known.
    """
    for kind in KINDS:
        try:
            conversion(unit, kind)
        except QuantityError:
            continue
        return kind
    raise QuantityError(f"the unit '{unit}' is not known; write it as in 'mm/s', 'degC', 'kgf'")


@lru_cache(maxsize=256)
def conversion(unit: str, kind: Kind) -> tuple[float, float]:
    """Return factor and zero: SI value = number in the unit * factor + zero.

    Raises:
        QuantityError: the unit is not one of the kind's.
    """
    zero, one = (parse(f"{number} {unit}", kind) for number in (0, 1))
    return one - zero, zero


def format_quantity(value: float, kind: Kind, digits: int | None = 6) -> str:
    """Return the value (SI) with the unit that makes it shortest.

    Args:
        value: in the kind's SI unit.
        kind: what it is.
        digits: significant digits; None: as many as it takes to read the same value back.
    """
    if not math.isfinite(value):
        return "-"
    if value == 0.0:
        return f"0 {_natural_unit(kind)}"
    candidates = [(_digits(value / size, digits), unit) for unit, size in kind.display]
    if digits is None:
        candidates = [c for c in candidates if parse(" ".join(c), kind) == value]
    if not candidates:
        return f"{value!r} {kind.unit}".rstrip()
    number, unit = min(candidates, key=lambda candidate: _awkwardness(candidate[0]))
    return f"{number} {unit}"


def _natural_unit(kind: Kind) -> str:
    return next((unit for unit, size in kind.display if size == 1.0), kind.example.split(" ", 1)[1])


def _digits(value: float, digits: int | None) -> str:
    for precision in range(1, (digits or 17) + 1):
        text = f"{value:.{precision}g}"
        if math.isclose(float(text), value, rel_tol=1e-14):
            break
    return repr(float(text)).removesuffix(".0")


def _awkwardness(number: str) -> int:
    # 0.074 GPa and 74000 kPa are as exact as 74 MPa, and harder to read.
    return len(number.lstrip("-")) + (2 if 0.0 < abs(float(number)) < 1.0 else 0)


def _split(text: str, kind: Kind) -> tuple[float, str]:
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise _refusal(text, kind)
    number, unit = float(match[1]), match[2].strip()
    if unit.startswith(","):
        raise QuantityError(f"found {_show(text)}: write a decimal point, as in '{kind.example}'")
    if not unit and not kind.bare:
        raise _refusal(text, kind)
    if unit and _UNIT.fullmatch(unit) is None:
        raise _refusal(text, kind)
    return number, unit


def _convert(number: float, unit: str, text: str, kind: Kind) -> float:
    container = _unit(unit)
    if container is None:
        raise _refusal(text, kind, f"whose unit '{unit}' is not known, ")
    try:
        zero, value = (float(_registry().convert(x, container, kind.unit)) for x in (0.0, number))
    except (ValueError, TypeError, ArithmeticError):
        raise _refusal(text, kind) from None
    if zero != 0.0 and not kind.offset:
        # A difference of 2 degC would become 275.15 K: nobody means that.
        raise _refusal(text, kind)
    return value


@lru_cache(maxsize=256)
def _unit(text: str) -> "pint.Unit | None":
    for written, spelled in _SPELLINGS.items():
        text = text.replace(written, spelled)
    try:
        return _registry().parse_units(text.replace("^", "**"))
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        return None


def _refusal(found: object, kind: Kind, remark: str = "") -> QuantityError:
    unit = "" if kind.bare else " with unit"
    return QuantityError(
        f"found {_show(found)}, {remark}needs {kind.name}{unit} such as '{kind.example}'"
    )


def _show(found: object) -> str:
    text = found if isinstance(found, str) else repr(found)
    short = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in short) + "'"


def format_pressure(value: float, digits: int | None = 6) -> str:
    """Return a pressure (Pa) for people: ``format_pressure(7.4e7)`` gives ``"74 MPa"``."""
    return format_quantity(value, PRESSURE, digits)


def format_force(value: float, digits: int | None = 6) -> str:
    """Return a force (N) for people: ``"8.37 kN"``."""
    return format_quantity(value, FORCE, digits)


def format_length(value: float, digits: int | None = 6) -> str:
    """Return a length (m) for people: ``"12 mm"``."""
    return format_quantity(value, LENGTH, digits)


def format_duration(value: float, digits: int | None = 6) -> str:
    """Return a duration (s) for people: ``"3 min"``."""
    return format_quantity(value, DURATION, digits)


def format_temperature(value: float, digits: int | None = 6) -> str:
    """Return a temperature (degC) for people: ``"80 degC"``."""
    return format_quantity(value, TEMPERATURE, digits)
