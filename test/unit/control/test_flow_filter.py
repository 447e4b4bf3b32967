"""The filter that tells force, drift, gain and dead band of a pump or a valve."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.flow_filter import FlowFilter

DT = 1.0 / 60.0
NOISE = 1.0
WALKS = (1e-4 * DT, 1e-4 * DT, 1e-12 * DT)


def learned(gain: float, band: float, drift: float, sign: float, seed: int) -> FlowFilter:
    """Let an actuator of that gain and band work in strokes, and return what was learned of it."""
    rng = random.Random(seed)
    stroke = 20.0 / gain
    wrong = min(0.005, stroke)
    seen = FlowFilter()
    seen.restart(1000.0, NOISE, 1.0)
    seen.take(3e4, 1.0, band + rng.uniform(-wrong, wrong), wrong**2)
    force = 1000.0
    for cycle in range(1800):
        working = cycle % 300 >= 150
        speed = band + stroke * (1.0 + (cycle // 300) % 2) if working else 0.0
        force += (drift + sign * gain * max(0.0, speed - band)) * DT
        seen.step(DT, sign, speed, force + rng.gauss(0.0, NOISE), NOISE, WALKS)
    assert seen.force == pytest.approx(force, abs=2.0)
    return seen


@settings(deadline=None, max_examples=20)
@given(
    gain=st.floats(5e3, 2e5),
    band=st.floats(0.01, 0.1),
    drift=st.floats(-2.0, 2.0),
    sign=st.sampled_from([1.0, -1.0]),
    seed=st.integers(0, 1000),
)
def test_gain_band_and_drift_are_told_apart(
    gain: float, band: float, drift: float, sign: float, seed: int
) -> None:
    seen = learned(gain, band, drift, sign, seed)
    assert seen.gain == pytest.approx(gain, rel=0.4)
    # The band is known to a part of what the strokes went beyond it.
    assert abs(seen.band - band) < 0.5 * 20.0 / gain
    assert seen.drift == pytest.approx(drift, abs=0.6)


@settings(deadline=None, max_examples=20)
@given(
    speeds=st.lists(st.floats(0.0, 1.0), min_size=50, max_size=50),
    forces=st.lists(st.floats(-1e4, 1e4), min_size=50, max_size=50),
)
def test_variances_stay_variances_whatever_comes(speeds: list[float], forces: list[float]) -> None:
    seen = FlowFilter()
    seen.restart(0.0, NOISE, 1.0)
    seen.take(3e4, 1.0, 0.05, 1e-4)
    for speed, force in zip(speeds, forces, strict=True):
        seen.step(DT, 1.0, speed, force, NOISE, WALKS)
        assert seen.force_variance > 0.0
        assert seen.drift_variance > 0.0
        assert 0.0 <= seen.gain_variance <= 1.0
        assert seen.band_variance >= 0.0
        assert seen.gain > 0.0
        assert seen.band >= 0.0
