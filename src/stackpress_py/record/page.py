"""The report as one HTML page that needs nothing else."""

from collections.abc import Sequence
from html import escape
from importlib import resources
from string import Template

from stackpress_py import __version__
from stackpress_py.record import page_facts, page_phases, page_upkeep, palette
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Run
from stackpress_py.record.summary import Summary


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
        cards=page_phases.cards(phases),
        figure=figure,
        phases=page_phases.table(phases),
        stack=page_upkeep.stack(phases),
        upkeep=page_upkeep.upkeep(phases),
        events=page_facts.events(run),
        press=page_facts.press(run),
        record=page_facts.record(run),
        recipe=page_facts.recipe(run),
        light=palette.css_variables(0),
        dark=palette.css_variables(1),
        version=__version__,
    )


def _notes(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<div class="note"><strong>Read this first</strong><ul>{items}</ul></div>'
