"""What is known of the stack's growth beside the force."""

import math
import random

import pytest

from stackpress_py.control.feed_forward import FeedForward

DT = 1.0 / 60.0


def test_a_ramp_of_the_platens_is_told_through_a_coarse_thermocouple() -> None:
    rng, growth, rates = random.Random(1), FeedForward(1.3e-6), []
    for step in range(60 * 120):
        true = 25.0 + 5.0 / 60.0 * step * DT
        shown = round((true + rng.gauss(0.0, 0.05)) * 10.0) / 10.0
        rates.append(growth.step(DT, shown, math.nan))
    late = rates[60 * 60 :]
    assert sum(late) / len(late) == pytest.approx(1.3e-6 * 5.0 / 60.0, rel=0.03)
    assert max(late) < 1.5 * min(late)


def test_an_unknown_temperature_tells_nothing_and_does_not_last() -> None:
    growth = FeedForward(1.3e-6)
    for _ in range(600):
        assert growth.step(DT, 40.0, math.nan) == pytest.approx(0.0, abs=1e-12)
    assert growth.step(DT, math.nan, math.nan) == 0.0
    # Another temperature after a gap is no rate.
    assert growth.step(DT, 90.0, math.nan) == pytest.approx(0.0, abs=1e-12)


def test_the_growth_of_a_cell_that_is_charged_is_learned_and_changes_sign_with_the_current() -> (
    None
):
    growth, per_ampere = FeedForward(0.0), 3e-6
    for step in range(60 * 3600):
        current = 1e-3 if (step // (60 * 600)) % 2 == 0 else -1e-3
        told = growth.step(DT, math.nan, current)
        growth.learn(DT, per_ampere * current - told)
    assert growth.step(DT, math.nan, 1e-3) == pytest.approx(per_ampere * 1e-3, rel=0.1)
    assert growth.step(DT, math.nan, -1e-3) == pytest.approx(-per_ampere * 1e-3, rel=0.1)
    assert growth.step(DT, math.nan, math.nan) == 0.0
