"""The press profile, config/presses/*.yaml: everything the program knows of one kind of press."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from stackpress_py import documents
from stackpress_py.devices.profile_blocks import (
    Bit,
    CommandBits,
    ForceRegister,
    Identity,
    Link,
    ReadBlock,
    StatusBits,
    WriteBlock,
)
from stackpress_py.devices.profile_limits import Limits, Trips, Watchdogs
from stackpress_py.devices.profile_sensors import ForceSensor, Fusion, Name, Tare
from stackpress_py.documents import Document, DocumentError
from stackpress_py.paths import config
from stackpress_py.quantities import Length, format_force


class Verification(Document):
    """How far the profile has been proved.

    Attributes:
        level: from a simulated device only, over the manual's word, to the hardware itself.
        source: where the registers and numbers come from.
    """

    level: Literal["simulated", "manual_faithful", "interop_verified", "hardware_verified"]
    source: str = Field(min_length=1)


class Geometry(Document):
    """Dimensions for the report and the drawing.

    Attributes:
        die_diameter: of the die that is installed.
        open_gap: between the platens when the ram is fully open.
        platen_diameter: of both platens.
    """

    die_diameter: Length = Field(gt=0.0)
    open_gap: Length = Field(gt=0.0)
    platen_diameter: Length = Field(gt=0.0)

    @property
    def die_area(self) -> float:
        """Area that the force acts on, m^2."""
        return math.pi / 4.0 * self.die_diameter**2


class PressProfile(Document):
    """One kind of press.

    Attributes:
        press: name of the profile.
        description: one sentence.
        tuning: file with the constants of the control loops, beside this file's folder.
        actuation: what the press takes as its command.
        fault_bits: bits of the faults register by the names of the faults.
    """

    press: Name
    description: str
    verification: Verification
    tuning: str = Field(min_length=1)
    actuation: Literal["velocity"]
    geometry: Geometry
    link: Link
    identity: Identity
    read: ReadBlock
    status_bits: StatusBits
    fault_bits: dict[Name, Bit] = Field(default_factory=dict)
    force_sensors: tuple[ForceSensor, ...] = Field(min_length=1)
    fusion: Fusion
    tare: Tare
    write: WriteBlock
    command_bits: CommandBits
    limits: Limits
    trips: Trips
    watchdogs: Watchdogs

    @property
    def tuning_path(self) -> Path:
        """File with the constants of the control loops."""
        return Path(self.tuning)

    @property
    def force_registers(self) -> Mapping[str, ForceRegister]:
        """Registers of the force sensors by their names."""
        return {sensor.name: sensor.register_ for sensor in self.force_sensors}

    def fault_names(self, faults: int) -> tuple[str, ...]:
        """Return the names of the bits that are set."""
        names = {bit: name for name, bit in self.fault_bits.items()}
        return tuple(names.get(bit, f"fault {bit}") for bit in range(32) if faults >> bit & 1)

    @model_validator(mode="after")
    def _sensors(self) -> "PressProfile":
        self.read.require_free(self.force_registers)
        ranges = [sensor.range for sensor in self.force_sensors]
        if ranges != sorted(set(ranges)):
            raise ValueError("force_sensors must stand in the order of their ranges")
        for sensor in self.force_sensors:
            if sensor.fault_bit is not None and sensor.fault_bit not in self.fault_bits:
                raise ValueError(
                    f"fault_bit '{sensor.fault_bit}' of {sensor.name} is not among fault_bits:"
                    f" {', '.join(self.fault_bits)}"
                )
        return self

    @model_validator(mode="after")
    def _order_of_limits(self) -> "PressProfile":
        largest = self.force_sensors[-1]
        order = (self.limits.force, self.trips.force, largest.saturation)
        if not (self.limits.force <= largest.range and list(order) == sorted(order)):
            raise ValueError(
                "limits.force <= range of the largest force sensor and limits.force <= trips.force"
                " <= its saturation must hold; found"
                f" {', '.join(format_force(force) for force in (*order, largest.range))}"
            )
        if self.limits.temperature > self.trips.temperature:
            raise ValueError("limits.temperature is above trips.temperature")
        if self.watchdogs.actuator_command >= self.watchdogs.device:
            raise ValueError("watchdogs.actuator_command must be shorter than watchdogs.device")
        return self


def load_profile(name: str) -> PressProfile:
    """Load a press profile.

    Args:
        name: of a profile in config/presses, or the path of a file (with a slash or ``.yaml``).

    Raises:
        DocumentError: there is none, or it is wrong: file, line, field, found, allowed.
    """
    path = profile_path(name)
    profile = documents.load(path, PressProfile)
    tuning = (path.parent / profile.tuning).resolve()
    return profile.model_copy(update={"tuning": str(tuning)})


def known_profiles() -> list[str]:
    """Return the names of the profiles that come with Stackpress."""
    return sorted(path.stem for path in config("presses").glob("*.yaml"))


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
