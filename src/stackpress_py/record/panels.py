"""The panels of the report's figure, each drawn into axes that are given."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from stackpress_py.record import palette
from stackpress_py.record.palette import (
    BLUE,
    COOL,
    GREEN,
    GREY,
    INK,
    MUTED,
    PALETTE,
    PAPER,
    PURPLE,
    STRIPE,
    VERMILLION,
    WARM,
)  # fmt: skip
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Array, Run, die_area

#: Columns of a large screen: a curve gets its lowest and its highest point in each.
_COLUMNS = 1600
#: Inches of a character in the strip of the phases, roughly.
_CHARACTER = 0.078


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A time axis: begin (s since the epoch), s in one unit, and the unit's name."""

    begin: float
    unit: float
    name: str

    def __call__(self, time: Array) -> Array:
        """Return times in the axis's unit."""
        return (time - self.begin) / self.unit

    def at(self, time: float) -> float:
        """Return one time in the axis's unit."""
        return (time - self.begin) / self.unit


def time_scale(begin: float, duration: float) -> TimeScale:
    """Return the axis for a duration in s: seconds, minutes or hours."""
    if duration > 3 * 3600.0:
        return TimeScale(begin, 3600.0, "h")
    return TimeScale(begin, 60.0, "min") if duration > 300.0 else TimeScale(begin, 1.0, "s")


def thin(time: Array, values: Array) -> tuple[Array, Array]:
    """Return a curve that looks the same: the lowest and the highest point of each column."""
    size = len(time) // _COLUMNS
    if size < 4:
        return time, values
    kept = size * _COLUMNS
    table = values[:kept].reshape(_COLUMNS, size)
    rows = np.arange(_COLUMNS)
    low = np.where(np.isnan(table), np.inf, table).argmin(axis=1)
    high = np.where(np.isnan(table), -np.inf, table).argmax(axis=1)
    picked = np.sort(np.stack([rows * size + low, rows * size + high], axis=1), axis=1).ravel()
    index = np.concatenate([picked, np.arange(kept, len(time))])
    return time[index], values[index]


def strip(axes: Axes, phases: Sequence[Phase], scale: TimeScale, inches: float) -> None:
    """Draw the phases as a strip: number, name where there is room, colour of the outcome."""
    axes.set_axis_off()
    axes.set_ylim(0, 1)
    width = axes.get_xlim()[1] - axes.get_xlim()[0]
    for number, phase in phases_by_number(phases):
        left, right = scale.at(phase.begin), scale.at(phase.end)
        colour = PALETTE[palette.outcome_colour(phase.outcome)][0]
        axes.barh(0.5, right - left, 1.0, left, color=colour, edgecolor=PAPER, linewidth=1.5)
        room = (right - left) / width * inches
        label = f"{number}  {phase.name}"
        if len(label) * _CHARACTER > room:
            label = str(number) if room > _CHARACTER * 2 else ""
        axes.text(
            (left + right) / 2, 0.46, label, color=PAPER, weight="bold", size=8.5,
            ha="center", va="center",
        )  # fmt: skip


def phases_by_number(phases: Sequence[Phase]) -> list[tuple[int, Phase]]:
    """Return the phases that began with their numbers, from 1."""
    return [(n, phase) for n, phase in enumerate(phases, 1) if math.isfinite(phase.begin)]


def stripes(axes: Axes, phases: Sequence[Phase], scale: TimeScale) -> None:
    """Shade every second phase."""
    for number, phase in phases_by_number(phases):
        if number % 2:
            left, right = scale.at(phase.begin), scale.at(phase.end)
            axes.axvspan(left, right, color=STRIPE, linewidth=0, zorder=-3)


def pressure(axes: Axes, run: Run, phases: Sequence[Phase], scale: TimeScale) -> None:
    """Draw pressure, set-point and tolerance bands over the whole run, MPa."""
    stripes(axes, phases, scale)
    for phase in phases:
        if phase.pressure is not None and math.isfinite(phase.begin):
            held = phase.pressure
            _band(axes, scale, phase, held.requested * 1e-6, held.tolerance * 1e-6, COOL)
    time, value = thin(run.press.time, run.press["force"] / die_area(run) * 1e-6)
    axes.plot(scale(time), value, color=BLUE, linewidth=1.5, label="measured")
    time, value = thin(run.pressure.time, run.pressure["setpoint"] * 1e-6)
    axes.plot(scale(time), value, color=INK, linewidth=0.9, dashes=(4, 2), label="set-point")
    axes.fill_between([], [], [], color=COOL, label="tolerance")
    axes.set_ylabel("pressure / MPa")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    _legend(axes)


