"""Why a goal of ApplyPressure cannot be done; one sentence each."""

import math
from typing import TypeAlias

from stackpress.action import ApplyPressure
from stackpress.msg import PressState

from stackpress_py.control.law import LONGEST_GAP
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.nodes.base import stamp_of

Goal: TypeAlias = ApplyPressure.Goal


def why_blocked(state: PressState) -> str:
    """Return why nothing may move, or an empty text."""
    if state.ram_locked:
        return "the ram is locked for a handover"
    return "" if state.guard_closed else "the guard is open: close it"


class PressureRefusals:
    """What a press can do, and when.

    Args:
        profile: of the press.
        contact_force: N above which the stack is in contact.
    """

    def __init__(self, profile: PressProfile, contact_force: float) -> None:
        self._limits = profile.limits
        self._part_sensor = profile.signals.part_present is not None
        self._contact_force = contact_force

    def why(self, goal: Goal, state: PressState | None, now: float) -> str:
        """Return why a goal is refused, or an empty text.

        Args:
            goal: as it came.
            state: last one of a connected press; None: there was none.
            now: s.
        """
        if goal.mode > Goal.STAND_STILL:
            return f"there is no mode {goal.mode}"
        if goal.mode == Goal.STAND_STILL:
            return ""
        if state is None or now - stamp_of(state) > LONGEST_GAP:
            return "the press is not connected: check the bus"
        if state.interlocks:
            return "an interlock has tripped: remove its cause and clear the machine"
        if not 0.0 < goal.area < math.inf:
            return f"area {goal.area} m^2 must be finite and above 0"
        if goal.mode == Goal.HOLD_PRESENT:
            return ""
        return why_blocked(state) or self._why_not_moved(goal, state)

    def _why_not_moved(self, goal: Goal, state: PressState) -> str:
        if not 0.0 < goal.rate * goal.area <= self._limits.force_rate:
            return (
                f"{goal.rate:g} Pa/s are {goal.rate * goal.area:g} N/s on this area;"
                f" this press allows more than 0 and up to {self._limits.force_rate:g} N/s"
            )
        if goal.mode == Goal.OPEN and state.force > self._contact_force:
            return f"{state.force:.0f} N are on the stack: unload instead of open"
        return self._why_not_pressed(goal, state) if goal.mode == Goal.PRESS else ""

    def _why_not_pressed(self, goal: Goal, state: PressState) -> str:
        force = goal.pressure * goal.area
        if not 0.0 < force <= self._limits.force:
            return (
                f"{goal.pressure / 1e6:g} MPa on {goal.area * 1e6:.4g} mm^2 are {force:.0f} N;"
                f" this press allows more than 0 and up to {self._limits.force:.0f} N"
            )
        if not (0.0 < goal.tolerance < math.inf and goal.timeout > 0.0):
            return f"tolerance {goal.tolerance} Pa and timeout {goal.timeout} s must be above 0"
        if not (0.0 <= goal.settling_time < math.inf and goal.duration >= 0.0):
            return "settling time and duration must not be negative"
        return "no cell lies in the die" if self._part_sensor and not state.part_present else ""
