"""Numbers as people read them, and small pieces of HTML."""

import math
from collections.abc import Iterable, Sequence
from html import escape

from stackpress_py.account import Approach, HoldOutcome
from stackpress_py.record import palette

NOTHING = "–"
_MINUS = "\N{MINUS SIGN}"


def pressure(value: float, digits: int = 4) -> str:
    """Return a pressure (Pa) in MPa with that many digits."""
    if math.isnan(value):
        return NOTHING
    return f"{value * 1e-6:#.{digits}g}".rstrip(".").replace("-", _MINUS) + " MPa"


def share(value: float, held: HoldOutcome) -> str:
    """Return a value as % of what was requested."""
    return f"{value / held.requested * 100:.2f} %"


def inside(held: HoldOutcome) -> str:
    """Return how much of the hold was in tolerance."""
    if held.duration <= 0.0:
        return NOTHING
    return f"{held.time_in_tolerance / held.duration * 100:.1f} % of {duration(held.duration)}"


def approach(held: HoldOutcome) -> str:
    """Return from which side the target was approached."""
    return "from below" if held.approach is Approach.FROM_BELOW else "from above"


def duration(value: float) -> str:
    """Return a time in s as seconds, minutes or hours."""
    if math.isnan(value):
        return NOTHING
    if value < 100.0:
        return f"{value:.1f} s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} h" if hours else f"{minutes}:{seconds:02} min"


def signed_seconds(value: float) -> str:
    """Return a time in s with its sign."""
    # Adding 0 makes 0 of -0.
    return f"{round(value, 2) + 0.0:+.2f} s".replace("-", _MINUS)


def badge(word: str) -> str:
    """Return an outcome on its colour."""
    colour = palette.outcome_colour(word)
    return f'<span class="badge" style="background: var(--{colour})">{escape(word)}</span>'


def table(heads: Sequence[tuple[str, bool]], rows: Iterable[str]) -> str:
    """Return a table; each head with True stands over numbers."""
    cells = "".join(f'<th class="n">{h}</th>' if n else f"<th>{h}</th>" for h, n in heads)
    body = "".join(rows)
    return (
        f'<div class="scroll"><table><thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def row(cells: Sequence[str], numbers: bool = False) -> str:
    """Return one row of a table; the cells are HTML."""
    open_cell = '<td class="n">' if numbers else "<td>"
    return "<tr>" + "".join(f"{open_cell}{cell}</td>" for cell in cells) + "</tr>"


def pairs(items: Iterable[tuple[str, object]]) -> str:
    """Return a list of names and values, which are plain text."""
    rows = "".join(f"<dt>{escape(k)}</dt><dd>{escape(str(v))}</dd>" for k, v in items)
    return f"<dl>{rows}</dl>"
