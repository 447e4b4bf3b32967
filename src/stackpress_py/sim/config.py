"""Constants of a simulated press: what config/sim/*.yaml may say. The unit stands at the end of each name."""

from dataclasses import dataclass

from .fields import choice, number, positive, whole


class ConfigError(ValueError):
    """A file cannot be used; the message is one sentence with file and key."""


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """What a robot lays into the die: ``powder`` (sample.py tells the model) or ``blank``, a solid elastic body."""

    kind: str = choice("powder", "blank")
    mass_mg: float = positive(1e5)
    true_density_kg_m3: float = positive(3e4)
    heckel_slope_per_mpa: float = positive(1.0)
    heckel_intercept: float = positive(10.0)
    tap_density: float = positive(0.99)
    rearrangement_pressure_mpa: float = positive(1e3)
    elastic_strain: float = positive(0.5)
    elastic_pressure_mpa: float = positive(1e4)
    elastic_exponent: float = number(0.1, 1.0)
    elastic_onset_mpa: float = positive(10.0)
    delayed_share: float = number(0.0, 2.0)
    delayed_time_s: float = positive(1e5)
    relaxation: float = number(0.0, 0.5)
    relaxation_time_s: float = positive(1e5)
    relaxation_press_kn_mm: float = positive(1e5)
    relaxation_exponent: float = number(0.0, 20.0)
    relaxation_renewal: float = positive(10.0)
    relaxation_hot_factor: float = number(1.0, 20.0)
    wall_friction: float = number(0.0, 5.0)
    wall_friction_travel_um: float = positive(1e3)
    fracture_pressure_mpa: float = number(0.0, 1e4)
    fracture_collapse: float = number(0.0, 0.5)
    blank_height_mm: float = number(0.0, 50.0)
    blank_stiffness_kn_mm: float = positive(1e5)


@dataclass(frozen=True, slots=True)
class PressConfig:
    """Drive, frame and die; what moves the ram is ``actuation`` (drive.py, force_loop.py, hydraulics.py)."""

    actuation: str = choice("velocity", "force", "pump_and_valve")
    die_diameter_mm: float = positive(200.0)
    die_bottom_mm: float = positive(1e3)
    bottom_stiffness_kn_mm: float = positive(1e5)
    travel_mm: float = positive(1e3)
    overtravel_mm: float = positive(50.0)
    open_enough_mm: float = positive(1e3)
    frame_stiffness_kn_mm: float = positive(1e5)
    seating_um: float = number(0.0, 1e4)
    seating_force_n: float = positive(1e5)
    velocity_limit_mm_s: float = positive(1e3)
    velocity_lag_ms: float = positive(1e3)
    velocity_dead_time_ms: float = number(0.0, 500.0)
    acceleration_limit_mm_s2: float = positive(1e5)
    velocity_quantum_um_s: float = positive(1e3)
    drive_resolution_nm: float = positive(1e5)
    ripple: float = number(0.0, 0.5)
    ripple_period_um: float = positive(1e5)
    backlash_um: float = number(0.0, 1e3)
    backlash_preload_n: float = number(0.0, 1e5)
    leak_um_s_kn: float = number(0.0, 1e3)
    force_limit_kn: float = positive(1e4)
    stall_force_kn: float = positive(1e4)
    load_cell_lag_ms: float = positive(1e3)


@dataclass(frozen=True, slots=True)
class ForceLoopConfig:
    """A press's own force loop around its servo drive, for ``actuation: force``."""

    period_ms: float = number(1.0, 1e3)
    gain_error: float = number(0.0, 0.5)
    zero_n: float = number(0.0, 1e4)
    noise_n: float = number(0.0, 1e4)
    proportional_um_s_kn: float = positive(1e5)
    integral_time_s: float = number(0.01, 1e3)
    rate_limit_n_s: float = positive(1e7)
    contact_n: float = positive(1e5)
    approach_velocity_mm_s: float = positive(1e3)
    touch_velocity_mm_s: float = positive(1e3)
    touch_position_mm: float = number(0.0, 1e3)
    press_velocity_mm_s: float = positive(1e3)


@dataclass(frozen=True, slots=True)
class HydraulicsConfig:
    """Cylinder, oil, pump and valve, for ``actuation: pump_and_valve``."""

    ram_diameter_mm: float = number(5.0, 500.0)
    oil_column_mm: float = number(1.0, 1e3)
    bulk_modulus_mpa: float = number(10.0, 1e4)
    air_share: float = number(0.0, 0.2)
    return_force_n: float = number(1.0, 1e5)
    return_stiffness_n_mm: float = number(0.0, 1e3)
    seal_friction_n: float = number(0.0, 1e4)
    seal_travel_um: float = number(0.1, 1e3)
    command_quantum: float = number(1e-6, 0.1)
    pump_flow_cm3_s: float = positive(1e4)
    pump_dead_band: float = number(0.0, 0.5)
    pump_lag_ms: float = number(1.0, 1e4)
    pump_dead_time_ms: float = number(0.0, 1e3)
    pump_ripple: float = number(0.0, 0.5)
    pump_ripple_hz: float = number(0.1, 1e4)
    valve_flow_cm3_s: float = positive(1e4)
    valve_dead_band: float = number(0.0, 0.5)
    valve_lag_ms: float = number(1.0, 1e4)
    valve_dead_time_ms: float = number(0.0, 1e3)
    leak_mm3_s_mpa: float = number(0.0, 1e4)


