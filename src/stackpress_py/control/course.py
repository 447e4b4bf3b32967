"""Where a force shall be, now and in the end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a force.

    Attributes:
        setpoint, rate: N, N/s, now.
        target: N, at the end.
        full_rate: N/s, largest.
        tolerance: N, half-width of the band asked for; 0: none.
        rising: the target is approached from below.
        standing: the set-point stands at the target.
    """

    setpoint: float
    rate: float
    target: float
    full_rate: float
    tolerance: float
    rising: bool
    standing: bool
