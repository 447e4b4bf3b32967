"""The recipe: what is done to a cell, in the words of ISA-88.

A *master recipe* is the file that a person writes: header, formula parameters, equipment (the cell
and its die) and a procedure of phases. Any value of the cell and of the procedure may be ``$name``,
the parameter of that name. With its parameters put in it is the *control recipe* of one run (see
``loading``).
"""

import math
from enum import Enum
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from stackpress_py.documents import Document
from stackpress_py.quantities import (
    ChangeRate,
    Density,
    Duration,
    Length,
    Mass,
    Pressure,
    PressureRate,
    Temperature,
    TemperatureDifference,
    TemperatureRate,
)
from stackpress_py.recipes.bands import PressureBand

MOST_PHASES = 1000
#: s that a phase may take beyond its hold, where the recipe does not say.
DEFAULT_MARGIN = 600.0

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Title = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._,()%/°-]{0,79}$")]
KEEP: Literal["keep"] = "keep"
OFF: Literal["off"] = "off"


class SafeEnd(Enum):
    """What the press does with the ram when a phase is aborted."""

    FREEZE = "freeze"
    UNLOAD = "unload"
    VENT = "vent"


class Reaction(Enum):
    """What happens when a phase does not keep what it promised; it has failed in any case."""

    CONTINUE = "continue"
    HOLD = "hold"
    ABORT = "abort"


class Parameter(Document):
    """A formula parameter: text with unit, or a bare number; the range is optional."""

    default: str | float
    minimum: str | float | None = None
    maximum: str | float | None = None
    description: str = ""


class Die(Document):
    """The die whose area the force acts on: round with ``diameter``, or square with ``side``.

    In an isostatic press a fluid presses from all sides, and its pressure is measured: the shape is
    ``isostatic`` and has no size.
    """

    shape: Literal["round", "square", "isostatic"]
    diameter: Length | None = Field(None, gt=0)
    side: Length | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _one_size(self) -> "Die":
        sizes = {"diameter": self.diameter, "side": self.side}
        if self.shape == "isostatic":
            if any(size is not None for size in sizes.values()):
                raise ValueError("an isostatic die has neither 'diameter' nor 'side'")
            return self
        needed, other = ("diameter", "side") if self.shape == "round" else ("side", "diameter")
        if sizes[needed] is None or sizes[other] is not None:
            raise ValueError(f"a {self.shape} die needs '{needed}' and no '{other}'")
        return self

    @property
    def area(self) -> float:
        """Area in m^2; the force of an isostatic press is that of its fluid on 1 m^2."""
        if self.diameter is not None:
            return math.pi * self.diameter**2 / 4.0
        return 1.0 if self.side is None else self.side**2


class Powder(Document):
    """The powder in the die, for its relative density; uncertainties expanded, k = 2."""

    mass: Mass = Field(gt=0)
    mass_uncertainty: Mass = Field(ge=0)
    true_density: Density = Field(gt=0)
    true_density_uncertainty: Density = Field(ge=0)


class Cell(Document):
    """What is pressed."""

    die: Die
    powder: Powder | None = None
    description: str = ""


class PressureTarget(Document):
    """A pressure to bring the cell to, and to hold."""

    target: Pressure = Field(gt=0)
    rate: PressureRate = Field(gt=0)
    tolerance: PressureBand
    overshoot: PressureBand | None = None


class TemperatureTarget(Document):
    """A temperature to bring both platens to, and to hold."""

    target: Temperature
    rate: TemperatureRate = Field(gt=0)
    tolerance: TemperatureDifference = Field(gt=0)
    overshoot: TemperatureDifference | None = Field(None, gt=0)


class Until(Document):
    """What must come true, beside `hold`, before a phase has done its work.

    Attributes:
        densification_below: rate at which the relative density still changes, for sure not more.
    """

    densification_below: ChangeRate = Field(gt=0)


class LowPressureAlarm(Document):
    """An alarm when a pressure that was reached has been below a limit for a time."""

    below: Pressure = Field(gt=0)
    after: Duration = Field(ge=0)


class Unload(Document):
    """Release the pressure at a rate, leave contact and open the press."""

    rate: PressureRate = Field(gt=0)


