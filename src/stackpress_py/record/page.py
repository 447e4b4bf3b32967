"""The report as one HTML page that needs nothing else."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Any

from stackpress_py import __version__
from stackpress_py.account import Approach, HoldOutcome
from stackpress_py.record import palette
from stackpress_py.record.journal import Entry, epoch_time
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Run
from stackpress_py.record.summary import Summary

_NOTHING = "–"
_MOST_EVENTS = 200
_HEADS = (
    "", "phase", "", "time", "requested", "reached in", "mean", "worst deviation", "overshoot",
    "in tolerance", "approach", "uncertainty",
)  # fmt: skip


def html(run: Run, phases: Sequence[Phase], summary: Summary, figure: str) -> str:
    """Return the page; ``figure`` is an ``<svg>`` element."""
    template = resources.files("stackpress_py.record").joinpath("report_page.html")
    return Template(template.read_text(encoding="utf-8")).substitute(
        verdict=escape(summary.verdict),
        colour=palette.outcome_colour(summary.verdict),
        title=escape(summary.title),
        run_id=escape(run.manifest.run_id),
        details=escape(summary.details),
        reason=escape(summary.reason),
        notes=_notes(summary.problems),
        cards=_cards(phases),
        figure=figure,
        phases=_phase_table(phases),
        events=_event_table(run),
        press=_press(run),
        record=_record(run),
        recipe=_recipe(run),
        light=palette.css_variables(0),
        dark=palette.css_variables(1),
        version=__version__,
    )


def _notes(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<div class="note"><strong>Read this first</strong><ul>{items}</ul></div>'


def _cards(phases: Sequence[Phase]) -> str:
    cards = []
    for phase in phases:
        if phase.pressure is not None:
            cards.append(_card(phase.name, phase.pressure, _pressure(phase.pressure.requested)))
        if phase.temperature is not None:
            asked = f"{phase.temperature.requested:.4g} °C"
            cards.append(_card(phase.name, phase.temperature, asked, celsius=True))
    return f'<div class="cards">{"".join(cards[:8])}</div>'


def _card(name: str, held: HoldOutcome, asked: str, celsius: bool = False) -> str:
    if not held.reached:
        return f'<div class="card"><b>not reached</b><span>{escape(name)}: {asked}</span></div>'
    mean = f"{held.mean:.1f} °C" if celsius else _pressure(held.mean, 4)
    worst = f"{held.worst_deviation:.2f} K" if celsius else _share(held.worst_deviation, held)
    return (
        f'<div class="card"><b>{mean}</b><span>{escape(name)}: {asked} asked</span>'
        f"<span>worst deviation {worst}</span></div>"
    )


# ---- phases --------------------------------------------------------------------------------------


def _phase_table(phases: Sequence[Phase]) -> str:
    head = "".join(f'<th class="{"n" if i > 2 else ""}">{h}</th>' for i, h in enumerate(_HEADS))
    rows = "".join(_phase_rows(number, phase) for number, phase in enumerate(phases, 1))
    return _table(head, rows)


def _phase_rows(number: int, phase: Phase) -> str:
    cells = []
    if phase.pressure is not None:
        cells.append(_pressure_cells(phase.pressure, phase.uncertainty))
    if phase.temperature is not None:
        cells.append(_temperature_cells(phase.temperature))
    if not cells:
        cells.append([_NOTHING] * 8)
    word = phase.outcome or "NO RESULT"
    colour = palette.outcome_colour(word)
    badge = f'<span class="badge" style="background: var(--{colour})">{escape(word)}</span>'
    time = _seconds(phase.duration)
    lead = f'<td>{number}</td><td class="w">{escape(phase.name)}</td><td>{badge}</td>'
    lead += f'<td class="n">{time}</td>'
    rows = []
    for index, row in enumerate(cells):
        last = index == len(cells) - 1 and not phase.reason
        body = "".join(f'<td class="n">{cell}</td>' for cell in row)
        before = lead if index == 0 else "<td></td>" * 4
        rows.append(f'<tr class="{"" if last else "open"}">{before}{body}</tr>')
    if phase.reason:
        rows.append(f'<tr class="why"><td></td><td colspan="11">{escape(phase.reason)}</td></tr>')
    return "".join(rows)


def _pressure_cells(held: HoldOutcome, uncertainty: float) -> list[str]:
    asked = f"{_pressure(held.requested)} ±{held.tolerance / held.requested * 100:.3g} %"
    spread = _NOTHING if math.isnan(uncertainty) else f"±{_share(uncertainty, held)}"
    if not held.reached:
        return [asked, "not reached", f"peak {_pressure(held.peak, 4)}", *[_NOTHING] * 4, spread]
    return [
        asked,
        _seconds(held.time_to_reach),
        _pressure(held.mean, 4),
        _share(held.worst_deviation, held),
        _share(held.overshoot, held),
        _inside(held),
        _approach(held),
        spread,
    ]


def _temperature_cells(held: HoldOutcome) -> list[str]:
    asked = f"{held.requested:.4g} °C ±{held.tolerance:.3g} K"
    if not held.reached:
        peak = _NOTHING if math.isnan(held.peak) else f"peak {held.peak:.1f} °C"
        return [asked, "not reached", peak, *[_NOTHING] * 5]
    return [
        asked,
        _seconds(held.time_to_reach),
        f"{held.mean:.1f} °C",
        f"{held.worst_deviation:.2f} K",
        f"{held.overshoot:.2f} K",
        _inside(held),
        _approach(held),
        _NOTHING,
    ]


def _pressure(value: float, digits: int = 4) -> str:
    return _NOTHING if math.isnan(value) else f"{value * 1e-6:#.{digits}g}".rstrip(".") + " MPa"


def _share(value: float, held: HoldOutcome) -> str:
    return f"{value / held.requested * 100:.2f} %"


def _inside(held: HoldOutcome) -> str:
    if held.duration <= 0.0:
        return _NOTHING
    return f"{held.time_in_tolerance / held.duration * 100:.1f} % of {_seconds(held.duration)}"


def _approach(held: HoldOutcome) -> str:
    return "from below" if held.approach is Approach.FROM_BELOW else "from above"


def _seconds(value: float) -> str:
    if math.isnan(value):
        return _NOTHING
    if value < 100.0:
        return f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} h" if hours else f"{minutes}:{seconds:02} min"


# ---- the rest ------------------------------------------------------------------------------------


def _event_table(run: Run) -> str:
    entries = run.journal.entries
    begin = epoch_time(run.manifest.started)
    shown = [entry for entry in entries if entry.severity != "DEBUG"][:_MOST_EVENTS]
    rows = "".join(_event_row(entry, begin) for entry in shown)
    more = ""
    if len(shown) < len(entries):
        more = f'<p class="sub">{len(entries) - len(shown)} more in journal.jsonl</p>'
    head = '<th class="n">time</th><th></th><th>node</th><th>code</th><th>event</th>'
    return _table(head, rows) + more


def _event_row(entry: Entry, begin: float) -> str:
    since = f"{entry.time - begin:+.2f} s".replace("-", "−")
    severity = escape(entry.severity)
    return (
        f'<tr><td class="n">{since}</td><td class="{severity}">{severity}</td>'
        f"<td>{escape(entry.source)}</td><td>{escape(entry.code)}</td><td>{escape(entry.text)}</td></tr>"
    )


def _press(run: Run) -> str:
    pairs = list(flat(run.manifest.press))
    return _list(pairs) if pairs else '<p class="sub">The record says nothing of the press.</p>'


def _record(run: Run) -> str:
    manifest = run.manifest
    counts = sum(manifest.messages.values())
    pairs = [
        ("run", manifest.run_id),
        ("cell", manifest.cell_id or _NOTHING),
        (
            "recipe",
            f"{manifest.order.get('recipe', _NOTHING)} {manifest.order.get('recipe_version', '')}",
        ),
        *((f"parameter {k}", v) for k, v in flat(manifest.order.get("parameters", {}))),
        ("started", manifest.started),
        ("stopped", manifest.stopped or "never: the recording ended without warning"),
        ("messages", f"{counts}, lost {manifest.lost}"),
        ("journal", f"{len(run.journal.entries)} entries, {run.journal.problem or 'chain intact'}"),
        *manifest.versions.items(),
    ]
    return _list(pairs)


def flat(value: Any, path: str = "") -> Iterable[tuple[str, str]]:
    """Yield nested data as pairs of dotted name and text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from flat(item, f"{path}[{index}]")
    else:
        yield path, _NOTHING if value is None else str(value)


def _table(head: str, rows: str) -> str:
    inside = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="scroll"><table>{inside}</table></div>'


def _list(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(str(k))}</dt><dd>{escape(str(v))}</dd>" for k, v in pairs)
    return f"<dl>{rows}</dl>"


def _recipe(run: Run) -> str:
    try:
        text = run.folder.recipe.read_text(encoding="utf-8")
    except OSError:
        return '<p class="sub">recipe.yaml is missing.</p>'
    return f"<details><summary>recipe.yaml</summary><pre>{escape(text)}</pre></details>"
