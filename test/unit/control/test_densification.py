"""The stack, live: against the simulated press's truth, and its uncertainty against drawn errors."""

import math
import random
from dataclasses import replace

import pytest

from stackpress_py.control.compliance import Compliance
from stackpress_py.control.densification import Powder, StackGauge, StackReading
from stackpress_py.sim.config import SimConfig
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant
from unit.sim.plants import CONFIG, CYCLE, approach

AREA = math.pi * 0.012**2 / 4.0
POWDERS = ("reference", "glass", "llzo", "nmc_composite")


def compliance_of(config: SimConfig) -> Compliance:
    """The press as its maker knows it: the tests are about what follows from that."""
    press = config.press
    stiffness, seating = press.frame_stiffness_kn_mm * 1e6, press.seating_um * 1e-6
    forces = [0.0, *(10.0 * 1.15**n for n in range(60))]
    gives = [f / stiffness + seating * -math.expm1(-f / press.seating_force_n) for f in forces]
    return Compliance(
        forces=tuple(forces), deflections=tuple(gives), zero=press.die_bottom_mm * 1e-3,
        resolution=config.encoder.quantum_um * 1e-6, common=2e-6, curve=1e-6,
        temperature=25.0, expansion=1e-6,
    )  # fmt: skip


def powder_of(config: SimConfig) -> Powder:
    body = config.sample
    mass, density = body.mass_mg * 1e-6, body.true_density_kg_m3
    return Powder(mass, 2e-3 * mass, density, 2e-3 * density)


class Pressed:
    """A sample that is pressed at a constant speed, then rests."""

    def __init__(self, name: str, speed: float = 2e-5) -> None:
        config = load(CONFIG / f"{name}.yaml")
        # The play of the screw at small forces is the ram's own affair.
        self.plant = Plant(replace(config, press=replace(config.press, backlash_um=0.0)))
        self.plant.place()
        self.gauge = StackGauge(compliance_of(config), AREA, powder_of(config))
        self.line: list[tuple[float, float]] = []
        approach(self.plant)
        while self.plant.force < 74e6 * AREA:
            self.cycle(speed)

    def cycle(self, speed: float) -> StackReading:
        plant = self.plant
        plant.step(CYCLE, Command(velocity=speed))
        sensed, truth = plant.sense(), plant.truth()
        force = sensed.force_low if plant.force < 400.0 else sensed.force_high
        if plant.force >= 50e6 * AREA and speed > 0.0:
            self.line.append((plant.force / AREA, -math.log(1.0 - truth.density)))
        uncertainty = 0.5 if plant.force < 400.0 else 12.0
        return self.gauge.update(force, uncertainty, sensed.position, 25.0, plant.time)


@pytest.mark.parametrize("name", POWDERS)
def test_the_density_is_the_true_one(name: str) -> None:
    pressed = Pressed(name)
    found, truth = pressed.cycle(0.0), pressed.plant.truth()
    assert found.density == pytest.approx(truth.density, abs=found.density_uncertainty)
    # All errors but those of force and position are left out here, so that it is much better.
    assert found.density == pytest.approx(truth.density, rel=5e-4)
    assert found.height_loss > 0.2
    slope, intercept = fit(pressed.line)
    assert found.heckel.slope == pytest.approx(slope, abs=found.heckel.slope_uncertainty)
    assert found.heckel.slope == pytest.approx(slope, rel=0.03)
    assert found.heckel.intercept == pytest.approx(
        intercept, abs=found.heckel.intercept_uncertainty
    )


def fit(line: list[tuple[float, float]]) -> tuple[float, float]:
    x, y = (sum(values) / len(line) for values in zip(*line, strict=True))
    slope = sum((a - x) * (b - y) for a, b in line) / sum((a - x) ** 2 for a, _ in line)
    return slope, y - slope * x


def test_the_rate_is_the_true_one_and_needs_no_powder() -> None:
    pressed = Pressed("reference", speed=2e-4)
    plant = pressed.plant
    bare = StackGauge(compliance_of(plant.config), AREA, None)
    heights: list[tuple[float, float]] = []
    while plant.time < 60.0:
        # The force falls as the sample creeps; let the ram follow it.
        missing = 74e6 * AREA - plant.force
        found = pressed.cycle(min(2e-5, max(0.0, missing / 5e7 / 0.3)))
        sensed = plant.sense()
        bare.update(sensed.force_high, 12.0, sensed.position, 25.0, plant.time)
        heights.append((plant.time, math.log(plant.truth().density)))
    since = found.rate.since
    true, _ = fit([pair for pair in heights if pair[0] >= since])
    assert found.rate.value == pytest.approx(true, abs=found.rate.uncertainty)
    assert found.rate.value == pytest.approx(true, rel=0.1)
    assert bare.reading.rate.value == pytest.approx(true, rel=0.1)
    assert math.isnan(bare.reading.density)
    assert bare.reading.height == pytest.approx(found.height, rel=1e-3)


def test_without_contact_nothing_is_told_but_the_line() -> None:
    pressed = Pressed("reference")
    line = pressed.gauge.reading.heckel
    reading = pressed.gauge.update(5.0, 0.5, 0.04, 25.0, pressed.plant.time + 1.0)
    assert math.isnan(reading.height)
    assert math.isnan(reading.density)
    assert math.isnan(reading.rate.value)
    assert reading.heckel is line
    assert line.slope > 0.0


def test_what_is_not_known_at_one_moment_does_no_harm() -> None:
    pressed = Pressed("reference")
    before = pressed.cycle(0.0)
    assert math.isnan(pressed.gauge.update(math.nan, math.nan, math.nan, math.nan, 1e3).height)
    after = pressed.cycle(0.0)
    assert after.density == pytest.approx(before.density, rel=1e-4)


def test_the_uncertainty_covers_errors_as_they_are_drawn() -> None:
    """Draw each error from its own distribution: 95 % of the densities must lie within k = 2."""
    rng = random.Random(7)
    common, curve, force_error = 4e-6, 3e-6, 40.0
    covered, asked = 0, 1000
    for _ in range(asked):
        force, height = rng.uniform(1e3, 9e3), rng.uniform(5e-4, 2e-3)
        truth = Compliance((0.0, 1e4), (0.0, 2e-4), 0.05, 1e-7, common, curve, 25.0, 1e-6)
        powder = Powder(1e-4, 1e-6, 1640.0, 20.0)
        gauge = StackGauge(truth, AREA, powder)
        position = 0.05 + force * 2e-8 - 1e-6 * 40.0 - height
        position += rng.gauss(0.0, common / 2) + rng.gauss(0.0, curve / 2)
        position += 40.0 * 1e-6 * rng.gauss(0.0, 0.1)
        solid = (1e-4 + rng.gauss(0.0, 5e-7)) / (1640.0 + rng.gauss(0.0, 10.0))
        found = gauge.update(
            force + rng.gauss(0.0, force_error / 2), force_error, position, 65.0, 0.0
        )
        covered += abs(found.density - solid / (AREA * height)) <= found.density_uncertainty
    # 95.45 % within three standard errors, and no generous rounding upwards.
    assert 0.934 <= covered / asked <= 0.975
