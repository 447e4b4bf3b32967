"""What the simulated servo axes have in common: settings, and how a machine around them leads them. SI units."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .mover import Mover
from .settings import Settings, number, positive


@dataclass(frozen=True, slots=True)
class AxisSettings(Settings):
    """An axis with its actuator.

    Attributes:
        stroke_mm: between the soft limits.
        start_mm: where it stands at the start.
        speed_limit_mm_s: fastest.
        thrust_n: force at the rated current.
    """

    stroke_mm: float = positive(60.0, 2e3)
    start_mm: float = number(0.0, 0.0, 2e3)
    speed_limit_mm_s: float = positive(300.0, 3e3)
    thrust_n: float = positive(25000.0, 1e6)


#: m that the axis can move beyond its soft limits.
OVERTRAVEL = 2e-3


class Axis:
    """A mover and the force on it.

    Attributes:
        mover: the motion.
        thrust: N at the rated current.
    """

    def __init__(self, settings: AxisSettings, force: Callable[[], float]) -> None:
        self.stroke = settings.stroke_mm * 1e-3
        self.speed_limit = settings.speed_limit_mm_s * 1e-3
        self.thrust = settings.thrust_n
        start = settings.start_mm * 1e-3
        self.mover = Mover(-OVERTRAVEL, self.stroke + OVERTRAVEL, start)
        self._force = force

    @property
    def load(self) -> float:
        """N that the axis pushes against, positive in closing; no sensor tells it, so no wire of it can break."""
        force = self._force()
        return 0.0 if math.isnan(force) else force

    @property
    def share(self) -> float:
        """Force as a share of the rated one."""
        return self.load / self.thrust

    def advance(self, now: float) -> None:
        """Move up to now."""
        self.mover.advance(now, self.load)