def _word_or_mapping(value: object) -> str:
    return "<word>" if isinstance(value, str) else "<mapping>"


PressureDemand = Annotated[
    Annotated[PressureTarget, Tag("<mapping>")] | Annotated[Literal["keep"], Tag("<word>")],
    Discriminator(_word_or_mapping),
]
TemperatureDemand = Annotated[
    Annotated[TemperatureTarget, Tag("<mapping>")]
    | Annotated[Literal["keep", "off"], Tag("<word>")],
    Discriminator(_word_or_mapping),
]


class Phase(Document):
    """One step of the procedure.

    A phase brings pressure, temperature or both to their targets and holds them for ``hold``
    seconds in tolerance; or it unloads the cell. ``keep`` demands that the target of an earlier
    phase goes on being held; what a phase does not mention stays as it is, and is not judged.

    Attributes:
        phase: its name.
        until: goes on beyond `hold` until this is so.
        alarm: raised while the pressure is too low; it is told and stays shown, and changes nothing.
        settling: s in tolerance that count as reached.
        timeout: s after which the phase has failed; None: `hold` and ten minutes.
        on_violation: reaction to leaving a tolerance, or to too much overshoot.
        on_timeout: reaction to `timeout`.
        safe_end: what the ram does when the run is aborted in this phase.
    """

    phase: Title
    pressure: PressureDemand | None = None
    temperature: TemperatureDemand | None = None
    unload: Unload | None = None
    hold: Duration = Field(0.0, ge=0)
    until: Until | None = None
    alarm: LowPressureAlarm | None = None
    settling: Duration = Field(2.0, ge=0)
    timeout: Duration | None = Field(None, gt=0)
    on_violation: Reaction = Reaction.CONTINUE
    on_timeout: Reaction = Reaction.ABORT
    safe_end: SafeEnd = SafeEnd.FREEZE

    @model_validator(mode="after")
    def _consistent(self) -> "Phase":
        targets = self.pressure is not None or self.temperature is not None
        if self.unload is not None and (self.pressure is not None or self.hold > 0.0):
            raise ValueError("a phase with 'unload' has neither 'pressure' nor 'hold'")
        if self.pressure is None and (self.until is not None or self.alarm is not None):
            raise ValueError("'until' and 'alarm' need a 'pressure'")
        if not targets and self.unload is None:
            raise ValueError("a phase needs 'pressure', 'temperature' or 'unload'")
        if self.timeout is not None and self.timeout <= self.hold + self.settling:
            raise ValueError("'timeout' covers the whole phase and must be longer than the hold")
        if self.on_timeout is Reaction.HOLD:
            raise ValueError("'on_timeout' is 'continue' or 'abort'")
        return self

    @property
    def time_limit(self) -> float:
        """Seconds after which the phase has failed."""
        return self.hold + DEFAULT_MARGIN if self.timeout is None else self.timeout


class Recipe(Document):
    """A recipe with its parameters put in."""

    recipe: Name
    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$")]
    description: str = ""
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    cell: Cell
    procedure: tuple[Phase, ...] = Field(min_length=1, max_length=MOST_PHASES)

    def pressure_target(self, index: int) -> PressureTarget | None:
        """Return what phase ``index`` demands of the pressure, ``keep`` resolved; None: nothing."""
        demand = self.procedure[index].pressure
        if demand != KEEP:
            return demand
        before = [p.pressure for p in self.procedure[:index] if p.pressure not in (None, KEEP)]
        return before[-1] if before and isinstance(before[-1], PressureTarget) else None

    def temperature_target(self, index: int) -> TemperatureTarget | None:
        """Return what phase ``index`` demands of the temperature, ``keep`` resolved."""
        demand = self.procedure[index].temperature
        if isinstance(demand, TemperatureTarget):
            return demand
        if demand != KEEP:
            return None
        for phase in reversed(self.procedure[:index]):
            if isinstance(phase.temperature, TemperatureTarget):
                return phase.temperature
            if phase.temperature == OFF:
                return None
        return None

    def unload_rate(self) -> float | None:
        """Return the rate (Pa/s) of the first unload, which serves a controlled stop too."""
        rates = [phase.unload.rate for phase in self.procedure if phase.unload is not None]
        return rates[0] if rates else None
