"""The demo's recipe on every simulated press that comes with Stackpress, offline."""

import math
from pathlib import Path

import pytest

from stackpress_py.control.tuning import load_tuning
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.dryrun import DryRun, Point
from stackpress_py.machine.procedure import RunVerdict
from stackpress_py.paths import config
from stackpress_py.recipes.loading import load_recipe, loads_recipe
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Plant

GOOD = ("reference", "glass", "llzo", "soft_polymer", "stiff_blank", "worn_press")


def dry_run(sim_config: Path, seed: int | None = None) -> tuple[DryRun, list[Point]]:
    profile = load_profile("reference_plc")
    plant = Plant(load(sim_config), seed)
    plant.place()
    recipe = load_recipe(config("recipes", "demo.yaml")).recipe
    run = DryRun(plant, profile, load_tuning(profile.tuning_path), recipe)
    return run, list(run.run(limit=900.0))


@pytest.mark.parametrize("name", GOOD)
def test_the_demo_passes_and_the_sample_sees_no_overshoot(name: str) -> None:
    run, points = dry_run(config("sim", f"{name}.yaml"), seed=11)
    assert run.verdict is RunVerdict.PASSED, run.outcomes()
    # True force, not the sensors' word; the range's accuracy is 0.1 % there.
    assert max(point.true_pressure for point in points) < 1.01 * 74e6
    cold, anneal, cool, _ = run.outcomes()
    assert cold.pressure is not None
    assert cold.pressure.worst_deviation < 0.005 * 74e6
    for phase in (anneal, cool):
        assert phase.pressure is not None
        assert phase.pressure.worst_deviation < 0.01 * 1e6


def test_a_sample_that_breaks_ends_the_run_at_once() -> None:
    run, points = dry_run(config("sim", "fragile.yaml"))
    assert run.verdict is RunVerdict.ABORTED
    assert "broke" in run.reason
    assert max(point.pressure for point in points) < 70e6


def test_a_heater_that_is_too_weak_ends_failed(tmp_path: Path) -> None:
    weak = tmp_path / "weak.yaml"
    weak.write_text(
        "base: reference.yaml\nname: weak\nupper_platen: {heater_power_w: 10}\nlower_platen: {heater_power_w: 10}\n"
    )
    run, _ = dry_run(weak)
    assert run.verdict is RunVerdict.FAILED
    outcomes = {outcome.name: outcome for outcome in run.outcomes()}
    assert outcomes["anneal"].temperature is not None
    assert not outcomes["anneal"].temperature.reached


DENSIFY = """\
recipe: densify
version: 1.0.0
cell:
  die: {shape: round, diameter: 12 mm}
  powder: {mass: 100 mg, mass_uncertainty: 0.2 mg, true_density: 1640 kg/m^3, true_density_uncertainty: 8 kg/m^3}
procedure:
  - phase: press
    pressure: {target: 74 MPa, rate: 4 MPa/s, tolerance: 0.5 %, overshoot: 0.5 %}
    hold: 10 s
    until: {densification_below: 0.3 %/min}
    timeout: 10 min
  - phase: unload
    unload: {rate: 4 MPa/s}
"""


def test_a_sample_is_pressed_until_it_densifies_no_faster() -> None:
    profile = load_profile("reference_plc")
    plant = Plant(load(config("sim", "reference.yaml")), 5, longest_step=4e-3)
    plant.place()
    run = DryRun(plant, profile, load_tuning(profile.tuning_path), loads_recipe(DENSIFY).recipe)
    truth: list[tuple[float, float, float]] = []
    for point in run.run(limit=900.0):
        state = plant.truth()
        truth.append((point.time, point.true_pressure, math.log(state.density)))
    assert run.verdict is RunVerdict.PASSED, run.outcomes()
    press = run.outcomes()[0]
    assert press.pressure is not None
    assert press.stack is not None
    # The hold alone would have taken 10 s.
    assert press.pressure.duration > 40.0
    ended = press.begin + press.duration
    over = [(time, value) for time, _, value in truth if ended - 30.0 <= time <= ended]
    rate = (over[-1][1] - over[0][1]) / 30.0
    assert rate < 0.3e-2 / 60.0
    assert press.stack.rate.value == pytest.approx(rate, rel=0.1)
    density = math.exp(over[-1][1])
    assert press.stack.density == pytest.approx(density, abs=press.stack.density_uncertainty)
    assert press.stack.density == pytest.approx(density, rel=2e-3)
    # The punch bears what the wall takes as well, and the density is that under pressure.
    assert press.stack.heckel.yield_pressure == pytest.approx(335e6, rel=0.1)
    assert press.wear.travel == pytest.approx(0.0495, rel=0.01)


def test_the_same_seed_gives_the_same_run() -> None:
    _, first = dry_run(config("sim", "stiff_blank.yaml"), seed=3)
    _, second = dry_run(config("sim", "stiff_blank.yaml"), seed=3)
    assert [p.true_pressure for p in first] == [p.true_pressure for p in second]
