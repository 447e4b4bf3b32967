"""Heating for a while with constant powers, and what was seen meanwhile. Temperatures in degC, SI otherwise."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.command import Heat, Motion
from stackpress_py.tune.fits import Array
from stackpress_py.tune.holding import Holder
from stackpress_py.tune.trial import Experiment, Order, Seen

#: s over which measurements are averaged.
BIN = 0.5
#: Such means that tell the present temperature.
RECENT = 3

Condition = Callable[[Seen], bool]
#: Upper and lower.
Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class HeatRecord:
    """What was seen, in means over half seconds.

    Attributes:
        time: s.
        temperatures: degC, of the upper and the lower platen.
        powers: -1..1, likewise; or set-points, degC.
        frame: degC; NaN: there is no such sensor.
        position, force: m, N.
    """

    time: Array
    temperatures: tuple[Array, Array]
    powers: tuple[Array, Array]
    frame: Array
    position: Array
    force: Array


class Heating:
    """Heats, and keeps what was seen.

    Args:
        holder: moves the ram meanwhile.

    Attributes:
        time: s, of the latest measurement.
        latest: degC, its temperatures.
    """

    def __init__(self, holder: Holder) -> None:
        self.time = math.nan
        self.latest: Pair = (math.nan, math.nan)
        self._holder = holder
        self._motion: Motion | None = None
        self._bins: list[Array] = []
        self._open: list[tuple[float, ...]] = []

    def apply(
        self, powers: Pair, longest: float, until: Condition = lambda seen: False
    ) -> Experiment[bool]:
        """Heat (+) or cool (-) with constant powers (-1..1), or with constant set-points (degC).

        Args:
            powers: of the upper and the lower platen, as the press takes them.
            longest: s.
            until: ends it.

        Returns:
            whether the condition has come true.
        """
        heat = Heat(*powers)
        begin = None
        while True:
            seen = yield Order(self._motion, heat)
            begin = seen.time if begin is None else begin
            if math.isfinite(seen.upper + seen.lower):
                self._note(seen, powers)
            self._motion = self._holder.motion(seen)
            if until(seen):
                return True
            if seen.time - begin >= longest:
                return False

    @property
    def now(self) -> Pair:
        """Mean temperatures over the last seconds, degC."""
        latest = np.array([*self._bins[-RECENT:], *(np.array(row) for row in self._open[-1:])])
        upper, lower = np.mean(latest[:, 1:3], axis=0)
        return float(upper), float(lower)

    def rates(self, seconds: float) -> Pair:
        """Return how fast the platens have become warmer over some seconds, K/s."""
        count = max(3, round(seconds / BIN))
        table = np.array(self._bins[-count:]).T
        if table.shape[1] < 3:
            return 0.0, 0.0
        time = table[0] - np.mean(table[0])
        upper, lower = (float(time @ values) / float(time @ time) for values in table[1:3])
        return upper, lower

    def record(self) -> HeatRecord:
        """Return what was seen so far."""
        table = np.array(self._bins).T
        return HeatRecord(
            time=table[0],
            temperatures=(table[1], table[2]),
            powers=(table[3], table[4]),
            frame=table[5],
            position=table[6],
            force=table[7],
        )

    def _note(self, seen: Seen, powers: Pair) -> None:
        self.time, self.latest = seen.time, (seen.upper, seen.lower)
        row = (
            seen.time,
            seen.upper,
            seen.lower,
            *powers,
            seen.frame,
            seen.position,
            seen.force,
        )
        if self._open and seen.time - self._open[0][0] >= BIN:
            self._bins.append(_means(np.array(self._open)))
            self._open = []
        self._open.append(row)


def _means(rows: Array) -> Array:
    """Return the means of columns, of what is known in each; NaN: nothing is."""
    known = np.isfinite(rows)
    count = np.sum(known, axis=0)
    total = np.sum(np.where(known, rows, 0.0), axis=0)
    means: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means
