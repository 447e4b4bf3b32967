"""The report of a run: a page for people, its figure, and a table for programs.

``python -m stackpress_py.record.report RUN_FOLDER``
"""

import csv
import io
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from stackpress_py.account import HoldOutcome, LowPressure, Wear
from stackpress_py.record import page, reader, recovery
from stackpress_py.record import phases as accounts
from stackpress_py.record.append_file import replace_file
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import STACK_FIELDS
from stackpress_py.record.run_folder import RecordError, RunFolder
from stackpress_py.record.summary import summarise

_HELD = tuple(field.name for field in fields(HoldOutcome))
_WEAR = tuple(f"actuator_{field.name}" for field in fields(Wear))
_LOW = tuple(f"low_pressure_{field.name}" for field in fields(LowPressure))


def build(path: Path) -> Path:
    """Make report.html, report.png and phases.csv of a run from its record; return the page's path.

    A bag that a power cut left without index is completed first.

    Raises:
        RecordError: the folder is not a run's, is being recorded, or the disk refuses.
    """
    folder = RunFolder(path.resolve())
    try:
        recovery.recover(folder)
        run = reader.read(folder.path)
        found = accounts.phases(run)
        replace_file(folder.phases, table(found))
        replace_file(folder.report, _page(run, found))
    except OSError as error:
        raise RecordError(f"the report of {path} cannot be made: {error}") from error
    return folder.report


def table(phases: Sequence[Phase]) -> str:
    """Return requested versus reached as CSV: a row for each phase, SI and degC; empty: nothing."""
    text = io.StringIO()
    heads = [f"{quantity}_{name}" for quantity in ("pressure", "temperature") for name in _HELD]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["phase", "outcome", "reason", "begin", "duration", *heads, "pressure_uncertainty"]
        + [*STACK_FIELDS, *_WEAR, *_LOW]
    )
    for phase in phases:
        cells = [*_cells(phase.pressure), *_cells(phase.temperature), phase.uncertainty]
        cells += [phase.stack.get(name, math.nan) for name in STACK_FIELDS]
        cells += asdict(phase.wear).values()
        cells += (
            [""] * len(_LOW) if phase.low_pressure is None else asdict(phase.low_pressure).values()
        )
        row = [phase.name, phase.outcome, phase.reason, phase.begin, phase.duration, *cells]
        writer.writerow(["" if cell != cell else cell for cell in row])
    return text.getvalue()


def _cells(held: HoldOutcome | None) -> list[object]:
    if held is None:
        return [""] * len(_HELD)
    values = asdict(held)
    return [values[name].name if name == "approach" else values[name] for name in _HELD]


def _page(run: reader.Run, phases: Sequence[Phase]) -> str:
    summary = summarise(run, phases)
    if not len(run.press.time):
        return page.html(run, phases, summary, "")
    # matplotlib takes longer to load than everything else here.
    from stackpress_py.record import figure

    heading = figure.Heading(summary.verdict, summary.title, summary.details)
    figure.write_png(run.folder.picture, run, phases, heading)
    return page.html(run, phases, summary, figure.svg(run, phases))


def main() -> int:
    """Make the report of the run folder on the command line, without disturbing a running press."""
    # A real-time node hands its own scheduling down to the processes that it starts.
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    os.nice(10)
    if len(sys.argv) != 2:
        print("report: name one run folder", file=sys.stderr)
        return 2
    try:
        print(build(Path(sys.argv[1])))
    except RecordError as error:
        print(f"report: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