def hold(axes: Axes, run: Run, number: int, phase: Phase) -> None:
    """Draw how far the pressure was from its target in one phase, % of the target."""
    held = phase.pressure
    if held is None:
        return
    start = phase.settled if held.reached else phase.begin
    span = max(phase.end - start, 1.0)
    scale = time_scale(start, span)
    press = run.press.between(start - 0.12 * span, phase.end)
    percent = 100.0 / held.requested
    deviation = (press["force"] / die_area(run) - held.requested) * percent
    band = held.tolerance * percent
    axes.axhspan(-band, band, color=COOL, linewidth=0, zorder=-2)
    axes.axhline(0.0, color=INK, linewidth=0.9, dashes=(4, 2))
    time, values = thin(press.time, deviation)
    axes.plot(scale(time), values, color=BLUE, linewidth=1.1)
    worst = held.worst_deviation * percent if held.reached else 3.0 * band
    limit = min(max(1.8 * band, 1.25 * worst), 12.0 * band)
    axes.set_ylim(-limit, limit)
    axes.set_xlim(-0.12 * span / scale.unit, span / scale.unit)
    axes.set_xlabel(f"{scale.name} since {'settled' if held.reached else 'it began'}", labelpad=2)
    axes.set_ylabel("deviation / %", labelpad=2)
    title = f"{number}  {phase.name}: {held.requested * 1e-6:.4g} MPa"
    axes.set_title(title, loc="left", size=9.5, weight="bold", pad=16)
    axes.text(0.0, 1.045, _summary(phase), transform=axes.transAxes, color=MUTED, size=8.5)


def _summary(phase: Phase) -> str:
    held = phase.pressure
    if held is None or not held.reached:
        return "not reached"
    percent = 100.0 / held.requested
    # Adding 0 makes 0 of -0.
    mean = round((held.mean - held.requested) * percent, 2) + 0.0
    worst, allowed = held.worst_deviation * percent, held.tolerance * percent
    text = f"mean {mean:+.2f} %, worst {worst:.2f} %, allowed ±{allowed:.3g} %"
    return text.replace("-", "\N{MINUS SIGN}")


def temperature(axes: Axes, run: Run, phases: Sequence[Phase], scale: TimeScale) -> None:
    """Draw both platens, their set-point and the tolerance bands, degC."""
    stripes(axes, phases, scale)
    for phase in phases:
        if phase.temperature is not None and math.isfinite(phase.begin):
            held = phase.temperature
            _band(axes, scale, phase, held.requested, held.tolerance, WARM)
    for field, colour, style, label in (
        ("upper_platen_temperature", VERMILLION, "-", "upper platen"),
        ("lower_platen_temperature", PURPLE, "-.", "lower platen"),
        ("frame_temperature", GREY, ":", "frame"),
    ):
        time, value = thin(run.press.time, run.press[field])
        if np.isfinite(value).any():
            axes.plot(scale(time), value, style, color=colour, linewidth=1.4, label=label)
    time, value = thin(run.upper_platen.time, run.upper_platen["setpoint"])
    axes.plot(scale(time), value, color=INK, linewidth=0.9, dashes=(4, 2), label="set-point")
    axes.set_ylabel("temperature / °C")
    _legend(axes)


def position(axes: Axes, run: Run, phases: Sequence[Phase], scale: TimeScale) -> None:
    """Draw the ram's position, mm; 0 is fully open."""
    stripes(axes, phases, scale)
    time, value = thin(run.press.time, run.press["position"] * 1e3)
    axes.plot(scale(time), value, color=GREEN, linewidth=1.4)
    axes.set_ylabel("ram / mm")
    axes.set_xlabel(f"time / {scale.name}", labelpad=2)


def _band(
    axes: Axes, scale: TimeScale, phase: Phase, target: float, tolerance: float, colour: str
) -> None:
    axes.fill_between(
        [scale.at(phase.begin), scale.at(phase.end)], target - tolerance, target + tolerance,
        color=colour, linewidth=0, zorder=-2,
    )  # fmt: skip


def _legend(axes: Axes) -> None:
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.985), ncols=5, frameon=False, fontsize=8.5,
        labelcolor=MUTED, borderaxespad=0.0, handlelength=2.2, columnspacing=1.6,
    )  # fmt: skip
