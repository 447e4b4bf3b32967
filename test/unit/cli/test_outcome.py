"""The end of a run on the terminal, and the exit code for it."""

import io
import math

import pytest
from rich.console import Console

from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.cli.outcome import (
    Held,
    PhaseOutcome,
    PhaseRow,
    RunOutcome,
    Verdict,
    print_outcome,
    print_record,
)

PRESSED = PhaseRow(
    "cold press",
    PhaseOutcome.PASSED,
    "",
    61.0,
    Held(74.0e6, 0.74e6, True, 74.01e6, 0.05e6, 0.37e6, 74.37e6),
    None,
)
ANNEALED = PhaseRow(
    "anneal",
    PhaseOutcome.FAILED,
    "the temperature was not reached within [300 s]",
    300.0,
    Held(1.0e6, 0.02e6, False, math.nan, math.nan, 0.0, 0.8e6),
    Held(120.0, 2.0, False, math.nan, math.nan, 0.0, 98.5),
)


def printed(outcome: RunOutcome, report: str = "") -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=160)
    print_outcome(console, outcome)
    print_record(console, outcome, report)
    return stream.getvalue()


def test_the_table_shows_requested_and_reached() -> None:
    outcome = RunOutcome(Verdict.PASSED, "all held", "r1", "/runs/r1", (PRESSED,))
    text = printed(outcome, "/runs/r1/report.html")
    line = next(line for line in text.splitlines() if "cold press" in line)
    for part in ("PASSED", "1:01", "74 ± 0.74 MPa", "74.01 MPa", "0.050 MPa", "0.50 %"):
        assert part in line
    assert "verdict     PASSED  all held" in text
    assert "run folder  /runs/r1\n" in text
    assert "report      /runs/r1/report.html\n" in text


def test_what_was_not_reached_shows_the_peak_and_the_reason() -> None:
    outcome = RunOutcome(Verdict.FAILED, "1 of 2", "r1", "/runs/r1", (PRESSED, ANNEALED))
    text = printed(outcome)
    lines = text.splitlines()
    (number,) = (n for n, line in enumerate(lines) if line.lstrip().startswith("anneal "))
    assert "0.800 MPa" in lines[number]
    assert "98.5 °C" in lines[number + 1]
    assert "anneal: the temperature was not reached within [300 s]" in text
    assert "report      was not made in time" in text


def test_a_run_that_never_started_has_no_folder() -> None:
    text = printed(RunOutcome(Verdict.REJECTED, "the press is locked", "", "", ()))
    assert text == "verdict     REJECTED  the press is locked\n"


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.PASSED, 0),
        (Verdict.FAILED, 1),
        (Verdict.STOPPED, 4),
        (Verdict.ABORTED, 4),
        (Verdict.REJECTED, 5),
    ],
)
def test_exit_codes_of_the_verdicts(verdict: Verdict, code: int) -> None:
    assert RunOutcome(verdict, "", "", "", ()).exit_code == code


def test_exit_codes_never_change() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0,
        "FAILED": 1,
        "BAD_INPUT": 2,
        "NOT_READY": 3,
        "STOPPED": 4,
        "REJECTED": 5,
        "BROKEN": 6,
    }
