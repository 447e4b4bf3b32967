"""How ``stackpress probe`` shows what it finds."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from stackpress_py.cli.text import NOTHING
from stackpress_py.devices.device.points import AsciiPoint
from stackpress_py.devices.device.profile import AsciiProfile
from stackpress_py.devices.probe.fits import Fit, Grade
from stackpress_py.devices.probe.report import Found, ScanReport, Watcher
from stackpress_py.devices.probe.snapshot import PointReading, Snapshot
from stackpress_py.devices.probe.unknowns import in_hex
from stackpress_py.quantities import conversion, kind_of_unit

MOST_FITS = 3
_GRADES = {Grade.SURE: "it is", Grade.LIKELY: "fits", Grade.POSSIBLE: "may be"}
_UNITS = {"degC": "°C", "degF": "°F"}


def print_lines(lines: Sequence[str], console: Console) -> None:
    """Print sentences as they are."""
    for line in lines:
        console.print(line, markup=False, highlight=False)


# ---- search ----------------------------------------------------------------------------------------


class _Bar:
    """A bar with what is tried now, and a line above it for each device."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=1.0, what="")

    def trying(self, what: str, done: int, total: int) -> None:
        """Show what is tried now."""
        self._progress.update(self._task, what=what, completed=done, total=max(done, total, 1))

    def found(self, found: Found) -> None:
        """Show that something answers."""
        self._progress.console.print(_heading(found), markup=False, highlight=False)


class _Lines:
    """A line for each device."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def trying(self, what: str, done: int, total: int) -> None:
        """Show nothing: a log needs no progress."""

    def found(self, found: Found) -> None:
        """Show that something answers."""
        self._console.print(_heading(found), markup=False, highlight=False)


@contextmanager
def search_display(console: Console) -> Iterator[Watcher]:
    """Return who shows the progress of a search; the bar goes with the context."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[what]}"),
    )
    with Progress(*columns, console=console, transient=True, refresh_per_second=8) as progress:
        yield _Bar(progress)


def _heading(found: Found) -> str:
    where = f"at {found.setting}" if found.setting else "over TCP"
    unit = f", unit {found.unit}" if found.unit is not None else ""
    return f"found: {found.protocol} {where}{unit}"


def print_report(report: ScanReport, port: str, console: Console) -> None:
    """Print the devices that were found, and how to read them."""
    if not report.found:
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("protocol", "line", "unit", "answer", "says", "profiles"):
        table.add_column(column, overflow="fold")
    for found in report.found:
        table.add_row(
            found.protocol,
            str(found.setting) if found.setting else "TCP",
            NOTHING if found.unit is None else str(found.unit),
            milliseconds(found.latency),
            Text(found.says),
            Text(fits_text(found.fits)),
        )
    console.print(table)
    print_lines([f"read it: {_command(found, port)}" for found in report.found[:1]], console)


def fits_text(fits: Sequence[Fit]) -> str:
    """Return which profiles fit, best first, one a line."""
    if not fits:
        return "none that comes with Stackpress"
    best = [each for each in fits if each.grade is fits[0].grade]
    lines = [
        f"{_GRADES[each.grade]} {each.profile.device}" + (f": {each.remark}" if each.remark else "")
        for each in best[:MOST_FITS]
    ]
    if len(best) > MOST_FITS:
        lines.append(f"or one of {len(best) - MOST_FITS} others")
    return "\n".join(lines)


def _command(found: Found, port: str) -> str:
    """Return the command that reads a device."""
    name = found.fits[0].profile.device if found.fits else "PROFILE"
    words = [f"stackpress probe {port} --device {name}"]
    if found.unit is not None:
        words.append(f"--unit {found.unit}")
    if found.setting is not None:
        words.append(f"--baud {found.setting.baud} --framing {found.setting.framing}")
    return " ".join(words)


# ---- devices ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """One device, as it was met.

    Attributes:
        name: of the device.
        where: port and setting.
        unit: its address.
        snapshot: what it says; None: nothing.
        problem: why it says nothing.
    """

    name: str
    where: str
    unit: int
    snapshot: Snapshot | None
    problem: str


def print_sights(sights: Sequence[Sight], remarks: Sequence[str], console: Console) -> None:
    """Print devices with their values."""
    console.print(sights_view(sights, remarks))


def sights_view(sights: Sequence[Sight], remarks: Sequence[str]) -> RenderableType:
    """Return devices with their values, to be printed."""
    parts: list[RenderableType] = []
    for sight in sights:
        parts += _sight(sight)
    return Group(*parts, *(Text(remark) for remark in remarks))


def _sight(sight: Sight) -> Iterator[RenderableType]:
    snapshot = sight.snapshot
    if snapshot is None:
        yield Text.assemble((sight.name, "bold"), f" on {sight.where}")
        yield _remarks([("wrong:", "red", sight.problem)])
        return
    asked = not isinstance(snapshot.profile, AsciiProfile)
    unit = f", unit {sight.unit}" if asked else ""
    kind = "" if sight.name == snapshot.profile.device else f" ({snapshot.profile.device})"
    yield Text.assemble((sight.name, "bold"), f"{kind}{unit} on {sight.where}")
    if any(reading.raw is not None for reading in snapshot.readings):
        yield _table(snapshot)
    if snapshot.findings:
        yield _remarks(
            [
                ("wrong:", "red", finding.text)
                if finding.wrong
                else ("look:", "yellow", finding.text)
                for finding in snapshot.findings
            ]
        )


def _remarks(rows: Sequence[tuple[str, str, str]]) -> Table:
    """Return sentences, each with a word before it and that word's style."""
    table = Table(box=None, padding=(0, 1), show_header=False)
    for word, style, sentence in rows:
        table.add_row(Text(word, style=style), Text(sentence))
    return table


def _table(snapshot: Snapshot) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 1), header_style="bold")
    table.add_column("point", no_wrap=True)
    table.add_column("value", justify="right", overflow="fold")
    table.add_column("raw", justify="right", overflow="fold")
    table.add_column("answer", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for reading in snapshot.readings:
        wrong = reading.problem or reading.unknown
        style = "red" if wrong else ""
        table.add_row(
            reading.name,
            Text(value_text(reading), style=style),
            Text(raw_text(reading)),
            milliseconds(reading.latency),
            Text(wrong, style=style),
        )
    return table


def value_text(reading: PointReading) -> str:
    """Return a value in the unit of its profile, or the bits that are set."""
    point, raw = reading.point, reading.raw
    if raw is None or reading.problem:
        return NOTHING
    if isinstance(raw, str):
        return f"'{raw}'"
    if reading.unknown or not math.isfinite(reading.value):
        return "unknown"
    if point.bits:
        return ", ".join(reading.bits) or "no bit set"
    factor, zero = conversion(point.unit, kind_of_unit(point.unit))
    number = (reading.value - zero) / factor
    # Seven digits are what single precision has.
    return f"{number:.7g} {_UNITS.get(point.unit, point.unit)}".rstrip()


def raw_text(reading: PointReading) -> str:
    """Return what the device gave: bits in hexadecimal, as manuals print them."""
    raw = reading.raw
    if raw is None or isinstance(raw, str):
        return "" if raw is None else NOTHING
    if reading.point.bits and isinstance(raw, int) and not isinstance(reading.point, AsciiPoint):
        return in_hex(raw, reading.point)
    return f"{raw:.7g}" if isinstance(raw, float) else str(raw)


def milliseconds(seconds: float) -> str:
    """Return a time as ``12.3 ms``; of nothing that was measured: a dash."""
    return f"{1e3 * seconds:.1f} ms" if seconds > 0.0 else NOTHING
