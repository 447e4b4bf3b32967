"""What a phase promises while it goes on, and the sentence about a promise that is broken."""

from stackpress_py.account import HoldAccount
from stackpress_py.quantities import TEMPERATURE_DIFFERENCE, format_pressure, format_quantity
from stackpress_py.recipes.bands import Band


def why_outside(pressure: HoldAccount | None, heat: HoldAccount | None) -> str:
    """Return a sentence if a quantity that was reached is out of its tolerance now, else an empty text."""
    if pressure is not None and pressure.reached and not pressure.in_tolerance:
        off = format_pressure(pressure.worst_deviation, 3)
        return f"the pressure left its tolerance by deviating {off} from the target"
    if heat is not None and heat.reached and not heat.in_tolerance:
        off = format_quantity(heat.worst_deviation, TEMPERATURE_DIFFERENCE, 3)
        return f"the temperature left its tolerance by deviating {off} from the target"
    return ""


def why_overshot(
    pressure: HoldAccount | None, band: Band | None, heat: HoldAccount | None, limit: float | None
) -> str:
    """Return a sentence if a target was passed by more than is allowed and than noise explains, else an empty text.

    Args:
        pressure: account; None: no such target.
        band: by which the pressure may pass its target; None: nobody asks.
        heat: account; None: no such target.
        limit: K by which the temperature may pass its target; None: nobody asks.
    """
    if pressure is not None and band is not None:
        allowed = band.around(pressure.target)
        if pressure.sure_overshoot > allowed:
            return (
                f"the pressure overshot by {format_pressure(pressure.sure_overshoot, 3)},"
                f" allowed are {format_pressure(allowed, 3)}"
            )
    if heat is not None and limit is not None and heat.sure_overshoot > limit:
        over = format_quantity(heat.sure_overshoot, TEMPERATURE_DIFFERENCE, 3)
        allowed_text = format_quantity(limit, TEMPERATURE_DIFFERENCE, 3)
        return f"the temperature overshot by {over}, allowed are {allowed_text}"
    return ""
