"""What the user writes after ``stackpress tune``, and what is refused before anything is opened."""

from pathlib import Path

import pytest
from rich.console import Console

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.tune import TuneOptions, tune
from stackpress_py.cli.tune_input import TuneWords, blank, ratings


def refusal(words: TuneWords, profile: str = "reference_plc", output: Path | None = None) -> str:
    options = TuneOptions(profile, "/dev/nothing", words, output, replace=False, yes=True)
    with pytest.raises(CliError) as error:
        tune(options, Console(file=None, quiet=True))
    assert error.value.code is ExitCode.BAD_INPUT
    return str(error.value)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (TuneWords(), "--blank '2 mm'"),
        (TuneWords(blank="2"), "--blank: found '2', needs a length"),
        (TuneWords(blank="none", force="21 kN"), "--force is above 20 kN"),
        (TuneWords(blank="none", force="-1 N"), "--force -1 N must be above 0"),
        (TuneWords(blank="none", temperature="180 degC"), "--temperature is above 170 degC"),
        (TuneWords(blank="none", clear_to="70 mm"), "--clear-to must be below --deepest"),
        (TuneWords(blank="none", heating_rate="90 K/min"), "--heating-rate is above"),
        (TuneWords(blank="none", only=("oil",)), "--only oil is not one of force, hydraulic, heat"),
    ],
)
def test_what_makes_no_sense_is_refused(words: TuneWords, sentence: str) -> None:
    assert sentence in refusal(words)


def test_a_press_without_loops_of_ours_has_nothing_to_measure() -> None:
    assert "there is nothing to measure" in refusal(TuneWords(blank="none"), "hand_press")


def test_nothing_is_begun_that_could_not_be_written(tmp_path: Path) -> None:
    there = tmp_path / "there.yaml"
    there.write_text("tuning: mine\n")
    assert "--replace" in refusal(TuneWords(blank="none"), output=there)
    assert "no folder" in refusal(TuneWords(blank="none"), output=tmp_path / "no" / "x.yaml")


def test_the_blank_and_the_ratings() -> None:
    assert blank(TuneWords(blank="none")).height == 0.0
    assert blank(TuneWords(blank="5 mm")).height == pytest.approx(5e-3)
    assert ratings(TuneWords()) == (1000.0, 1000.0)
    assert ratings(TuneWords(heater_power="800 W")) == (800.0, 800.0)
    assert ratings(TuneWords(heater_power="800 W, 0.9 kW")) == (800.0, 900.0)
    with pytest.raises(CliError, match="two"):
        ratings(TuneWords(heater_power="1 W,2 W,3 W"))
