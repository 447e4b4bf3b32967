"""What the whole graph costs: a press and a hold through bus, DDS and processes, beside law and plant alone.

The figures are of the simulated press's true force, of one run in real time, and of the same offline: the same sample,
frame, sensors' errors, tuning and rates. It takes five and a half minutes. Let nothing else run meanwhile: the press
does not wait for a computer that is busy, and the largest deviation of a hold of 140 s is that of its worst moment.
"""

from rich.console import Console
from rich.table import Table

import _results
from _graph import figures, runs

CONSOLE = Console()


def main() -> None:
    """Measure, print and keep."""
    graph = figures.judge(runs.whole_graph(CONSOLE))
    offline = figures.judge(runs.offline())
    table = Table(title="A press to 74 MPa, then 1 MPa while platens warm from 25 to 35 degC")
    for heading in ("figure", "whole graph", "offline", "quotient"):
        table.add_column(heading, justify="right" if table.columns else "left")
    kept = {}
    for name, value in graph.items():
        alone = offline[name]
        kept[f"graph.{name}"] = round(value, 4)
        kept[f"graph.{name}.offline"] = round(alone, 4)
        if alone > 0.0:
            kept[f"graph.{name}.quotient"] = round(value / alone, 3)
        quotient = f"{value / alone:.2f}" if alone > 0.0 else "offline is 0"
        table.add_row(name, f"{value:.4f}", f"{alone:.4f}", quotient)
    CONSOLE.print(table)
    _results.merge(kept)


if __name__ == "__main__":
    main()
