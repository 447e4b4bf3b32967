"""The end condition of a phase that a sample densifies no faster than so much."""

import math

from stackpress_py.control.change_rate import UNKNOWN, Rate
from stackpress_py.quantities import CHANGE_RATE, format_quantity
from stackpress_py.recipes.model import Until


class DensificationGoal:
    """Met once the rate has come below what is asked, beyond its own uncertainty, by what was seen in the hold alone.

    Args:
        asked: of the phase; None: nothing, and it is always met.
    """

    def __init__(self, asked: Until | None) -> None:
        self._limit = math.inf if asked is None else asked.densification_below
        self._begin = math.inf
        self._rate = UNKNOWN

    @property
    def met(self) -> bool:
        """True if nothing is asked, or it has come true. A sample that swells is not at rest either."""
        if math.isinf(self._limit):
            return True
        return self._known and abs(self._rate.value) + self._rate.uncertainty < self._limit

    @property
    def why_not(self) -> str:
        """What is known of the rate, beside what is asked, in words."""
        asked = format_quantity(self._limit, CHANGE_RATE, 3)
        if not self._known:
            return f"no densification rate was known, and below {asked} was asked,"
        rate, spread = (
            format_quantity(value, CHANGE_RATE, 2)
            for value in (self._rate.value, self._rate.uncertainty)
        )
        sign = "\N{PLUS-MINUS SIGN}"
        return f"the densification rate was {rate} {sign} {spread}, and below {asked} was asked,"

    def begin(self, now: float) -> None:
        """Note when the hold began (s), the first time."""
        self._begin = min(self._begin, now)

    def update(self, rate: Rate) -> None:
        """Take the latest rate."""
        self._rate = rate

    @property
    def _known(self) -> bool:
        return self._rate.since >= self._begin
