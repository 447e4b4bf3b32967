"""What a measurement may do to a machine: what the user allows, inside what the press profile allows.

SI units, temperatures in degC.
"""

from dataclasses import dataclass

#: N/m; the stiffest press that is thought possible: presses have 50 to 200 kN/mm. Before the stiffness is known no
#: move is longer than what such a press bears.
STIFFEST = 2.5e8
#: s from a command to the force that answers it, that is thought possible before it is known.
LONGEST_LAG = 0.25
#: s for which this computer may pause while the press goes on as it was told last, until its own watchdog stops it;
#: and part of the allowed force that this may cost in a move.
PAUSE, PAUSE_SHARE = 0.25, 0.1
#: Part of the allowed force that the first contact may reach, and that the stack is loaded to.
CONTACT_SHARE = 0.5
LOAD_SHARE = 0.9
#: Part of the allowed force beyond which no move is planned to lead.
ROOM_SHARE = 0.97
#: Part of the allowed force rate that moves are planned with.
RATE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed.

    Attributes:
        force: N, largest.
        force_rate: N/s, largest rise.
        velocity: m/s, fastest ram.
        clear_to: m, ram position up to which surely nothing touches.
        deepest: m, ram position that is not passed.
        temperature: degC, hottest reading of a platen.
        heating_rate: K/s, fastest rise of a platen.
    """

    force: float
    force_rate: float
    velocity: float
    clear_to: float
    deepest: float
    temperature: float
    heating_rate: float

    @property
    def contact_velocity(self) -> float:
        """Velocity (m/s) at which even the stiffest press that is found in the dark stays within the limits."""
        by_force = CONTACT_SHARE * self.force / (STIFFEST * LONGEST_LAG)
        return min(by_force, RATE_SHARE * self.force_rate / STIFFEST, self.velocity)

    @property
    def load(self) -> float:
        """Largest force (N) that is aimed at."""
        return LOAD_SHARE * self.force
