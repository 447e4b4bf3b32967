"""The part of a press profile that says which value of which device means what."""

from collections.abc import Mapping

from pydantic import Field

from stackpress_py.devices.press.paths import Flag, Signal, Target
from stackpress_py.documents import Document
from stackpress_py.quantities import (
    DURATION,
    FORCE,
    FRACTION,
    LENGTH,
    PRESSURE,
    TEMPERATURE,
    VELOCITY,
    Kind,
)


class Signals(Document):
    """What the press measures besides force; what is not named is not known.

    Attributes:
        position, velocity: of the ram, positive towards closing.
        upper_temperature, lower_temperature: of the platens.
        frame_temperature: beside the load cells.
        upper_output, lower_output: power of a platen, 1 is full heating, -1 full cooling.
        oil_pressure: of the hydraulics.
        chamber_pressure: of the gas around the cell, absolute: the vacuum gauge.
        motion_enabled .. heating_enabled: states; one that the press does not have reads as the
            harmless one.
    """

    position: Signal | None = None
    velocity: Signal | None = None
    upper_temperature: Signal | None = None
    lower_temperature: Signal | None = None
    frame_temperature: Signal | None = None
    upper_output: Signal | None = None
    lower_output: Signal | None = None
    oil_pressure: Signal | None = None
    chamber_pressure: Signal | None = None
    motion_enabled: Flag | None = None
    guard_closed: Flag | None = None
    estop_released: Flag | None = None
    at_open_limit: Flag | None = None
    at_closed_limit: Flag | None = None
    part_present: Flag | None = None
    ram_locked: Flag | None = None
    heating_enabled: Flag | None = None

    def numbers(self) -> Mapping[str, tuple[str | None, Kind]]:
        """Return the measured quantities: where they come from, and their kind."""
        return {
            "position": (self.position, LENGTH),
            "velocity": (self.velocity, VELOCITY),
            "upper_temperature": (self.upper_temperature, TEMPERATURE),
            "lower_temperature": (self.lower_temperature, TEMPERATURE),
            "frame_temperature": (self.frame_temperature, TEMPERATURE),
            "upper_output": (self.upper_output, FRACTION),
            "lower_output": (self.lower_output, FRACTION),
            "oil_pressure": (self.oil_pressure, PRESSURE),
            "chamber_pressure": (self.chamber_pressure, PRESSURE),
        }

    def flags(self) -> Mapping[str, str | None]:
        """Return the states: where they come from."""
        return {
            "motion_enabled": self.motion_enabled,
            "guard_closed": self.guard_closed,
            "estop_released": self.estop_released,
            "at_open_limit": self.at_open_limit,
            "at_closed_limit": self.at_closed_limit,
            "part_present": self.part_present,
            "ram_locked": self.ram_locked,
            "heating_enabled": self.heating_enabled,
        }


class Commands(Document):
    """Bits of the press's own controller that act on their rising edge.

    Attributes:
        reset: acknowledges its faults.
        lock, unlock: of the ram, for a handover; the lock must survive a restart of the computer.
    """

    reset: Target | None = None
    lock: Target | None = None
    unlock: Target | None = None

    def named(self) -> Mapping[str, str | None]:
        """Return where each is written."""
        return {"reset": self.reset, "lock": self.lock, "unlock": self.unlock}


class OwnLimits(Document):
    """What the devices tell of their own limits; read at each connection, compared with the profile.

    Attributes:
        force_limit .. temperature_limit: must not be below the profile's.
        watchdog_time: of the device's own watchdog; must not be above the profile's.
    """

    force_limit: Signal | None = None
    travel: Signal | None = None
    velocity_limit: Signal | None = None
    temperature_limit: Signal | None = None
    watchdog_time: Signal | None = None

    def named(self) -> Mapping[str, tuple[str | None, Kind]]:
        """Return where each is told, and its kind."""
        return {
            "force_limit": (self.force_limit, FORCE),
            "travel": (self.travel, LENGTH),
            "velocity_limit": (self.velocity_limit, VELOCITY),
            "temperature_limit": (self.temperature_limit, TEMPERATURE),
            "watchdog_time": (self.watchdog_time, DURATION),
        }


EMPTY_COMMANDS = Field(default_factory=Commands)
EMPTY_OWN_LIMITS = Field(default_factory=OwnLimits)
