"""Recipes: from the file to the control recipe."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.documents import DocumentError
from stackpress_py.paths import config
from stackpress_py.recipes.loading import find_recipe, load_recipe, loads_recipe
from stackpress_py.recipes.model import (
    PressureTarget,
    Reaction,
    SafeEnd,
    TemperatureTarget,
)

RECIPE = """\
recipe: test
version: 1.0.0
parameters:
  pressure: {default: 10 MPa, minimum: 1 MPa, maximum: 20 MPa}
  time: {default: 3 min}
  die: {default: 12 mm, maximum: 20 mm}
  swing: {default: 2 K, minimum: 1 K}
cell:
  die: {shape: round, diameter: $die}
procedure:
  - phase: press
    pressure: {target: $pressure, rate: 1 MPa/s, tolerance: 1 %, overshoot: 0.2 MPa}
    hold: $time
    timeout: 10 min
    on_violation: hold
    safe_end: vent
  - phase: warm
    pressure: keep
    temperature: {target: 80 degC, rate: 5 K/min, tolerance: $swing}
  - phase: rest
    temperature: keep
    hold: 1 min
  - phase: unload
    unload: {rate: 0.5 MPa/s}
    temperature: off
"""


def refusal(text: str, parameters: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(DocumentError) as error:
        loads_recipe(text, parameters, "r.yaml")
    return error.value.problems


def test_parameters_are_put_in() -> None:
    control = loads_recipe(RECIPE, {"pressure": "15 MPa"}, "r.yaml")
    recipe = control.recipe
    target = recipe.pressure_target(0)
    assert target is not None
    assert target.target == 15e6
    assert target.tolerance.around(target.target) == pytest.approx(15e4)
    assert target.overshoot is not None
    assert target.overshoot.around(target.target) == pytest.approx(2e5)
    assert recipe.procedure[0].hold == 180.0
    assert recipe.cell.die.area == pytest.approx(math.pi * 0.006**2)
    assert control.parameters == {
        "pressure": "15 MPa", "time": "3 min", "die": "12 mm", "swing": "2 K"
    }  # fmt: skip


def test_keep_is_what_came_before() -> None:
    recipe = loads_recipe(RECIPE).recipe
    assert recipe.pressure_target(1) == recipe.procedure[0].pressure
    assert recipe.pressure_target(2) is None
    assert recipe.temperature_target(0) is None
    assert recipe.temperature_target(2) == recipe.procedure[1].temperature
    assert recipe.temperature_target(3) is None
    assert recipe.unload_rate() == 0.5e6


def test_defaults_of_a_phase() -> None:
    warm = loads_recipe(RECIPE).recipe.procedure[1]
    assert (warm.hold, warm.settling, warm.time_limit) == (0.0, 2.0, 600.0)
    assert (warm.on_violation, warm.on_timeout, warm.safe_end) == (
        Reaction.CONTINUE, Reaction.ABORT, SafeEnd.FREEZE
    )  # fmt: skip


def test_the_control_recipe_is_a_recipe_again() -> None:
    control = loads_recipe(RECIPE, {"pressure": "15 MPa", "time": "20 s"})
    again = loads_recipe(control.text())
    assert again.recipe == control.recipe
    assert again.text() == control.text()
    assert "$" not in control.text()
    assert dict(again.parameters) == dict(control.parameters)


MAINTAINED = RECIPE.replace(
    "  die: {shape: round, diameter: $die}\n",
    "  die: {shape: round, diameter: $die}\n"
    "  powder: {mass: $mass, mass_uncertainty: 0.2 mg, true_density: 1.64 g/cm^3,"
    " true_density_uncertainty: 0.02 g/cm^3}\n",
).replace("  time: {default: 3 min}\n", "  time: {default: 3 min}\n  mass: {default: 100 mg}\n").replace(
    "    hold: $time\n",
    "    hold: $time\n    until: {densification_below: 0.01 %/min}\n"
    "    alarm: {below: 8 MPa, after: 10 s}\n",
)  # fmt: skip


def test_a_powder_an_end_condition_and_an_alarm() -> None:
    control = loads_recipe(MAINTAINED, {"mass": "120 mg"})
    powder, press = control.recipe.cell.powder, control.recipe.procedure[0]
    assert powder is not None
    assert powder.mass == pytest.approx(120e-6)
    assert powder.true_density == pytest.approx(1640.0)
    assert press.until is not None
    assert press.until.densification_below == pytest.approx(1e-4 / 60.0)
    assert press.alarm is not None
    assert (press.alarm.below, press.alarm.after) == (8e6, 10.0)
    assert loads_recipe(control.text()).recipe == control.recipe


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("below: 8 MPa", "below: 10 MPa", "needs less than the phase's pressure, 10 MPa"),
        ("    pressure: keep\n", "    pressure: keep\n    alarm: {below: 11 MPa, after: 1 s}\n",
         "needs less than the phase's pressure, 10 MPa"),
        ("    temperature: keep\n", "    temperature: keep\n    alarm: {below: 1 MPa, after: 1 s}\n",
         "'until' and 'alarm' need a 'pressure'"),
        ("0.01 %/min", "0 %/min", "needs more than 0"),
        ("0.01 %/min", "0.01", "needs a relative rate of change with unit such as '0.01 %/min'"),
        (" mass_uncertainty: 0.2 mg,", "", "cell.powder.mass_uncertainty: is missing"),
    ],
)  # fmt: skip
def test_what_they_need(old: str, new: str, words: str) -> None:
    assert old in MAINTAINED
    assert any(words in problem for problem in refusal(MAINTAINED.replace(old, new, 1)))


@pytest.mark.parametrize("name", ["cold_press_and_anneal", "demo"])
def test_the_recipes_that_come_with_stackpress(name: str) -> None:
    recipe = load_recipe(config("recipes", f"{name}.yaml")).recipe
    assert recipe.recipe == name
    press, anneal, cool, unload = recipe.procedure
    assert isinstance(press.pressure, PressureTarget)
    assert press.pressure.target == 74e6
    assert isinstance(anneal.pressure, PressureTarget)
    assert anneal.pressure.target == 1e6
    assert isinstance(anneal.temperature, TemperatureTarget)
    assert cool.pressure == "keep"
    assert unload.unload is not None


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            {"pressure": "30 MPa"},
            "parameter pressure: found '30 MPa', allowed is 1 MPa to 20 MPa",
        ),
        ({"die": "30 mm"}, "parameter die: found '30 mm', allowed is at most 20 mm"),
        ({"swing": "0.1 K"}, "parameter swing: found '0.1 K', allowed is at least 1 K"),
        (
            {"presure": "5 MPa"},
            "parameter 'presure' is not known to this recipe; did you mean 'pressure'?",
        ),
        (
            {"pressure": "5 K"},
            "parameter pressure: found '5 K', needs a pressure with unit such as '74 MPa'",
        ),
        (
            {"time": "$die"},
            "parameter time: found '$die', needs a duration with unit such as '3 min'",
        ),
    ],
)
def test_a_parameter_that_does_not_fit(parameters: dict[str, str], sentence: str) -> None:
    assert refusal(RECIPE, parameters) == (sentence,)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "default: 10 MPa",
            "default: 30 MPa",
            "r.yaml line 4, parameters.pressure: found '30 MPa', allowed is 1 MPa to 20 MPa",
        ),
        (
            "default: 10 MPa",
            "default: ten",
            "r.yaml line 4, parameters.pressure:"
            " default 'ten' is neither a number nor a quantity such as '74 MPa'",
        ),
        (
            "$pressure",
            "$presure",
            "r.yaml line 12, procedure[0].pressure.target:"
            " parameter 'presure' is not known to this recipe; did you mean 'pressure'?",
        ),
        (
            "$pressure",
            "$time",
            "r.yaml line 12, procedure[0].pressure.target: found '3 min',"
            " needs a pressure with unit such as '74 MPa' (the parameter time)",
        ),
        (
            "tolerance: 1 %",
            "tolerance: 1",
            "r.yaml line 12, procedure[0].pressure.tolerance: found '1', needs a part of the"
            " target such as '1 %', or a pressure with unit such as '74 MPa'",
        ),
        (
            "tolerance: 1 %",
            "tolerance: 0 %",
            "r.yaml line 12, procedure[0].pressure.tolerance: found '0 %',"
            " needs a tolerance above 0 % and below 100 %",
        ),
        (
            "timeout: 10 min",
            "timeout: 2 min",
            "r.yaml line 11, procedure[0]:"
            " 'timeout' covers the whole phase and must be longer than the hold",
        ),
        (
            "pressure: {target: $pressure, rate: 1 MPa/s, tolerance: 1 %, overshoot: 0.2 MPa}",
            "pressure: keep",
            "r.yaml line 12, procedure[0].pressure:"
            " 'keep' needs an earlier phase with a pressure target",
        ),
        (
            "temperature: off",
            "hold: 1 min",
            "r.yaml line 23, procedure[3]:"
            " a phase with 'unload' has neither 'pressure' nor 'hold'",
        ),
        (
            "    temperature: keep\n    hold: 1 min",
            "    hold: 1 min",
            "r.yaml line 20, procedure[2]:"
            " a phase needs 'pressure', 'temperature' or 'unload'",
        ),
        (
            "shape: round",
            "shape: square",
            "r.yaml line 9, cell.die: a square die needs 'side' and no 'diameter'",
        ),
        (
            "recipe: test",
            "recipe: ../test",
            "r.yaml line 1, recipe: found '../test', needs a text of the form"
            " ^[a-z][a-z0-9_]{0,63}$",
        ),
    ],
)  # fmt: skip
def test_a_recipe_that_is_wrong(old: str, new: str, sentence: str) -> None:
    assert old in RECIPE
    assert sentence in refusal(RECIPE.replace(old, new, 1))


def test_a_recipe_is_found_by_name_or_path(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(RECIPE)
    assert find_recipe("mine", [tmp_path]) == tmp_path / "mine.yaml"
    assert find_recipe(str(tmp_path / "mine.yaml"), []) == tmp_path / "mine.yaml"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mime", "did you mean 'mine'"),
        ("other", "known are mine"),
        ("../mine", "there is no recipe"),
        ("", "there is no recipe"),
        ("mine.yaml", "there is no recipe"),
        ("/etc/passwd", "must end in .yaml"),
    ],
)
def test_a_recipe_that_is_not_there(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "mine.yaml").write_text(RECIPE)
    with pytest.raises(DocumentError, match=words):
        find_recipe(name, [tmp_path])


tokens = st.sampled_from(
    RECIPE.split() + ["$x", "-", "nan", "1e999 Pa", "{", "}", "\t", "off", "10"]
)


@given(st.data())
def test_a_damaged_recipe_is_read_or_refused(data: st.DataObject) -> None:
    lines = RECIPE.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(lines) - 1))
        words = lines[index].split(" ")
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(tokens)
        lines[index] = " ".join(words)
    try:
        recipe = loads_recipe("\n".join(lines)).recipe
    except DocumentError as refused:
        assert refused.problems
    else:
        for index in range(len(recipe.procedure)):
            target = recipe.pressure_target(index)
            assert target is None or (math.isfinite(target.target) and target.target > 0)
