"""What was asked and what was reached: the accounts of held quantities, of alarms and of an actuator's wear.

The same accounts are kept by the controllers (action results), by the sequencer (phase results) and by the report,
which makes them again from the recorded messages. Time in seconds on any steady clock.
"""

from stackpress_py.account.hold import (
    AVERAGING,
    LONGEST_GAP,
    Approach,
    HoldAccount,
    HoldOutcome,
    farthest,
)
from stackpress_py.account.low_pressure import LowPressure, LowPressureWatch
from stackpress_py.account.wear import Wear, WearAccount, Working, working

__all__ = [
    "AVERAGING",
    "LONGEST_GAP",
    "Approach",
    "HoldAccount",
    "HoldOutcome",
    "LowPressure",
    "LowPressureWatch",
    "Wear",
    "WearAccount",
    "Working",
    "farthest",
    "working",
]
