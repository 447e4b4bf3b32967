"""The observer of force and drift, and the stiffness that is learned from what it predicts wrongly."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.observer import DriftObserver
from stackpress_py.control.stiffness import HoldStiffness

DT = 1.0 / 60.0
DEAD_TIME = 0.03


@settings(deadline=None, max_examples=30)
@given(
    drift=st.floats(-50.0, 50.0),
    noise=st.floats(0.01, 5.0),
    declared=st.floats(0.5, 2.0),
    seed=st.integers(0, 1000),
)
def test_a_steady_drift_is_found_whatever_the_noise(
    drift: float, noise: float, declared: float, seed: int
) -> None:
    rng, observer, force = random.Random(seed), DriftObserver(DEAD_TIME), 100.0
    observer.restart(force)
    for _ in range(60 * 60):
        force += drift * DT
        measured = force + rng.gauss(0.0, noise)
        observer.step(DT, 0.0, 0.0, measured, declared * noise, agility=1.0)
    assert abs(observer.drift - drift) < 0.5 + 2.0 * noise
    assert abs(observer.force - force) < 2.0 * noise + 0.1


def test_a_drift_that_sets_in_at_once_is_noticed_far_sooner_than_the_agility_says() -> None:
    rng, observer, force = random.Random(3), DriftObserver(DEAD_TIME), 8369.0
    observer.restart(force)
    for step in range(60 * 12):
        force += (100.0 if step > 600 else 0.0) * DT
        observer.step(DT, 0.0, 0.0, force + rng.gauss(0.0, 3.0), 3.0, agility=0.01)
    # A filter of that agility alone would take more than ten seconds.
    assert observer.drift > 80.0


@settings(deadline=None, max_examples=20)
@given(true=st.floats(5e6, 1.5e8), ratio=st.floats(0.6, 5.0), seed=st.integers(0, 1000))
def test_movement_teaches_the_stiffness_while_a_force_drifts(
    true: float, ratio: float, seed: int
) -> None:
    guess = ratio * true
    rng, observer, hold = random.Random(seed), DriftObserver(DEAD_TIME), HoldStiffness(1e5, 2e8)
    hold.restart(guess)
    noise, force = 0.075, 113.0
    observer.restart(force)
    for step in range(60 * 60):
        travel = 2e-8 if (step // 9) % 2 else -2e-8
        force += true * travel + 3.0 * DT
        measured = force + rng.gauss(0.0, noise)
        observer.step(DT, travel, hold.value * travel, measured, noise, agility=1.0)
        hold.step(DT, observer.sensitivity, observer.surprise, observer.deviation)
    assert abs(hold.value / true - 1.0) < 0.3


def test_noise_without_movement_teaches_no_stiffness() -> None:
    rng, observer, hold = random.Random(5), DriftObserver(DEAD_TIME), HoldStiffness(1e5, 2e8)
    hold.restart(5e7)
    observer.restart(113.0)
    for _ in range(60 * 60):
        observer.step(DT, 0.0, 0.0, 113.0 + rng.gauss(0.0, 0.075), 0.075, agility=1.0)
        hold.step(DT, observer.sensitivity, observer.surprise, observer.deviation)
    assert hold.value == 5e7


def test_a_hold_never_takes_a_stack_for_more_than_twice_as_stiff_as_at_its_begin() -> None:
    hold = HoldStiffness(1e5, 3e8)
    hold.restart(5e7)
    for step in range(600):
        travel = 1e-6 if step % 2 else -1e-6
        hold.step(DT, travel, (3e8 - hold.value) * travel, 0.1)
    assert 9e7 < hold.value <= 1e8
