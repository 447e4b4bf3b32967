"""The world around a bench: values that are set from outside, or the physics of a whole press."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from ..config import ConfigError, SimConfig
from ..faults import Request, RequestError
from ..plant import Command, Plant, Readings
from .autonics_tk import AutonicsTk
from .bench_config import NOTHING, DeviceEntry
from .delta_dtb import DeltaDtb
from .device import SimulatedDevice
from .eurotherm_3200 import Eurotherm3200
from .iai_rcp import IaiRcp
from .omron_e5c import OmronE5c
from .oriental_az import OrientalAz
from .watlow_ezzone_pm import WatlowEzzonePm
from .yudian_ai import YudianAi

#: s between two looks of the press at its devices.
STEP = 2e-3

Reply = dict[str, object]
Source = Callable[[], float]
Operations = Mapping[str, Callable[[Request], Reply]]
Heater = Eurotherm3200 | OmronE5c | WatlowEzzonePm | DeltaDtb | AutonicsTk | YudianAi
Ram = IaiRcp | OrientalAz


class World(Protocol):
    """What the devices measure and drive."""

    def source(self, entry: DeviceEntry) -> Source:
        """Return what a device measures."""

    def connect(self, entry: DeviceEntry, device: SimulatedDevice) -> None:
        """Let a device drive what its entry says.

        Raises:
            ConfigError: it cannot.
        """

    def advance(self, now: float) -> None:
        """Let time pass up to now (s since the start), for the devices too."""

    def operations(self) -> Operations:
        """Return what the world's socket may ask of it, by name."""

    def truth(self) -> Reply:
        """Return what is really there, SI and degC."""


class FixedWorld:
    """Every device measures a value of its own, which stays."""

    def __init__(self) -> None:
        self._devices: list[SimulatedDevice] = []

    def source(self, entry: DeviceEntry) -> Source:
        """Return the entry's value."""
        return lambda: entry.value

    def connect(self, entry: DeviceEntry, device: SimulatedDevice) -> None:
        """Keep the device; it drives nothing."""
        self._devices.append(device)

    def advance(self, now: float) -> None:
        """Let the devices' time pass."""
        for device in self._devices:
            device.advance(now)

    def operations(self) -> Operations:
        """Return nothing: values are set by the bench."""
        return {}

    def truth(self) -> Reply:
        """Return nothing."""
        return {}


class PressWorld:
    """A simulated press whose ram and heaters are driven by devices."""

    def __init__(self, config: SimConfig) -> None:
        self._plant = Plant(config)
        self._sensed, self._readings = 0.0, self._plant.sense()
        self._devices: list[SimulatedDevice] = []
        self._ram: Ram | None = None
        self._heaters: dict[str, Heater] = {}
        self._cell_id: str | None = None

    def source(self, entry: DeviceEntry) -> Source:
        """Return the reading that the entry names."""
        sources: dict[str, Source] = {
            "upper_temperature": lambda: self._seen().upper_temperature,
            "lower_temperature": lambda: self._seen().lower_temperature,
            "frame_temperature": lambda: self._seen().frame_temperature,
            "force_high": lambda: self._seen().force_high,
            "force_low": lambda: self._seen().force_low,
            "force": lambda: self._plant.force,
            NOTHING: lambda: 0.0,
        }
        return sources[entry.measures]

    def connect(self, entry: DeviceEntry, device: SimulatedDevice) -> None:
        """Give a device the ram or a heater.

        Raises:
            ConfigError: it is not made for that.
        """
        self._devices.append(device)
        if entry.drives == NOTHING:
            return
        if entry.drives == "ram" and isinstance(device, Ram):
            self._ram = device
        elif entry.drives != "ram" and isinstance(device, Heater):
            self._heaters[entry.drives] = device
        else:
            raise ConfigError(f"a {entry.model} cannot drive '{entry.drives}'")

    def advance(self, now: float) -> None:
        """Let devices and press go on together, in whole steps."""
        for _ in range(int((now - self._plant.time) / STEP + 1e-6)):
            then = self._plant.time + STEP
            for device in self._devices:
                device.advance(then)
            self._plant.step(STEP, self._command())
            if self._ram is not None:
                self._ram.axis.mover.follow(self._plant.mechanics.drive.position)

    def operations(self) -> Operations:
        """Return what a robot does."""
        return {"place": self._place, "take": self._take}

    def truth(self) -> Reply:
        """Return the true state of the press."""
        return {**asdict(self._plant.truth()), "cell_id": self._cell_id}

    def _command(self) -> Command:
        powers = {name: heater.output for name, heater in self._heaters.items()}
        velocity = self._ram.axis.mover.velocity if self._ram is not None else 0.0
        upper, lower = powers.get("upper_heater", 0.0), powers.get("lower_heater", 0.0)
        return Command(velocity, upper, lower)

    def _seen(self) -> Readings:
        if self._sensed != self._plant.time:
            self._sensed, self._readings = self._plant.time, self._plant.sense()
        return self._readings

    def _place(self, request: Request) -> Reply:
        cell_id = request.get("cell_id")
        if not isinstance(cell_id, str) or not 0 < len(cell_id) <= 200:
            raise RequestError("'cell_id' must be a text of 1 to 200 characters")
        self._reach()
        if self._cell_id is not None:
            raise RequestError(f"cell '{self._cell_id}' lies in the die already")
        self._plant.place()
        self._cell_id = cell_id
        return {"cell_id": cell_id}

    def _take(self, request: Request) -> Reply:
        self._reach()
        if self._cell_id is None:
            raise RequestError("no cell lies in the die")
        cell_id, self._cell_id = self._cell_id, None
        return {"cell_id": cell_id, **asdict(self._plant.take())}

    def _reach(self) -> None:
        if self._plant.moving or not self._plant.open_enough:
            position = self._plant.mechanics.drive.position * 1e3
            raise RequestError(f"the press is not open at rest: the ram is at {position:.2f} mm")
