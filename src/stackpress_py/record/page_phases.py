"""Requested versus reached on the report's page: the cards at the top and the table of the phases."""

import math
from collections.abc import Sequence
from html import escape

from stackpress_py.account import HoldOutcome
from stackpress_py.record import markup
from stackpress_py.record.markup import NOTHING
from stackpress_py.record.phases import Phase

_MOST_CARDS = 8
_HEADS = (
    ("", False), ("phase", False), ("", False), ("time", True), ("requested", True),
    ("reached in", True), ("mean", True), ("worst deviation", True), ("overshoot", True),
    ("in tolerance", True), ("approach", True), ("uncertainty", True),
)  # fmt: skip


def cards(phases: Sequence[Phase]) -> str:
    """Return a card for each target of the run."""
    found = []
    for phase in phases:
        if phase.pressure is not None:
            asked = markup.pressure(phase.pressure.requested)
            found.append(_card(phase.name, phase.pressure, asked))
        if phase.temperature is not None:
            asked = f"{phase.temperature.requested:.4g} °C"
            found.append(_card(phase.name, phase.temperature, asked, celsius=True))
    return f'<div class="cards">{"".join(found[:_MOST_CARDS])}</div>'


def _card(name: str, held: HoldOutcome, asked: str, celsius: bool = False) -> str:
    if not held.reached:
        text = f"<b>not reached</b><span>{escape(name)}: {asked} asked</span>"
        return f'<div class="card">{text}</div>'
    mean = f"{held.mean:.1f} °C" if celsius else markup.pressure(held.mean)
    worst = held.worst_deviation
    away = f"{worst:.2f} K" if celsius else markup.share(worst, held)
    return (
        f'<div class="card"><b>{mean}</b><span>{escape(name)}: {asked} asked</span>'
        f"<span>worst deviation {away}</span></div>"
    )


def table(phases: Sequence[Phase]) -> str:
    """Return the table of the phases."""
    return markup.table(_HEADS, (_rows(number, phase) for number, phase in enumerate(phases, 1)))


def _rows(number: int, phase: Phase) -> str:
    cells = []
    if phase.pressure is not None:
        cells.append(_pressure_cells(phase.pressure, phase.uncertainty))
    if phase.temperature is not None:
        cells.append(_temperature_cells(phase.temperature))
    if not cells:
        cells.append([NOTHING] * 8)
    badge = markup.badge(phase.outcome or "NO RESULT")
    lead = f'<td>{number}</td><td class="w">{escape(phase.name)}</td><td>{badge}</td>'
    lead += f'<td class="n">{markup.duration(phase.duration)}</td>'
    rows = []
    for index, row in enumerate(cells):
        last = index == len(cells) - 1 and not phase.reason
        body = "".join(f'<td class="n">{cell}</td>' for cell in row)
        before = lead if index == 0 else "<td></td>" * 4
        rows.append(f'<tr class="{"" if last else "open"}">{before}{body}</tr>')
    if phase.reason:
        text = f'<td></td><td colspan="11">{escape(phase.reason)}</td>'
        rows.append(f'<tr class="why">{text}</tr>')
    return "".join(rows)


def _pressure_cells(held: HoldOutcome, uncertainty: float) -> list[str]:
    asked = f"{markup.pressure(held.requested)} ±{held.tolerance / held.requested * 100:.3g} %"
    spread = NOTHING if math.isnan(uncertainty) else f"±{markup.share(uncertainty, held)}"
    if not held.reached:
        return [asked, "not reached", f"peak {markup.pressure(held.peak)}", *[NOTHING] * 4, spread]
    return [
        asked,
        markup.duration(held.time_to_reach),
        markup.pressure(held.mean),
        markup.share(held.worst_deviation, held),
        markup.share(held.overshoot, held),
        markup.inside(held),
        markup.approach(held),
        spread,
    ]


def _temperature_cells(held: HoldOutcome) -> list[str]:
    asked = f"{held.requested:.4g} °C ±{held.tolerance:.3g} K"
    if not held.reached:
        peak = NOTHING if math.isnan(held.peak) else f"peak {held.peak:.1f} °C"
        return [asked, "not reached", peak, *[NOTHING] * 5]
    return [
        asked,
        markup.duration(held.time_to_reach),
        f"{held.mean:.1f} °C",
        f"{held.worst_deviation:.2f} K",
        f"{held.overshoot:.2f} K",
        markup.inside(held),
        markup.approach(held),
        NOTHING,
    ]
