"""The part of a press profile that says what is allowed: limits, trips, watchdogs."""

from pydantic import Field, model_validator

from stackpress_py.devices.press.loads import Load, LoadRate
from stackpress_py.documents import Document
from stackpress_py.quantities import (
    Duration,
    Length,
    Pressure,
    Temperature,
    TemperatureDifference,
    TemperatureRate,
    Velocity,
)


class HeatLimits(Document):
    """What may be asked of the platens, or of the fluid.

    Attributes:
        temperature: hottest.
        coolest: coldest that the cooling can reach.
        heating_rate, cooling_rate: fastest change.
        uncertainty: expanded (k = 2), of the temperature sensors.
    """

    temperature: Temperature
    coolest: Temperature
    heating_rate: TemperatureRate = Field(gt=0.0)
    cooling_rate: TemperatureRate = Field(gt=0.0)
    uncertainty: TemperatureDifference = Field(gt=0.0)

    @model_validator(mode="after")
    def _order(self) -> "HeatLimits":
        if self.coolest >= self.temperature:
            raise ValueError("coolest is not below temperature")
        return self


class Limits(Document):
    """What a recipe or a node may ask for.

    Attributes:
        force: largest force; of an isostatic press the largest pressure.
        force_rate: fastest change of it.
        velocity: fastest ram, either way; None: the press has no ram that the program moves.
        travel: ram position from open (0) to closed; None: likewise.
        opening_time: time to open or close by hand; needed without velocity and travel.
        heat: None: the press does not heat.
    """

    force: Load = Field(gt=0.0)
    force_rate: LoadRate = Field(gt=0.0)
    velocity: Velocity | None = Field(default=None, gt=0.0)
    travel: Length | None = Field(default=None, gt=0.0)
    opening_time: Duration | None = Field(default=None, gt=0.0)
    heat: HeatLimits | None = None

    @model_validator(mode="after")
    def _times(self) -> "Limits":
        if (self.velocity is None or self.travel is None) and self.opening_time is None:
            raise ValueError("needs `velocity` and `travel`, or an `opening_time`")
        return self

    @property
    def stroke_time(self) -> float:
        """Time to move the ram from one end to the other, s."""
        if self.opening_time is not None:
            return self.opening_time
        assert self.travel is not None and self.velocity is not None
        return self.travel / self.velocity


class Trips(Document):
    """Where the driver's interlocks trip; no topic, parameter or recipe can lift them.

    Attributes:
        force: a measured force beyond it.
        force_rate: a faster rise, over ``force_rate_window``.
        travel_margin: how far the ram may be measured beyond its travel.
        oil_pressure: a higher pressure of the hydraulics; None: not watched.
        temperature: a platen hotter than it; None: the press does not heat.
        signal_time: how long guard, limit switches and sensors must say so.
        temperature_time: how long a platen must be too hot.
        command_time: how long commands may be missing, in motion or heat, before that is a trip; the
            ram stands still and the heaters are off long before (watchdogs).
    """

    force: Load = Field(gt=0.0)
    force_rate: LoadRate = Field(gt=0.0)
    force_rate_window: Duration = Field(gt=0.0, le=0.5)
    travel_margin: Length = Field(default=0.0, ge=0.0)
    oil_pressure: Pressure | None = Field(default=None, gt=0.0)
    temperature: Temperature | None = None
    signal_time: Duration = Field(ge=0.0, le=0.5)
    temperature_time: Duration = Field(default=0.0, ge=0.0, le=5.0)
    command_time: Duration = Field(default=1.0, gt=0.0, le=10.0)


class Watchdogs(Document):
    """How long commands hold.

    Attributes:
        actuator_command: age at which the ram is frozen.
        heater_command: age at which heating and cooling are switched off.
        device: the press's own communication watchdog; None: it has none.
    """

    actuator_command: Duration = Field(gt=0.0, le=0.2)
    heater_command: Duration = Field(gt=0.0, le=2.0)
    device: Duration | None = Field(default=None, gt=0.0)
