"""Tables: for each contender and way to move the press the figures, and where the worst cases are."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from .judged import Result

CONSOLE = Console(width=150)


class Report:
    """One scenario's table; its headings are the figures of the first row.

    Args:
        title: what was done.
    """

    def __init__(self, title: str) -> None:
        self._table = Table(title=title)

    def row(self, name: str, actuation: str, figures: Mapping[str, float], worst: str) -> None:
        """Add the figures of a contender, and its worst case; without an actuation it is all of them."""
        table = self._table
        if not table.columns:
            table.add_column("contender")
            table.add_column("moved by")
            for heading in figures:
                table.add_column(heading.replace("_pct", " %").replace("_", " "), justify="right")
            table.add_column("worst case")
        values = [f"{value:.4g}" for value in figures.values()]
        table.add_row(name, actuation or "all", *values, worst)

    def show(self, seconds: float) -> None:
        """Print it with how long it took."""
        CONSOLE.print(self._table)
        CONSOLE.print(f"{seconds:.0f} s", highlight=False)


def worst(found: Sequence[Result]) -> Result:
    """Return the worst of some results."""
    return max(found, key=lambda each: each.severity)


def show_worst(name: str, actuation: str, found: Sequence[Result], count: int) -> None:
    """Print the worst results with where they come from."""
    for each in sorted(found, key=lambda each: -each.severity)[:count]:
        text = f"{name}, {actuation}: {each.severity:.4g}  {each}"
        CONSOLE.print(text, markup=False, highlight=False, soft_wrap=True)
