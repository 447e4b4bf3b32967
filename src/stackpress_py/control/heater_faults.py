"""Faults of heaters and thermocouples of both platens, latched until somebody has cleared them.

Each platen is watched by itself (:mod:`stackpress_py.control.heater_watch`); that their thermocouples are swapped shows
in both together: power to one of them makes the other reading rise, so one lacks warmth while the other has too much.
Two loops on swapped thermocouples drive their platens apart by themselves, so it shows soon.
"""

from collections import deque

from stackpress_py.control.heater_watch import BLOCK, SUSPICION, Heated, PlatenWatch, Rise

#: K^2, sum of differences that were expected times those that came the other way round: enough to believe in it
#: when something else is wrong as well, and enough by itself.
LIKELY, SWAPPED = 2.0, 10.0
#: K^2 of it that is forgotten in each block.
FORGOTTEN = 2e-3


class HeaterFaults:
    """Watches both platens.

    Attributes:
        latched: what is wrong, one sentence; empty: nothing.
        warning: what is odd, one sentence; empty: nothing.
    """

    def __init__(self) -> None:
        self.latched = self.warning = ""
        self._upper, self._lower = PlatenWatch("upper platen"), PlatenWatch("lower platen")
        self._swapped = 0.0
        self._expected: deque[float] = deque()

    def clear(self) -> None:
        """Take up work again after somebody has looked."""
        self.latched = self.warning = ""
        self._swapped = 0.0
        self._expected.clear()
        self._upper.forget()
        self._lower.forget()

    def step(
        self,
        now: float,
        readings: tuple[float, float],
        surroundings: float,
        heated: tuple[Heated | None, Heated | None],
    ) -> None:
        """Take a sample of the upper and the lower platen.

        Args:
            now: s.
            readings: degC; NaN: not known.
            surroundings: degC.
            heated: what the laws give; None: controllers of the press's own heat.
        """
        upper, lower = readings
        why = self._upper.step(now, upper, surroundings, lower, heated[0])
        why = self._lower.step(now, lower, surroundings, upper, heated[1]) or why
        one, other = heated
        if one is not None and other is not None:
            self.warning = self._upper.weak(one) or self._lower.weak(other)
            why = self._why_swapped(one, other, bool(why)) or why
        self.latched = self.latched or why

    def _why_swapped(self, upper: Heated, lower: Heated, wrong: bool) -> str:
        one, other = self._upper.rise, self._lower.rise
        if one is not None and other is not None:
            self._compare(upper, lower, one, other)
        if self._swapped < (LIKELY if wrong else SWAPPED):
            return ""
        if min(self._upper.missed, self._lower.excess) > SUSPICION:
            return _crossed("upper", "lower")
        if min(self._lower.missed, self._upper.excess) > SUSPICION:
            return _crossed("lower", "upper")
        return ""

    def _compare(self, upper: Heated, lower: Heated, one: Rise, other: Rise) -> None:
        self._expected.append(
            upper.tuned_gain * one.power * one.time - lower.tuned_gain * other.power * other.time
        )
        late = round(max(upper.lag, lower.lag) / BLOCK)
        while len(self._expected) > late + 1:
            self._expected.popleft()
        against = -self._expected[0] * (one.rise - other.rise) - FORGOTTEN
        self._swapped = max(0.0, self._swapped + against)


def _crossed(heated: str, rising: str) -> str:
    return (
        f"power to the {heated} platen warms the {rising} one's reading and not its own: their thermocouples"
        f" are swapped, or the {heated} one's is shorted or has slipped out"
    )
