"""The part of a press profile that says how it is moved and heated."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from stackpress_py.devices.press.paths import Target
from stackpress_py.documents import Document
from stackpress_py.quantities import (
    FORCE,
    FORCE_RATE,
    FRACTION,
    LENGTH,
    TEMPERATURE,
    VELOCITY,
    Kind,
)

#: Where numbers are written, and their kind.
Targets: TypeAlias = Mapping[str, tuple[str | None, Kind]]


class _Means(Document):
    """A way to move or to heat."""

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {}

    def places(self) -> Iterator[str]:
        """Yield every path that is written."""
        yield from (path for path, _ in self.numbers().values() if path is not None)
        yield from (path for path in self.bits().values() if path is not None)


class ByVelocity(_Means):
    """The ram follows a velocity.

    Attributes:
        velocity: positive towards closing.
        enable: bit that allows motion.
    """

    by: Literal["velocity"]
    velocity: Target
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"velocity": (self.velocity, VELOCITY)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class ByTravel(_Means):
    """A positioner that is sent to an end of its travel at a speed: a velocity in other words.

    It stands still through its device's ``safe`` sequence.

    Attributes:
        position: target position; the open end is 0, the closed end is limits.travel.
        speed: magnitude.
        enable: bit that allows motion.
    """

    by: Literal["travel"]
    position: Target
    speed: Target
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"position": (self.position, LENGTH), "speed": (self.speed, VELOCITY)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class ByForce(_Means):
    """The press's own controller follows a force.

    Attributes:
        force: set-point.
        rate: largest rate of the set-point; None: the press's own.
        enable: bit that allows motion; without it the press stands still.
    """

    by: Literal["force"]
    force: Target
    rate: Target | None = None
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"force": (self.force, FORCE), "rate": (self.rate, FORCE_RATE)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class ByPumpAndValve(_Means):
    """Hydraulics: a pump builds pressure up, a valve lets it go.

    Attributes:
        pump: bit, or fraction of its speed.
        valve: bit, or fraction of its opening; 0 is closed.
        enable: bit that allows both.
    """

    by: Literal["pump_and_valve"]
    pump: Target
    valve: Target
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"pump": (self.pump, FRACTION), "valve": (self.valve, FRACTION)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class ByHand(_Means):
    """A person moves the press; the program shows target and deviation, records and judges."""

    by: Literal["hand"]


Actuation: TypeAlias = Annotated[
    ByVelocity | ByTravel | ByForce | ByPumpAndValve | ByHand, Field(discriminator="by")
]


class HeatByPower(_Means):
    """The program closes the temperature loops itself.

    Attributes:
        upper, lower: power of a platen, 1 is full heating, -1 full cooling.
        enable: bit that allows heating and cooling.
    """

    by: Literal["power"]
    upper: Target
    lower: Target
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"upper": (self.upper, FRACTION), "lower": (self.lower, FRACTION)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class HeatBySetpoint(_Means):
    """Temperature controllers of their own get set-points.

    The sequences ``enable`` and ``safe`` of their device profiles switch them on and off.

    Attributes:
        upper, lower: set-points; one controller for both platens stands in both.
        enable: bit that allows heating.
    """

    by: Literal["setpoint"]
    upper: Target
    lower: Target
    enable: Target | None = None

    def numbers(self) -> Targets:
        """Return where numbers are written, and their kind."""
        return {"upper": (self.upper, TEMPERATURE), "lower": (self.lower, TEMPERATURE)}

    def bits(self) -> Mapping[str, str | None]:
        """Return where bits are written."""
        return {"enable": self.enable}


class NoHeat(_Means):
    """Nothing heats."""

    by: Literal["none"]


Heating: TypeAlias = Annotated[HeatByPower | HeatBySetpoint | NoHeat, Field(discriminator="by")]
