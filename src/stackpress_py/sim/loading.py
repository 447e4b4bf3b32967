"""Load the constants of a simulated press from a YAML file, which may override only some keys of another one."""

import math
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from .config import (
    CellConfig,
    ConfigError,
    EncoderConfig,
    ForceLoopConfig,
    HydraulicsConfig,
    LoadCellConfig,
    PlatenConfig,
    PlcConfig,
    PressConfig,
    SampleConfig,
    SimConfig,
    SurroundingsConfig,
    WireConfig,
)
from .fields import Bounds
from .strict_yaml import Tree, read_yaml

SECTIONS = (
    "sample", "press", "force_loop", "hydraulics", "cell", "upper_platen", "lower_platen",
    "surroundings", "force_high", "force_low", "encoder", "plc", "wire",
)  # fmt: skip


class _DataClass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Section = TypeVar("Section", bound=_DataClass)


def load(path: str | Path) -> SimConfig:
    """Load a file. ``base: FILE`` takes from another file every key that this one does not give.

    Raises:
        ConfigError: file, key, and what is wrong.
    """
    source = Path(path)
    tree = _with_base(source, ())
    for key in tree:
        if key not in (*SECTIONS, "name", "seed"):
            allowed = ", ".join(("base", "name", "seed", *SECTIONS))
            raise ConfigError(f"{source}: '{key}' is unknown here; allowed are {allowed}")
    config = SimConfig(
        name=str(tree.get("name", source.stem)),
        seed=_whole(source, "seed", tree.get("seed", 1), Bounds(0, 2**63)),
        sample=_section(source, "sample", SampleConfig, tree),
        press=_section(source, "press", PressConfig, tree),
        force_loop=_section(source, "force_loop", ForceLoopConfig, tree),
        hydraulics=_section(source, "hydraulics", HydraulicsConfig, tree),
        cell=_section(source, "cell", CellConfig, tree),
        upper_platen=_section(source, "upper_platen", PlatenConfig, tree),
        lower_platen=_section(source, "lower_platen", PlatenConfig, tree),
        surroundings=_section(source, "surroundings", SurroundingsConfig, tree),
        force_high=_section(source, "force_high", LoadCellConfig, tree),
        force_low=_section(source, "force_low", LoadCellConfig, tree),
        encoder=_section(source, "encoder", EncoderConfig, tree),
        plc=_section(source, "plc", PlcConfig, tree),
        wire=_section(source, "wire", WireConfig, tree),
    )
    _check_together(source, config)
    return config


def _with_base(path: Path, seen: tuple[Path, ...]) -> Tree:
    tree = _read(path)
    base = tree.pop("base", None)
    if base is None:
        return tree
    if not isinstance(base, str):
        raise ConfigError(f"{path}: 'base' must be the name of a file, found {base!r}")
    found = _find(path, base)
    seen = (*seen, path.resolve())
    if found in seen:
        raise ConfigError(f"{path}: 'base' leads back to {found.name}, in a circle")
    merged = _with_base(found, seen)
    for key, value in tree.items():
        below = merged.get(key)
        merged[key] = {**below, **value} if _both_trees(below, value) else value  # type: ignore[dict-item]
    return merged


def _both_trees(first: object, second: object) -> bool:
    return isinstance(first, dict) and isinstance(second, dict)


def _find(path: Path, base: str) -> Path:
    """Return the file ``base``: beside the one that names it, else among those that come with the program."""
    folders = [path.parent]
    for parent in Path(__file__).resolve().parents:
        folders += [parent / "config/sim", parent / "share/stackpress/config/sim"]
    found = [file.resolve() for file in (folder / base for folder in folders) if file.is_file()]
    # A file of the user's may have the name of the one on which it is based.
    others = [file for file in found if file != path.resolve()]
    if found:
        return (others or found)[0]
    raise ConfigError(
        f"{path}: there is no file '{base}' for 'base', neither beside it nor in config/sim"
    )


