"""How a hydraulic press is closed, and pulses of rising strength are found that change its force clearly, not too much.

SI units; pump and valve 0..1.
"""

from collections.abc import Sequence

from stackpress_py.tune.limits import CONTACT_SHARE, LOAD_SHARE, LONGEST_LAG
from stackpress_py.tune.pulses import OilFacts, Pulse, Pulses, hold_open, order_of, wait
from stackpress_py.tune.trial import DoubtError, Experiment

#: s of a pulse.
PULSE_TIME = 1.2
#: Part of the allowed force from where on pulses are measured, and largest part that one is expected to change.
PLACE, MOST_CHANGE = 0.35, 0.15
#: Parts of the allowed force below which the pump fills up first, and below which a valve shall not bring it.
REFILL, FLOOR = 0.35, 0.15
#: Part of the allowed force that a stroke of what can only be on or off shall change.
STROKE_CHANGE = 0.03
#: First opening that is tried, how openings grow until something answers; then parts of the last step before, and
#: factors beyond.
FIRST, GROWTH = 0.005, 1.2
BETWEEN, LADDER = (0.75, 0.5), (1.05, 1.1, 1.2, 1.35, 1.6, 2.0)
#: s of the longest stroke of what can only be on or off.
LONGEST_STROKE = 2.0
#: How pulses of what can only be on or off grow, until they change enough; and how many of those there are.
LONGER, REPEATS = 1.5, 4
#: Largest opening with which a contact is looked for, and s of each of its steps of FIRST.
MOST_FREE, CLIMB_TIME = 0.25, 0.25
#: Strokes of the ram that the search for contact may take.
CLOSINGS = 40.0
#: Pulses after which something must have answered.
MOST_PULSES = 60
#: s of rest after the first contact.
REST_TIME = 1.0


def close_by_pump(facts: OilFacts, threshold: float) -> Experiment[None]:
    """Close until something touches: with as little oil as moves the ram, or in the shortest of strokes."""
    most = CONTACT_SHARE * facts.limits.force / facts.fastest_rise
    if facts.pump_bit and facts.period > most:
        raise DoubtError("the pump is too strong for a force that small: allow more force")
    opening, stroke, seen = 0.0, facts.period, (yield order_of(True, 0.0))
    begin = changed = seen.time
    while not seen.force > threshold:
        if seen.time - begin > CLOSINGS * facts.closing_time:
            raise DoubtError("nothing touches: look at the pump, the oil, and the blank in the die")
        if facts.pump_bit:
            yield from hold_open(True, 1.0, stroke - 1.5 * facts.period)
            (*_, seen) = yield from wait(2.0 * CLIMB_TIME)
            stroke = min(LONGER * stroke, max(most, facts.period))
            continue
        if seen.time - changed > CLIMB_TIME:
            changed = seen.time
            opening = min(opening + FIRST, MOST_FREE, most / LONGEST_LAG)
        seen = yield order_of(True, opening)
    yield from wait(REST_TIME)


class Rungs:
    """Pulses of rising strength.

    Args:
        facts: of the press.
        clear: N by which a pulse changes the force clearly.
    """

    def __init__(self, facts: OilFacts, clear: float) -> None:
        self._facts = facts
        self._clear = clear
        self._pulses = Pulses(facts.period)
        self._filler: Pulse | None = None

    def climb(self, pump: bool) -> Experiment[list[Pulse]]:
        """Return pulses that have clearly changed the force.

        Raises:
            DoubtError: nothing answers.
        """
        bit = self._facts.pump_bit if pump else self._facts.valve_bit
        found = yield from (self._strokes(pump) if bit else self._ladder(pump))
        if pump:
            self._filler = found[-1]
        return found

    def _one(self, pump: bool, opening: float, seconds: float) -> Experiment[Pulse]:
        """Make a pulse; what the valve has let go too far is pumped up first."""
        filler, least = self._filler, REFILL * self._facts.limits.force
        while filler is not None and self._pulses.force < least:
            yield from self._pulses.one(True, filler.opening, filler.seconds)
        return (yield from self._pulses.one(pump, opening, seconds))

    def _ladder(self, pump: bool) -> Experiment[list[Pulse]]:
        opening = FIRST
        last = yield from self._one(pump, opening, PULSE_TIME)
        place = PLACE * self._facts.limits.force if pump else 0.0
        for _ in range(MOST_PULSES):
            answers = abs(last.change) >= self._clear
            if answers and last.force >= place:
                break
            opening = opening if answers else min(1.0, GROWTH * opening)
            last = yield from self._one(pump, opening, PULSE_TIME)
        else:
            raise _silent(pump)
        below = opening / GROWTH
        ladder = [last]
        for share in BETWEEN:
            pulse = yield from self._one(pump, below + share * (opening - below), PULSE_TIME)
            if abs(pulse.change) > 0.5 * self._clear:
                ladder.insert(0, pulse)
        for factor in LADDER:
            higher = min(1.0, factor * opening)
            if _expected(ladder, higher) * PULSE_TIME <= self._room(pump):
                ladder.append((yield from self._one(pump, higher, PULSE_TIME)))
        return ladder

    def _room(self, pump: bool) -> float:
        """Return the change of force (N) that the next pulse may be expected to make."""
        limit, force = self._facts.limits.force, self._pulses.force
        left = LOAD_SHARE * limit - force if pump else max(force, REFILL * limit) - FLOOR * limit
        return min(MOST_CHANGE * limit, left)

    def _strokes(self, pump: bool) -> Experiment[list[Pulse]]:
        """Return strokes of what can only be on or off, as long as they change the force clearly."""
        seconds = self._facts.period
        enough = max(self._clear, STROKE_CHANGE * self._facts.limits.force)
        last = yield from self._one(pump, 1.0, seconds)
        while abs(last.change) < enough:
            if seconds > LONGEST_STROKE:
                raise _silent(pump)
            seconds *= LONGER
            last = yield from self._one(pump, 1.0, seconds)
        strokes = [last]
        for _ in range(REPEATS):
            strokes.append((yield from self._one(pump, 1.0, seconds)))
        return strokes


def _expected(ladder: Sequence[Pulse], opening: float) -> float:
    """Return the rate (N/s) that is expected of an opening."""
    last = ladder[-1]
    if len(ladder) == 1:
        # The dead band may end right before it.
        band = last.opening / GROWTH
    else:
        first = ladder[0]
        slope = (abs(last.rate) - abs(first.rate)) / (last.opening - first.opening)
        band = last.opening - abs(last.rate) / slope if slope > 0.0 else 0.0
    return abs(last.rate) * (opening - band) / max(last.opening - band, 1e-3)


def _silent(pump: bool) -> DoubtError:
    name = "pump" if pump else "valve"
    return DoubtError(f"the force does not answer the {name}: look at it, and the oil")
