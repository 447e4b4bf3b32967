"""The alarm of a pressure that has been too low for too long: a stack that loses contact ages in minutes."""

import math
from dataclasses import dataclass

from stackpress_py.account.hold import LONGEST_GAP


@dataclass(frozen=True, slots=True)
class LowPressure:
    """What became of an alarm in one phase.

    Attributes:
        alarms: how often it was raised.
        time: s below the limit since the pressure was reached.
    """

    alarms: int = 0
    time: float = 0.0


class LowPressureWatch:
    """Raises an alarm when a pressure has stayed below a limit for a time; ends it when it has stayed above as long.

    Attributes:
        limit: Pa.
        delay: s.
        raised: the alarm is on.
    """

    def __init__(self, limit: float, delay: float) -> None:
        self.limit = limit
        self.delay = delay
        self.raised = False
        self._alarms = 0
        self._time = 0.0
        self._waited = 0.0
        self._last = math.nan

    @property
    def outcome(self) -> LowPressure:
        """The account as it stands."""
        return LowPressure(self._alarms, self._time)

    def update(self, pressure: float, now: float) -> bool:
        """Take a pressure (Pa; NaN: not known, which proves neither); return True if the alarm was raised or ended."""
        step, self._last = now - self._last, now
        if not 0.0 <= step <= LONGEST_GAP:
            step = 0.0
        if math.isnan(pressure):
            return False
        low = pressure < self.limit
        if low:
            self._time += step
        if low is self.raised:
            self._waited = 0.0
            return False
        self._waited += step
        if self._waited < self.delay:
            return False
        self.raised, self._waited = low, 0.0
        self._alarms += low
        return True
