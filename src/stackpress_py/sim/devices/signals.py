"""What a device measures, and what can be wrong with it: an open wire, a value that sticks or is set from outside."""

import math
from collections.abc import Callable


class Signal:
    """A quantity of the world on its way to a device.

    Attributes:
        open: the wire is broken: the device gets NaN.
        held: a value that is measured instead of the world's; None: the world's.
    """

    def __init__(self, source: Callable[[], float]) -> None:
        self.open = False
        self.held: float | None = None
        self._source = source

    def __call__(self) -> float:
        """Return what is measured now."""
        if self.open:
            return math.nan
        return self._source() if self.held is None else self.held

    def stick(self, on: bool) -> None:
        """Keep on telling the value of now, or let go."""
        self.held = self() if on else None
