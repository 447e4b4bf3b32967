from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.sim.config import SimConfig
from stackpress_py.sim.plant import Command, Plant
from unit.sim.plants import CYCLE, REFERENCE

STEEL = replace(REFERENCE.sample, kind="blank", blank_height_mm=5.0, blank_stiffness_kn_mm=4000.0)


def press(**hydraulics: float) -> SimConfig:
    return replace(
        REFERENCE,
        press=replace(REFERENCE.press, actuation="pump_and_valve"),
        hydraulics=replace(REFERENCE.hydraulics, **hydraulics),  # type: ignore[arg-type]
        sample=STEEL,
    )


def loaded(config: SimConfig, force: float) -> Plant:
    """Return a press whose pump has been run until a force (N) was there, and has come to rest."""
    plant = Plant(config)
    plant.place()
    while plant.force < force:
        assert plant.time < 60.0
        plant.step(CYCLE, Command(pump=1.0 if plant.force == 0.0 else 0.2))
    plant.step(1.0, Command())
    return plant


@pytest.mark.parametrize("command", [Command(pump=0.049), Command(valve=0.039)])
def test_nothing_flows_below_a_dead_band(command: Command) -> None:
    plant = loaded(press(leak_mm3_s_mpa=0.0), 3000.0)
    force = plant.force
    plant.step(5.0, command)
    assert plant.force == pytest.approx(force, rel=1e-6)


def test_a_leak_lowers_the_force_and_without_one_it_stays() -> None:
    for leak, least, most in ((0.0, 0.0, 1e-6), (0.1, 0.003, 0.06)):
        plant = loaded(press(leak_mm3_s_mpa=leak), 5000.0)
        force = plant.force
        plant.step(60.0, Command())
        assert least <= 1.0 - plant.force / force <= most


def test_a_pump_acts_late_and_the_valve_lets_all_go() -> None:
    plant = loaded(press(leak_mm3_s_mpa=0.0), 3000.0)
    force = plant.force
    plant.step(0.029, Command(pump=1.0))
    assert plant.force == pytest.approx(force, rel=1e-6)
    plant.step(0.2, Command(pump=1.0))
    assert plant.force > force + 100.0
    plant.step(40.0, Command(valve=1.0))
    assert plant.force == 0.0
    assert plant.truth().position < 1e-3


def test_the_relief_valve_bounds_the_force() -> None:
    config = press()
    plant = loaded(config, 3000.0)
    plant.step(20.0, Command(pump=1.0))
    stall = 1e3 * config.press.stall_force_kn
    assert 0.95 * stall < plant.force < 1.05 * stall


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.tuples(st.floats(0.01, 0.5), st.floats(0.0, 1.0), st.floats(0.0, 1.0)), max_size=15)
)
def test_oil_is_neither_made_nor_lost_by_the_length_of_a_step(
    orders: list[tuple[float, float, float]],
) -> None:
    coarse, fine = (Plant(press(), longest_step=step) for step in (CYCLE / 4.0, 1e-3))
    for plant in (coarse, fine):
        plant.place()
        plant.step(9.0, Command(pump=1.0))
        for seconds, pump, valve in orders:
            plant.step(seconds, Command(pump=pump, valve=valve))
        plant.step(1.0, Command())
    assert coarse.truth().position == pytest.approx(fine.truth().position, abs=2e-5)
    assert coarse.force == pytest.approx(fine.force, rel=0.03, abs=30.0)
