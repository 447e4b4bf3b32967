"""What the ram does while the platens are measured: stand, or hold a force loosely. SI units."""

import math
from dataclasses import dataclass
from typing import Protocol

from stackpress_py.devices.press.command import Motion, Velocity
from stackpress_py.quantities import format_force
from stackpress_py.tune.moves import RamFacts
from stackpress_py.tune.trial import DoubtError, Seen

#: Dead times, and s at least, in which a deviation of the force is closed: slowly, for it is the position that is
#: measured.
RESPONSE, QUICKEST = 8.0, 0.3
#: Part of the held force that it may be off.
LARGEST_DEVIATION = 0.5


class Holder(Protocol):
    """Moves the ram while something else is measured."""

    def motion(self, seen: Seen) -> Motion | None:
        """Return what the ram shall do now."""


class Still:
    """Leaves the ram where it is."""

    def motion(self, seen: Seen) -> Motion | None:
        """Return what the ram shall do now: nothing."""
        return None


@dataclass(slots=True)
class ForceHolder:
    """Keeps a force on a stack of known stiffness.

    Attributes:
        facts: of the ram.
        force: N.
        stiffness: N/m.
        dead_time: s.
    """

    facts: RamFacts
    force: float
    stiffness: float
    dead_time: float

    def motion(self, seen: Seen) -> Motion | None:
        """Return what the ram shall do now.

        Raises:
            DoubtError: the force has got away.
        """
        missing = self.force - seen.force
        if math.isnan(missing):
            return None
        if abs(missing) > LARGEST_DEVIATION * self.force:
            raise DoubtError(
                f"the force is {format_force(seen.force, 3)} instead of {format_force(self.force, 3)}:"
                " the stack gives way"
            )
        response = max(RESPONSE * self.dead_time, QUICKEST)
        velocity = missing / (self.stiffness * response)
        most = self.facts.limits.contact_velocity
        velocity = min(most, max(-most, velocity))
        return Velocity(velocity) if abs(velocity) >= 0.5 * self.facts.slowest else Velocity(0.0)
