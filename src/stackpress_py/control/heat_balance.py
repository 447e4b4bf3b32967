"""What it takes to warm a platen: heat capacity, losses and lag, learned from the power that was given to it.

A bank of filters (:mod:`stackpress_py.control.heat_filter`), one for each of some guesses of the lag. What is learned
is their mean, weighted by how well each has predicted the readings: a reading that does not rise may mean a heavy
platen or a late one, and until the readings have told which, both count. Die and stack, which warm along, are in it.

Temperatures in degrees Celsius, SI otherwise; power in watts as the tuning counts them.
"""

import math

from stackpress_py.control.heat_filter import Block, HeatFilter

#: s of one mean of readings: long against the thermometer's noise, short against a ramp.
BLOCK = 1.0
#: Guesses of the lag, relative to the tuning, and their odds: a lag is the sum of several and rather longer than told.
GUESSES = {0.5: 0.1, 0.7: 0.15, 1.0: 0.25, 1.4: 0.25, 2.0: 0.15, 2.8: 0.1}
#: A guess is never so unlikely that it could not come back: logarithm, against the best one.
FLOOR = -8.0
#: Lags for which the felt heat is not known after a power that is not known.
BLIND = 3.0


class HeatBalance:
    """Learns one platen.

    Args:
        capacity: J/K, of the tuning.
        loss: W/K, likewise.
        lag: s from power to temperature, likewise.

    Attributes:
        gain: K/J, one over the capacity, as learned.
        rate: 1/s, loss over capacity, as learned.
        lag: s, as learned.
        caution: J/K by which a rate is turned into power: below the capacity while that is uncertain, so that the
            expected square of the relative error is least.
    """

    def __init__(self, capacity: float, loss: float, lag: float) -> None:
        self._filters = [
            HeatFilter(1.0 / capacity, loss / capacity, guess * lag, odds)
            for guess, odds in GUESSES.items()
        ]
        self._blind = BLIND * lag
        self._blind_until = -math.inf
        self._given = self._time = self._readings = self._warmth = 0.0
        self._felt: list[float] | None = None
        self._before: tuple[Block, list[float]] | None = None
        self._blend()

    @property
    def capacity(self) -> float:
        """J/K, as learned."""
        return 1.0 / self.gain

    @property
    def loss(self) -> float:
        """W/K, as learned."""
        return self.rate / self.gain

    @property
    def certainty(self) -> float:
        """How well the capacity is known: 0 not at all, 1 fully."""
        return self.gain * self.caution

    def step(
        self, now: float, dt: float, power: float, temperature: float, surroundings: float
    ) -> None:
        """Note what happened during the last ``dt`` s.

        Args:
            now: s.
            dt: s.
            power: W that was given; NaN: not known, as while cooling.
            temperature: degC.
            surroundings: degC.
        """
        if math.isnan(power):
            self._lose(now)
            return
        self._given += power * dt
        self._time += dt
        self._readings += temperature * dt
        self._warmth += (temperature - surroundings) * dt
        if self._time < BLOCK - 0.5 * dt:
            return
        block = Block(self._readings / self._time, self._warmth, self._time)
        self._time = self._readings = self._warmth = 0.0
        felt = [each.felt(now, self._given) for each in self._filters]
        before, self._felt = self._felt, felt
        if before is not None and now >= self._blind_until:
            self._take(block, [new - old for old, new in zip(before, felt, strict=True)])

    def _lose(self, now: float) -> None:
        """Wait until the power that is not known has been felt: until then nothing is an equation."""
        self._blind_until = now + self._blind
        self._time = self._readings = self._warmth = 0.0
        self._felt = self._before = None
        for each in self._filters:
            each.forget_power()

    def _take(self, block: Block, heats: list[float]) -> None:
        before, self._before = self._before, (block, heats)
        if before is None:
            for each in self._filters:
                each.restart(block.reading)
            return
        # Means of readings belong to the middles of blocks, and so does the heat between them.
        old, old_heats = before
        warmth, time = 0.5 * (old.warmth + block.warmth), 0.5 * (old.time + block.time)
        between = Block(block.reading, warmth, time)
        for each, first, second in zip(self._filters, old_heats, heats, strict=True):
            each.learn(between, 0.5 * (first + second), second / block.time)
        self._blend()

    def _blend(self) -> None:
        best = max(each.score for each in self._filters)
        for each in self._filters:
            each.score = max(each.score - best, FLOOR)
        odds = [math.exp(each.score) for each in self._filters]
        total = sum(odds)
        gain = square = rate = lag = 0.0
        for share, each in zip(odds, self._filters, strict=True):
            gain += share * each.gain
            square += share * (each.gain * each.gain + each.gain_variance)
            rate += share * each.rate
            lag += share * each.lag
        self.gain, self.rate, self.lag = gain / total, rate / total, lag / total
        self.caution = gain / square
