"""What a press that closes its own force loop must be told so that our force is where it shall be.

It is told the force that is wanted, and what it needs ahead of that: the offset of its load cell against ours, and
what makes the force go at the wanted rate, against all that drives it beside
(:mod:`stackpress_py.control.loop_filter`). So a ramp is followed on a soft stack, and the press's integral part is
braked before it arrives.

SI units.
"""

from collections import deque
from collections.abc import Mapping

from stackpress_py.control.law import NOISE_SHARE, ForceSample, PressFacts
from stackpress_py.control.loop_filter import LoopFilter
from stackpress_py.control.reference import clamp

#: Samples from a set-point to the end of the time in which it acted: one is on the wire meanwhile.
LATE = 2
#: 1/s^0.5 by which what is needed ahead wanders: in a hold as a part of the limit of force; and times s, as a part of a
#: rate, while the force moves.
WANDERING, RAMP_WANDERING = 1e-5, 0.01
#: s^0.5 by which the drift wanders with each change of a rate, and s in which that ends.
SWINGING, CALMING = 1.0, 1.0
#: s in which a drift that stays turns out to be an offset.
SETTLING = 3.0
#: Difference between two load cells that is believed: a part of the force, and of the limit of force.
LARGEST_SHARE, LARGEST_ZERO = 0.03, 2e-3
#: s times the rate by which a press may be led beside that.
LONGEST_LEAD = 2.0


class Trim:
    """Answers each sample with a set-point for the press.

    Args:
        facts: of the press.

    Attributes:
        disagreeing: s for which the offset has been larger than two load cells may differ.
    """

    def __init__(self, facts: PressFacts) -> None:
        self.disagreeing = 0.0
        self._facts = facts
        self._loop = LoopFilter()
        self._asked: deque[float] = deque(maxlen=LATE)
        self._rate = self._moving = self._swing = 0.0

    @property
    def learned(self) -> Mapping[str, str]:
        """What was learned of the press, for people."""
        loop = self._loop
        return {
            "Offset (N)": f"{loop.offset:.3g}",
            "Drift (N/s)": f"{loop.drift:.3g}",
            "Quickness (1/s)": f"{loop.quickness:.3g}",
        }

    @property
    def noise(self) -> float:
        """N, standard deviation of a measurement, as it turned out."""
        return self._loop.noise

    @property
    def force(self) -> float:
        """Best estimate of the force, N."""
        return self._loop.force

    def restart(self, force: float) -> None:
        """Begin at a force (N); what was learned of the load cells stays."""
        most = self._largest(force)
        self._loop.offset = clamp(self._loop.offset, -most, most)
        self._loop.restart(force)
        self._asked.clear()
        self.disagreeing = 0.0
        self._rate = self._moving = self._swing = 0.0

    def step(
        self, sample: ForceSample, dt: float, setpoint: float, rate: float, fastest: float
    ) -> float:
        """Return what to ask of the press, N.

        Args:
            sample: latest measurement; its force is known.
            dt: s since the last one, > 0.
            setpoint: N that are wanted.
            rate: N/s at which that moves.
            fastest: N/s at which it may move.
        """
        loop = self._loop
        self._learn(sample, dt, setpoint, rate)
        most = self._largest(setpoint)
        if rate == 0.0:
            apart = abs(loop.offset - loop.drift / loop.quickness) > most
            self.disagreeing = self.disagreeing + dt if apart else 0.0
            loop.settle(dt / SETTLING, most)
        lead = most + LONGEST_LEAD * fastest
        ahead = clamp(loop.offset + (rate - loop.drift) / loop.quickness, -lead, lead)
        asked = clamp(setpoint + ahead, 0.0, self._facts.force_limit)
        self._asked.append(asked)
        return asked

    def _learn(self, sample: ForceSample, dt: float, setpoint: float, rate: float) -> None:
        calm = 1.0 - dt / (CALMING + dt)
        self._swing = max(abs(rate - self._rate) / dt, self._swing * calm)
        self._moving = max(abs(rate), self._moving * calm)
        self._rate = rate
        loop = self._loop
        felt = self._asked[0] if self._asked else setpoint + loop.offset
        wandering = WANDERING * self._facts.force_limit + RAMP_WANDERING * self._moving
        walk = wandering * loop.quickness + SWINGING * self._swing
        loop.step(dt, felt, sample.force, NOISE_SHARE * sample.uncertainty, walk)

    def _largest(self, force: float) -> float:
        return LARGEST_SHARE * force + LARGEST_ZERO * self._facts.force_limit
