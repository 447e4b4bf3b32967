"""Constants of a simulated press: what config/sim/*.yaml may say. The unit stands at the end of each name."""

from dataclasses import dataclass, field


class ConfigError(ValueError):
    """A file cannot be used; the message is one sentence with file and key."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a number may be, both ends included; ``above`` excludes the lower end."""

    low: float
    high: float
    above: bool = False

    def admits(self, value: float) -> bool:
        """Return whether the number lies inside."""
        return self.low <= value <= self.high and not (self.above and value == self.low)

    def __str__(self) -> str:
        relation = "above" if self.above else "from"
        return f"{relation} {self.low:g} to {self.high:g}"


def _number(low: float, high: float) -> float:
    value: float = field(metadata={"bounds": Bounds(low, high)})
    return value


def _positive(high: float) -> float:
    value: float = field(metadata={"bounds": Bounds(0.0, high, above=True)})
    return value


def _whole(low: int, high: int) -> int:
    value: int = field(metadata={"bounds": Bounds(low, high)})
    return value


def _choice(*words: str) -> str:
    value: str = field(metadata={"words": words})
    return value


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """What a robot lays into the die: ``powder`` (sample.py tells the model) or ``blank``, a solid elastic body."""

    kind: str = _choice("powder", "blank")
    mass_mg: float = _positive(1e5)
    true_density_kg_m3: float = _positive(3e4)
    heckel_slope_per_mpa: float = _positive(1.0)
    heckel_intercept: float = _positive(10.0)
    tap_density: float = _positive(0.99)
    rearrangement_pressure_mpa: float = _positive(1e3)
    elastic_strain: float = _positive(0.5)
    elastic_pressure_mpa: float = _positive(1e4)
    elastic_exponent: float = _number(0.1, 1.0)
    elastic_onset_mpa: float = _positive(10.0)
    delayed_share: float = _number(0.0, 2.0)
    delayed_time_s: float = _positive(1e5)
    relaxation: float = _number(0.0, 0.5)
    relaxation_time_s: float = _positive(1e5)
    relaxation_press_kn_mm: float = _positive(1e5)
    relaxation_exponent: float = _number(0.0, 20.0)
    relaxation_renewal: float = _positive(10.0)
    relaxation_hot_factor: float = _number(1.0, 20.0)
    wall_friction: float = _number(0.0, 5.0)
    wall_friction_travel_um: float = _positive(1e3)
    fracture_pressure_mpa: float = _number(0.0, 1e4)
    fracture_collapse: float = _number(0.0, 0.5)
    blank_height_mm: float = _number(0.0, 50.0)
    blank_stiffness_kn_mm: float = _positive(1e5)


@dataclass(frozen=True, slots=True)
class PressConfig:
    """Drive, frame and die."""

    die_diameter_mm: float = _positive(200.0)
    die_bottom_mm: float = _positive(1e3)
    bottom_stiffness_kn_mm: float = _positive(1e5)
    travel_mm: float = _positive(1e3)
    overtravel_mm: float = _positive(50.0)
    open_enough_mm: float = _positive(1e3)
    frame_stiffness_kn_mm: float = _positive(1e5)
    seating_um: float = _number(0.0, 1e4)
    seating_force_n: float = _positive(1e5)
    velocity_limit_mm_s: float = _positive(1e3)
    velocity_lag_ms: float = _positive(1e3)
    velocity_dead_time_ms: float = _number(0.0, 500.0)
    acceleration_limit_mm_s2: float = _positive(1e5)
    velocity_quantum_um_s: float = _positive(1e3)
    drive_resolution_nm: float = _positive(1e5)
    ripple: float = _number(0.0, 0.5)
    ripple_period_um: float = _positive(1e5)
    backlash_um: float = _number(0.0, 1e3)
    backlash_preload_n: float = _number(0.0, 1e5)
    leak_um_s_kn: float = _number(0.0, 1e3)
    force_limit_kn: float = _positive(1e4)
    stall_force_kn: float = _positive(1e4)
    load_cell_lag_ms: float = _positive(1e3)


