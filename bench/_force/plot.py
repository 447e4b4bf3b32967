"""A picture of a few runs: the end of a press, an anneal, and a cell that breathes."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from . import report
from .contenders import contender
from .holding import Hold, later_trace
from .machine import Case, Machine
from .scenarios import ANNEAL, COLD, MAINTAIN, ideal_trace, press_trace
from .trace import Trace

PATH = Path(__file__).resolve().parents[2] / "build" / "bench_force.png"
SAMPLE, FRAME = "reference", 50.0
#: s before and after the ideal has arrived that are drawn of a press.
BEFORE, AFTER = 4.0, 12.0
#: Points of a curve, two for each piece: the least and the largest in it.
PIECES = 600

#: s, % off the target.
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]


def plot(pool: ProcessPoolExecutor, contenders: Sequence[str], actuations: Sequence[str]) -> None:
    """Draw a column for each way to move the press, and in each a line for each contender."""
    rows: list[tuple[str, Callable[[str, str], Curve], float]] = [
        ("74 MPa at 1 MPa/s", pressed, 1.0),
        ("1 MPa, 25 to 120 degC at 5 K/min", partial(held, ANNEAL), 2.0),
        ("5 MPa on a cell that breathes", partial(held, MAINTAIN), 1.0),
    ]
    figure = Figure(figsize=(5 * len(actuations), 3 * len(rows)), layout="tight")
    axes = figure.subplots(len(rows), len(actuations), squeeze=False)
    for row, (title, work, span) in enumerate(rows):
        for ax, actuation in zip(axes[row], actuations, strict=True):
            curves = pool.map(work, contenders, [actuation] * len(contenders))
            _draw(ax, contenders, curves)
            ax.set(title=f"{title}, by {actuation}", ylim=(-span, span), xlabel="s")
        axes[row, 0].set_ylabel("true force off the target, %")
    axes[0, 0].legend()
    PATH.parent.mkdir(exist_ok=True)
    figure.savefig(PATH, dpi=100)
    report.CONSOLE.print(f"drawn in {PATH.parent.name}/{PATH.name}", highlight=False)


def _draw(ax: Axes, names: Sequence[str], curves: Iterable[Curve]) -> None:
    for name, (times, deviations) in zip(names, curves, strict=True):
        ax.plot(times, deviations, label=name, linewidth=0.8)
    ax.grid(alpha=0.3)


def pressed(name: str, actuation: str) -> Curve:
    """Return the end of a press; time 0 is when the ideal arrives."""
    case = Case(SAMPLE, FRAME, actuation=actuation)
    machine = Machine(case)
    target, rate = COLD * machine.area, 1e6 * machine.area
    trace = press_trace(machine, contender(name, case), target, rate)
    times, forces = trace.arrays()
    contact = times[np.nonzero(forces > 1.0)[0][0]]
    arrival = contact + ideal_trace(target, rate).hold
    shown = (times >= arrival - BEFORE) & (times <= arrival + AFTER)
    return times[shown] - arrival, 100.0 * (forces[shown] / target - 1.0)


def held(pressure: float, name: str, actuation: str) -> Curve:
    """Return a hold of ANNEAL or MAINTAIN (Pa) with its disturbance; nothing where it was never reached."""
    hold = Hold(Case(SAMPLE, FRAME, actuation=actuation), pressed=True)
    trace, target = later_trace(hold, name, pressure)
    return _pieces(trace, target)


def _pieces(trace: Trace, target: float) -> Curve:
    times, deviations = trace.held(target)
    length = max(1, len(times) // PIECES)
    count = len(times) // length
    parts = 100.0 * deviations[: count * length].reshape(count, length)
    extremes = np.column_stack((parts.min(axis=1), parts.max(axis=1))).ravel()
    begins = times[: count * length : length] - trace.hold
    return np.repeat(begins, 2), extremes
