"""What the person who moves a press by hand shall do now, in a few words."""

import math

from stackpress_py.machine.slots import OrderState, PressureMode, PressureOrder, Slot
from stackpress_py.quantities import format_pressure

#: Part of the tolerance in which a pressure must lie before the person may leave it.
NEAR = 0.5
#: First words of everything that a person is told.
_VERBS = ("raise", "lower", "keep", "release", "leave", "wait")


def is_instruction(step: str) -> bool:
    """Return True if a step of a run is what a person shall do."""
    return step.partition(" ")[0] in _VERBS


class Guide:
    """Puts the latest order to the pressure controller into words for a person."""

    def __init__(self) -> None:
        self._keeping = False

    def instruction(self, slot: Slot[PressureOrder], force: float) -> str:
        """Return what to do, or an empty text if nothing is ordered.

        Args:
            slot: the orders.
            force: N, on the stack; NaN: not known.
        """
        order = slot.order
        if order is None or slot.state is OrderState.FAILED:
            return ""
        if order.mode is PressureMode.PRESS:
            return self._press(order, force / order.area)
        self._keeping = False
        if order.mode in (PressureMode.UNLOAD, PressureMode.OPEN):
            return "release" if slot.state is OrderState.RUNNING else ""
        held = order.mode is PressureMode.HOLD_PRESENT
        return "keep the present pressure" if held else "leave the press as it is"

    def _press(self, order: PressureOrder, pressure: float) -> str:
        target = format_pressure(order.pressure, 4)
        missing = order.pressure - pressure
        if not math.isfinite(missing):
            return "wait: the pressure is not known"
        # Without a difference between the two bands the words would flicker at the edge.
        band = order.tolerance if self._keeping else NEAR * order.tolerance
        self._keeping = abs(missing) <= band
        if self._keeping:
            return f"keep {target}"
        return f"raise to {target}" if missing > 0.0 else f"lower to {target}"