@dataclass(frozen=True, slots=True)
class CellConfig:
    """How the sample breathes while a cycler charges and discharges it (cell.py)."""

    breathing_um: float = number(-1e3, 1e3)
    period_s: float = number(1.0, 1e7)
    rest_share: float = number(0.0, 0.9)
    start_s: float = number(0.0, 1e7)
    current_a: float = number(0.0, 1e3)


@dataclass(frozen=True, slots=True)
class PlatenConfig:
    """One platen: element, plate and thermocouple."""

    heater_power_w: float = positive(1e5)
    heater_capacity_j_k: float = number(1.0, 1e6)
    heater_conductance_w_k: float = number(0.1, 1e3)
    plate_capacity_j_k: float = number(10.0, 1e7)
    loss_w_k: float = number(0.0, 1e3)
    cooling_w_k: float = number(0.0, 1e3)
    sensor_lag_s: float = number(0.01, 1e3)
    sensor_dead_time_s: float = number(0.0, 600.0)
    sensor_error_k: float = number(-20.0, 20.0)
    sensor_noise_k: float = number(0.0, 20.0)
    sensor_resolution_k: float = positive(10.0)
    expansion_um_k: float = number(0.0, 100.0)


@dataclass(frozen=True, slots=True)
class SurroundingsConfig:
    """Room, coolant, die and frame."""

    ambient_c: float = number(-50.0, 100.0)
    room_swing_k: float = number(0.0, 50.0)
    room_period_s: float = number(60.0, 1e7)
    coolant_c: float = number(-50.0, 100.0)
    die_capacity_j_k: float = number(1.0, 1e6)
    die_conductance_w_k: float = number(0.0, 100.0)
    die_contact_force_n: float = positive(1e5)
    die_expansion_um_k: float = number(0.0, 100.0)
    frame_warming: float = number(0.0, 1.0)
    frame_time_s: float = number(1.0, 1e6)
    frame_expansion_um_k: float = number(0.0, 100.0)
    frame_sensor_error_k: float = number(-20.0, 20.0)
    frame_sensor_noise_k: float = number(0.0, 20.0)
    frame_sensor_resolution_k: float = positive(10.0)
    temperature_limit_c: float = number(0.0, 2e3)


@dataclass(frozen=True, slots=True)
class LoadCellConfig:
    """One load cell with its amplifier; ``_fs`` is a share of the range."""

    range_n: float = positive(1e7)
    saturation_n: float = positive(1e7)
    gain_error: float = number(0.0, 0.5)
    zero_fs: float = number(0.0, 0.5)
    noise_fs: float = number(0.0, 0.5)
    quantum_fs: float = positive(0.1)
    zero_drift_fs_per_k: float = number(0.0, 0.1)
    gain_drift_per_k: float = number(0.0, 0.1)
    zero_drift_fs_per_h: float = number(0.0, 0.1)
    creep: float = number(0.0, 0.1)
    creep_time_s: float = positive(1e6)


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What tells the ram's position."""

    noise_um: float = number(0.0, 1e3)
    quantum_um: float = positive(1e3)
    velocity_quantum_um_s: float = positive(1e3)


@dataclass(frozen=True, slots=True)
class PlcConfig:
    """The press's own controller: communication watchdog, and the scan that ``sequence`` counts."""

    watchdog_ms: int = whole(1, 60_000)
    scan_ms: int = whole(1, 1_000)


@dataclass(frozen=True, slots=True)
class WireConfig:
    """The serial line."""

    baud: int = whole(300, 4_000_000)
    parity: str = choice("none", "even", "odd")
    stop_bits: int = whole(1, 2)
    unit: int = whole(1, 247)
    turnaround_ms: float = number(0.0, 1e3)


@dataclass(frozen=True, slots=True)
class SimConfig:
    """A whole simulated press; ``seed`` makes its noise and its sensors' errors repeatable."""

    name: str
    seed: int
    sample: SampleConfig
    press: PressConfig
    force_loop: ForceLoopConfig
    hydraulics: HydraulicsConfig
    cell: CellConfig
    upper_platen: PlatenConfig
    lower_platen: PlatenConfig
    surroundings: SurroundingsConfig
    force_high: LoadCellConfig
    force_low: LoadCellConfig
    encoder: EncoderConfig
    plc: PlcConfig
    wire: WireConfig
