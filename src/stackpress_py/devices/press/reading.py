"""What a press measures in one cycle."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One cycle's values, in SI; a value that is not known is NaN, never an old one.

    Attributes:
        forces: N, each sensor's own reading in the profile's order, without tare.
        position, velocity: m, m/s, positive towards closing.
        upper_temperature .. frame_temperature: degC.
        upper_output, lower_output: 1, 0..1 heating, -1..0 cooling.
        oil_pressure: Pa.
        chamber_pressure: Pa, absolute.
        motion_enabled .. heating_enabled: states; an unknown one reads as the dangerous one.
        faults: names of the faults that the devices report.
        missing: one sentence for each device that does not answer.
        not_taken: one sentence for each value that was written and is not held.
    """

    forces: tuple[float, ...]
    position: float
    velocity: float
    upper_temperature: float
    lower_temperature: float
    frame_temperature: float
    upper_output: float
    lower_output: float
    oil_pressure: float
    chamber_pressure: float
    motion_enabled: bool
    guard_closed: bool
    estop_released: bool
    at_open_limit: bool
    at_closed_limit: bool
    part_present: bool
    ram_locked: bool
    heating_enabled: bool
    faults: tuple[str, ...]
    missing: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()


def fault_bits(present: Sequence[str], known: Sequence[str]) -> int:
    """Return the faults as bits: bit n is the n-th known one; only 32 have one."""
    return sum(1 << bit for bit, name in enumerate(known[:32]) if name in present)
