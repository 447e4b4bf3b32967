"""A bench of simulated devices as a file: the lines, who hangs on them, and the world that they measure."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..config import ConfigError, SimConfig, WireConfig
from ..fields import Bounds
from ..loading import load as load_plant
from .catalogue import MODELS
from .reading import Section
from .settings import Settings

FIXED, PRESS = "fixed", "press"
NAME = re.compile(r"[a-z][a-z0-9_]*")
#: The name of the world's socket in the folder of the links.
WORLD_NAME = "world"
MEASURED = (
    "upper_temperature", "lower_temperature", "frame_temperature", "force_high", "force_low", "force",
)  # fmt: skip
DRIVEN = ("ram", "upper_heater", "lower_heater")
NOTHING = "nothing"
ANYTHING = Bounds(-1e9, 1e9)


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """One device.

    Attributes:
        name: unique on the bench.
        model: its kind, by the name in the catalogue.
        settings: what its section says.
        value: what it measures at first in a fixed world, degC, N or Pa.
        measures: what it measures of a press.
        drives: what it drives of a press.
    """

    name: str
    model: str
    settings: Settings
    value: float
    measures: str
    drives: str


@dataclass(frozen=True, slots=True)
class LineEntry:
    """A serial line; ``duplex``: each direction has its wire (RS-232)."""

    name: str
    wire: WireConfig
    duplex: bool
    devices: tuple[DeviceEntry, ...]


@dataclass(frozen=True, slots=True)
class TcpEntry:
    """A Modbus TCP port on the loopback interface; 0: any free one."""

    name: str
    port: int
    devices: tuple[DeviceEntry, ...]


@dataclass(frozen=True, slots=True)
class BenchConfig:
    """A whole bench; ``plant`` is the simulated press of a world of that kind."""

    source: Path
    name: str
    seed: int
    plant: SimConfig | None
    lines: tuple[LineEntry, ...]
    ports: tuple[TcpEntry, ...]


def load(path: Path) -> BenchConfig:
    """Load a file.

    Raises:
        ConfigError: file, key, and what is wrong.
    """
    file = Section.of_file(path)
    name = file.text("name", path.stem)
    seed = file.whole("seed", Bounds(0, 2**63), 1)
    plant = _plant(file)
    lines, ports = file.section("lines"), file.section("tcp")
    file.close()
    config = BenchConfig(
        path,
        name,
        seed,
        plant,
        tuple(_line(lines.section(_name(lines, key)), key, plant) for key in lines.names()),
        tuple(_port(ports.section(_name(ports, key)), key, plant) for key in ports.names()),
    )
    _check_together(path, config)
    return config


def _plant(file: Section) -> SimConfig | None:
    world = file.word("world", (FIXED, PRESS), FIXED)
    if world == FIXED:
        return None
    plant = file.text("plant", "reference.yaml")
    for folder in _folders(file.path):
        if (folder / plant).is_file():
            return load_plant(folder / plant)
    raise ConfigError(
        f"{file.path}: there is no file '{plant}' for 'plant', neither beside it nor in config/sim"
    )


def _folders(path: Path) -> list[Path]:
    """Return where a plant may lie: beside the file, or where the program's own are."""
    folders = [path.parent]
    for parent in Path(__file__).resolve().parents:
        folders += [parent / "config/sim", parent / "share/stackpress/config/sim"]
    return folders


def _name(section: Section, key: str) -> str:
    if not NAME.fullmatch(key) or key == WORLD_NAME:
        raise ConfigError(
            f"{section.path}: '{section.name}.{key}' must be a name of small letters, digits and _,"
            f" other than {WORLD_NAME}"
        )
    return key


def _line(section: Section, name: str, plant: SimConfig | None) -> LineEntry:
    wire = WireConfig(
        baud=section.whole("baud", Bounds(300, 4_000_000), 9600),
        parity=section.word("parity", ("none", "even", "odd"), "none"),
        stop_bits=section.whole("stop_bits", Bounds(1, 2), 1),
        unit=1,
        turnaround_ms=section.real("turnaround_ms", Bounds(0.0, 1e3), 1.0),
    )
    duplex = section.switch("duplex", False)
    devices = _devices(section, plant)
    section.close()
    return LineEntry(name, wire, duplex, devices)


def _port(section: Section, name: str, plant: SimConfig | None) -> TcpEntry:
    port = section.whole("port", Bounds(0, 65_535), 0)
    devices = _devices(section, plant)
    section.close()
    for each in devices:
        if not MODELS[each.model].modbus:
            raise ConfigError(
                f"{section.path}: '{section.name}.devices.{each.name}' cannot be on Modbus TCP:"
                f" {each.model} does not speak Modbus"
            )
    return TcpEntry(name, port, devices)


def _devices(section: Section, plant: SimConfig | None) -> tuple[DeviceEntry, ...]:
    below = section.section("devices")
    if not below.names():
        raise section.refuse("devices", "a section with at least one device")
    return tuple(_device(below.section(_name(below, key)), key, plant) for key in below.names())


def _device(section: Section, name: str, plant: SimConfig | None) -> DeviceEntry:
    model = section.word("kind", tuple(MODELS))
    value, measures, drives = MODELS[model].value, NOTHING, NOTHING
    if plant is None:
        value = section.real("value", ANYTHING, value)
    else:
        measures = section.word("measures", (*MEASURED, NOTHING), NOTHING)
        drives = section.word("drives", (*DRIVEN, NOTHING), NOTHING)
    settings = section.settings(MODELS[model].settings)
    section.close()
    return DeviceEntry(name, model, settings, value, measures, drives)


def _check_together(path: Path, config: BenchConfig) -> None:
    groups: list[LineEntry | TcpEntry] = [*config.lines, *config.ports]
    if not groups:
        raise ConfigError(f"{path}: 'lines' or 'tcp' must hold at least one line")
    seen: set[str] = set()
    for group in groups:
        units: set[int] = set()
        for name in (group.name, *(each.name for each in group.devices)):
            if name in seen:
                raise ConfigError(f"{path}: the name '{name}' stands twice; each is needed once")
            seen.add(name)
        for each in group.devices:
            if each.settings.unit in units:
                raise ConfigError(
                    f"{path}: '{each.name}' has unit {each.settings.unit} like another device of"
                    f" '{group.name}'; give it another one"
                )
            units.add(each.settings.unit)
    driven = [each.drives for group in groups for each in group.devices if each.drives != NOTHING]
    for drive in driven:
        if driven.count(drive) > 1:
            raise ConfigError(f"{path}: '{drive}' is driven by two devices; one only can drive it")
