"""The press profile, config/presses/*.yaml: everything the program knows of one kind of press."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, model_validator

from stackpress_py import documents, yaml_reader
from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.device.profile import (
    DeviceProfile,
    Verification,
    device_path,
    load_device,
)
from stackpress_py.devices.press.actuation import Actuation, Heating
from stackpress_py.devices.press.buses import Bus, CycleRules, Installed
from stackpress_py.devices.press.fitting import misfits
from stackpress_py.devices.press.limits import Limits, Trips, Watchdogs
from stackpress_py.devices.press.loads import is_of
from stackpress_py.devices.press.sensors import ForceSensor, Fusion, Tare
from stackpress_py.devices.press.signals import Commands, OwnLimits, Signals
from stackpress_py.documents import Document, DocumentError
from stackpress_py.paths import config
from stackpress_py.quantities import (
    FORCE,
    FORCE_RATE,
    PRESSURE,
    PRESSURE_RATE,
    Length,
    format_force,
)

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


# ---- loads -----------------------------------------------------------------------------------------


def _wrong_loads(data: yaml_reader.Value) -> Iterator[tuple[yaml_reader.Path, str]]:
    """Yield the loads of a file that are forces where the press has pressures, or the other way."""
    kind = data.get("kind") if isinstance(data, dict) else None
    isostatic = str(kind).startswith("isostatic")
    for place, rate in _loads(data):
        if isostatic:
            wanted, other = (PRESSURE_RATE, FORCE_RATE) if rate else (PRESSURE, FORCE)
        else:
            wanted, other = (FORCE_RATE, PRESSURE_RATE) if rate else (FORCE, PRESSURE)
        known = list(yaml_reader.known_part(data, place))
        found = known[-1][1] if len(known) == len(place) else None
        if is_of(found, other):
            yield (
                place,
                f"found '{found}'; a press of kind {kind} needs {wanted.name}, as in"
                f" '{wanted.example}'",
            )


def _loads(data: yaml_reader.Value) -> Iterator[tuple[yaml_reader.Path, bool]]:
    """Yield the place of every load of a profile, and whether it is a rate."""
    for section in ("limits", "trips"):
        yield (section, "force"), False
        yield (section, "force_rate"), True
    sensors = data.get("force_sensors") if isinstance(data, dict) else None
    for index in range(len(sensors) if isinstance(sensors, list) else 0):
        yield ("force_sensors", index, "range"), False
        yield ("force_sensors", index, "saturation"), False


# ---- files -----------------------------------------------------------------------------------------


def load_profile(name: str) -> PressProfile:
    """Load a press profile with the profiles of its devices.

    Args:
        name: of a profile in config/presses, or the path of a file (with a slash or ``.yaml``).

    Raises:
        DocumentError: there is none, or it is wrong: file, line, field, found, allowed.
    """
    path = profile_path(name)
    source = documents.parse(documents.read_text(path), str(path))
    found = [source.sentence(place, problem) for place, problem in _wrong_loads(source.data)]
    if found:
        raise DocumentError(found)
    profile = source.build(PressProfile)
    devices = {
        device: _load_device(source, device, installed.profile, path.parent)
        for device, installed in profile.devices.items()
    }
    tuning = profile.tuning
    if tuning is not None:
        tuning = str((path.parent / tuning).resolve())
    complete = profile.complete(tuning, devices)
    found = [source.sentence(place, problem) for place, problem in misfits(complete)]
    if found:
        raise DocumentError(found)
    return complete


def _load_device(source: documents.Source, device: str, name: str, beside: Path) -> DeviceProfile:
    try:
        path = device_path(name, beside)
    except DocumentError as error:
        place = ("devices", device, "profile")
        raise DocumentError([source.sentence(place, str(error))]) from None
    return load_device(str(path))


def known_profiles() -> list[str]:
    """Return the names of the profiles that come with Stackpress."""
    return sorted(path.stem for path in config("presses").glob("*.yaml"))


def device_files(profile: PressProfile, path: Path) -> tuple[Path, ...]:
    """Return the files of a press's devices; ``path`` is that of the press profile."""
    names = dict.fromkeys(installed.profile for installed in profile.devices.values())
    return tuple(device_path(name, path.parent) for name in names)


def profile_path(name: str) -> Path:
    """Return the file of a profile; ``name`` as for :func:`load_profile`.

    Raises:
        DocumentError: no profile of that name comes with Stackpress.
    """
    if "/" in name or name.endswith((".yaml", ".yml")):
        return Path(name).expanduser().resolve()
    known = known_profiles()
    if name not in known:
        found = f"there is no press profile '{name}'" if name else "no press profile is given"
        raise DocumentError([f"{found}; there are: {', '.join(known)}; or give a file"])
    return config("presses", f"{name}.yaml")
