"""The panels of the report's figure about the stack: relative density, densification rate, Heckel plot."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from stackpress_py.record import markup
from stackpress_py.record.palette import BLUE, COOL, GREEN, INK, MUTED
from stackpress_py.record.panels import TimeScale, stripes, thin
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Array, Run, die_area

#: MPa, from which on the Heckel line holds.
_YIELDING = 50.0
_PER_MINUTE = 60.0 * 100.0  # % in a minute


def is_known(run: Run) -> bool:
    """Return True if the record tells of a stack."""
    return bool(np.isfinite(run.stack["height"]).any())


def density(axes: Axes, run: Run, phases: Sequence[Phase], scale: TimeScale) -> None:
    """Draw the relative density with its uncertainty, %; of a cell without powder the height, mm."""
    stripes(axes, phases, scale)
    name, factor, label = ("density", 100.0, "relative density / %")
    if not np.isfinite(run.stack["density"]).any():
        name, factor, label = ("height", 1e3, "height / mm")
    time, value = thin(run.stack.time, run.stack[name] * factor)
    spread = np.interp(time, run.stack.time, run.stack[f"{name}_uncertainty"] * factor)
    axes.fill_between(scale(time), value - spread, value + spread, color=COOL, linewidth=0)
    axes.plot(scale(time), value, color=BLUE, linewidth=1.4)
    axes.set_ylabel(label)


def rate(axes: Axes, run: Run, scale: TimeScale) -> None:
    """Draw the size of the densification rate and its uncertainty, %/min."""
    axes.set_yscale("log")
    for name, colour, width, dashes in (
        ("densification_rate", GREEN, 1.2, (1, 0)),
        ("densification_rate_uncertainty", MUTED, 0.9, (2, 2)),
    ):
        time, value = thin(run.stack.time, np.abs(run.stack[name]) * _PER_MINUTE)
        axes.plot(scale(time), value, color=colour, linewidth=width, dashes=dashes)
    _title(axes, "densification rate", "dashed: its uncertainty (k = 2)")
    axes.set_ylabel("|rate| / (%/min)", labelpad=2)
    axes.set_xlabel(f"time / {scale.name}", labelpad=2)


def heckel(axes: Axes, run: Run) -> None:
    """Draw ln(1 / (1 - D)) over the pressure while that rises, and the line that was fitted."""
    pressure, dense = _rise(run)
    axes.plot(pressure, -np.log(1.0 - dense), color=BLUE, linewidth=1.4)
    slope, intercept = (_latest(run.stack[f"heckel_{name}"]) for name in ("slope", "intercept"))
    text = "no line: it needs pressures beyond 60 MPa"
    if np.isfinite(slope):
        ends = np.array([_YIELDING, pressure.max()])
        axes.plot(ends, slope * 1e6 * ends + intercept, color=INK, linewidth=1.1, dashes=(4, 2))
        spread = _latest(run.stack["heckel_slope_uncertainty"])
        text = f"mean yield pressure {markup.pressure(1.0 / slope, 3)}"
        text += f" ± {markup.pressure(spread / slope**2, 2)}"
    _title(axes, "Heckel", text)
    axes.set_ylabel("ln(1 / (1 − D))", labelpad=2)
    axes.set_xlabel("pressure / MPa", labelpad=2)


def _rise(run: Run) -> tuple[Array, Array]:
    """Return pressure (MPa) and relative density of the moments at which the pressure was the highest so far."""
    stack = run.stack
    force = np.interp(stack.time, run.press.time, run.press["force"])
    pressure = force / die_area(run) * 1e-6
    dense = stack["density"]
    known = np.isfinite(pressure) & np.isfinite(dense) & (dense < 1.0)
    pressure, dense = pressure[known], dense[known]
    rising = np.concatenate([[True], pressure[1:] > np.maximum.accumulate(pressure)[:-1]])
    return pressure[rising], dense[rising]


def _latest(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if known.size else float("nan")


def _title(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title, loc="left", size=9.5, weight="bold", pad=16)
    axes.text(0.0, 1.045, below, transform=axes.transAxes, color=MUTED, size=8.5)
