"""How far below its target a law aims."""

from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.control.reserve import SETTLING, reserve, settled


@given(
    target=st.floats(1.0, 2e4),
    uncertainty=st.floats(0.0, 1e3),
    excess=st.floats(-1e3, 1e3),
)
def test_it_is_small_and_never_above_the_target(
    target: float, uncertainty: float, excess: float
) -> None:
    assert 0.0 <= reserve(target, uncertainty, excess) <= 2e-3 * target


@given(target=st.floats(1.0, 2e4), uncertainty=st.floats(0.0, 1e3), excess=st.floats(0.0, 1e3))
def test_a_hold_gives_back_what_was_for_noise_only(
    target: float, uncertainty: float, excess: float
) -> None:
    aim = target - reserve(target, uncertainty, excess)
    best = target - reserve(target, uncertainty, 0.0)
    for _ in range(round(5.0 * SETTLING * 60.0)):
        after = settled(aim, target, uncertainty, 1.0 / 60.0)
        assert aim <= after <= max(best, aim)
        aim = after
    assert best - aim <= 0.01 * reserve(target, 0.0, excess) + 1e-9 * target
