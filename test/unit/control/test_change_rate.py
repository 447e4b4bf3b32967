"""How fast a noisy, quantised quantity changes."""

import math
import random
from collections.abc import Callable

import pytest

from stackpress_py.control.change_rate import ChangeRate

RATE = 20.0  # readings a second


def feed(
    seconds: float, curve: Callable[[float], float], noise: float, step: float, seed: int = 1
) -> ChangeRate:
    rng, found = random.Random(seed), ChangeRate()
    for index in range(round(seconds * RATE)):
        time = index / RATE
        value = curve(time) + rng.gauss(0.0, noise)
        found.update(round(value / step) * step if step else value, step, time)
    return found


def test_nothing_is_told_before_the_first_line_is_full() -> None:
    assert math.isnan(feed(30.0, lambda t: t, 0.0, 0.0).rate.value)
    rate = feed(30.1, lambda t: 3.0 * t, 0.0, 0.0).rate
    assert rate.value == pytest.approx(3.0)
    assert rate.uncertainty == pytest.approx(0.0, abs=1e-9)
    assert rate.since == 0.0


@pytest.mark.parametrize(("noise", "step"), [(0.3, 0.0), (0.5, 1.0), (0.1, 1.0), (0.0, 1.0)])
def test_the_uncertainty_covers_the_error(noise: float, step: float) -> None:
    covered, asked = 0, 60
    for seed in range(asked):
        true = random.Random(1000 + seed).uniform(-0.02, 0.02)
        start = random.Random(2000 + seed).random()
        rate = feed(31.0, lambda t, s=start, r=true: s + r * t, noise, step, seed).rate  # type: ignore[misc]
        covered += abs(rate.value - true) <= rate.uncertainty
    # k = 2 covers 95 %; of 60 draws fewer than 53 would be a matter of one in a thousand.
    assert covered >= 53


def test_a_reading_that_stands_on_its_step_proves_no_standstill() -> None:
    rate = feed(31.0, lambda t: 0.1 + 0.01 * t, 0.0, 1.0).rate
    assert rate.value == 0.0
    assert rate.uncertainty > 0.01


def test_noise_takes_a_longer_line() -> None:
    short = feed(500.0, lambda t: 0.05 * t, 0.2, 0.0).rate
    long = feed(500.0, lambda t: 0.0005 * t, 0.2, 0.0).rate
    assert 500.0 - short.since == pytest.approx(30.0, abs=2.0)
    assert 500.0 - long.since > 100.0
    assert long.value == pytest.approx(0.0005, rel=0.3)


def test_a_gap_begins_a_new_line() -> None:
    found = feed(31.0, lambda t: t, 0.0, 0.0)
    found.update(1000.0, 0.0, 40.0)
    found.update(1000.0, 0.0, 41.1)
    assert math.isnan(found.rate.value)


def test_a_slow_wobble_counts_as_uncertainty() -> None:
    # 0.5 in a wave of 40 s: a line over 30 s has a slope that is the wave's and not the quantity's.
    rate = feed(31.0, lambda t: 0.5 * math.sin(2.0 * math.pi * t / 40.0), 0.01, 0.0).rate
    assert abs(rate.value) <= rate.uncertainty
