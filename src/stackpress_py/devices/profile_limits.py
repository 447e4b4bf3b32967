"""The part of a press profile that says what is allowed: limits, trips, watchdogs."""

from pydantic import Field

from stackpress_py.documents import Document
from stackpress_py.quantities import (
    Duration,
    Force,
    ForceRate,
    Length,
    Temperature,
    TemperatureDifference,
    TemperatureRate,
    Velocity,
)


class Limits(Document):
    """What a recipe or a node may ask for.

    Attributes:
        force: largest force.
        force_rate: fastest change of force.
        velocity: fastest ram, either way.
        travel: ram position from open (0) to closed.
        temperature: hottest platen.
        coolest: coldest platen that the cooling can reach.
        heating_rate, cooling_rate: fastest change of the platens.
        temperature_uncertainty: expanded (k = 2), of the platens' sensors.
    """

    force: Force = Field(gt=0.0)
    force_rate: ForceRate = Field(gt=0.0)
    velocity: Velocity = Field(gt=0.0)
    travel: Length = Field(gt=0.0)
    temperature: Temperature
    coolest: Temperature
    heating_rate: TemperatureRate = Field(gt=0.0)
    cooling_rate: TemperatureRate = Field(gt=0.0)
    temperature_uncertainty: TemperatureDifference = Field(gt=0.0)


class Trips(Document):
    """Where the driver's interlocks trip; no topic, parameter or recipe can lift them.

    Attributes:
        force: a measured force beyond it.
        force_rate: a faster rise, over ``force_rate_window``.
        travel_margin: how far the ram may be measured beyond its travel.
        temperature: a platen hotter than it.
        signal_time: how long guard, limit switches and sensors must say so.
        temperature_time: how long a platen must be too hot.
    """

    force: Force = Field(gt=0.0)
    force_rate: ForceRate = Field(gt=0.0)
    force_rate_window: Duration = Field(gt=0.0, le=0.5)
    travel_margin: Length = Field(ge=0.0)
    temperature: Temperature
    signal_time: Duration = Field(ge=0.0, le=0.5)
    temperature_time: Duration = Field(ge=0.0, le=5.0)


class Watchdogs(Document):
    """How long commands hold.

    Attributes:
        actuator_command: age at which the ram is frozen.
        heater_command: age at which heating and cooling are switched off.
        device: the press's own communication watchdog.
    """

    actuator_command: Duration = Field(gt=0.0, le=0.2)
    heater_command: Duration = Field(gt=0.0, le=2.0)
    device: Duration = Field(gt=0.0)
