"""What a device's section in a file may say: fields with bounds, each with the value that a fresh device has."""

from dataclasses import dataclass, field

from ..fields import Bounds


def number(default: float, low: float, high: float) -> float:
    """Declare a number, both ends included."""
    value: float = field(default=default, metadata={"bounds": Bounds(low, high)})
    return value


def positive(default: float, high: float) -> float:
    """Declare a number above 0."""
    value: float = field(default=default, metadata={"bounds": Bounds(0.0, high, above=True)})
    return value


def whole(default: int, low: int, high: int) -> int:
    """Declare a whole number, both ends included."""
    value: int = field(default=default, metadata={"bounds": Bounds(low, high)})
    return value


def choice(default: str, *others: str) -> str:
    """Declare a choice between words."""
    value: str = field(default=default, metadata={"words": (default, *others)})
    return value


def switch(default: bool) -> bool:
    """Declare a yes or no."""
    value: bool = field(default=default, metadata={"switch": True})
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """What every device has.

    Attributes:
        unit: its number on the line.
        latency_ms: from the end of a request to the begin of the reply, beyond the line's own turn-around.
    """

    unit: int = whole(1, 0, 255)
    latency_ms: float = number(0.0, 0.0, 1e4)


@dataclass(frozen=True, slots=True)
class ControllerSettings(Settings):
    """A temperature controller: its PID terms and what it can measure.

    Attributes:
        band_k: K of error that ask for the full output.
        integral_s, derivative_s: s; 0 switches the term off.
        lowest_c, highest_c: degC, range of the input.
    """

    band_k: float = positive(20.0, 1e4)
    integral_s: float = number(120.0, 0.0, 1e5)
    derivative_s: float = number(10.0, 0.0, 1e4)
    lowest_c: float = number(-50.0, -273.0, 3e3)
    highest_c: float = number(400.0, -273.0, 3e3)


@dataclass(frozen=True, slots=True)
class ScaleSettings(Settings):
    """A load cell with its transmitter.

    Attributes:
        unit_n: N of one unit of the display: 1 for N, 9.80665 for kg; or Pa, 1e5 for bar.
        capacity: units, full scale.
        division: units of one step of the display.
        sample_hz: conversions a second.
        stable_divisions: a weight that stays within so many divisions for stable_s is stable.
    """

    unit_n: float = positive(1.0, 1e9)
    capacity: float = positive(20000.0, 1e7)
    division: float = positive(1.0, 1e3)
    sample_hz: float = positive(300.0, 5e3)
    stable_divisions: float = number(1.0, 0.0, 100.0)
    stable_s: float = positive(0.3, 60.0)
