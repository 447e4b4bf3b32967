"""Requested versus reached."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.account import Approach, HoldAccount, farthest


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
