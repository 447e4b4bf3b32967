"""The figure of a report: what the cell saw over time, phase by phase.

For a page that is shown light or dark the figure is made once, as SVG whose colours are CSS
variables; the picture beside the page has the light ones.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from stackpress_py.record import palette, panels, stack_panels
from stackpress_py.record.palette import MUTED, PALETTE, PAPER, STYLE
from stackpress_py.record.panels import TimeScale
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Run

_WIDTH = 11.0
_LEFT, _RIGHT = 0.075, 0.985
_COLUMN_GAP = 0.062
_IN_A_ROW = 3
_MOST_HOLDS = 6
#: Inches of each row and of the gap below it: strip, pressure; holds; powder, stack; temperature, position.
_ROWS_BEFORE = [(0.27, 0.33), (2.4, 0.85)]
_HOLD_ROW = (1.35, 0.95)
_POWDER_ROW = (1.6, 0.8)
_STACK_ROW = (1.2, 0.6)
_ROWS_AFTER = [(1.75, 0.35), (1.0, 0.5)]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the figure where it stands alone.

    Attributes:
        verdict: one word.
        title: recipe and cell.
        details: run, time and press, one line.
    """

    verdict: str
    title: str
    details: str


def write_png(path: Path, run: Run, phases: Sequence[Phase], heading: Heading) -> None:
    """Write the figure with its heading as PNG."""
    draft = path.with_name(path.name + ".new")
    with mpl.rc_context(STYLE):
        canvas = FigureCanvasAgg(_draw(run, phases, heading))
        canvas.print_png(str(draft), metadata={"Software": "Stackpress"})
    draft.replace(path)


def svg(run: Run, phases: Sequence[Phase]) -> str:
    """Return the figure without heading as an ``<svg>`` element whose colours are CSS variables."""
    text = io.StringIO()
    with mpl.rc_context(STYLE):
        FigureCanvasSVG(_draw(run, phases, None)).print_svg(text, metadata={"Date": None})
    picture = text.getvalue()
    picture = picture[picture.index("<svg") :]
    for name, (light, _) in PALETTE.items():
        picture = picture.replace(light, f"var(--{name})")
    return picture


def _draw(run: Run, phases: Sequence[Phase], heading: Heading | None) -> Figure:
    held = [(n, p) for n, p in panels.phases_by_number(phases) if p.pressure is not None]
    rows = [held[i : i + _IN_A_ROW] for i in range(0, min(len(held), _MOST_HOLDS), _IN_A_ROW)]
    # A record without positions, or without a density to plot, has fewer rows.
    known = stack_panels.is_known(run)
    powder = known and bool(np.isfinite(run.stack["density"]).any())
    page = _Page(
        0.92 if heading else 0.05,
        [
            *_ROWS_BEFORE,
            *[_HOLD_ROW] * len(rows),
            *[_POWDER_ROW] * powder,
            *[_STACK_ROW] * known,
            *_ROWS_AFTER,
        ],
    )
    if heading is not None:
        _head(page, heading)
    scale = _scale(run)
    main = page.axes(1)
    panels.pressure(main, run, phases, scale)
    main.set_xlim(0.0, scale.at(float(run.press.time[-1])))
    panels.strip(page.axes(0, main), phases, scale, _WIDTH * (_RIGHT - _LEFT))
    for index, row in enumerate(rows):
        for column, (number, phase) in enumerate(row):
            panels.hold(page.cell(2 + index, column, len(row)), run, number, phase)
    if powder:
        stack_panels.heckel(page.cell(2 + len(rows), 0, 2), run)
        stack_panels.rate(page.cell(2 + len(rows), 1, 2), run, scale)
    if known:
        stack_panels.density(page.axes(-3, main), run, phases, scale)
    panels.temperature(page.axes(-2, main), run, phases, scale)
    panels.position(page.axes(-1, main), run, phases, scale)
    return page.figure


def _scale(run: Run) -> TimeScale:
    begin, end = float(run.press.time[0]), float(run.press.time[-1])
    return panels.time_scale(begin, end - begin)


def _head(page: "_Page", heading: Heading) -> None:
    figure, height = page.figure, page.height
    colour = PALETTE[palette.outcome_colour(heading.verdict)][0]
    top = 1.0 - 0.42 / height
    badge = figure.text(
        _LEFT, top, heading.verdict, color=PAPER, weight="bold", size=13, va="center",
        bbox={"boxstyle": "round,pad=0.45,rounding_size=0.35", "facecolor": colour, "linewidth": 0},
    )  # fmt: skip
    box = badge.get_window_extent(FigureCanvasAgg(figure).get_renderer())
    right = figure.transFigure.inverted().transform((box.x1, box.y1))[0]
    figure.text(
        right + 0.022, top + 0.11 / height, heading.title, weight="bold", size=14, va="center"
    )
    figure.text(right + 0.022, top - 0.13 / height, heading.details, color=MUTED, va="center")


class _Page:
    """Rows of panels on a page, measured in inches.

    Args:
        top: above the first row.
        rows: height of each row and of the gap below it.
    """

    def __init__(self, top: float, rows: list[tuple[float, float]]) -> None:
        self.height = top + sum(height + gap for height, gap in rows)
        self.figure = Figure(figsize=(_WIDTH, self.height), dpi=170)
        self._boxes: list[tuple[float, float]] = []
        used = top
        for height, gap in rows:
            self._boxes.append((1.0 - (used + height) / self.height, height / self.height))
            used += height + gap

    def axes(self, row: int, same_time: Axes | None = None) -> Axes:
        """Return axes over the whole width of a row."""
        bottom, height = self._boxes[row]
        return self.figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, height), sharex=same_time)

    def cell(self, row: int, column: int, columns: int) -> Axes:
        """Return axes over one of some equal columns of a row."""
        bottom, height = self._boxes[row]
        width = (_RIGHT - _LEFT - _COLUMN_GAP * (columns - 1)) / columns
        left = _LEFT + column * (width + _COLUMN_GAP)
        return self.figure.add_axes((left, bottom, width, height))
