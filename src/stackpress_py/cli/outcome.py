"""What a run came to, for the terminal: requested against reached, verdict, record."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stackpress_py.cli import text
from stackpress_py.cli.exit_codes import ExitCode


class Verdict(IntEnum):
    """As in the action RunRecipe."""

    PASSED = 0
    FAILED = 1
    STOPPED = 2
    ABORTED = 3
    REJECTED = 4


class PhaseOutcome(IntEnum):
    """As in the message PhaseResult."""

    PASSED = 0
    FAILED = 1
    INTERRUPTED = 2
    SKIPPED = 3


EXIT_CODES = {
    Verdict.PASSED: ExitCode.OK,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.STOPPED: ExitCode.STOPPED,
    Verdict.ABORTED: ExitCode.STOPPED,
    Verdict.REJECTED: ExitCode.REJECTED,
}

COLOURS = {
    "PASSED": "green",
    "FAILED": "red",
    "STOPPED": "yellow",
    "ABORTED": "red",
    "REJECTED": "red",
    "INTERRUPTED": "yellow",
    "SKIPPED": "dim",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Requested and reached of one quantity in one phase; SI, or degC."""

    requested: float
    tolerance: float
    reached: bool
    mean: float
    worst_deviation: float
    overshoot: float
    peak: float


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One phase of the run; None: the phase had no such target."""

    name: str
    outcome: PhaseOutcome
    reason: str
    duration: float
    pressure: Held | None
    temperature: Held | None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The end of a run."""

    verdict: Verdict
    message: str
    run_id: str
    run_directory: str
    phases: tuple[PhaseRow, ...]

    @classmethod
    def from_result(cls, result: Any) -> "RunOutcome":
        """Make it of a RunRecipe result."""
        return cls(
            Verdict(result.verdict),
            result.message,
            result.run_id,
            result.run_directory,
            tuple(_phase(phase) for phase in result.phases),
        )

    @property
    def exit_code(self) -> ExitCode:
        """What the shell gets for it."""
        return EXIT_CODES[self.verdict]


def _phase(phase: Any) -> PhaseRow:
    return PhaseRow(
        phase.name,
        PhaseOutcome(phase.outcome),
        phase.reason,
        phase.duration,
        _held(phase.pressure),
        _held(phase.temperature),
    )


def _held(hold: Any) -> Held | None:
    if not hold.used:
        return None
    return Held(
        hold.requested,
        hold.tolerance,
        hold.reached,
        hold.mean,
        hold.worst_deviation,
        hold.overshoot,
        hold.peak,
    )


def print_outcome(console: Console, outcome: RunOutcome) -> None:
    """Print the phase table and the verdict."""
    if outcome.phases:
        console.print(_table(outcome))
    for row in outcome.phases:
        if row.reason:
            console.print(f"{row.name}: {row.reason}", markup=False)
    console.print(f"verdict     {_coloured(outcome.verdict.name)}  ", end="")
    console.print(outcome.message, markup=False, highlight=False)


def print_record(console: Console, outcome: RunOutcome, report: str) -> None:
    """Print where the record and the report are; `report` is empty if there is none."""
    if outcome.run_directory:
        console.print(f"run folder  {outcome.run_directory}", soft_wrap=True, markup=False)
        console.print(
            f"report      {report or 'was not made in time'}", soft_wrap=True, markup=False
        )


def _table(outcome: RunOutcome) -> Table:
    table = Table(title=f"requested and reached, run {outcome.run_id}", title_justify="left")
    table.box, table.header_style = box.SIMPLE_HEAD, ""
    table.add_column("phase")
    table.add_column("outcome")
    for name in ("time", "requested", "reached", "worst", "overshoot"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in outcome.phases:
        for cells in _lines(row):
            table.add_row(*cells)
    return table


def _lines(row: PhaseRow) -> list[list[str]]:
    """Return one line for each quantity that the phase had a target for, at least one."""
    held = []
    if row.pressure is not None:
        held.append(_pressure_cells(row.pressure))
    if row.temperature is not None:
        held.append(_temperature_cells(row.temperature))
    first, *more = held or [[text.NOTHING] * 4]
    name = escape(row.name)
    head = [name, _coloured(row.outcome.name), text.duration(row.duration)]
    return [[*head, *first], *(["", "", "", *cells] for cells in more)]


def _pressure_cells(held: Held) -> list[str]:
    return [
        text.pressure_band(held.requested, held.tolerance),
        text.pressure(held.mean if held.reached else held.peak),
        text.pressure(held.worst_deviation),
        _percent(held.overshoot, held.requested),
    ]


def _temperature_cells(held: Held) -> list[str]:
    return [
        text.temperature_band(held.requested, held.tolerance),
        text.temperature(held.mean if held.reached else held.peak),
        text.temperature_difference(held.worst_deviation),
        text.temperature_difference(held.overshoot),
    ]


def _percent(part: float, whole: float) -> str:
    if not (math.isfinite(part) and math.isfinite(whole)) or whole == 0.0:
        return text.NOTHING
    return f"{100.0 * part / whole:.2f} %"


def _coloured(name: str) -> str:
    return f"[{COLOURS[name]}]{name}[/]"
