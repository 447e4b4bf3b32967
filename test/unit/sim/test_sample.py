import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.sim.sample import Blank, Powder
from unit.sim.plants import REFERENCE, calm

AREA = math.pi / 4.0 * 0.012**2
ROOM = 0.0

pressures = st.floats(0.0, 5e8)


def powder(**constants: float) -> Powder:
    return Powder(calm(**constants).sample, AREA)


def press(body: Powder, pressure: float, seconds: float = 2e-3) -> None:
    body.settle(pressure, body.height_at(pressure)[0])
    body.flow(ROOM, seconds)


def test_the_density_under_load_passes_through_the_published_anchors() -> None:
    body = powder(elastic_strain=1e-9)
    for megapascals, density in ((74.0, 0.70), (370.0, 0.82)):
        press(body, megapascals * 1e6)
        assert body.density == pytest.approx(density, abs=0.005)


def test_fresh_powder_has_its_tap_density() -> None:
    assert powder().density == pytest.approx(REFERENCE.sample.tap_density)


@given(st.lists(pressures, max_size=40))
def test_plastic_height_never_grows(history: list[float]) -> None:
    body = powder(delayed_share=0.0)
    free = body.free_height
    for pressure in history:
        press(body, pressure)
        assert body.free_height <= free
        free = body.free_height


@given(st.lists(pressures, max_size=10), pressures, pressures)
def test_height_falls_with_pressure_and_its_slope_is_right(
    history: list[float], first: float, second: float
) -> None:
    body = powder()
    for pressure in history:
        press(body, pressure)
    low, high = sorted((first, second))
    assert body.height_at(high)[0] <= body.height_at(low)[0]
    step = 1.0 + 1e-6 * high
    height, slope = body.height_at(high + step)
    if abs(high - body.kink) > 3.0 * step:
        measured = (body.height_at(high + 2.0 * step)[0] - body.height_at(high)[0]) / (2.0 * step)
        assert slope == pytest.approx(measured, rel=1e-2, abs=1e-18)
        assert 0.0 < height < 0.01


def test_reloading_follows_the_elastic_line_up_to_the_largest_pressure() -> None:
    body = powder(relaxation=0.0, delayed_share=0.0)
    press(body, 74e6)
    loaded = body.height
    for pressure in (40e6, 0.0, 40e6, 74e6):
        press(body, pressure)
    assert body.height == pytest.approx(loaded, rel=1e-12)
    assert body.kink == 74e6
    below = body.height_at(73e6)[1]
    beyond = body.height_at(75e6)[1]
    assert abs(beyond) > 5.0 * abs(below)


def test_a_released_sample_springs_back_and_keeps_a_residual_set() -> None:
    body = powder(relaxation=0.0, delayed_share=0.0)
    fresh = body.free_height
    press(body, 74e6)
    loaded = body.height
    press(body, 0.0)
    spring_back = (body.height - loaded) / loaded
    assert 0.005 < spring_back < 0.02
    assert body.height < 0.6 * fresh


def test_the_delayed_part_of_the_spring_back_comes_with_its_time_constant() -> None:
    body = powder(relaxation=0.0)
    for _ in range(20_000):
        press(body, 74e6, 0.01)
    press(body, 0.0, 0.01)
    at_once = body.height
    for _ in range(2_000):
        press(body, 0.0, 0.01)
    after_one = body.height - at_once
    for _ in range(20_000):
        press(body, 0.0, 0.01)
    assert after_one / (body.height - at_once) == pytest.approx(1.0 - math.exp(-1.0), rel=0.03)


def test_warmth_speeds_relaxation_up() -> None:
    risen = []
    for warming in (0.0, 125.0):
        body = powder()
        for _ in range(1000):
            body.settle(74e6, body.height_at(74e6)[0])
            body.flow(warming, 0.01)
        risen.append(body.kink - 74e6)
    assert risen[1] / risen[0] == pytest.approx(2.5, rel=0.15)


def test_a_sample_breaks_once_at_its_fracture_pressure() -> None:
    body = powder(fracture_pressure_mpa=60.0)
    press(body, 59e6)
    assert not body.broken
    before = body.free_height
    press(body, 61e6)
    assert body.broken
    lost = before - body.free_height
    assert lost == pytest.approx(0.03 * body.height, rel=0.2)
    press(body, 65e6)
    assert before - body.free_height < 1.5 * lost


def test_a_blank_is_a_spring() -> None:
    body = Blank(2e-3, 1e9, AREA)
    pressure = 1e9 * 1e-6 / AREA
    assert body.height_at(pressure)[0] == pytest.approx(2e-3 - 1e-6)
