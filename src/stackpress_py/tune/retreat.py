"""How the press is led to safety after a measurement, however that has ended. SI units."""

import math
from collections.abc import Callable

from stackpress_py.devices.press.command import Velocity
from stackpress_py.quantities import format_force, format_length
from stackpress_py.tune.free_ram import FAST, SWITCH_MARGIN
from stackpress_py.tune.limits import RATE_SHARE, STIFFEST, Limits
from stackpress_py.tune.moves import RamFacts
from stackpress_py.tune.pulses import OilFacts, hold_open, order_of
from stackpress_py.tune.trial import NOTHING, DoubtError, Experiment, Order, Seen

#: s that everything stands first.
PAUSE = 0.3
#: Part of the allowed force below which the ram is free, and by which the force may rise while the ram opens.
FREE_SHARE, RISE_SHARE = 0.005, 0.05
#: m before the open position at which the ram slows down, and m that count as arrived.
BRAKING, ARRIVED = 3e-3, 1e-4
#: First opening of a valve, and how it grows from cycle to cycle: from 2 % to all of it in some seconds.
FIRST_OPENING, OPENING_GROWTH = 0.02, 1.02
#: s without progress, and m that are progress.
PATIENCE, PROGRESS = 10.0, 1e-6


Retreat = Callable[[Seen], Experiment[None]]


def retreat_of(ram: RamFacts | None, oil: OilFacts | None) -> Retreat:
    """Return how a press that is moved by velocity, by oil, or not at all is led to safety."""
    if ram is not None:
        return opening(ram)
    return stay if oil is None else venting(oil)


def stay(first: Seen) -> Experiment[None]:
    """Switch everything off: for a press that was not moved."""
    yield NOTHING
    yield NOTHING


def opening(facts: RamFacts) -> Retreat:
    """Return what takes the force off slowly and opens the ram to where it was at first."""

    def retreat(first: Seen) -> Experiment[None]:
        home = first.position + (SWITCH_MARGIN if first.at_open_limit else 0.0)
        return _open(facts, home)

    return retreat


def venting(facts: OilFacts) -> Retreat:
    """Return what opens the valve of a hydraulic press until the ram is back."""

    def retreat(first: Seen) -> Experiment[None]:
        return vent(facts)

    return retreat


def vent(facts: OilFacts) -> Experiment[None]:
    """Let the oil out: little by little as long as something presses, then for as long as the ram may take."""
    yield NOTHING
    most = 1.0 if facts.valve_bit else FIRST_OPENING
    seen = yield order_of(False, most)
    begin = seen.time
    free = FREE_SHARE * facts.limits.force
    while seen.time - begin < PATIENCE + facts.closing_time:
        if not seen.force > free:
            yield from hold_open(False, 1.0, facts.closing_time)
            yield NOTHING
            return
        most = min(1.0, most * OPENING_GROWTH)
        seen = yield order_of(False, most)
    raise DoubtError(
        "the force does not vanish when the valve opens: let the oil out by hand", stand=True
    )


def _open(facts: RamFacts, home: float) -> Experiment[None]:
    seen = yield NOTHING
    begin = seen.time
    while seen.time - begin < PAUSE:
        seen = yield NOTHING
    watch = _Progress(facts.limits, seen)
    while seen.position > home + ARRIVED:
        seen = yield Order(Velocity(-_speed(facts, seen, home)))
        watch.step(seen)
    yield NOTHING


def _speed(facts: RamFacts, seen: Seen, home: float) -> float:
    limits = facts.limits
    if not seen.force < FREE_SHARE * limits.force:
        # As gently as the stiffest press needs it.
        return max(facts.slowest, RATE_SHARE * limits.force_rate / STIFFEST)
    return FAST * limits.velocity * min(1.0, max(0.05, (seen.position - home) / BRAKING))


class _Progress:
    """Sees to it that the ram opens, and that the force falls.

    Args:
        limits: what is allowed.
        seen: when it begins.
    """

    def __init__(self, limits: Limits, seen: Seen) -> None:
        if not math.isfinite(seen.force + seen.position):
            raise DoubtError(
                "force or position is not known, so the ram stays where it is", stand=True
            )
        self._most = seen.force + RISE_SHARE * limits.force
        self._position, self._since = seen.position, seen.time

    def step(self, seen: Seen) -> None:
        """Take a measurement.

        Raises:
            DoubtError: it does not open, or the force rises.
        """
        if seen.force > self._most:
            raise DoubtError(
                f"the force rises to {format_force(seen.force, 3)} while the ram is told to open: it stands now",
                stand=True,
            )
        if seen.position < self._position - PROGRESS:
            self._position, self._since = seen.position, seen.time
        elif seen.time - self._since > PATIENCE:
            place = format_length(self._position, 4)
            raise DoubtError(
                f"the ram does not open any further than {place}: open it by hand", stand=True
            )
