from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.sim.plant import Command, Plant
from stackpress_py.sim.thermal import STEP, Platen, Thermal
from unit.sim.plants import CALM, REFERENCE, closed_on_sample, release_to, rest

PLATEN = REFERENCE.upper_platen


def platens() -> Thermal:
    return Thermal(REFERENCE.upper_platen, REFERENCE.lower_platen, REFERENCE.surroundings)


def advance(heat: Thermal, seconds: float, force: float = 0.0) -> None:
    for _ in range(round(seconds / STEP)):
        heat.step(force)


def test_without_power_everything_stays_at_the_rooms_temperature() -> None:
    heat = platens()
    advance(heat, 60.0)
    assert (heat.upper.temperature, heat.lower.sensed, heat.die, heat.frame) == (25.0,) * 4
    assert heat.expansion == 0.0


def test_the_steady_state_is_where_the_losses_eat_the_power() -> None:
    platen = Platen(PLATEN, 25.0)
    platen.output = 0.1
    for _ in range(round(5000.0 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    assert platen.temperature == pytest.approx(25.0 + 80.0 / 1.5, abs=0.1)
    assert platen.sensed == pytest.approx(platen.temperature, abs=0.01)
    assert platen.power == 80.0


def test_full_power_heats_at_the_rate_of_the_heat_capacity() -> None:
    platen = Platen(PLATEN, 25.0)
    platen.output = 1.0
    for _ in range(round(20.0 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    before = platen.temperature
    for _ in range(round(1.0 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    expected = (800.0 - 1.5 * (before - 25.0)) / 700.0
    assert platen.temperature - before == pytest.approx(expected, rel=0.02)


def test_the_thermocouple_is_late_and_lags() -> None:
    platen = Platen(PLATEN, 25.0)
    platen.output = 1.0
    for _ in range(round(0.98 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    assert platen.temperature > 25.1
    assert platen.sensed == 25.0
    for _ in range(round(20.0 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    # On a ramp the reading is behind by the lag and the dead time, about 4 s of 1.1 K/s.
    assert 3.5 < platen.temperature - platen.sensed < 5.0


def test_cooling_goes_to_the_coolant_and_not_below() -> None:
    platen = Platen(replace(PLATEN, loss_w_k=0.0), 25.0)
    platen.output = -1.0
    for _ in range(round(3000.0 / STEP)):
        platen.step(0.0, 15.0, 25.0)
    assert platen.temperature == pytest.approx(15.0, abs=0.01)


def test_the_die_carries_heat_only_when_the_press_is_closed() -> None:
    warmth = []
    for force in (0.0, 5000.0):
        heat = platens()
        heat.upper.output = 0.3
        advance(heat, 120.0, force)
        warmth.append(heat.lower.temperature)
    assert warmth[0] == pytest.approx(25.0)
    assert warmth[1] > 30.0


@settings(deadline=None, max_examples=25)
@given(
    element=st.floats(1.0, 1e3),
    conductance=st.floats(0.1, 1e3),
    plate=st.floats(10.0, 1e5),
    cooling=st.floats(0.0, 1e3),
    output=st.floats(-1.0, 1.0),
    die=st.floats(1.0, 1e3),
    through=st.floats(0.0, 100.0),
)
def test_any_admitted_constants_are_stable(
    element: float,
    conductance: float,
    plate: float,
    cooling: float,
    output: float,
    die: float,
    through: float,
) -> None:
    platen = replace(
        PLATEN,
        heater_capacity_j_k=element,
        heater_conductance_w_k=conductance,
        plate_capacity_j_k=plate,
        cooling_w_k=cooling,
        heater_power_w=100.0,
    )
    surroundings = replace(
        REFERENCE.surroundings, die_capacity_j_k=die, die_conductance_w_k=through
    )
    heat = Thermal(platen, platen, surroundings)
    heat.upper.output = output
    for _ in range(500):
        heat.step(1000.0)
        hottest = 25.0 + 100.0 * 500 * STEP / element
        assert 14.9 <= heat.upper.temperature <= hottest
        assert 14.9 <= heat.lower.temperature <= hottest


def test_warming_a_clamped_sample_raises_the_force() -> None:
    plant = closed_on_sample(CALM, 8369.0)
    release_to(plant, 500.0, 1e-4)
    rest(plant, 60.0)
    before, warm = plant.force, plant.thermal.die
    plant.step(20.0, Command(upper_power=0.1, lower_power=0.1))
    risen = plant.thermal.die - warm
    assert risen > 0.5
    per_kelvin = (plant.force - before) / plant.area / risen
    # 1.3 um/K on 40 to 50 kN/mm, less what relaxes: about half a megapascal per kelvin.
    assert 0.2e6 < per_kelvin < 1.2e6


def test_heating_is_bounded_by_the_command() -> None:
    plant = Plant(CALM)
    plant.step(1.0, Command(upper_power=5.0, lower_power=-5.0))
    assert plant.truth().upper_power == 800.0
