"""How the ram is brought to the first contact, on a machine of which nothing is known yet. SI units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.command import Velocity
from stackpress_py.quantities import format_length
from stackpress_py.tune.free_ram import FAST, FreeRam
from stackpress_py.tune.moves import RamFacts, Rest, mean_of, rest, stand
from stackpress_py.tune.trial import DoubtError, Experiment, Order

#: Standard deviations of the noise, multiples of what the free ram feigned, and part of the allowed force, that are a
#: contact.
NOISE, FEIGNED, LEAST_SHARE = 8.0, 3.0, 1e-3
#: Part of the ram's acceleration that is used, and s that an approach brakes at least.
ACCELERATION_SHARE, BRAKING_TIME = 0.5, 0.4
#: s after a contact until the force has come to rest, and over which it is averaged.
SETTLING, AVERAGING = 0.5, 0.3
#: Multiples of the threshold that are more than a first touch, and part of the speed for the second one.
FIRM, GENTLY = 3.0, 0.15
#: m within which a first contact must let go.
LONGEST_RELEASE = 3e-4
#: m before the deepest position at which the search ends.
LAST_WAY = 1e-4
#: m; smaller steps of a position are rounding.
ROUNDING = 1e-8


@dataclass(frozen=True, slots=True)
class Contact:
    """The first contact.

    Attributes:
        threshold: N that were taken for a contact.
        rest: of the ram after it.
        resolution: m, smallest step between two readings of the position.
    """

    threshold: float
    rest: Rest
    resolution: float


def find_contact(facts: RamFacts, free: FreeRam) -> Experiment[Contact]:
    """Close fast as far as nothing can touch, then slowly until something does.

    Raises:
        DoubtError: nothing touches.
    """
    limits = facts.limits
    threshold = max(
        NOISE * free.rest.force_deviation, FEIGNED * free.largest_force, LEAST_SHARE * limits.force
    )
    yield from travel_to(facts, free, limits.clear_to)
    slow = slow_speed(facts)
    positions = yield from _creep(facts, slow, threshold)
    first = yield from rest(AVERAGING)
    if first.force > FIRM * threshold:
        # A slow machine has pressed before it noticed: off again, and back more slowly.
        yield from _let_go(facts, max(GENTLY * slow, facts.slowest), threshold)
        positions += yield from _creep(facts, max(GENTLY * slow, facts.slowest), threshold)
    resting = yield from stand(AVERAGING)
    positions += [seen.position for seen in resting]
    return Contact(threshold, mean_of(resting), smallest_step(positions))


def _creep(facts: RamFacts, speed: float, threshold: float) -> Experiment[list[float]]:
    """Close at a speed (m/s) until something touches, and stand; return the positions on the way."""
    order = Order(Velocity(speed))
    positions: list[float] = []
    while not positions or positions[-1] < facts.limits.deepest - LAST_WAY:
        seen = yield order
        if math.isfinite(seen.position):
            positions.append(seen.position)
        if seen.force > threshold:
            yield from stand(SETTLING)
            return positions
    raise DoubtError(
        f"nothing touches up to {format_length(positions[-1], 4)}: is the blank in the die? Where the ram may"
        " go is said by --deepest"
    )


def _let_go(facts: RamFacts, speed: float, threshold: float) -> Experiment[None]:
    """Open at a speed (m/s) until nothing touches, and stand."""
    order = Order(Velocity(-speed))
    seen = yield order
    begin = seen.position
    while seen.force > threshold:
        seen = yield order
        if seen.position < begin - LONGEST_RELEASE:
            raise DoubtError(
                f"the force does not vanish when the ram opens by {format_length(LONGEST_RELEASE)}: look at the"
                " zero of the force sensors"
            )
    yield from stand(SETTLING)


def smallest_step(positions: Sequence[float]) -> float:
    """Return the smallest difference (m) between readings of a ram that creeps on and comes to rest."""
    known = np.array(positions)[np.isfinite(positions)]
    steps = np.diff(np.unique(np.round(known / ROUNDING))) * ROUNDING
    return round(float(np.min(steps)), 9) if len(steps) else ROUNDING


def slow_speed(facts: RamFacts) -> float:
    """Return the velocity (m/s) at which a contact is looked for."""
    return max(facts.limits.contact_velocity, facts.slowest)


def travel_to(facts: RamFacts, free: FreeRam, goal: float) -> Experiment[None]:
    """Close to a position (m) where nothing touches, as fast as the ram brakes, and stand."""
    fastest = FAST * facts.limits.velocity
    acceleration = min(ACCELERATION_SHARE * free.acceleration, fastest / BRAKING_TIME)
    lag = free.tries[1].lag.value
    velocity = 0.0
    place = (yield from rest(AVERAGING)).position
    while (distance := goal - place - velocity * (lag + facts.period)) > 0.0:
        wanted = min(fastest, math.sqrt(2.0 * acceleration * distance))
        velocity = min(wanted, velocity + acceleration * facts.period)
        ordered = max(velocity, slow_speed(facts))
        seen = yield Order(Velocity(ordered))
        # A position that is missing once is where the ram was sent; the guard ends it if there is none any more.
        place = seen.position if math.isfinite(seen.position) else place + ordered * facts.period
    yield from stand(SETTLING)
