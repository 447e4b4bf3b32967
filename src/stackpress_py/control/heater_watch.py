"""Watches one heated platen: does it warm as its power lets expect, no less and no more?

What a platen could do at the least and at the most is bounded widely at first, by the tuning, and closely once gain
and loss were learned. What a reading stays below the least, or rises above the most, is summed up; a sum that passes
:data:`LIMIT` is a fault. Learned values count from a minute later on, and not while there is a suspicion, so that a
fault is not judged by what was learned from it.

Temperatures in degrees Celsius, SI otherwise; power in watts as the tuning counts them, negative while cooling.
"""

import math
from collections import deque
from dataclasses import dataclass

#: s of one mean of readings.
BLOCK = 2.0
#: K that a heated platen may lack, or that one may rise without reason; and K that are a suspicion.
LIMIT, SUSPICION = 3.0, 0.5
#: K from one sample to the next, at most LONGEST_STEP s later, that no thermocouple on a platen can follow; and the
#: number of samples that must confirm it.
JUMP, LONGEST_STEP, CONFIRMED = 5.0, 0.5, 3
#: Least and most gain, relative to the tuning, of a platen that nothing was learned of.
LEAST_GAIN, MOST_GAIN = 0.12, 6.0
#: Factor by which a platen of which much was learned may differ from it: another die, a sagging mains voltage.
SPREAD = 2.0
#: Certainty from which on learned values count, s by which they count later, and the share of the tuned gain below
#: which the heater is weak.
CERTAIN, AGE, WEAK = 0.95, 60.0, 0.4
#: Lags for which power must have been on for its heat to be missed, and for which it may still warm once it is off.
SURE, AFTERGLOW = 2.0, 3.0
#: 1/s, quickest exchange with the other platen through a die, relative to the difference of temperatures; and K/s that
#: a platen may drift by itself.
EXCHANGE, DRIFT = 0.03, 0.01
#: K around the surroundings within which a reading says that the thermocouple is shorted, and K that tell a fall.
NEAR, FALL = 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Heated:
    """What a law gives to its platen and knows of it.

    Attributes:
        power: W given since the last sample.
        gain, rate, lag: K/J, 1/s, s; as learned.
        tuned_gain, tuned_rate: as the tuning says.
        certainty: of the gain, 0 to 1.
    """

    power: float
    gain: float
    rate: float
    lag: float
    tuned_gain: float
    tuned_rate: float
    certainty: float


@dataclass(frozen=True, slots=True)
class Rise:
    """What happened in one block: s, K, and the mean power in W."""

    time: float
    rise: float
    power: float


