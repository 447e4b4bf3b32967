"""What stands below the numbers on the report's page: events, press, record, recipe."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from stackpress_py.record import markup
from stackpress_py.record.journal import Entry, epoch_time
from stackpress_py.record.markup import NOTHING
from stackpress_py.record.reader import Run

_MOST_EVENTS = 200
_EVENT_HEADS = (("time", True), ("", False), ("node", False), ("code", False), ("event", False))
_SENSOR_KEYS = ("name", "range", "accuracy", "noise", "calibration")
#: Shown in a way of their own, or too long for a page.
_NOT_LISTED = ("name", "force_sensors", "profile", "tuning", "devices")


def events(run: Run) -> str:
    """Return the journal, but for the entries of interest to programs only."""
    entries = run.journal.entries
    begin = epoch_time(run.manifest.started)
    shown = [entry for entry in entries if entry.severity != "DEBUG"][:_MOST_EVENTS]
    more = ""
    if len(shown) < len(entries):
        more = f'<p class="sub">{len(entries) - len(shown)} more in journal.jsonl</p>'
    return markup.table(_EVENT_HEADS, (_event(entry, begin) for entry in shown)) + more


def _event(entry: Entry, begin: float) -> str:
    severity = escape(entry.severity)
    return (
        f'<tr><td class="n">{markup.signed_seconds(entry.time - begin)}</td>'
        f'<td class="{severity}">{severity}</td><td>{escape(entry.source)}</td>'
        f"<td>{escape(entry.code)}</td><td>{escape(entry.text)}</td></tr>"
    )


def press(run: Run) -> str:
    """Return what the record says of the press: its sensors with their calibration, its limits."""
    facts = run.manifest.press
    if not facts:
        return '<p class="sub">The record says nothing of the press.</p>'
    listed = {key: value for key, value in facts.items() if key not in _NOT_LISTED}
    files = [
        (what, f"{facts[what]['file']}, SHA-256 {facts[what]['sha256'][:16]}…")
        for what in ("profile", "tuning")
        if what in facts
    ]
    items = [("press", str(facts.get("name", NOTHING))), *files, *flat(listed)]
    return _sensors(facts) + markup.pairs(items)


def _sensors(facts: Mapping[str, Any]) -> str:
    heads = [(key.replace("name", "force sensor"), False) for key in _SENSOR_KEYS]
    rows = [
        markup.row([escape(_one_line(sensor.get(key))) for key in _SENSOR_KEYS])
        for sensor in facts.get("force_sensors", [])
    ]
    return f'<div class="sensors">{markup.table(heads, rows)}</div>'


def _one_line(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {text}" for name, text in flat(value))
    return NOTHING if value is None else str(value)


def record(run: Run) -> str:
    """Return what the record itself is."""
    manifest = run.manifest
    order = manifest.order
    recipe = f"{order.get('recipe', NOTHING)} {order.get('recipe_version', '')}"
    state = run.journal.problem or "chain intact"
    items = [
        ("run", manifest.run_id),
        ("cell", manifest.cell_id or NOTHING),
        ("recipe", recipe),
        *((f"parameter {name}", text) for name, text in flat(order.get("parameters", {}))),
        ("started", manifest.started),
        ("stopped", manifest.stopped or "never: the recording ended without warning"),
        ("messages", f"{sum(manifest.messages.values())}, lost {manifest.lost}"),
        ("journal", f"{len(run.journal.entries)} entries, {state}"),
        *manifest.versions.items(),
    ]
    return markup.pairs(items)


def recipe(run: Run) -> str:
    """Return the recipe as run."""
    try:
        text = run.folder.recipe.read_text(encoding="utf-8")
    except OSError:
        return '<p class="sub">recipe.yaml is missing.</p>'
    return f"<details open><summary>recipe.yaml</summary><pre>{escape(text)}</pre></details>"


def flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested data as pairs of name and text."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = str(key).replace("_", " ")
            yield from flat(item, f"{path}, {name}" if path else name)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value, 1):
            yield from flat(item, f"{path} {index}")
    else:
        yield path, NOTHING if value is None else str(value)
