"""Range fusion: no bump, no saturated cell, honest uncertainty, disagreement is a fault."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stackpress_py.devices.guard.ranges import ForceFusion, FusedForce, weight_of_smaller
from stackpress_py.devices.press.loading import load_profile

PROFILE = load_profile("reference_plc")
LOW, HIGH = PROFILE.force_sensors
PERIOD = 1 / 60
BIAS = HIGH.range * HIGH.accuracy


def fusion() -> ForceFusion:
    return ForceFusion(PROFILE.force_sensors, PROFILE.fusion)


def cells(force: float, bias: float = 0.0) -> tuple[float, float]:
    """Readings of both cells for a true force."""
    low = max(-LOW.saturation, min(LOW.saturation, force))
    return low, max(-HIGH.saturation, min(HIGH.saturation, force + bias))


def fuse(low: float, high: float) -> FusedForce:
    return fusion().step((low, high), 0.0)


def hold(it: ForceFusion, low: float, high: float, seconds: float) -> str:
    problem = ""
    for cycle in range(round(seconds / PERIOD)):
        problem = it.step((low, high), cycle * PERIOD).disagreement or problem
    return problem


def test_small_forces_are_the_small_cells() -> None:
    result = fuse(113.0, 120.0)
    assert result.force == 113.0
    assert result.uncertainty == pytest.approx(LOW.uncertainty)
    assert result.sensors == (113.0, 120.0)


def test_large_forces_are_the_large_cells() -> None:
    result = fuse(550.0, 8370.0)
    assert result.force == 8370.0
    assert result.uncertainty == pytest.approx(HIGH.uncertainty)


@given(st.floats(-30_000.0, 30_000.0), st.floats(-BIAS, BIAS))
def test_the_force_is_right_within_its_uncertainty(force: float, bias: float) -> None:
    assume(abs(force + bias) < HIGH.saturation)
    result = fuse(*cells(force, bias))
    assert abs(result.force - force) <= abs(bias) + 1e-9
    assert abs(result.force - force) <= result.uncertainty + 1e-9
    assert not result.beyond_range


@given(st.floats(-600.0, 600.0), st.floats(-BIAS, BIAS))
def test_the_crossover_has_no_bump(force: float, bias: float) -> None:
    """A step of 0.01 N never gives more than the slope of the blend: smooth for any bias."""
    band = (PROFILE.fusion.blend_to - PROFILE.fusion.blend_from) * LOW.range
    step = 0.01
    before, after = (fuse(*cells(f, bias)).force for f in (force, force + step))
    steepest = 1.0 + 1.5 * abs(bias) / band + 0.1
    assert abs(after - before) <= steepest * step + 1e-9


@given(st.floats(0.0, 20_000.0), st.floats(-BIAS, BIAS))
def test_the_force_never_falls_while_it_rises(force: float, bias: float) -> None:
    before, after = (fuse(*cells(f, bias)).force for f in (force, force + 0.1))
    assert after > before


def test_a_saturated_small_cell_is_never_used() -> None:
    for high in (480.0, 500.0, 540.0, 560.0, 5000.0):
        assert fuse(550.0, high).force == high


def test_a_small_cell_that_is_stuck_low_is_not_used() -> None:
    assert fuse(0.0, 5000.0).force == 5000.0


def test_a_failed_cell() -> None:
    assert fuse(math.nan, 100.0).force == 100.0
    assert fuse(math.nan, 100.0).uncertainty == HIGH.uncertainty
    assert fuse(100.0, math.nan).force == 100.0
    assert math.isnan(fuse(480.0, math.nan).force)
    assert math.isnan(fuse(550.0, math.nan).force)
    both = fuse(math.nan, math.nan)
    assert math.isnan(both.force)
    assert math.isnan(both.uncertainty)
    assert not both.beyond_range


def test_a_force_beyond_every_range_is_told() -> None:
    result = fuse(550.0, 24_000.0)
    assert result.beyond_range
    assert math.isnan(result.uncertainty)
    assert not fuse(550.0, 23_900.0).beyond_range
    assert fuse(550.0, math.nan).beyond_range


def test_cells_that_agree_within_their_uncertainties_are_fine() -> None:
    assert hold(fusion(), 100.0, 100.0 + BIAS, 60.0) == ""
    assert hold(fusion(), 550.0, 5000.0, 60.0) == ""


def test_noise_is_no_disagreement() -> None:
    import random

    source, it = random.Random(3), fusion()
    for cycle in range(60 * 600):
        low = 113.0 + source.gauss(0.0, LOW.noise * LOW.range)
        high = 113.0 + BIAS + source.gauss(0.0, HIGH.noise * HIGH.range)
        assert it.step((low, high), cycle * PERIOD).disagreement == ""


def test_a_lasting_disagreement_is_told() -> None:
    it = fusion()
    assert hold(it, 100.0, 100.0, 1.0) == ""
    problem = hold(fusion(), 100.0, 120.0, 2.0)
    assert problem.startswith("force_low reads 100 N and force_high 120 N")


@pytest.mark.parametrize(("low", "high"), [(400.0, 0.0), (0.0, 400.0), (550.0, 0.0), (0.0, 9000.0)])
def test_a_gross_disagreement_is_told_soon(low: float, high: float) -> None:
    it = fusion()
    first = next(c for c in range(60) if it.step((low, high), c * PERIOD).disagreement)
    assert first * PERIOD < 0.1


def test_a_single_wild_reading_is_no_fault() -> None:
    it = fusion()
    for cycle in range(300):
        high = 1000.0 if cycle % 60 == 30 else 100.0
        assert it.step((100.0, high), cycle * PERIOD).disagreement == ""


def test_tare_sets_the_zeros() -> None:
    it = fusion()
    it.tare((2.0, -15.0))
    result = it.step((102.0, 85.0), 0.0)
    assert result.sensors == (100.0, 100.0)
    assert result.force == 100.0


def test_saturation_is_judged_without_tare() -> None:
    it = fusion()
    it.tare((25.0, 0.0))
    assert it.step((550.0, 560.0), 0.0).force == 560.0


@pytest.mark.parametrize("zeros", [(1.0,), (1.0, math.nan), ()])
def test_impossible_zeros_are_refused(zeros: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="finite numbers"):
        fusion().tare(zeros)


def test_the_weight_goes_smoothly_from_one_to_nothing() -> None:
    weights = [weight_of_smaller(force, 350.0, 475.0) for force in range(300, 520)]
    assert weights[0] == 1.0
    assert weights[-1] == 0.0
    assert weights == sorted(weights, reverse=True)
