"""The slope of a ramp."""

import random
from statistics import median

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stackpress_py.control.stiffness import RampStiffness

DT = 1.0 / 60.0


@settings(deadline=None, max_examples=40)
@given(
    stiffness=st.floats(1e6, 1.5e8),
    rate=st.floats(50.0, 2000.0),
    noise=st.sampled_from((0.075, 3.0)),
    seed=st.integers(0, 1000),
)
def test_the_slope_of_any_ramp_is_found(
    stiffness: float, rate: float, noise: float, seed: int
) -> None:
    # Within the longest window the ram must move by more than the encoder's steps.
    assume(2.0 * rate / stiffness > 2e-6)
    rng, slope, found = random.Random(seed), RampStiffness(5e4, 3e8), []
    slope.restart(5e7)
    for step in range(60 * 20):
        force = rate * DT * step
        position = 0.048 + force / stiffness + rng.gauss(0.0, 5e-8)
        found.append(slope.step(round(position * 1e7) * 1e-7, force + rng.gauss(0.0, noise), noise))
    assert slope.known
    assert abs(median(found[600:]) / stiffness - 1.0) < 0.2


def test_a_powder_that_stiffens_is_followed() -> None:
    slope, worst = RampStiffness(5e4, 3e8), 0.0
    slope.restart(5e7)
    position = 0.048
    for step in range(60 * 20):
        true = 1e6 * 1.2 ** (step / 60.0)
        position += 200.0 * DT / true
        slope.step(position, 200.0 * DT * step, 0.075)
        if step > 30:
            worst = max(worst, abs(slope.value / true - 1.0))
    assert worst < 0.1


def test_standing_still_teaches_nothing() -> None:
    rng, slope = random.Random(1), RampStiffness(5e4, 3e8)
    slope.restart(5e7)
    for _ in range(600):
        slope.step(0.048, 100.0 + rng.gauss(0.0, 0.075), 0.075)
    assert not slope.known
    assert slope.value == 5e7
