"""The part of a press profile that describes its force sensors."""

import datetime
import math
from typing import Annotated

from pydantic import Field, model_validator

from stackpress_py.devices.profile_blocks import ForceRegister
from stackpress_py.documents import Document
from stackpress_py.quantities import Duration, Force, Fraction, Length

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Calibration(Document):
    """One calibration of one sensor."""

    date: datetime.date
    expires: datetime.date
    certificate: str = Field(min_length=1)

    @model_validator(mode="after")
    def _order(self) -> "Calibration":
        if self.expires <= self.date:
            raise ValueError(f"expires {self.expires}, which is not after {self.date}")
        return self


class ForceSensor(Document):
    """One load cell.

    Attributes:
        name: in the record and in messages.
        register: in the read block.
        range: largest force that it is calibrated for.
        saturation: force from which on it always reads the same.
        accuracy: expanded (k = 2), part of the range; drift between two tares included.
        noise: standard deviation of one reading, part of the range.
        fault_bit: name of the fault bit that says that it has failed.
        calibration: the valid one.
    """

    name: Name
    register_: ForceRegister = Field(alias="register")
    range: Force = Field(gt=0.0)
    saturation: Force = Field(gt=0.0)
    accuracy: Fraction = Field(gt=0.0, lt=0.1)
    noise: Fraction = Field(ge=0.0, lt=0.1)
    fault_bit: Name | None = None
    calibration: Calibration | None = None

    @model_validator(mode="after")
    def _order(self) -> "ForceSensor":
        if self.saturation < self.range:
            raise ValueError("saturation is below range")
        return self

    @property
    def uncertainty(self) -> float:
        """Expanded uncertainty (k = 2) of one reading, N."""
        return self.range * math.hypot(self.accuracy, 2.0 * self.noise)


class Fusion(Document):
    """How several force sensors become one force.

    Attributes:
        blend_from, blend_to: parts of a sensor's range between which the next one takes over.
        disagreement_time: how long two sensors must disagree before it is a fault.
        gross_disagreement_time: the same, if they disagree grossly.
    """

    blend_from: Fraction = Field(gt=0.0, lt=1.0)
    blend_to: Fraction = Field(gt=0.0, le=1.0)
    disagreement_time: Duration = Field(gt=0.0)
    gross_disagreement_time: Duration = Field(gt=0.0, le=0.2)

    @model_validator(mode="after")
    def _order(self) -> "Fusion":
        if self.blend_to <= self.blend_from:
            raise ValueError("blend_to must be above blend_from")
        return self


class Tare(Document):
    """When the present readings may become the zeros.

    Attributes:
        position_below: ram position up to which nothing can touch.
        largest: largest zero, part of a sensor's range; more is a broken sensor or a load.
        window: over which readings are averaged, with the ram at rest.
    """

    position_below: Length
    largest: Fraction = Field(gt=0.0, le=0.5)
    window: Duration = Field(gt=0.0, le=5.0)
