"""The checks of a recipe against a press."""

from dataclasses import replace

import pytest

from stackpress_py.paths import config
from stackpress_py.recipes.check import (
    ForceRange,
    MachineLimits,
    expected_durations,
    problems,
)
from stackpress_py.recipes.loading import load_recipe, loads_recipe

PRESS = MachineLimits(
    force=20e3,
    force_rate=20e3,
    temperature=170.0,
    coolest=15.0,
    heating_rate=1.0,
    cooling_rate=0.5,
    temperature_uncertainty=1.5,
    ranges=(ForceRange(20e3, 12.0), ForceRange(350.0, 0.3)),
)
RECIPE = """\
recipe: test
version: 1.0.0
cell:
  die: {shape: square, side: 10 mm}
procedure:
  - phase: press
    pressure: {target: 100 MPa, rate: 10 MPa/s, tolerance: 1 %}
    hold: 60 s
  - phase: warm
    pressure: {target: 1 MPa, rate: 10 MPa/s, tolerance: 1 %}
    temperature: {target: 85 degC, rate: 30 K/min, tolerance: 2 K}
    hold: 30 s
    settling: 5 s
  - phase: cool
    temperature: {target: 40 degC, rate: 30 K/min, tolerance: 2 K}
  - phase: unload
    unload: {rate: 0.5 MPa/s}
"""


def found(old: str = "", new: str = "", limits: MachineLimits = PRESS) -> tuple[str, ...]:
    assert old in RECIPE
    return problems(loads_recipe(RECIPE.replace(old, new, 1), name="r.yaml"), limits)


def test_a_possible_recipe_has_no_problems() -> None:
    assert found() == ()


@pytest.mark.parametrize("name", ["cold_press_and_anneal", "demo", "maintain"])
def test_the_recipes_that_come_with_stackpress_are_possible(name: str) -> None:
    assert problems(load_recipe(config("recipes", f"{name}.yaml")), PRESS) == ()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "100 MPa",
            "300 MPa",
            "r.yaml line 7, procedure[0].pressure.target: 300 MPa on this die is 30 kN;"
            " this press allows 20 kN, that is 200 MPa",
        ),
        (
            "10 MPa/s",
            "1 GPa/s",
            "r.yaml line 7, procedure[0].pressure.rate:"
            " on this die that is 100 kN/s; this press allows 20 kN/s",
        ),
        (
            "0.5 MPa/s",
            "1 GPa/s",
            "r.yaml line 17, procedure[3].unload.rate:"
            " on this die that is 100 kN/s; this press allows 20 kN/s",
        ),
        (
            "target: 1 MPa, rate: 10 MPa/s, tolerance: 1 %",
            "target: 1 MPa, rate: 10 MPa/s, tolerance: 0.1 %",
            "r.yaml line 10, procedure[1].pressure.tolerance: '0.1 %' of 1 MPa is 1 kPa, and no"
            " sensor of this press can tell: at that force they are uncertain by 3 kPa (k = 2)",
        ),
        (
            "tolerance: 1 %}",
            "tolerance: 1 %, overshoot: 50 kPa}",
            "r.yaml line 7, procedure[0].pressure.overshoot: '50 kPa' of 100 MPa is 50 kPa, and no"
            " sensor of this press can tell: at that force they are uncertain by 120 kPa (k = 2)",
        ),
        (
            "85 degC",
            "200 degC",
            "r.yaml line 11, procedure[1].temperature.target:"
            " found '200 degC', this press allows 15 degC to 170 degC",
        ),
        (
            "40 degC",
            "5 degC",
            "r.yaml line 15, procedure[2].temperature.target:"
            " found '5 degC', this press allows 15 degC to 170 degC",
        ),
        (
            "2 K",
            "1 K",
            "r.yaml line 11, procedure[1].temperature.tolerance:"
            " found '1 K', and the sensors of this press are uncertain by 1.5 K (k = 2)",
        ),
        (
            "rate: 30 K/min, tolerance: 2 K}\n    hold",
            "rate: 90 K/min, tolerance: 2 K}\n    hold",
            "r.yaml line 11, procedure[1].temperature.rate:"
            " found '90 K/min', this press heats by at most 60 K/min",
        ),
        (
            "40 degC, rate: 30 K/min",
            "40 degC, rate: 40 K/min",
            "r.yaml line 15, procedure[2].temperature.rate:"
            " found '40 K/min', this press cools by at most 30 K/min",
        ),
        (
            "    unload: {rate: 0.5 MPa/s}\n",
            "    temperature: off\n",
            "r.yaml line 16, procedure[3]:"
            " the last phase must be an 'unload', so that the cell can be taken out",
        ),
        (
            "hold: 60 s",
            "hold: 60 s\n    timeout: 65 s",
            "r.yaml line 9, procedure[0].timeout:"
            " the phase should take 80 s, and would time out after 65 s",
        ),
    ],
)  # fmt: skip
def test_what_this_press_cannot_do(old: str, new: str, sentence: str) -> None:
    assert found(old, new) == (sentence,)


def test_a_force_beyond_every_sensor_cannot_be_told() -> None:
    blind = replace(PRESS, ranges=(ForceRange(350.0, 0.3),))
    assert any("no sensor" in problem for problem in found(limits=blind))


def test_without_figures_of_the_sensors_nothing_is_said_about_them() -> None:
    assert found("tolerance: 1 %", "tolerance: 0.001 %", replace(PRESS, ranges=())) == ()


def test_only_a_press_that_tells_a_height_can_wait_for_a_density() -> None:
    until = "hold: 60 s\n    until: {densification_below: 0.01 %/min}"
    (problem,) = found("hold: 60 s", until)
    assert problem.startswith(
        "r.yaml line 9, procedure[0].until.densification_below: this press cannot tell the height"
    )
    assert found("hold: 60 s", until, replace(PRESS, tells_height=True)) == ()


def test_how_long_each_phase_should_take() -> None:
    recipe = loads_recipe(RECIPE).recipe
    press, warm, cool, unload = expected_durations(recipe, PRESS, start_temperature=25.0)
    assert press == pytest.approx(10.0 + 10.0 + 60.0)
    assert warm == pytest.approx(9.9 + 5.0 + 120.0 + 30.0)
    assert cool == pytest.approx(90.0 + 2.0)
    assert unload == pytest.approx(2.0 + 10.0)
