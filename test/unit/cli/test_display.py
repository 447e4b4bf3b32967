"""The progress of a run as plain lines."""

import dataclasses
import io
import math

from rich.console import Console

from stackpress_py.cli.display import PlainLines, RunView, phase_text, run_display, values_text

VIEW = RunView("cold_press", "press", 1, 5, "ramp", 0.25, 83.0, 30.0e6, 74.0e6, 25.04, math.nan)


def test_texts() -> None:
    assert phase_text(VIEW) == "2/5 press: ramp"
    assert values_text(VIEW) == "30.00 MPa → 74 MPa  25.0 °C  1:23 left"


def test_unknown_values_are_shown_as_unknown() -> None:
    view = dataclasses.replace(VIEW, pressure=math.nan, remaining=math.nan, step="")
    assert phase_text(view) == "2/5 press"
    assert values_text(view) == "– → 74 MPa  25.0 °C  – left"


def test_without_a_terminal_there_is_one_line_for_each_step() -> None:
    stream = io.StringIO()
    with run_display(Console(file=stream)) as display:
        assert isinstance(display, PlainLines)
        for _ in range(20):
            display.update(VIEW)
        display.update(dataclasses.replace(VIEW, step="hold [x]", progress=math.nan))
    assert stream.getvalue().splitlines() == [
        " 25 %  2/5 press: ramp  30.00 MPa → 74 MPa  25.0 °C  1:23 left",
        "  ? %  2/5 press: hold [x]  30.00 MPa → 74 MPa  25.0 °C  1:23 left",
    ]


def test_on_a_terminal_there_is_a_bar_with_the_values() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=140)
    with run_display(console) as display:
        display.update(VIEW)
        display.say("a word")
    assert "25 %" in stream.getvalue()
    assert "30.00 MPa → 74 MPa" in stream.getvalue()
    assert "a word" in stream.getvalue()


def test_a_person_at_a_hand_press_is_told_what_to_do_and_what_is_missing() -> None:
    view = dataclasses.replace(VIEW, step="raise to 74 MPa")
    assert phase_text(view) == "2/5 press: raise to 74 MPa"
    assert values_text(view) == "30.00 MPa → 74 MPa (-44.00 MPa)  25.0 °C  1:23 left"
    above = dataclasses.replace(view, step="keep 74 MPa", pressure=74.25e6)
    assert values_text(above) == "74.25 MPa → 74 MPa (+0.250 MPa)  25.0 °C  1:23 left"
    release = dataclasses.replace(view, step="release", pressure_target=math.nan)
    assert values_text(release) == "30.00 MPa  25.0 °C  1:23 left"
