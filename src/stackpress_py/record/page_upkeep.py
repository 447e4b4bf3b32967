"""Below the requested and the reached on the report's page: the stack, and what holding it cost."""

import math
from collections.abc import Mapping, Sequence
from html import escape

from stackpress_py.account import HoldOutcome
from stackpress_py.record import markup
from stackpress_py.record.markup import NOTHING
from stackpress_py.record.phases import Phase

_STACK_HEADS = (
    ("", False), ("phase, at its end", False), ("height", True), ("height lost", True),
    ("relative density", True), ("densification rate", True), ("Heckel K", True),
    ("1/K, mean yield pressure", True), ("Heckel A", True),
)  # fmt: skip
_UPKEEP_HEADS = (
    ("", False), ("phase", False), ("in tolerance", True), ("below", True), ("above", True),
    ("excursions", True), ("worst average", True), ("low-pressure alarms", True),
    ("ram’s travel", True), ("turns", True), ("starts", True), ("valve", True),
    ("running", True),
)  # fmt: skip
_PER_MINUTE = 6000.0  # %/min in 1/s


def stack(phases: Sequence[Phase]) -> str:
    """Return the table of what lay between the punches; empty: nothing is known of it."""
    known = [(n, p) for n, p in enumerate(phases, 1) if _known(p.stack)]
    if not known:
        return ""
    rows = (markup.row(_stack_cells(number, phase), numbers=True) for number, phase in known)
    note = (
        "Uncertainties are expanded (k = 2). The density is that under pressure, of all that lies in"
        " the die; the Heckel line is fitted from 50 MPa on while the pressure rises for the first"
        " time, and pressure is force over area, without the friction on the die’s wall."
    )
    table = markup.table(_STACK_HEADS, rows)
    return f'<h2>Between the punches</h2>{table}<p class="sub">{note}</p>'


def upkeep(phases: Sequence[Phase]) -> str:
    """Return the table of dwell in tolerance, alarms, and wear of the actuator."""
    begun = [(n, p) for n, p in enumerate(phases, 1) if math.isfinite(p.begin)]
    rows = (markup.row(_upkeep_cells(number, phase), numbers=True) for number, phase in begun)
    return markup.table(_UPKEEP_HEADS, rows)


def _known(found: Mapping[str, float]) -> bool:
    return math.isfinite(found.get("height", math.nan))


def _stack_cells(number: int, phase: Phase) -> list[str]:
    found = phase.stack
    slope = found["heckel_slope"]
    spread = found["heckel_slope_uncertainty"]
    return [
        str(number),
        escape(phase.name),
        _spread(found, "height", 1e6, "µm", 0),
        NOTHING if math.isnan(found["height_loss"]) else f"{found['height_loss'] * 100:.2f} %",
        _spread(found, "density", 100.0, "%", 2),
        _spread(found, "densification_rate", _PER_MINUTE, "%/min", 4),
        _pair(slope * 1e9, spread * 1e9, "/GPa", 2),
        _pair(1e-6 / slope, spread / slope**2 * 1e-6, "MPa", 0) if slope > 0.0 else NOTHING,
        _spread(found, "heckel_intercept", 1.0, "", 3),
    ]


def _spread(found: Mapping[str, float], name: str, factor: float, unit: str, digits: int) -> str:
    return _pair(found[name] * factor, found[f"{name}_uncertainty"] * factor, unit, digits)


def _pair(value: float, uncertainty: float, unit: str, digits: int) -> str:
    if math.isnan(value):
        return NOTHING
    number = f"{value:.{digits}f}".replace("-", "−")
    return f"{number} ± {uncertainty:.{digits}f} {unit}".rstrip()


def _upkeep_cells(number: int, phase: Phase) -> list[str]:
    wear, held = phase.wear, phase.pressure
    low = phase.low_pressure
    travel = NOTHING if math.isnan(wear.travel) else f"{wear.travel * 1e3:.4g} mm"
    return [
        str(number),
        escape(phase.name),
        *_dwell_cells(held),
        NOTHING if low is None else f"{low.alarms}, {markup.duration(low.time)} below",
        travel,
        str(wear.reversals),
        str(wear.starts),
        str(wear.openings),
        markup.duration(wear.running),
    ]


def _dwell_cells(held: HoldOutcome | None) -> list[str]:
    if held is None or not held.reached:
        return [NOTHING] * 5
    times = (held.time_in_tolerance, held.time_below, held.time_above)
    return [
        *(markup.duration(time) for time in times),
        str(held.excursions),
        markup.share(held.worst_average, held),
    ]
