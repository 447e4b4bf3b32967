"""The tuning of one press: constants of its control loops, read from config/control/*.yaml."""

from pathlib import Path

from pydantic import Field, model_validator

from stackpress_py import documents
from stackpress_py.control.compliance import Compliance, ComplianceDocument
from stackpress_py.control.force import ForceTuning
from stackpress_py.control.pump_and_valve import HydraulicTuning
from stackpress_py.control.thermal import ThermalTuning
from stackpress_py.documents import Document
from stackpress_py.quantities import (
    Acceleration,
    Conductance,
    Duration,
    Force,
    Fraction,
    Growth,
    HeatCapacity,
    Length,
    Power,
    Stiffness,
    Temperature,
    Velocity,
)


class ForceTuningDocument(Document):
    """Section ``force``: what ``stackpress tune`` measures of a ram that is moved by velocity.

    Attributes:
        dead_time: from a command to its effect in the measured force.
        frame_stiffness: of the press on something hard, the largest that was measured.
        contact_force: more than the ram's friction and the sensors' zeros can feign.
        thermal_expansion: by which the stack grows per kelvin of the platens.
    """

    dead_time: Duration = Field(gt=0)
    frame_stiffness: Stiffness = Field(gt=0)
    contact_force: Force = Field(gt=0)
    approach_velocity: Velocity = Field(gt=0)
    touch_velocity: Velocity = Field(gt=0)
    press_velocity: Velocity = Field(gt=0)
    ram_acceleration: Acceleration = Field(gt=0)
    touch_position: Length
    open_position: Length
    thermal_expansion: Growth = 0.0

    @model_validator(mode="after")
    def _order(self) -> "ForceTuningDocument":
        if not self.open_position < self.touch_position:
            raise ValueError("open_position must be below touch_position")
        return self

    def tuning(self) -> ForceTuning:
        """Return the constants of the force loop."""
        return ForceTuning(**self.model_dump())


class HydraulicTuningDocument(Document):
    """Section ``hydraulic``: what ``stackpress tune`` measures of a pump and a valve.

    Attributes:
        pump_dead_band, valve_dead_band: opening up to which nothing flows; of one that is only on or off: 0.
        pump_delay, valve_delay: from a command to its effect in the measured force.
    """

    pump_dead_band: Fraction = Field(ge=0, lt=1)
    pump_delay: Duration = Field(ge=0)
    valve_dead_band: Fraction = Field(ge=0, lt=1)
    valve_delay: Duration = Field(ge=0)

    def tuning(self) -> HydraulicTuning:
        """Return the constants of pump and valve."""
        return HydraulicTuning(**self.model_dump())


class PlatenTuningDocument(Document):
    """Section ``thermal.upper`` or ``thermal.lower``."""

    heat_capacity: HeatCapacity = Field(gt=0)
    loss: Conductance = Field(ge=0)
    heater_power: Power = Field(gt=0)
    cooling_conductance: Conductance = Field(ge=0)
    coolant_temperature: Temperature
    dead_time: Duration = Field(gt=0)

    def tuning(self) -> ThermalTuning:
        """Return the constants of the platen's loop."""
        return ThermalTuning(**self.model_dump())


class ThermalTuningDocument(Document):
    """Section ``thermal``."""

    upper: PlatenTuningDocument
    lower: PlatenTuningDocument


class TuningDocument(Document):
    """A whole tuning file; a section is needed where the program closes that loop."""

    tuning: str
    force: ForceTuningDocument | None = None
    compliance: ComplianceDocument | None = None
    hydraulic: HydraulicTuningDocument | None = None
    thermal: ThermalTuningDocument | None = None


class Tuning:
    """Constants of the loops of one press.

    Args:
        document: as read.
        name: of the file, for messages.
    """

    def __init__(self, document: TuningDocument, name: str) -> None:
        self._document = document
        self._name = name

    @property
    def force(self) -> ForceTuning:
        """Constants of the force loop.

        Raises:
            documents.DocumentError: the file has none.
        """
        if self._document.force is None:
            raise self._missing("force", "rams that are moved by velocity or travel")
        return self._document.force.tuning()

    @property
    def compliance(self) -> Compliance | None:
        """How far the press gives way under its force; None: nobody has measured it."""
        document, force = self._document.compliance, self._document.force
        if document is None:
            return None
        return document.compliance(0.0 if force is None else force.thermal_expansion)

    @property
    def hydraulic(self) -> HydraulicTuning | None:
        """Constants of pump and valve; None: nobody has measured them."""
        document = self._document.hydraulic
        return None if document is None else document.tuning()

    @property
    def upper_platen(self) -> ThermalTuning:
        """Constants of the upper platen's loop; raises as :attr:`force`."""
        return self._thermal.upper.tuning()

    @property
    def lower_platen(self) -> ThermalTuning:
        """Constants of the lower platen's loop; raises as :attr:`force`."""
        return self._thermal.lower.tuning()

    @property
    def _thermal(self) -> ThermalTuningDocument:
        if self._document.thermal is None:
            raise self._missing("thermal", "platens that are heated by power")
        return self._document.thermal

    def _missing(self, section: str, needs: str) -> documents.DocumentError:
        return documents.DocumentError(
            [f"{self._name}: the section `{section}` is missing, which {needs} need: add it"]
        )


def load_tuning(path: str | Path) -> Tuning:
    """Load a tuning file.

    Raises:
        documents.DocumentError: what is wrong, where, and what is allowed.
    """
    return Tuning(documents.load(path, TuningDocument), str(path))
