"""The set-point generators."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stackpress_py.control.reference import Delay, Reference, SmoothReference

DT = 1.0 / 60.0


@settings(deadline=None)
@given(
    start=st.floats(-1e4, 1e4),
    target=st.floats(-1e4, 1e4),
    rate=st.floats(10.0, 1e4),
    time_to_rate=st.floats(0.05, 2.0),
)
def test_reference_arrives_and_never_passes(
    start: float, target: float, rate: float, time_to_rate: float
) -> None:
    reference = Reference(start)
    low, high = min(start, target), max(start, target)
    slack = 1e-9 * max(1.0, abs(start), abs(target))
    assume(abs(target - start) / rate < 100.0)
    steps = int((abs(target - start) / rate + 4.0 * time_to_rate + 1.0) / DT) + 10
    for _ in range(steps):
        reference.step(DT, target, rate, rate / time_to_rate)
        assert low - slack <= reference.value <= high + slack
        assert abs(reference.rate) <= rate * (1 + 1e-9)
    assert reference.value == target
    assert reference.rate == 0.0


def test_reference_keeps_the_acceleration() -> None:
    reference = Reference(0.0)
    last = 0.0
    for _ in range(2000):
        reference.step(DT, 1000.0, 200.0, 500.0)
        # The last step may stop from two steps' worth of rate, so that it lands on the target exactly.
        assert abs(reference.rate - last) <= 2.0 * 500.0 * DT * (1 + 1e-9)
        last = reference.rate


def test_a_target_that_moves_back_is_followed() -> None:
    reference = Reference(0.0)
    for _ in range(60):
        reference.step(DT, 1000.0, 200.0, 500.0)
    for _ in range(600):
        reference.step(DT, 50.0, 200.0, 500.0)
    assert reference.value == 50.0


def test_delay_gives_the_past_back() -> None:
    delay = Delay(0.05)
    for step in range(100):
        now = step * DT
        value = delay.step(now, 10.0 * now)
        assert value == pytest.approx(max(0.0, 10.0 * (now - 0.05)), abs=1e-9)


def test_delay_forgets() -> None:
    delay = Delay(1.0)
    delay.step(0.0, 5.0)
    delay.restart()
    assert delay.step(0.1, 7.0) == 7.0


@settings(deadline=None)
@given(
    start=st.floats(-1e4, 1e4),
    targets=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=4),
    rate=st.floats(100.0, 1e4),
)
def test_smooth_reference_has_limited_jerk_and_ends_at_the_target(
    start: float, targets: list[float], rate: float
) -> None:
    smoothing, acceleration = 0.2, rate / 0.4
    reference = SmoothReference(start, smoothing)
    rates = [0.0, 0.0]
    for target in targets:
        for _ in range(int(abs(target - reference.value) / rate / DT) // 2 + 5):
            reference.step(DT, target, rate, acceleration)
            rates.append(reference.rate)
    for _ in range(int(4e4 / rate / DT) + 200):
        reference.step(DT, targets[-1], rate, acceleration)
        rates.append(reference.rate)
    assert reference.value == targets[-1]
    assert reference.rate == 0.0
    assert max(abs(each) for each in rates) <= rate * (1.0 + 1e-6)
    jerks = (c - 2.0 * b + a for a, b, c in zip(rates, rates[1:], rates[2:], strict=False))
    # Within the smoothing time the acceleration changes from one limit to the other at most.
    assert max(abs(jerk) for jerk in jerks) <= 2.01 * acceleration * DT * DT / smoothing


@given(start=st.floats(0.0, 1e4), target=st.floats(0.0, 1e4))
def test_smooth_reference_never_passes_its_target(start: float, target: float) -> None:
    reference = SmoothReference(start, 0.2)
    low, high = min(start, target), max(start, target)
    for _ in range(int(abs(target - start) / 500.0 / DT) + 100):
        reference.step(DT, target, 500.0, 1250.0)
        assert low - 1e-6 <= reference.value <= high + 1e-6
