"""Requested versus reached."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.account import AVERAGING, Approach, HoldAccount, HoldOutcome, farthest


def feed(account: HoldAccount, values: list[float], dt: float = 0.1) -> None:
    for index, value in enumerate(values):
        account.update(value, index * dt)


def test_reached_needs_an_unbroken_stretch() -> None:
    account = HoldAccount(100.0, 1.0, 0.5, Approach.FROM_BELOW)
    feed(account, [0, 50, 100, 100, 103, 100, 100, 100, 100])
    assert not account.reached
    account.update(100.0, 0.9)
    account.update(100.0, 1.0)
    assert account.reached
    result = account.result()
    assert result.time_to_reach == pytest.approx(0.5)
    assert result.duration == 0.0
    account.update(100.5, 1.1)
    assert account.time_in_tolerance == pytest.approx(0.1)
    assert result.peak == 103.0
    assert result.overshoot == 3.0
    assert result.worst_deviation == 0.0


def test_statistics_are_time_weighted_and_start_when_it_is_reached() -> None:
    account = HoldAccount(10.0, 2.0, 0.2, Approach.FROM_BELOW)
    feed(account, [0.0, 8.0, 9.0, 9.5, 11.0, 13.0, 10.0])
    result = account.result()
    assert result.reached
    assert (result.minimum, result.maximum) == (9.5, 13.0)
    assert result.mean == pytest.approx((11 + 13 + 10) / 3)
    assert result.worst_deviation == 3.0
    assert result.duration == pytest.approx(0.3)
    assert result.time_in_tolerance == pytest.approx(0.1)


def test_from_above_the_peak_is_the_lowest() -> None:
    account = HoldAccount(1.0, 0.1, 0.0, Approach.FROM_ABOVE)
    feed(account, [74.0, 20.0, 0.8, 1.0, 1.2])
    result = account.result()
    assert result.peak == 0.8
    assert result.overshoot == pytest.approx(0.2)


def test_an_unknown_value_breaks_the_stretch_and_is_not_in_tolerance() -> None:
    account = HoldAccount(10.0, 1.0, 0.3, Approach.FROM_BELOW)
    feed(account, [10.0, 10.0, math.nan, 10.0, 10.0])
    assert not account.reached
    account.update(10.0, 0.5)
    account.update(10.0, 0.61)
    account.update(10.0, 0.65)
    assert account.reached
    before = account.time_in_tolerance
    account.update(math.nan, 0.7)
    account.update(10.0, 0.8)
    assert account.time_in_tolerance == before


def test_a_long_gap_counts_for_nothing() -> None:
    account = HoldAccount(10.0, 1.0, 0.2, Approach.FROM_BELOW)
    feed(account, [10.0, 10.0, 10.0, 10.0])
    before = account.time_in_tolerance
    account.update(10.0, 60.0)
    assert account.time_in_tolerance == before


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=80), st.floats(0.0, 1.0))
def test_account_is_consistent(values: list[float], settling: float) -> None:
    account = HoldAccount(0.0, 100.0, settling, Approach.FROM_BELOW)
    feed(account, values)
    result = account.result()
    assert result.time_in_tolerance <= result.duration + 1e-9
    assert result.peak == max(values)
    assert result.overshoot == max(0.0, max(values))
    if result.reached:
        slack = 1e-9 * (abs(result.minimum) + abs(result.maximum) + 1.0)
        assert result.minimum - slack <= result.mean <= result.maximum + slack
        worst = max(abs(result.minimum), abs(result.maximum))
        assert result.worst_deviation == pytest.approx(worst)


def test_impossible_accounts_are_refused() -> None:
    for target, tolerance in ((math.nan, 1.0), (1.0, 0.0), (1.0, math.inf)):
        with pytest.raises(ValueError, match="tolerance"):
            HoldAccount(target, tolerance, 1.0, Approach.FROM_BELOW)


def test_farthest_platen_counts() -> None:
    assert farthest(80.0, 79.0, 82.0) == 82.0
    assert math.isnan(farthest(80.0, 79.0, math.nan))


CYCLE = 1.0 / 60.0


def pressed(values: list[float], tolerance: float = 1.0) -> HoldOutcome:
    """The account of a pressure that shall be 100, judged by its average."""
    account = HoldAccount(100.0, tolerance, 1.0, Approach.FROM_BELOW, AVERAGING)
    feed(account, values, CYCLE)
    return account.result()


def noisy(mean: float, deviation: float, count: int, seed: int = 1) -> list[float]:
    rng = random.Random(seed)
    return [rng.gauss(mean, deviation) for _ in range(count)]


@given(st.floats(0.01, 0.5), st.floats(-0.6, 0.6), st.integers(0, 1000))
def test_noise_does_not_leave_the_tolerance(deviation: float, offset: float, seed: int) -> None:
    # Of single readings one in twenty is outside at the largest of these; none of that is pressure.
    result = pressed(noisy(100.0 + offset, deviation, 6000, seed))
    assert result.reached
    assert result.excursions == 0
    assert result.time_in_tolerance == pytest.approx(result.duration)
    assert result.worst_average <= 1.0
    # The worst reading is told all the same.
    assert result.worst_deviation > result.worst_average


def test_a_pressure_that_is_outside_is_noticed_although_it_is_noisy() -> None:
    for side in (-1.0, 1.0):
        steady = noisy(100.0, 0.3, 1000)
        result = pressed([*steady, *noisy(100.0 + side * 1.3, 0.3, 300), *steady])
        assert result.excursions == 1
        outside = result.time_above if side > 0.0 else result.time_below
        # 5 s, noticed late by less than the average's length, and over late by as much.
        assert outside == pytest.approx(5.0, abs=0.5)
        assert result.time_in_tolerance + outside == pytest.approx(result.duration)


def test_one_reading_that_noise_does_not_explain_is_outside() -> None:
    steady = noisy(100.0, 0.3, 1000)
    assert pressed([*steady, 102.0, *steady]).excursions == 0
    lost = pressed([*steady, 104.0, *steady])
    assert lost.excursions == 1
    assert lost.time_above == pytest.approx(2 * CYCLE)
    assert lost.worst_deviation == pytest.approx(4.0)
    # Without noise every reading counts.
    assert pressed([100.0] * 1000 + [101.01] + [100.0] * 10).excursions == 1


def test_a_step_is_one_excursion() -> None:
    steady = noisy(100.0, 0.3, 1000)
    result = pressed([*steady, *noisy(103.5, 0.3, 120), *steady])
    assert result.excursions == 1
    assert result.time_above == pytest.approx(2.0 + 0.35, abs=0.2)


def test_noise_of_another_range_is_soon_forgotten() -> None:
    coarse, fine = noisy(100.0, 0.3, 1000), noisy(100.0, 0.003, 63)
    assert pressed([*coarse, *fine, 101.1, *fine]).excursions == 1
    assert pressed([*coarse, 101.1, *fine]).excursions == 0


def test_an_overshoot_that_noise_explains_is_none() -> None:
    account = HoldAccount(100.0, 1.0, 1.0, Approach.FROM_BELOW, AVERAGING)
    ramp = [mean + noise for mean, noise in zip(range(100), noisy(0.0, 0.3, 100), strict=True)]
    feed(account, [*ramp, *noisy(100.0, 0.3, 2000)], CYCLE)
    assert account.overshoot > 0.7
    assert account.sure_overshoot < 0.25
    for index in range(6):
        account.update(103.5, 40.0 + index * CYCLE)
    assert account.sure_overshoot > 1.0


def test_time_that_nobody_knows_is_on_no_side() -> None:
    result = pressed([100.0] * 100 + [math.nan] * 60 + [98.0] * 60 + [100.0] * 60)
    assert result.duration - result.time_in_tolerance - result.time_below - result.time_above == (
        pytest.approx(CYCLE, abs=1e-9)
    )
    assert result.time_below == pytest.approx(1.0 + 0.25, abs=0.1)
