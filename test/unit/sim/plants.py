"""Plants of the repository, and small ways to drive them without a clock."""

from dataclasses import replace
from pathlib import Path

from stackpress_py.sim.config import SimConfig
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant

CONFIG = Path(__file__).parents[3] / "config" / "sim"
REFERENCE = load(CONFIG / "reference.yaml")
#: The reference without what blurs a measurement of the physics.
CALM = replace(REFERENCE, press=replace(REFERENCE.press, backlash_um=0.0, ripple=0.0))
CYCLE = 1.0 / 60.0


def calm(**sample: float) -> SimConfig:
    """Return the calm reference with other constants of the sample."""
    return replace(CALM, sample=replace(CALM.sample, **sample))  # type: ignore[arg-type]


def closed_on_sample(config: SimConfig, force: float, speed: float = 2e-4) -> Plant:
    """Return a plant that was pressed up to a force (N) at a speed (m/s) and stopped."""
    plant = Plant(config)
    plant.place()
    approach(plant)
    press_to(plant, force, speed)
    return plant


def approach(plant: Plant) -> None:
    """Close fast to half a millimetre before the sample or the die's bottom."""
    body = plant.mechanics.sample
    height = 0.0 if body is None else body.height
    gap = plant.config.press.die_bottom_mm * 1e-3 - height - 0.5e-3
    plant.step(gap / 10e-3, Command(velocity=10e-3))
    plant.step(0.1, Command())


def press_to(plant: Plant, force: float, speed: float) -> None:
    """Close until the force (N) is reached, then let the ram come to rest."""
    for _ in range(100_000):
        if plant.force >= force:
            break
        plant.step(2e-3, Command(velocity=speed))
    else:
        raise AssertionError(f"{force} N was not reached, but {plant.force} N")
    plant.step(0.05, Command())


def release_to(plant: Plant, force: float, speed: float) -> None:
    """Open until the force (N) is reached, then let the ram come to rest."""
    for _ in range(100_000):
        if plant.force <= force:
            break
        plant.step(2e-3, Command(velocity=-speed))
    plant.step(0.05, Command())


def rest(plant: Plant, seconds: float) -> None:
    """Let time pass with the ram at rest."""
    plant.step(seconds, Command())