def _read(path: Path) -> Tree:
    tree = read_yaml(path)
    if not isinstance(tree, dict):
        raise ConfigError(
            f"{path}: must contain sections such as 'sample' and 'press', or at least 'base'"
        )
    return tree


def _section(path: Path, name: str, kind: type[Section], tree: Tree) -> Section:
    given = tree.get(name)
    if given is None:
        raise ConfigError(
            f"{path}: section '{name}' is missing; 'base: reference.yaml' would supply it"
        )
    if not isinstance(given, dict):
        raise ConfigError(f"{path}: section '{name}' must hold keys and values, found {given!r}")
    known = {each.name: each for each in fields(kind)}
    for key in given:
        if key not in known:
            raise ConfigError(f"{path}: '{name}.{key}' is unknown; allowed are {', '.join(known)}")
    values = {key: _value(path, f"{name}.{key}", given, each) for key, each in known.items()}
    return kind(**values)


def _value(path: Path, key: str, given: Mapping[str, object], known: "Field[Any]") -> object:
    if known.name not in given:
        raise ConfigError(f"{path}: '{key}' is missing; 'base: reference.yaml' would supply it")
    value = given[known.name]
    words = known.metadata.get("words")
    if words is not None:
        if value not in words:
            raise ConfigError(f"{path}: '{key}' must be one of {', '.join(words)}, found {value!r}")
        return value
    bounds: Bounds = known.metadata["bounds"]
    return (
        _whole(path, key, value, bounds) if known.type is int else _real(path, key, value, bounds)
    )


def _whole(path: Path, key: str, value: object, bounds: Bounds) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not bounds.admits(value):
        raise ConfigError(f"{path}: '{key}' must be a whole number {bounds}, found {value!r}")
    return value


def _real(path: Path, key: str, value: object, bounds: Bounds) -> float:
    # YAML 1.1 takes 1e-5, without a dot, for a text.
    number = _parsed(value)
    if not math.isfinite(number) or not bounds.admits(number):
        raise ConfigError(f"{path}: '{key}' must be a number {bounds}, found {value!r}")
    return number


def _parsed(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _check_together(path: Path, config: SimConfig) -> None:
    press, sample = config.press, config.sample
    loosest = 1.0 - math.exp(-sample.heckel_intercept)
    if sample.tap_density > loosest:
        raise ConfigError(
            f"{path}: 'sample.tap_density' must not exceed {loosest:.3f}, the density that"
            f" 'sample.heckel_intercept' gives without pressure; found {sample.tap_density:g}"
        )
    area_mm2 = math.pi / 4.0 * press.die_diameter_mm**2
    powder_mm = 1e3 * sample.mass_mg / (sample.true_density_kg_m3 * area_mm2 * sample.tap_density)
    height_mm = sample.blank_height_mm if sample.kind == "blank" else powder_mm
    room_mm = press.die_bottom_mm - press.open_enough_mm
    if height_mm >= room_mm:
        key = "blank_height_mm" if sample.kind == "blank" else "mass_mg"
        raise ConfigError(
            f"{path}: 'sample.{key}' gives a sample of {height_mm:.3g} mm, but only {room_mm:.3g} mm are"
            " between 'press.open_enough_mm' and 'press.die_bottom_mm'"
        )
    if press.die_bottom_mm >= press.travel_mm:
        raise ConfigError(
            f"{path}: 'press.die_bottom_mm' must be below 'press.travel_mm', {press.travel_mm:g};"
            f" found {press.die_bottom_mm:g}"
        )
    if press.stall_force_kn <= press.force_limit_kn:
        raise ConfigError(
            f"{path}: 'press.stall_force_kn' must be above 'press.force_limit_kn',"
            f" {press.force_limit_kn:g}; found {press.stall_force_kn:g}"
        )
    for name, cell in (("force_high", config.force_high), ("force_low", config.force_low)):
        if cell.saturation_n < cell.range_n:
            raise ConfigError(
                f"{path}: '{name}.saturation_n' must be at least '{name}.range_n', {cell.range_n:g};"
                f" found {cell.saturation_n:g}"
            )