class PlatenWatch:
    """Watches one platen.

    Args:
        name: for sentences, as "upper platen".

    Attributes:
        missed, excess: K that it lacks, or has risen without reason.
        rise: of the block that ended with the last sample; None: none did.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.missed = self.excess = 0.0
        self._mean = math.nan
        self._sums = [0.0, 0.0, 0.0]
        self._powers: deque[tuple[float, float]] = deque()
        self._learned: deque[tuple[float, Heated]] = deque()
        self._steady = math.nan
        self._jumps = 0
        self._last: tuple[float, float] | None = None
        self._begin = math.nan
        self.rise: Rise | None = None

    def step(
        self, now: float, reading: float, surroundings: float, other: float, heated: Heated | None
    ) -> str:
        """Take a sample and return what is wrong, one sentence, or an empty text.

        Args:
            now: s.
            reading: degC; NaN: not known.
            surroundings: degC.
            other: degC of the other platen; NaN: not known.
            heated: what the law gives; None: a controller of the press's own heats.
        """
        self.rise = None
        last = self._last
        if not math.isfinite(reading) or (last is not None and now <= last[0]):
            return ""
        self._last = (now, reading)
        if last is None or now - last[0] > LONGEST_STEP:
            self._steady, self._jumps = reading, 0
            self._restart_block()
            return ""
        jumped = self._jump(reading, surroundings)
        if jumped or heated is None:
            return jumped
        dt = now - last[0]
        self._sums[0] += dt
        self._sums[1] += reading * dt
        self._sums[2] += heated.power * dt
        if self._sums[0] < BLOCK - 0.5 * dt:
            return ""
        return self._take_block(now, surroundings, other, heated)

    def weak(self, heated: Heated) -> str:
        """Return a sentence if the platen warms far more slowly than the tuning says, or an empty text."""
        share = heated.gain / heated.tuned_gain
        if heated.certainty < CERTAIN or share >= WEAK:
            return ""
        return (
            f"the {self._name} warms at {100.0 * share:.0f} % of what the tuning says: check its heater,"
            " or let `stackpress tune` measure it again"
        )

    def _jump(self, reading: float, surroundings: float) -> str:
        if abs(reading - self._steady) <= JUMP:
            self._steady, self._jumps = reading, 0
            return ""
        self._jumps += 1
        if self._jumps < CONFIRMED:
            return ""
        before, self._steady = self._steady, reading
        shorted = abs(reading - surroundings) < NEAR
        cause = "it is shorted" if shorted else "look for a loose or shorted wire"
        return (
            f"the {self._name}'s reading jumped from {before:.1f} to {reading:.1f} degC,"
            f" which no platen can: check its thermocouple, {cause}"
        )

    def _restart_block(self) -> None:
        self._sums = [0.0, 0.0, 0.0]
        self._mean = math.nan

    def _take_block(self, now: float, surroundings: float, other: float, heated: Heated) -> str:
        time, readings, energy = self._sums
        mean, before = readings / time, self._mean
        self._restart_block()
        self._mean = mean
        power = energy / time
        self._powers.append((now, power))
        known = self._known(now, heated)
        if math.isnan(before):
            return ""
        self.rise = Rise(time, mean - before, power)
        lag = max(heated.lag, known.lag)
        warmth = mean - surroundings
        missed = self._why_missed(
            self.rise, mean, self._least(known, now - SURE * lag, warmth), surroundings
        )
        most = self._most(known, now - AFTERGLOW * lag, warmth, other - mean)
        return missed or self._why_excess(self.rise, most)

    def _known(self, now: float, heated: Heated) -> Heated:
        """Return what was known some time ago."""
        learned = self._learned
        learned.append((now, heated))
        suspicious = max(self.missed, self.excess) > SUSPICION
        while not suspicious and len(learned) > 1 and learned[1][0] <= now - AGE:
            learned.popleft()
        return learned[0][1]

    def _least(self, known: Heated, since: float, warmth: float) -> float:
        """Return K/s by which the platen rises at the least after what was given since then (s)."""
        if self._powers[0][0] > since:
            return 0.0
        power = min(power for when, power in self._powers if when >= since)
        least = LEAST_GAIN * known.tuned_gain * power - known.tuned_rate * warmth
        if known.certainty < CERTAIN:
            return least
        return max(least, (known.gain * power - SPREAD * known.rate * warmth) / SPREAD)

    def _most(self, known: Heated, since: float, warmth: float, above: float) -> float:
        """Return K/s by which the platen rises at the most; the other platen is so much (K) warmer, NaN: not known."""
        while self._powers[0][0] < since:
            self._powers.popleft()
        power = max(0.0, *(power for _, power in self._powers))
        gain = MOST_GAIN * known.tuned_gain
        if known.certainty >= CERTAIN:
            gain = min(gain, SPREAD * known.gain)
        exchange = EXCHANGE * max(0.0, above) if math.isfinite(above) else math.inf
        return gain * power + exchange + EXCHANGE * max(0.0, -warmth) + DRIFT

    def _why_missed(self, block: Rise, mean: float, least: float, surroundings: float) -> str:
        if least <= 0.0 and self.missed == 0.0:
            self._begin = mean
        self.missed += max(0.0, least) * block.time - max(0.0, block.rise)
        if self.missed <= 0.0:
            self.missed, self._begin = 0.0, mean
        if self.missed < LIMIT:
            return ""
        told = f"the {self._name} is heated"
        if mean < self._begin - FALL:
            return f"{told} and its reading falls: its thermocouple has slipped out, or its heater has failed"
        if abs(mean - surroundings) < NEAR:
            return (
                f"{told} and its reading stays at the surroundings' {mean:.1f} degC: check its heater,"
                " and its thermocouple for a short"
            )
        return f"{told} and its reading stays at {mean:.1f} degC: check its heater, the relay and the thermocouple"

    def _why_excess(self, block: Rise, most: float) -> str:
        self.excess = max(0.0, self.excess + block.rise - most * block.time)
        if self.excess < LIMIT:
            return ""
        without = all(power <= 0.0 for _, power in self._powers)
        how = "without power" if without else "faster than its power explains"
        return f"the {self._name} warms {how}: cut its supply, its relay may be stuck or the thermocouples swapped"
