import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.lag import Delay, Follower

ORDERS = st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(1e-3, 0.5)), min_size=1, max_size=12)


def test_an_order_has_its_effect_after_the_dead_time_to_the_point() -> None:
    delay = Delay(0.03)
    delay.order(1.0)
    assert delay.pieces(0.02) == [(0.0, 0.02)]
    before, after = delay.pieces(0.02)
    assert before == (0.0, pytest.approx(0.01))
    assert after == (1.0, pytest.approx(0.01))
    assert delay.value == 1.0


@given(ORDERS, st.floats(0.0, 0.2))
def test_a_delay_loses_no_time_and_no_order(
    orders: list[tuple[float, float]], dead_time: float
) -> None:
    delay = Delay(dead_time)
    area = asked = 0.0
    for value, time in orders:
        delay.order(value)
        pieces = delay.pieces(time)
        assert sum(each for _, each in pieces) == pytest.approx(time)
        area += sum(level * each for level, each in pieces)
        asked += value * time
    delay.order(0.0)
    area += sum(level * each for level, each in delay.pieces(dead_time + 1.0))
    assert area == pytest.approx(asked, abs=1e-9)


@given(ORDERS, st.integers(2, 7))
def test_a_follower_does_the_same_in_one_step_and_in_many(
    orders: list[tuple[float, float]], parts: int
) -> None:
    whole, divided = Follower(0.03, 0.08, 0.05), Follower(0.03, 0.08, 0.05)
    for value, time in orders:
        whole.order(value)
        divided.order(value)
        once = whole.advance(time)
        many = sum(divided.advance(time / parts) for _ in range(parts))
        assert many == pytest.approx(once, abs=1e-9)
        assert divided.effect == pytest.approx(whole.effect, abs=1e-9)
        assert 0.0 <= once <= time


@pytest.mark.parametrize(("command", "effect"), [(0.05, 0.0), (0.5, 0.45 / 0.95), (1.0, 1.0)])
def test_a_follower_has_an_effect_above_its_dead_band_only(command: float, effect: float) -> None:
    follower = Follower(0.0, 0.05, 0.05)
    follower.order(command)
    follower.advance(10.0)
    assert follower.effect == pytest.approx(effect, abs=1e-9)
