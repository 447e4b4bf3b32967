"""What a press is told."""

import math
from typing import NamedTuple


class Command(NamedTuple):
    """What the press is told; of the motion only what fits its ``press.actuation`` acts.

    A tuple, because one is made in every cycle and a tuple is made fastest.

    Attributes:
        velocity: m/s of the ram.
        upper_power, lower_power: heating (+) or cooling (-) of each platen, -1..1.
        force: N, set-point of the press's own loop; NaN: motion is not enabled.
        force_rate: N/s, largest rate of that set-point; NaN: the press's own.
        pump, valve: 0..1.
    """

    velocity: float = 0.0
    upper_power: float = 0.0
    lower_power: float = 0.0
    force: float = math.nan
    force_rate: float = math.nan
    pump: float = 0.0
    valve: float = 0.0
