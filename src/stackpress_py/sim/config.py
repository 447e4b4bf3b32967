"""Constants of a simulated press, read from config/sim/*.yaml. Units stand in the keys."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")


class ConfigError(ValueError):
    """A constant is missing, unknown or not a number; the message names file and key."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """The stack in the die: compaction after Heckel, creep, friction (see sample.py)."""

    kind: str
    mass_mg: float
    true_density_kg_m3: float
    heckel_slope_per_mpa: float
    heckel_intercept: float
    tap_density: float
    rearrangement_pressure_mpa: float
    spring_back: float
    spring_back_pressure_mpa: float
    spring_back_exponent: float
    creep_um: float
    creep_time_s: float
    creep_exponent: float
    wall_friction: float
    wall_friction_travel_um: float
    fracture_pressure_mpa: float
    blank_height_mm: float
    blank_stiffness_kn_mm: float


@dataclass(frozen=True, slots=True)
class MechanicsConfig:
    """Frame, drive and die."""

    die_diameter_mm: float
    travel_mm: float
    die_bottom_mm: float
    frame_stiffness_kn_mm: float
    velocity_limit_mm_s: float
    velocity_lag_ms: float
    velocity_dead_time_ms: float
    acceleration_limit_mm_s2: float
    velocity_quantum_um_s: float
    screw_lead_mm: float
    velocity_ripple: float
    backlash_um: float
    backlash_preload_n: float
    leak_um_s_kn: float
    force_limit_kn: float


@dataclass(frozen=True, slots=True)
class ThermalConfig:
    """Platens, die and surroundings."""

    ambient_c: float
    platen_heat_capacity_j_k: float
    heater_power_w: float
    heater_lag_s: float
    loss_w_k: float
    cooling_w_k: float
    coolant_c: float
    die_conductance_w_k: float
    die_heat_capacity_j_k: float
    sensor_lag_s: float
    sensor_dead_time_s: float
    expansion_um_k: float
    die_expansion_um_k: float
    frame_warming: float
    temperature_limit_c: float


@dataclass(frozen=True, slots=True)
class SensorConfig:
    """Load cells, position and thermocouples."""

    high_range_kn: float
    high_saturation_kn: float
    low_range_n: float
    low_saturation_n: float
    gain_error: float
    noise_fs: float
    quantum_fs: float
    zero_n_fs: float
    zero_drift_fs_per_k: float
    creep_fs: float
    creep_time_s: float
    position_noise_um: float
    position_quantum_um: float
    thermocouple_noise_k: float
    upper_thermocouple_error_k: float
    lower_thermocouple_error_k: float


@dataclass(frozen=True, slots=True)
class WireConfig:
    """Serial line and controller."""

    baud: int
    parity: str
    unit: int
    turnaround_ms: float
    watchdog_ms: int
    scan_ms: int


@dataclass(frozen=True, slots=True)
class Config:
    """A whole simulated press; ``seed`` makes its noise repeatable."""

    name: str
    seed: int
    sample: SampleConfig
    mechanics: MechanicsConfig
    thermal: ThermalConfig
    sensors: SensorConfig
    wire: WireConfig


SECTIONS = {
    "sample": SampleConfig,
    "mechanics": MechanicsConfig,
    "thermal": ThermalConfig,
    "sensors": SensorConfig,
    "wire": WireConfig,
}


def load(path: Path) -> Config:
    """Load a file; ``base: FILE`` takes everything that it does not say from another one.

    Raises:
        ConfigError: file, key, and what is wrong.
    """
    data = _merged(path, ())
    sections: dict[str, Any] = {
        name: _section(path, name, cls, data) for name, cls in SECTIONS.items()
    }
    unknown = set(data) - set(SECTIONS) - {"name", "seed"}
    if unknown:
        raise ConfigError(
            f"{path}: unknown key '{min(unknown)}'; known: {', '.join(SECTIONS)}, name, seed, base"
        )
    seed = data.get("seed")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ConfigError(f"{path}: 'seed' must be a whole number, found '{seed}'")
    return Config(name=str(data.get("name", path.stem)), seed=seed, **sections)


def _merged(path: Path, seen: tuple[Path, ...]) -> dict[str, object]:
    data = _read(path)
    base = data.pop("base", None)
    if base is None:
        return data
    base_path = _find(path, str(base))
    if base_path in (*seen, path.resolve()):
        raise ConfigError(f"{path}: 'base' goes round in a circle")
    merged = _merged(base_path, (*seen, path.resolve()))
    for key, value in data.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = {**below, **value}
        else:
            merged[key] = value
    return merged


def _find(path: Path, base: str) -> Path:
    """Return the file of ``base``: beside the one that names it, or among those that come with the program."""
    beside = (path.parent / base).resolve()
    if beside.is_file():
        return beside
    for parent in Path(__file__).resolve().parents:
        for folder in (
            parent / "config" / "sim",
            parent / "share" / "stackpress" / "config" / "sim",
        ):
            if (folder / base).is_file():
                return folder / base
    raise ConfigError(f"{path}: the file of 'base', '{base}', is not there")


def _read(path: Path) -> dict[str, object]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: cannot be read: {reason}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: needs sections such as 'sample:' and 'mechanics:'")
    return data


def _section(path: Path, name: str, cls: type[T], data: Mapping[str, object]) -> T:
    given = data.get(name)
    if not isinstance(given, dict):
        raise ConfigError(
            f"{path}: section '{name}' is missing (begin with 'base: reference.yaml')"
        )
    known = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]
    for key in given:
        if key not in known:
            raise ConfigError(f"{path}: unknown key '{name}.{key}'; known: {', '.join(known)}")
    values = {}
    for key, kind in known.items():
        if key not in given:
            raise ConfigError(f"{path}: '{name}.{key}' is missing")
        values[key] = _value(path, f"{name}.{key}", given[key], kind)
    return cls(**values)


def _value(path: Path, key: str, value: object, kind: object) -> object:
    if kind is str or kind == "str":
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{path}: '{key}' must be a number, found '{value}'")
    if kind is int:
        return int(value)
    return float(value)
