import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.cell import Cycler
from stackpress_py.sim.plant import Command, Plant
from unit.sim.plants import REFERENCE, closed_on_sample, rest

CELL = replace(
    REFERENCE.cell,
    breathing_um=20.0,
    period_s=3600.0,
    rest_share=0.2,
    start_s=100.0,
    current_a=9e-3,
)


def test_a_cycle_swells_rests_shrinks_and_rests() -> None:
    cycler = Cycler(CELL)
    seen = [
        (cycler.swelling(100.0 + age), cycler.current(100.0 + age)) for age in range(0, 3600, 60)
    ]
    assert seen[0] == (0.0, 9e-3)
    assert cycler.swelling(100.0 + 1440.0) == pytest.approx(20e-6)
    assert cycler.current(100.0 + 1600.0) == 0.0
    assert cycler.current(100.0 + 1900.0) == -9e-3
    assert cycler.swelling(100.0 + 3500.0) == pytest.approx(0.0, abs=1e-12)
    assert {current for _, current in seen} == {9e-3, 0.0, -9e-3}


@given(st.floats(-1e4, 1e6))
def test_the_charge_is_the_swelling(age: float) -> None:
    cycler = Cycler(CELL)
    now, soon = cycler.swelling(age), cycler.swelling(age + 1.0)
    assert 0.0 <= now <= 20e-6 * (1.0 + 1e-9)
    if cycler.current(age) == cycler.current(age + 1.0):
        rate = {9e-3: 1.0, 0.0: 0.0, -9e-3: -1.0}[cycler.current(age)] * 20e-6 / 1440.0
        assert soon - now == pytest.approx(rate, abs=1e-12)


def test_nothing_is_charged_before_the_start_without_a_cell_or_without_a_cycler() -> None:
    cycler = Cycler(CELL)
    assert (cycler.swelling(99.0), cycler.current(99.0)) == (0.0, 0.0)
    assert cycler.swelling(math.nan) == 0.0
    assert math.isnan(Cycler(REFERENCE.cell).current(1000.0))


def test_a_cell_that_swells_between_ram_and_frame_raises_the_force() -> None:
    forces = []
    for micrometres in (0.0, 20.0):
        cell = replace(CELL, breathing_um=micrometres, period_s=180.0, start_s=10.0)
        plant: Plant = closed_on_sample(replace(REFERENCE, cell=cell), 500.0)
        rest(plant, 50.0)
        forces.append(plant.force)
    assert forces[1] > forces[0] + 40.0
    plant.take()
    plant.step(1.0, Command())
    assert plant.sense().current == 0.0
