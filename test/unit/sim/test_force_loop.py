import math
from dataclasses import replace

import pytest

from stackpress_py.sim.config import ForceLoopConfig, SimConfig
from stackpress_py.sim.plant import Command, Plant
from unit.sim.plants import CYCLE, REFERENCE

#: A loop whose cell is right and silent, on a press without what blurs.
TRUE_LOOP = replace(REFERENCE.force_loop, gain_error=0.0, zero_n=0.0, noise_n=0.0)
PRESS = replace(REFERENCE.press, actuation="force", backlash_um=0.0, ripple=0.0)
STEEL = replace(REFERENCE.sample, kind="blank", blank_height_mm=2.0, blank_stiffness_kn_mm=4000.0)
ASKED, RATE = 5000.0, 1000.0


def pressing(loop: ForceLoopConfig = TRUE_LOOP, seed: int = 1) -> tuple[Plant, SimConfig]:
    """Return a press at the first contact with a piece of steel, and its constants."""
    config = replace(REFERENCE, press=PRESS, force_loop=loop, sample=STEEL)
    plant = Plant(config, seed)
    plant.place()
    while plant.force == 0.0:
        assert plant.time < 30.0
        plant.step(CYCLE, Command(force=ASKED, force_rate=RATE))
    return plant, config


def test_it_touches_at_touch_speed_and_ramps_to_what_is_asked() -> None:
    plant, config = pressing()
    assert plant.truth().velocity <= 1.01e-3 * config.force_loop.touch_velocity_mm_s
    contact, forces = plant.time, []
    while plant.time < contact + 10.0:
        plant.step(CYCLE, Command(force=ASKED, force_rate=RATE))
        forces.append((plant.time - contact, plant.force))
    assert forces[-1][1] == pytest.approx(ASKED, rel=1e-3)
    arrived = next(time for time, force in forces if force > 0.99 * ASKED)
    assert arrived == pytest.approx(ASKED / RATE, abs=0.3)


def test_its_cell_decides_what_force_it_holds() -> None:
    held = []
    for seed in range(4):
        plant, config = pressing(replace(TRUE_LOOP, gain_error=3e-3, zero_n=2.0), seed)
        plant.step(12.0, Command(force=ASKED, force_rate=RATE))
        assert abs(plant.force - ASKED) < 3.1e-3 * ASKED + 2.1
        held.append(plant.force)
    assert max(held) - min(held) > 3.0


def test_without_an_order_it_stands_and_for_no_force_it_opens() -> None:
    plant, _ = pressing()
    plant.step(3.0, Command(force=ASKED, force_rate=RATE))
    plant.step(0.1, Command())
    where = plant.truth().position
    plant.step(5.0, Command(force=math.nan))
    assert plant.truth().position == where
    plant.step(15.0, Command(force=0.0, force_rate=RATE))
    assert plant.force == 0.0
    assert plant.truth().position == pytest.approx(0.0, abs=0.2e-3)


def test_no_order_exceeds_its_own_limits() -> None:
    plant, config = pressing()
    limit = 1e3 * config.press.force_limit_kn
    before, steepest = plant.force, 0.0
    for _ in range(600):
        plant.step(CYCLE, Command(force=1e9, force_rate=1e9))
        steepest, before = max(steepest, (plant.force - before) / CYCLE), plant.force
    assert plant.force == pytest.approx(limit, rel=2e-3)
    assert steepest < 1.5 * config.force_loop.rate_limit_n_s
