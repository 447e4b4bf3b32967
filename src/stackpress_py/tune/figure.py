"""The evidence of a measurement as one picture: what was seen, and what was fitted to it."""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from stackpress_py.quantities import DURATION, FRACTION, GROWTH, HEAT_CAPACITY, LENGTH, STIFFNESS
from stackpress_py.record.palette import BLUE, GREEN, GREY, INK, MUTED, PURPLE, STYLE, VERMILLION
from stackpress_py.tune.constants import plus_minus
from stackpress_py.tune.findings import Findings, HeatFindings, RamFindings
from stackpress_py.tune.oil import Actuator, Oil
from stackpress_py.tune.platens import Platen
from stackpress_py.tune.pulses import Pulse

#: Inches.
WIDTH, ROW = 11.0, 2.9
DASHES = (4, 2)

Panel = Callable[[Axes], None]


def write_figure(path: Path, found: Findings, title: str) -> None:
    """Write the picture as PNG.

    Raises:
        OSError: it cannot be written.
    """
    panels = [*_ram_panels(found.ram), *_oil_panels(found.oil), *_heat_panels(found.heat)]
    rows = (len(panels) + 1) // 2
    draft = path.with_name(f".{path.name}.new")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.5 + rows * ROW), dpi=110, layout="constrained")
        figure.suptitle(title, x=0.02, ha="left", weight="bold", size=12)
        for number, panel in enumerate(panels):
            panel(figure.add_subplot(rows, 2, number + 1))
        FigureCanvasAgg(figure).print_png(str(draft), metadata={"Software": "Stackpress"})
    draft.replace(path)


def _ram_panels(found: RamFindings | None) -> list[Panel]:
    if found is None:
        return []
    return [
        lambda axes: _free(axes, found),
        lambda axes: _give(axes, found),
        lambda axes: _strokes(axes, found),
        lambda axes: _left(axes, found),
    ]


def _oil_panels(found: Oil | None) -> list[Panel]:
    if found is None:
        return []
    return [
        lambda axes: _rates(axes, "Pump", found.pump, BLUE),
        lambda axes: _rates(axes, "Valve", found.valve, VERMILLION),
        lambda axes: _pulse(axes, "pump", found.pump.pulses[-1]),
        lambda axes: _pulse(axes, "valve", found.valve.pulses[-1]),
    ]


def _heat_panels(found: HeatFindings | None) -> list[Panel]:
    if found is None:
        return []
    panels: list[Panel] = []
    if found.platens is not None:
        upper, lower = found.platens
        panels.append(lambda axes: _platen(axes, "upper", upper))
        panels.append(lambda axes: _platen(axes, "lower", lower))
    if found.expansion is not None:
        panels.append(lambda axes: _growth(axes, found))
    return panels


def _free(axes: Axes, found: RamFindings) -> None:
    for one, colour in zip(found.free.tries, (BLUE, GREEN), strict=True):
        axes.plot(one.time, one.position * 1e3, color=colour, linewidth=1.5)
        axes.plot(one.time, one.commanded * 1e3, color=INK, linewidth=0.9, dashes=DASHES)
        late = plus_minus(one.lag, DURATION)
        axes.plot([], [], color=colour, label=f"{one.velocity * 1e3:.2g} mm/s, {late} behind")
    _finish(axes, "Free ram", "time / s", "way / mm")


def _give(axes: Axes, found: RamFindings) -> None:
    gives = found.compliance
    steps = gives.steps
    origin = gives.contact.value
    for rests, colour, label in (
        (steps.up, BLUE, "loading"),
        (steps.down, VERMILLION, "unloading"),
    ):
        axes.plot(
            [(rest.position - origin) * 1e6 for rest in rests],
            [rest.force * 1e-3 for rest in rests],
            "o",
            color=colour,
            markersize=4,
            label=label,
        )
    label = f"{plus_minus(gives.stiffness, STIFFNESS)}"
    axes.plot(gives.deflection * 1e6, gives.force * 1e-3, color=INK, linewidth=1.0, label=label)
    contact = plus_minus(gives.contact, LENGTH)
    _finish(axes, f"Give of the press; contact at {contact}", "way / µm", "force / kN")


def _strokes(axes: Axes, found: RamFindings) -> None:
    delay = found.dead_time
    axes.plot(delay.time, delay.force * 1e-3, color=BLUE, linewidth=1.3, label="measured")
    label = f"travel, {plus_minus(delay.value, DURATION)} late"
    axes.plot(delay.time, delay.fitted * 1e-3, color=INK, linewidth=0.9, dashes=DASHES, label=label)
    _finish(axes, "Dead time", "time / s", "force / kN")


def _left(axes: Axes, found: RamFindings) -> None:
    delay = found.dead_time
    axes.plot(delay.time, delay.force - delay.fitted, color=GREY, linewidth=0.9)
    spread = float(np.nanstd(delay.force - delay.fitted))
    noise = found.free.rest.force_deviation
    _finish(
        axes,
        f"What the fit leaves: {spread:.2g} N; noise at rest {noise:.2g} N",
        "time / s",
        "force / N",
    )


def _rates(axes: Axes, name: str, found: Actuator, colour: str) -> None:
    openings = np.array([pulse.opening for pulse in found.pulses])
    rates = np.array([abs(pulse.rate) for pulse in found.pulses])
    axes.plot(openings * 100.0, rates * 1e-3, "o", color=colour, markersize=4, label="measured")
    band, late = plus_minus(found.dead_band, FRACTION), plus_minus(found.delay, DURATION)
    axes.axvline(
        found.dead_band.value * 100.0, color=INK, linewidth=0.9, dashes=DASHES, label="dead band"
    )
    _finish(axes, f"{name}: dead band {band}, {late} late", "opening / %", "rate / (kN/s)")


def _pulse(axes: Axes, name: str, pulse: Pulse) -> None:
    axes.plot(pulse.time, pulse.measured * 1e-3, color=BLUE, linewidth=1.3, label="measured")
    axes.plot(
        pulse.time, pulse.fitted * 1e-3, color=INK, linewidth=0.9, dashes=DASHES, label="fitted"
    )
    _finish(axes, f"Pulse of the {name} at {pulse.opening:.1%}", "time / s", "force / kN")


def _platen(axes: Axes, name: str, found: Platen) -> None:
    minutes = found.time / 60.0
    axes.plot(minutes, found.measured, color=VERMILLION, linewidth=1.5, label="measured")
    label = f"{plus_minus(found.capacity, HEAT_CAPACITY)}, {found.dead_time.value:.1f} s late"
    axes.plot(minutes, found.fitted, color=INK, linewidth=0.9, dashes=DASHES, label=label)
    left = float(np.std(found.measured - found.fitted))
    _finish(
        axes,
        f"{name.capitalize()} platen; the fit leaves {left:.2f} K",
        "time / min",
        "temperature / °C",
    )


def _growth(axes: Axes, found: HeatFindings) -> None:
    grows = found.expansion
    if grows is None:
        return
    axes.plot(grows.temperature, grows.opened * 1e6, color=PURPLE, linewidth=1.3, label="measured")
    label = plus_minus(grows.growth, GROWTH)
    axes.plot(
        grows.temperature, grows.fitted * 1e6, color=INK, linewidth=0.9, dashes=DASHES, label=label
    )
    _finish(axes, "Growth at constant force", "mean of the platens / °C", "ram gives way / µm")


def _finish(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", size=9.5, weight="bold")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8.5, labelcolor=MUTED)
