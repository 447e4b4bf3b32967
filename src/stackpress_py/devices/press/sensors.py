"""The part of a press profile that describes its force sensors."""

import datetime
import math

from pydantic import Field, model_validator

from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.press.loads import Load
from stackpress_py.devices.press.paths import Signal
from stackpress_py.documents import Document
from stackpress_py.quantities import Area, Duration, Fraction, Length


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
    """One load cell, or a pressure sensor that tells the force through an area.

    Attributes:
        name: in the record and in messages.
        source: where its reading is.
        unit: of the reading, where the device does not know its own, as in "kN"; None: it does.
        area: of the piston, if the reading is a pressure; that of an isostatic press is left out.
        range: largest force that it is calibrated for; of an isostatic press the largest pressure.
        saturation: force from which on it always reads the same.
        accuracy: expanded (k = 2), part of the range; drift between two tares included.
        noise: standard deviation of one reading, part of the range.
        calibration: the valid one.
    """

    name: Name
    source: Signal
    unit: str | None = None
    area: Area | None = Field(default=None, gt=0.0)
    range: Load = Field(gt=0.0)
    saturation: Load = Field(gt=0.0)
    accuracy: Fraction = Field(gt=0.0, lt=0.1)
    noise: Fraction = Field(ge=0.0, lt=0.1)
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

    blend_from: Fraction = Field(default=0.7, gt=0.0, lt=1.0)
    blend_to: Fraction = Field(default=0.95, gt=0.0, le=1.0)
    disagreement_time: Duration = Field(default=0.5, gt=0.0)
    gross_disagreement_time: Duration = Field(default=0.05, gt=0.0, le=0.2)

    @model_validator(mode="after")
    def _order(self) -> "Fusion":
        if self.blend_to <= self.blend_from:
            raise ValueError("blend_to must be above blend_from")
        return self


class Tare(Document):
    """When the present readings may become the zeros.

    Attributes:
        position_below: ram position up to which nothing can touch; None: the press does not tell its
            position, and the person who tares makes sure that nothing touches.
        largest: largest zero, part of a sensor's range; more is a broken sensor or a load.
        drift: how far a zero may have drifted before a run must not begin, part of the range.
        window: over which readings are averaged, with the ram at rest.
    """

    position_below: Length | None = None
    drift: Fraction = Field(gt=0.0, le=0.5)
    largest: Fraction = Field(gt=0.0, le=0.5)
    window: Duration = Field(gt=0.0, le=5.0)
