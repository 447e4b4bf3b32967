"""Conversion between accounts of held quantities and the graph's HoldResult message."""

import math

from stackpress.msg import HoldResult

from stackpress_py.account import HoldOutcome


def to_message(outcome: HoldOutcome | None, uncertainty: float = math.nan) -> HoldResult:
    """Return the account as a message; without an account, a message that says 'not used'."""
    if outcome is None:
        nan = math.nan
        return HoldResult(
            used=False, requested=nan, time_to_reach=nan, peak=nan, overshoot=nan, mean=nan,
            minimum=nan, maximum=nan, worst_deviation=nan, worst_average=nan, uncertainty=nan,
        )  # fmt: skip
    return HoldResult(
        used=True,
        requested=outcome.requested,
        tolerance=outcome.tolerance,
        reached=outcome.reached,
        approach=int(outcome.approach),
        time_to_reach=outcome.time_to_reach,
        peak=outcome.peak,
        overshoot=outcome.overshoot,
        mean=outcome.mean,
        minimum=outcome.minimum,
        maximum=outcome.maximum,
        worst_deviation=outcome.worst_deviation,
        worst_average=outcome.worst_average,
        duration=outcome.duration,
        time_in_tolerance=outcome.time_in_tolerance,
        time_below=outcome.time_below,
        time_above=outcome.time_above,
        excursions=outcome.excursions,
        uncertainty=uncertainty,
    )