@dataclass(frozen=True, slots=True)
class PlatenConfig:
    """One platen: element, plate and thermocouple."""

    heater_power_w: float = _positive(1e5)
    heater_capacity_j_k: float = _number(1.0, 1e6)
    heater_conductance_w_k: float = _number(0.1, 1e3)
    plate_capacity_j_k: float = _number(10.0, 1e7)
    loss_w_k: float = _number(0.0, 1e3)
    cooling_w_k: float = _number(0.0, 1e3)
    sensor_lag_s: float = _number(0.01, 1e3)
    sensor_dead_time_s: float = _number(0.0, 600.0)
    sensor_error_k: float = _number(-20.0, 20.0)
    sensor_noise_k: float = _number(0.0, 20.0)
    sensor_resolution_k: float = _positive(10.0)
    expansion_um_k: float = _number(0.0, 100.0)


@dataclass(frozen=True, slots=True)
class SurroundingsConfig:
    """Room, coolant, die and frame."""

    ambient_c: float = _number(-50.0, 100.0)
    coolant_c: float = _number(-50.0, 100.0)
    die_capacity_j_k: float = _number(1.0, 1e6)
    die_conductance_w_k: float = _number(0.0, 100.0)
    die_contact_force_n: float = _positive(1e5)
    die_expansion_um_k: float = _number(0.0, 100.0)
    frame_warming: float = _number(0.0, 1.0)
    frame_time_s: float = _number(1.0, 1e6)
    frame_expansion_um_k: float = _number(0.0, 100.0)
    frame_sensor_error_k: float = _number(-20.0, 20.0)
    frame_sensor_noise_k: float = _number(0.0, 20.0)
    frame_sensor_resolution_k: float = _positive(10.0)
    temperature_limit_c: float = _number(0.0, 2e3)


@dataclass(frozen=True, slots=True)
class LoadCellConfig:
    """One load cell with its amplifier; ``_fs`` is a share of the range."""

    range_n: float = _positive(1e7)
    saturation_n: float = _positive(1e7)
    gain_error: float = _number(0.0, 0.5)
    zero_fs: float = _number(0.0, 0.5)
    noise_fs: float = _number(0.0, 0.5)
    quantum_fs: float = _positive(0.1)
    zero_drift_fs_per_k: float = _number(0.0, 0.1)
    gain_drift_per_k: float = _number(0.0, 0.1)
    zero_drift_fs_per_h: float = _number(0.0, 0.1)
    creep: float = _number(0.0, 0.1)
    creep_time_s: float = _positive(1e6)


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What tells the ram's position."""

    noise_um: float = _number(0.0, 1e3)
    quantum_um: float = _positive(1e3)
    velocity_quantum_um_s: float = _positive(1e3)


@dataclass(frozen=True, slots=True)
class PlcConfig:
    """The press's own controller: communication watchdog, and the scan that ``sequence`` counts."""

    watchdog_ms: int = _whole(1, 60_000)
    scan_ms: int = _whole(1, 1_000)


@dataclass(frozen=True, slots=True)
class WireConfig:
    """The serial line."""

    baud: int = _whole(300, 4_000_000)
    parity: str = _choice("none", "even", "odd")
    stop_bits: int = _whole(1, 2)
    unit: int = _whole(1, 247)
    turnaround_ms: float = _number(0.0, 1e3)


@dataclass(frozen=True, slots=True)
class SimConfig:
    """A whole simulated press; ``seed`` makes its noise and its sensors' errors repeatable."""

    name: str
    seed: int
    sample: SampleConfig
    press: PressConfig
    upper_platen: PlatenConfig
    lower_platen: PlatenConfig
    surroundings: SurroundingsConfig
    force_high: LoadCellConfig
    force_low: LoadCellConfig
    encoder: EncoderConfig
    plc: PlcConfig
    wire: WireConfig
