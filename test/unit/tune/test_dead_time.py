"""The dead time from strokes of a ram that turns now sooner and now later."""

import random

import numpy as np
import pytest

from stackpress_py.tune.dead_time import DeadTime, evaluate
from stackpress_py.tune.fits import Array
from stackpress_py.tune.trial import DoubtError, Seen

PERIOD, SPEED, STIFFNESS = 0.02, 8.6e-5, 5e7
#: s between two turns; and s that a turn is late, whose mean is the dead time.
STROKE, LATE = 0.36, (0.02, 0.08)
TURNS = 14


def seen(force: Array) -> list[Seen]:
    return [Seen(PERIOD * i, float(value), ()) for i, value in enumerate(force)]


def strokes(late: tuple[float, ...]) -> Array:
    """Return velocities (m/s) of a ram whose every turn is late by so much (s)."""
    time = PERIOD * np.arange(int((TURNS + 2) * STROKE / PERIOD))
    turns = np.array([0.4 + STROKE * max(0.0, i - 0.5) + late[i] for i in range(TURNS)])
    count = np.searchsorted(turns, time + 1e-9, side="right")
    return np.where((count == 0) | (count == TURNS), 0.0, np.where(count % 2 == 1, SPEED, -SPEED))


def measured(seed: int) -> tuple[DeadTime, float]:
    rng = random.Random(seed)
    late = tuple(rng.uniform(*LATE) for _ in range(TURNS))
    way = np.cumsum(strokes(late)) * PERIOD
    force = 5e3 + STIFFNESS * way + np.array([rng.gauss(0.0, 3.0) for _ in way])
    return evaluate(seen(force), list(strokes((0.0,) * TURNS))), sum(late) / TURNS


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_ram_that_wanders_since_each_turn_is_late_by_itself_is_measured(seed: int) -> None:
    found, late = measured(seed)
    assert found.value.value == pytest.approx(late, abs=0.012)
    assert found.stiffness.value == pytest.approx(STIFFNESS, rel=0.08)


def test_a_force_that_moves_by_itself_is_refused() -> None:
    orders = strokes((0.0,) * TURNS)
    force = 5e3 + 500.0 * np.sin(np.arange(len(orders)) * PERIOD * 2.0 * np.pi / 0.17)
    with pytest.raises(DoubtError, match="does not follow the ram"):
        evaluate(seen(force), list(orders))
