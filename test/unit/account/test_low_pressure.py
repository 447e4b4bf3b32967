"""The alarm of a pressure that is too low for too long."""

import math

import pytest

from stackpress_py.account import LowPressure, LowPressureWatch

LIMIT, DELAY, STEP = 4e6, 10.0, 0.1


def feed(watch: LowPressureWatch, pressure: float, seconds: float, begin: float) -> list[float]:
    """Feed a constant pressure; return the times at which the alarm changed."""
    times = [begin + STEP * index for index in range(round(seconds / STEP))]
    return [now for now in times if watch.update(pressure, now)]


def test_it_is_raised_after_its_delay_and_not_before() -> None:
    watch = LowPressureWatch(LIMIT, DELAY)
    assert feed(watch, 5e6, 5.0, 0.0) == []
    assert feed(watch, 3.9e6, 9.9, 5.0) == []
    assert not watch.raised
    (at,) = feed(watch, 3.9e6, 60.0, 14.9)
    assert at == pytest.approx(15.0, abs=2 * STEP)
    assert watch.raised
    assert watch.outcome.alarms == 1
    assert watch.outcome.time == pytest.approx(69.9, abs=2 * STEP)


def test_a_pressure_that_comes_back_begins_the_delay_anew() -> None:
    watch = LowPressureWatch(LIMIT, DELAY)
    for turn in range(20):
        assert feed(watch, 3e6, 9.0, 10.0 * turn) == []
        assert feed(watch, 5e6, 1.0, 10.0 * turn + 9.0) == []
    assert watch.outcome == LowPressure(0, pytest.approx(180.0, abs=1.0))


def test_it_ends_when_the_pressure_has_been_back_as_long_and_comes_again() -> None:
    watch = LowPressureWatch(LIMIT, DELAY)
    assert len(feed(watch, 3e6, 20.0, 0.0)) == 1
    assert feed(watch, 5e6, 9.0, 20.0) == []
    assert feed(watch, 3e6, 1.0, 29.0) == []
    assert len(feed(watch, 5e6, 15.0, 30.0)) == 1
    assert not watch.raised
    assert len(feed(watch, 3e6, 15.0, 45.0)) == 1
    assert watch.outcome.alarms == 2


def test_what_is_not_known_proves_nothing() -> None:
    watch = LowPressureWatch(LIMIT, DELAY)
    feed(watch, 3e6, 6.0, 0.0)
    assert feed(watch, math.nan, 60.0, 6.0) == []
    # A gap in the samples is no time below either.
    assert not watch.update(3e6, 1000.0)
    assert watch.outcome.time == pytest.approx(6.0, abs=2 * STEP)
