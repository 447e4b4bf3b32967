"""The Heckel line, from what is measured while the pressure rises."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.control.heckel import Heckel, HeckelFit, Point


def density(pressure: float, slope: float, intercept: float) -> float:
    return 1.0 - math.exp(-(slope * pressure + intercept))


def press(
    fit: HeckelFit, to: float, slope: float, intercept: float, scale: float = 1.0,
    common: float = 0.0, noise: float = 0.0, start: float = 0.0,
) -> Heckel:  # fmt: skip
    rng, pressure = random.Random(1), start
    while pressure < to:
        pressure += 0.1e6
        found = density(pressure, slope, intercept) * scale + rng.gauss(0.0, noise)
        fit.update(Point(pressure, 1e4, found, common * found, 0.0))
    return fit.line


@given(st.floats(3e-10, 1.2e-8), st.floats(0.4, 2.5), st.floats(65e6, 400e6))
def test_an_ideal_powder_is_found(slope: float, intercept: float, highest: float) -> None:
    line = press(HeckelFit(), highest, slope, intercept)
    assert line.slope == pytest.approx(slope, rel=1e-6)
    assert line.intercept == pytest.approx(intercept, rel=1e-6)
    assert line.yield_pressure == pytest.approx(1.0 / slope, rel=1e-6)
    assert line.yield_pressure_uncertainty == pytest.approx(line.slope_uncertainty / slope**2)


@given(st.floats(5e-10, 5e-9), st.floats(0.6, 1.5), st.floats(-1.0, 1.0))
def test_a_mass_that_is_wrong_is_covered(slope: float, intercept: float, share: float) -> None:
    line = press(HeckelFit(), 120e6, slope, intercept, scale=1.0 + 0.01 * share, common=0.0102)
    # A larger density tilts the line more than a smaller one does: a tenth for the curvature.
    assert abs(line.slope - slope) <= 1.1 * line.slope_uncertainty
    assert abs(line.intercept - intercept) <= 1.1 * line.intercept_uncertainty


def test_scatter_is_covered() -> None:
    line = press(HeckelFit(), 120e6, 2e-9, 1.0, noise=2e-3)
    assert 0.0 < abs(line.slope - 2e-9) <= line.slope_uncertainty < 0.1 * 2e-9


def test_there_is_no_line_below_the_pressures_at_which_powders_yield() -> None:
    assert math.isnan(press(HeckelFit(), 59e6, 2e-9, 1.0).slope)
    assert math.isnan(press(HeckelFit(), 59e6, 2e-9, 1.0).yield_pressure_uncertainty)


def test_only_the_first_rise_counts() -> None:
    fit = HeckelFit()
    first = press(fit, 100e6, 2e-9, 1.0)
    again = press(fit, 100e6, 1e-10, 2.0, start=40e6)
    assert again == first


def test_a_solid_has_no_line() -> None:
    fit = HeckelFit()
    for pressure in range(50, 100):
        fit.update(Point(pressure * 1e6, 1e4, 1.0, 0.01, 0.01))
    assert math.isnan(fit.line.slope)
