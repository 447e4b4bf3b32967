"""Small motions that experiments are made of. SI units."""

import math
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.command import Velocity
from stackpress_py.tune.limits import PAUSE, PAUSE_SHARE, RATE_SHARE, ROOM_SHARE, STIFFEST, Limits
from stackpress_py.tune.trial import DoubtError, Experiment, Order, Seen

#: Part of the allowed force from which on moves may be faster than the search for contact, and how many times.
CLEAR_SHARE, FASTER = 0.02, 8.0


@dataclass(frozen=True, slots=True)
class RamFacts:
    """What is known of the ram before anything is measured.

    Attributes:
        limits: what is allowed.
        period: s between two measurements.
        slowest: m/s, slowest velocity that the ram knows; 0: as slow as it gets.
    """

    limits: Limits
    period: float
    slowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Rest:
    """Means while the ram stood.

    Attributes:
        time: s, of the middle.
        force, position: N, m.
        force_deviation, position_deviation: N, m, standard deviations of one reading.
        sensors: N, standard deviation of one reading of each force sensor.
        count: of readings.
    """

    time: float
    force: float
    position: float
    force_deviation: float
    position_deviation: float
    sensors: tuple[float, ...]
    count: int


def stand(seconds: float) -> Experiment[list[Seen]]:
    """Stand still, and return what was seen meanwhile."""
    return (yield from go(0.0, seconds))


def go(velocity: float, seconds: float) -> Experiment[list[Seen]]:
    """Move at a velocity (m/s) for a time, and return what was seen meanwhile."""
    order = Order(Velocity(velocity))
    seen = yield order
    readings = [seen]
    while readings[-1].time - readings[0].time < seconds:
        readings.append((yield order))
    return readings


def rest(seconds: float) -> Experiment[Rest]:
    """Stand still, and return the means."""
    return mean_of((yield from stand(seconds)))


def mean_of(readings: list[Seen]) -> Rest:
    """Return the means of readings at rest.

    Raises:
        DoubtError: too few of them are known.
    """
    known = [seen for seen in readings if math.isfinite(seen.force + seen.position)]
    if len(known) < 5:
        raise DoubtError("force or position is not known: look at the sensors")
    forces = np.array([seen.force for seen in known])
    positions = np.array([seen.position for seen in known])
    sensors = np.array([seen.sensors for seen in known])
    return Rest(
        time=0.5 * (known[0].time + known[-1].time),
        force=float(np.mean(forces)),
        position=float(np.mean(positions)),
        force_deviation=float(np.std(forces, ddof=1)),
        position_deviation=float(np.std(positions, ddof=1)),
        sensors=tuple(float(value) for value in np.std(sensors, axis=0, ddof=1)),
        count=len(known),
    )


class Nudge:
    """Moves of a ram in contact, each followed by a rest.

    Args:
        facts: of the ram.
        settling: s after a move until the force has answered it.
        averaging: s over which is averaged then.

    Attributes:
        stiffness: N/m, largest that was seen; what moves are planned with.
    """

    def __init__(self, facts: RamFacts, settling: float, averaging: float) -> None:
        self._facts = facts
        self._settling = settling
        self._averaging = averaging
        self.stiffness = STIFFEST
        self._force = 0.0

    def room(self, force: float) -> float:
        """Return the travel (m) that even the stiffest press bears at a force (N)."""
        return max(0.0, ROOM_SHARE * self._facts.limits.force - force) / STIFFEST

    def by(self, travel: float) -> Experiment[Rest]:
        """Move by a travel (m, positive towards closing), rest, and return the means."""
        facts = self._facts
        fastest = max(self._fastest(), facts.slowest)
        cycles = max(1, math.ceil(abs(travel) / (fastest * facts.period) - 1e-6))
        speed = abs(travel) / (cycles * facts.period)
        if speed < facts.slowest:
            cycles = max(1, round(abs(travel) / (facts.slowest * facts.period)))
            speed = facts.slowest
        yield from go(math.copysign(speed, travel), (cycles - 1.5) * facts.period)
        yield from stand(self._settling)
        found = yield from rest(self._averaging)
        self._force = found.force
        return found

    def _fastest(self) -> float:
        """Return the velocity (m/s) that keeps the force rate; without a clear force that of the search for contact."""
        limits = self._facts.limits
        if self._force < CLEAR_SHARE * limits.force:
            return limits.contact_velocity
        by_rate = RATE_SHARE * limits.force_rate / self.stiffness
        by_pause = PAUSE_SHARE * limits.force / (PAUSE * self.stiffness)
        return min(by_rate, by_pause, FASTER * limits.contact_velocity, limits.velocity)
