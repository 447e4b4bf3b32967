import math
import random
import statistics
from dataclasses import replace

import pytest

from stackpress_py.sim.plant import Command, Plant
from stackpress_py.sim.sensors import Encoder, LoadCell, Thermometer
from unit.sim.plants import REFERENCE

HIGH, LOW = REFERENCE.force_high, REFERENCE.force_low
FLAWLESS = replace(LOW, gain_error=0.0, zero_fs=0.0, noise_fs=0.0, zero_drift_fs_per_k=0.0,
                   gain_drift_per_k=0.0, zero_drift_fs_per_h=0.0)  # fmt: skip


def read(cell: LoadCell, force: float) -> float:
    return cell.read(force, 0.0, 0.0)


def test_a_load_cell_saturates() -> None:
    cell = LoadCell(FLAWLESS, random.Random(1))
    assert read(cell, 8369.0) == 550.0
    assert read(cell, -8369.0) == -550.0


def test_a_load_cell_quantises() -> None:
    cell = LoadCell(FLAWLESS, random.Random(1))
    steps = read(cell, 123.4567) / 0.005
    assert steps == pytest.approx(round(steps), abs=1e-6)
    assert read(cell, 123.4567) == pytest.approx(123.4567, abs=0.0026)


@pytest.mark.parametrize(("config", "sigma"), [(HIGH, 3.0), (LOW, 0.075)])
def test_noise_has_the_configured_width(config: object, sigma: float) -> None:
    cell = LoadCell(HIGH if config is HIGH else LOW, random.Random(3))
    readings = [read(cell, 100.0) for _ in range(3000)]
    assert statistics.stdev(readings) == pytest.approx(sigma, rel=0.06)


@pytest.mark.parametrize("seed", range(20))
def test_the_error_stays_within_the_class(seed: int) -> None:
    quiet = replace(HIGH, noise_fs=0.0)
    cell = LoadCell(quiet, random.Random(seed))
    zero = read(cell, 0.0)
    assert abs(zero) <= 4.1
    assert abs(read(cell, 20_000.0) - zero - 20_000.0) <= 6.1


def test_zero_drifts_with_the_frames_warmth_and_with_time() -> None:
    config = replace(FLAWLESS, zero_drift_fs_per_k=1e-3, zero_drift_fs_per_h=1e-3)
    drifts = set()
    for seed in range(10):
        cell = LoadCell(config, random.Random(seed))
        drifts.add(round(cell.read(0.0, 10.0, 0.0), 3))
        assert abs(cell.read(0.0, 10.0, 0.0)) <= 5.0
        assert cell.read(0.0, 0.0, 7200.0) == pytest.approx(
            2.0 * cell.read(0.0, 0.0, 3600.0), abs=0.011
        )
    assert len(drifts) > 5


def test_a_loaded_cell_creeps_by_its_share() -> None:
    cell = LoadCell(FLAWLESS, random.Random(1))
    cell.settle(500.0, 6000.0)
    assert read(cell, 500.0) == pytest.approx(500.0 * 1.0003, abs=0.01)


def test_a_failed_cell_tells_nothing_and_a_stuck_one_the_same() -> None:
    cell = LoadCell(LOW, random.Random(1))
    cell.stuck = 42.0
    assert (read(cell, 1.0), read(cell, 2.0)) == (42.0, 42.0)
    cell.failed = True
    assert math.isnan(read(cell, 1.0))


def test_the_encoder_quantises() -> None:
    encoder = Encoder(replace(REFERENCE.encoder, noise_um=0.0), random.Random(1))
    assert encoder.read(12.34567e-3) == pytest.approx(12.3457e-3, abs=1e-12)
    assert encoder.read_velocity(1.26e-6) == pytest.approx(1.3e-6)


def test_an_open_thermocouple_tells_nothing() -> None:
    thermometer = Thermometer(0.3, 0.0, 0.1, random.Random(1))
    assert thermometer.read(100.0) == pytest.approx(100.3)
    thermometer.open = True
    assert math.isnan(thermometer.read(100.0))


def test_the_same_seed_gives_the_same_run() -> None:
    def run(seed: int, extra_readings: int) -> list[float]:
        plant = Plant(REFERENCE, seed)
        for _ in range(extra_readings):
            plant.encoder.read(0.0)
        plant.step(0.1, Command(velocity=1e-3))
        return [plant.sense().force_low for _ in range(5)]

    assert run(5, 0) == run(5, 7)
    assert run(5, 0) != run(6, 0)


def test_the_amplifier_smooths_a_jump() -> None:
    plant = Plant(REFERENCE)
    plant.step(4.99, Command(velocity=10e-3))
    while plant.force < 200.0:
        plant.step(1e-3, Command(velocity=10e-3))
    assert plant.sense().force_high < plant.force - 10.0
