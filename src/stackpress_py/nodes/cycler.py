"""What a node knows of the battery cycler at the cell, if there is one."""

import math

from stackpress.msg import CyclerState

from stackpress_py.nodes.base import stamp_of

#: s after which a cycler's word counts no more; nor does one that comes from the future.
LONGEST_SILENCE = 5.0


class Cycler:
    """The latest word of a cycler."""

    def __init__(self) -> None:
        self._current = math.nan
        self._stamp = -math.inf

    def update(self, state: CyclerState) -> None:
        """Take a message."""
        self._current, self._stamp = state.current, stamp_of(state)

    def current(self, now: float) -> float:
        """Return the current (A, + charging) at a time (s); NaN: not known."""
        fresh = abs(now - self._stamp) <= LONGEST_SILENCE
        return self._current if fresh and math.isfinite(self._current) else math.nan
