"""The weighing inside a load cell transmitter."""

import math

import pytest

from stackpress_py.sim.devices.scale import Scale
from stackpress_py.sim.devices.settings import ScaleSettings


class Cell:
    """A cell under a force that a test sets."""

    def __init__(self, force: float = 0.0) -> None:
        self.force = force

    def scale(self, **settings: float) -> Scale:
        return Scale(ScaleSettings(**settings), lambda: self.force)  # type: ignore[arg-type]


def test_units_zero_tare_and_peak() -> None:
    cell = Cell(9.80665 * 12.0)
    scale = cell.scale(unit_n=9.80665, division=0.01)
    scale.advance(1.0)
    assert scale.gross == pytest.approx(12.0)
    scale.set_zero()
    cell.force = 9.80665 * 15.0
    scale.advance(2.0)
    scale.set_tare()
    cell.force = 9.80665 * 14.0
    scale.advance(3.0)
    assert (scale.gross, scale.net, scale.peak) == pytest.approx((2.0, -1.0, 3.0))
    assert scale.raw == pytest.approx(14.0)
    scale.reset_zero()
    assert scale.gross == pytest.approx(14.0)


@pytest.mark.parametrize(
    ("division", "decimals", "counts"),
    [(1.0, 0, 123), (0.5, 1, 1235), (0.2, 1, 1234), (0.02, 2, 12346), (5.0, 0, 125)],
)
def test_a_display_shows_whole_divisions(division: float, decimals: int, counts: int) -> None:
    scale = Cell().scale(division=division)
    assert scale.decimals == decimals
    assert scale.counts(123.456) == counts


def test_it_is_stable_after_it_has_rested_for_its_time() -> None:
    cell = Cell(100.0)
    scale = cell.scale(stable_s=0.5, sample_hz=100.0)
    scale.advance(0.4)
    assert not scale.stable
    scale.advance(0.6)
    assert scale.stable
    cell.force = 102.0
    scale.advance(0.7)
    assert not scale.stable
    scale.advance(1.3)
    assert scale.stable


def test_a_lost_cell_leaves_the_last_weight() -> None:
    cell = Cell(100.0)
    scale = cell.scale()
    scale.advance(1.0)
    cell.force = math.nan
    scale.advance(1.1)
    assert scale.broken and not scale.stable and scale.gross == 100.0
