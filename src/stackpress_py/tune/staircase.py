"""Loading and unloading a stack in small steps: force over position at rest, up and down. SI units."""

from collections.abc import Sequence
from dataclasses import dataclass

from stackpress_py.quantities import format_length
from stackpress_py.tune.limits import STIFFEST
from stackpress_py.tune.moves import Nudge, RamFacts, Rest
from stackpress_py.tune.trial import DoubtError, Experiment

#: Steps that are aimed at on the way up, and down.
UP, DOWN = 12, 8
#: Part of the allowed force at which unloading ends.
LOWEST_SHARE = 0.06
#: Steps after which a stack that takes no force counts as none.
MOST_STEPS = 120
#: Standard deviations by which two forces must differ to tell a slope.
CLEAR = 10.0
#: How much stiffer than seen so far a stack may become from one step to the next.
HARDENING = 1.5


@dataclass(frozen=True, slots=True)
class Staircase:
    """What was seen.

    Attributes:
        up, down: at rest, in order.
    """

    up: tuple[Rest, ...]
    down: tuple[Rest, ...]


def staircase(facts: RamFacts, nudge: Nudge, first: Rest) -> Experiment[Staircase]:
    """Load from the first contact up to the allowed force, and unload again.

    Raises:
        DoubtError: the stack takes no force, or the ram does not move it.
    """
    up = yield from _load(facts, nudge, first)
    down = yield from _unload(facts, nudge, up[-1])
    return Staircase(tuple(up), tuple(down))


def _load(facts: RamFacts, nudge: Nudge, first: Rest) -> Experiment[list[Rest]]:
    top = facts.limits.load
    step = top / UP
    rests = [first]
    slope = STIFFEST / HARDENING
    while rests[-1].force < top:
        force = rests[-1].force
        # A little more than up to the top: else the last steps would become ever smaller.
        wanted = min(top - force, step) + 0.1 * step
        travel = min(nudge.room(force), wanted / (HARDENING * slope))
        rests.append((yield from nudge.by(travel)))
        if len(rests) > MOST_STEPS:
            raise DoubtError(
                f"the force is only {rests[-1].force:.0f} N after {MOST_STEPS} steps of the ram, now at"
                f" {format_length(rests[-1].position, 4)}: a hard blank must lie in the die"
            )
        slope = _note_slope(nudge, rests, slope)
    return rests


def _note_slope(nudge: Nudge, rests: Sequence[Rest], before: float) -> float:
    """Return the stiffness (N/m) of the latest steps; what moves are planned with follows it with a margin."""
    last = rests[-1]
    noise = max(last.force_deviation, rests[0].force_deviation)
    for other in reversed(rests[:-1]):
        rise, travel = last.force - other.force, last.position - other.position
        if rise > CLEAR * noise and travel > CLEAR * last.position_deviation / last.count**0.5:
            slope = rise / travel
            nudge.stiffness = HARDENING * slope
            return slope
    return before


def _unload(facts: RamFacts, nudge: Nudge, top: Rest) -> Experiment[list[Rest]]:
    lowest = LOWEST_SHARE * facts.limits.force
    step = (top.force - lowest) / DOWN
    rests = [top]
    slope = nudge.stiffness / HARDENING
    while rests[-1].force > lowest + 0.5 * step:
        rests.append((yield from nudge.by(-step / slope)))
        fallen, opened = rests[-2].force - rests[-1].force, rests[-2].position - rests[-1].position
        if fallen <= 0.0 and opened <= 0.0 or len(rests) > MOST_STEPS:
            raise DoubtError("the force does not fall when the ram opens: look at the drive")
    return rests
