"""The press profile, config/presses/*.yaml: everything the program knows of one kind of press."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, model_validator

from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.device.profile import DeviceProfile, Verification
from stackpress_py.devices.press.actuation import Actuation, Heating
from stackpress_py.devices.press.buses import Bus, CycleRules, Installed
from stackpress_py.devices.press.limits import Limits, Trips, Watchdogs
from stackpress_py.devices.press.sensors import ForceSensor, Fusion, Tare
from stackpress_py.devices.press.signals import Commands, OwnLimits, Signals
from stackpress_py.documents import Document, DocumentError
from stackpress_py.quantities import Length, format_force

KindOfPress = Literal["uniaxial", "heated", "vacuum", "isostatic_cold", "isostatic_warm", "sealing"]


class Geometry(Document):
    """Dimensions for the report and the drawing.

    Attributes:
        die_diameter: of the die that is installed.
        open_gap: between the platens when the ram is fully open.
        platen_diameter: of both platens.
        vessel_diameter: inside, of an isostatic press.
    """

    die_diameter: Length | None = Field(default=None, gt=0.0)
    open_gap: Length | None = Field(default=None, gt=0.0)
    platen_diameter: Length | None = Field(default=None, gt=0.0)
    vessel_diameter: Length | None = Field(default=None, gt=0.0)

    @property
    def die_area(self) -> float:
        """Area of the installed die, m^2; NaN: there is none."""
        return math.nan if self.die_diameter is None else math.pi / 4.0 * self.die_diameter**2


class PressProfile(Document):
    """One kind of press.

    Attributes:
        press: name of the profile.
        description: one sentence.
        kind: uniaxial; heated: with heated platens; vacuum: heated, in a vacuum chamber;
            isostatic_cold, isostatic_warm: by a fluid, without a die area; sealing: of button cells.
        tuning: file with the constants of the control loops, beside this file's folder; None: the
            program closes no loop.
        actuation, heating: how it is moved and heated.
        buses, devices: what it consists of.
        cycle: its rhythm.
        signals, commands, own_limits: which value of which device means what.
    """

    press: Name
    description: str
    kind: KindOfPress
    verification: Verification
    tuning: str | None = Field(default=None, min_length=1)
    actuation: Actuation
    heating: Heating
    geometry: Geometry
    buses: dict[Name, Bus] = Field(min_length=1)
    devices: dict[Name, Installed] = Field(min_length=1)
    cycle: CycleRules
    signals: Signals
    commands: Commands = Field(default_factory=Commands)
    own_limits: OwnLimits = Field(default_factory=OwnLimits)
    force_sensors: tuple[ForceSensor, ...] = Field(min_length=1)
    fusion: Fusion = Field(default_factory=Fusion)
    tare: Tare
    limits: Limits
    trips: Trips
    watchdogs: Watchdogs
    _device_profiles: dict[str, DeviceProfile] = PrivateAttr(default_factory=dict)

    @property
    def device_profiles(self) -> Mapping[str, DeviceProfile]:
        """Profiles of the devices by their names in this press."""
        return self._device_profiles

    @property
    def isostatic(self) -> bool:
        """The cell is pressed by a fluid: loads are pressures."""
        return self.kind in ("isostatic_cold", "isostatic_warm")

    @property
    def tuning_path(self) -> Path:
        """File with the constants of the control loops.

        Raises:
            DocumentError: the profile names none.
        """
        if self.tuning is None:
            raise DocumentError([f"the press profile {self.press} names no `tuning`"])
        return Path(self.tuning)

    def complete(self, tuning: str | None, devices: dict[str, DeviceProfile]) -> "PressProfile":
        """Return the profile with what stands in other files."""
        profile = self.model_copy(update={"tuning": tuning})
        profile._device_profiles = devices  # noqa: SLF001 - of a copy of itself
        return profile

    # ---- what must fit ---------------------------------------------------------------------------

    @model_validator(mode="after")
    def _sensors(self) -> "PressProfile":
        ranges = [sensor.range for sensor in self.force_sensors]
        if ranges != sorted(set(ranges)):
            raise ValueError("force_sensors must stand in the order of their ranges")
        largest = self.force_sensors[-1]
        order = (self.limits.force, self.trips.force, largest.saturation)
        if not (self.limits.force <= largest.range and list(order) == sorted(order)):
            raise ValueError(
                "limits.force <= range of the largest force sensor and limits.force <= trips.force"
                " <= its saturation must hold; found"
                f" {', '.join(format_force(force) for force in (*order, largest.range))}"
            )
        return self

    @model_validator(mode="after")
    def _limits(self) -> "PressProfile":
        heat, trip, dogs = self.limits.heat, self.trips.temperature, self.watchdogs
        if (heat is None) != (self.heating.by == "none"):
            raise ValueError("limits.heat is needed where the press heats, and only there")
        signals = self.signals
        if heat is not None and None in (signals.upper_temperature, signals.lower_temperature):
            raise ValueError(
                "a press that heats needs signals.upper_temperature and lower_temperature; one"
                " sensor for both stands in both"
            )
        if heat is not None and (trip is None or heat.temperature > trip):
            raise ValueError(
                "limits.heat.temperature is above trips.temperature, or that is missing"
            )
        if dogs.device is not None and dogs.actuator_command >= dogs.device:
            raise ValueError("watchdogs.actuator_command must be shorter than watchdogs.device")
        if self.trips.oil_pressure is not None and self.signals.oil_pressure is None:
            raise ValueError("trips.oil_pressure needs signals.oil_pressure")
        return self

    @model_validator(mode="after")
    def _kind(self) -> "PressProfile":
        problem = _why_wrong_kind(self)
        if problem:
            raise ValueError(f"a press of kind {self.kind} {problem}")
        return self

    @model_validator(mode="after")
    def _means(self) -> "PressProfile":
        moved = self.actuation.by in ("velocity", "travel")
        if moved and (self.limits.velocity is None or self.signals.position is None):
            raise ValueError(
                f"actuation by {self.actuation.by} needs limits.velocity and signals.position"
            )
        if moved and self.limits.travel is None:
            raise ValueError(f"actuation by {self.actuation.by} needs limits.travel")
        if (moved or self.heating.by == "power") and self.tuning is None:
            raise ValueError("`tuning` is missing: the program closes a loop of this press")
        return self


def _why_wrong_kind(profile: PressProfile) -> str:
    kind, signals = profile.kind, profile.signals
    if kind in ("heated", "vacuum", "isostatic_warm") and profile.heating.by == "none":
        return "must heat: `heating.by` is none"
    if kind == "isostatic_cold" and profile.heating.by != "none":
        return "does not heat: make it isostatic_warm"
    if kind == "vacuum" and signals.chamber_pressure is None:
        return "needs signals.chamber_pressure, its vacuum gauge"
    if kind == "sealing" and signals.position is None:
        return "needs signals.position: a seal is judged by force and stroke"
    if profile.isostatic:
        return "needs geometry.vessel_diameter" if profile.geometry.vessel_diameter is None else ""
    geometry = profile.geometry
    dimensions = (geometry.die_diameter, geometry.open_gap, geometry.platen_diameter)
    return "needs die_diameter, open_gap and platen_diameter" if None in dimensions else ""
