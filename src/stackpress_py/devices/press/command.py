"""What a press can be told to do until the next command."""

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Velocity:
    """Move the ram.

    Attributes:
        velocity: m/s, positive towards closing.
    """

    velocity: float


@dataclass(frozen=True, slots=True)
class ForceTarget:
    """Let the press's own controller follow a force.

    Attributes:
        force: N.
        rate: N/s, largest rate of the press's own set-point.
    """

    force: float
    rate: float


@dataclass(frozen=True, slots=True)
class PumpAndValve:
    """Build pressure up, or let it go.

    Attributes:
        pump, valve: 1, 0..1.
    """

    pump: float
    valve: float


Motion: TypeAlias = Velocity | ForceTarget | PumpAndValve


@dataclass(frozen=True, slots=True)
class Heat:
    """What both platens shall do, in the way of the press.

    Attributes:
        upper, lower: power, 1 (0..1 heating, -1..0 cooling), or set-points, degC.
    """

    upper: float
    lower: float


@dataclass(frozen=True, slots=True)
class Levels:
    """Levels of the bits that act on their rising edge."""

    reset: bool = False
    lock: bool = False
    unlock: bool = False


@dataclass(frozen=True, slots=True)
class PressCommand:
    """What the press shall do.

    Attributes:
        motion: None: motion is not enabled.
        heat: None: heating is not enabled.
        levels: of the bits that act on their rising edge.
    """

    motion: Motion | None = None
    heat: Heat | None = None
    levels: Levels = field(default_factory=Levels)

    @property
    def velocity(self) -> float:
        """m/s that is commanded; 0: none."""
        return self.motion.velocity if isinstance(self.motion, Velocity) else 0.0


#: Everything off.
SAFE = PressCommand()
