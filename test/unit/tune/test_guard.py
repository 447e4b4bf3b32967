"""The guard alone: what it stops, whatever an experiment wants."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.press.command import Heat, Velocity
from stackpress_py.tune.guard import LimitGuard
from stackpress_py.tune.trial import NOTHING, DoubtError, Experiment, Order, Seen, Trial
from unit.tune.machines import LIMITS, PERIOD

CALM = Seen(0.0, 0.0, (0.0, 0.0), 0.01, 25.0, 25.0, 25.0)


def after(seconds: float, last: Seen, heated: bool = True) -> str:
    """Return what the guard says of a measurement after some calm ones."""
    guard = LimitGuard(LIMITS, 60.0, heated)
    for number in range(round(seconds / PERIOD)):
        assert guard.judge(replace(CALM, time=number * PERIOD)) == ""
    return guard.judge(replace(last, time=seconds + last.time))


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (replace(CALM, force=5001.0), "the force has reached 5001 N; allowed are 5 kN"),
        (replace(CALM, force=-5001.0), "the force has reached -5"),
        (replace(CALM, position=0.0551), "the ram is at 55.1 mm; it may go to 55 mm"),
        (replace(CALM, lower=70.1), "the lower platen has 70.1 degC; allowed are 70 degC"),
        (replace(CALM, upper=50.0), ""),
        (replace(CALM, time=0.3), ""),
        (replace(CALM, time=0.5), "no measurement came for"),
        (replace(CALM, force=math.nan), ""),
    ],
)
def test_what_leaves_the_limits_is_told(last: Seen, sentence: str) -> None:
    found = after(1.0, last)
    assert sentence in found if sentence else found == ""


@pytest.mark.parametrize(("share", "told"), [(0.9, False), (1.2, True)])
def test_a_force_that_rises_too_fast_is_told(share: float, told: bool) -> None:
    guard = LimitGuard(LIMITS, 60.0, False)
    found = ""
    for number in range(24):
        now = number * PERIOD
        force = share * LIMITS.force_rate * now + 20.0 * (-1) ** number
        found = found or guard.judge(replace(CALM, time=now, force=force))
    assert ("the force has risen by" in found) is told


def test_what_is_unknown_for_long_ends_it() -> None:
    for blind in ("force", "position", "upper"):
        guard = LimitGuard(LIMITS, 60.0, True)
        guard.judge(CALM)
        found = ""
        for number in range(1, 30):
            found = found or guard.judge(replace(CALM, time=number * PERIOD, **{blind: math.nan}))
        assert "not known any more" in found


def test_a_platen_that_warms_too_fast_is_told_and_noise_is_not() -> None:
    guard = LimitGuard(LIMITS, 600.0, True)
    for number in range(1200):
        now = number * PERIOD
        warm = 25.0 + 0.95 * LIMITS.heating_rate * now + 0.1 * (number % 2)
        assert guard.judge(replace(CALM, time=now, upper=warm)) == ""
    found = ""
    for number in range(1200, 2400):
        now = number * PERIOD
        warm = 25.0 + 1.5 * LIMITS.heating_rate * now - 0.55 * 20.0 * LIMITS.heating_rate
        found = found or guard.judge(replace(CALM, time=now, upper=min(warm, 69.0)))
    assert "the upper platen warms by" in found


def test_it_ends_when_it_takes_too_long() -> None:
    guard = LimitGuard(LIMITS, 1.0, False)
    found = [guard.judge(replace(CALM, time=n * PERIOD)) for n in range(70)]
    assert found[55] == "" and "longer than 1 s" in found[65]


@given(st.floats(-1.0, 1.0, allow_nan=False), st.floats(0.0, 0.054))
def test_no_order_is_faster_than_allowed(velocity: float, position: float) -> None:
    guard = LimitGuard(LIMITS, 60.0, False)
    seen = replace(CALM, position=position)
    assert guard.judge(seen) == ""
    refused = guard.refuse(Order(Velocity(velocity)), seen)
    slow = velocity <= 1.001 * LIMITS.contact_velocity or position <= LIMITS.clear_to
    assert (refused == "") is (abs(velocity) <= LIMITS.velocity and slow)


def test_no_heat_is_ordered_that_was_not_allowed() -> None:
    cold, warm = LimitGuard(LIMITS, 60.0, False), LimitGuard(LIMITS, 60.0, True)
    assert "not allowed" in cold.refuse(Order(None, Heat(0.1, 0.0)), CALM)
    assert warm.refuse(Order(None, Heat(0.1, 0.0)), CALM) == ""


# ---- the trial around it ---------------------------------------------------------------------------


def reckless() -> Experiment[str]:
    while True:
        yield Order(Velocity(0.1), Heat(1.0, 1.0))


def home(first: Seen) -> Experiment[None]:
    while True:
        seen = yield Order(Velocity(-1e-3), Heat(1.0, 1.0))
        if seen.position < first.position:
            return


def test_a_reckless_experiment_orders_nothing_and_the_retreat_is_cold() -> None:
    trial = Trial(reckless(), home, LimitGuard(LIMITS, 60.0, True))
    order = trial.step(replace(CALM, position=0.0))
    assert "0.1 m/s" in trial.problem
    assert order == Order(Velocity(-1e-3), None)
    # Only what is not to be moved any more ends a retreat early.
    trial.stop("ended by the user")
    assert trial.step(replace(CALM, time=0.02, position=0.02)) == Order(Velocity(-1e-3), None)
    trial.stop("an interlock has tripped", stand=True)
    assert trial.ended and trial.step(replace(CALM, time=0.04)) == NOTHING
    assert "0.1 m/s" in trial.problem


def test_a_doubt_about_the_ram_leaves_it_where_it_is() -> None:
    def doubtful() -> Experiment[str]:
        yield NOTHING
        raise DoubtError("it goes its own way", stand=True)

    trial = Trial(doubtful(), home, LimitGuard(LIMITS, 60.0, True))
    assert trial.step(CALM) == NOTHING
    assert trial.ended and trial.problem == "it goes its own way" and trial.result is None
