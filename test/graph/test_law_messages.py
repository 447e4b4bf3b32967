"""What a law of pressure gets from the graph's messages."""

import math

import pytest
from builtin_interfaces.msg import Time
from stackpress.msg import CyclerState, PressState
from std_msgs.msg import Header

from stackpress_py.devices.press.loading import load_profile
from stackpress_py.nodes.cycler import Cycler
from stackpress_py.nodes.law_messages import force_sample

PROFILE = load_profile("reference_plc")


def told(current: float, second: int) -> CyclerState:
    header = Header(stamp=Time(sec=second))
    return CyclerState(header=header, state=CyclerState.CHARGE, current=current)


def test_the_temperature_is_the_mean_of_the_platens() -> None:
    state = PressState(upper_platen_temperature=81.0, lower_platen_temperature=79.0)
    assert force_sample(state, PROFILE, 0.01).temperature == 80.0
    assert force_sample(state, PROFILE, 0.01).current == 0.01
    state.lower_platen_temperature = math.nan
    assert math.isnan(force_sample(state, PROFILE, 0.01).temperature)


@pytest.mark.parametrize(
    ("now", "known"), [(100.0, True), (104.9, True), (105.1, False), (94.0, False), (97.0, True)]
)
def test_a_cycler_counts_as_long_as_it_speaks(now: float, known: bool) -> None:
    cycler = Cycler()
    assert math.isnan(cycler.current(now))
    cycler.update(told(-0.02, 100))
    assert cycler.current(now) == (-0.02 if known else pytest.approx(math.nan, nan_ok=True))


def test_a_current_that_the_cycler_does_not_know_is_none() -> None:
    cycler = Cycler()
    cycler.update(told(math.inf, 100))
    assert math.isnan(cycler.current(100.0))
