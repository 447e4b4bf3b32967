"""The interlocks as a table: what trips, when, and when it can be cleared."""

import math
from dataclasses import replace

import pytest

from stackpress_py.devices.guard.interlocks import Interlock, Interlocks, Observation, names
from stackpress_py.devices.press.loading import load_profile

PROFILE = load_profile("reference_plc")
PERIOD = 1 / 60
CALM = Observation(connected=True, force=100.0, position=0.05, temperatures=(25.0, 25.0))
MOVING = replace(CALM, enabled=True, velocity=0.001)


class Watch:
    """Interlocks that see one observation a cycle."""

    def __init__(self) -> None:
        self.it = Interlocks(PROFILE.limits, PROFILE.trips)
        self.time = 0.0

    def see(self, observation: Observation, seconds: float = PERIOD) -> Interlock:
        for _ in range(max(1, round(seconds / PERIOD))):
            self.time += PERIOD
            self.it.update(observation, self.time)
        return self.it.latched


TABLE = [
    # what is seen, for how long it may be seen without a trip (s), what trips
    (replace(CALM, force=22_001.0), 0.0, Interlock.FORCE),
    (replace(CALM, force=-22_001.0), 0.0, Interlock.FORCE),  # a load cell with swapped wires
    (replace(CALM, beyond_range=True, force=24_000.0), 0.0, Interlock.FORCE),
    (replace(CALM, position=0.0606), 0.05, Interlock.TRAVEL),
    (replace(CALM, position=-0.0006), 0.05, Interlock.TRAVEL),
    (replace(MOVING, at_closed_limit=True), 0.05, Interlock.TRAVEL),
    (replace(MOVING, at_open_limit=True, velocity=-0.001), 0.05, Interlock.TRAVEL),
    (replace(CALM, temperatures=(25.0, 175.1)), 0.2, Interlock.TEMPERATURE),
    (replace(MOVING, guard_closed=False), 0.05, Interlock.GUARD),
    (replace(CALM, estop_released=False), 0.0, Interlock.ESTOP),
    (replace(CALM, broken=("position is not known",)), 0.05, Interlock.SENSOR),
    (replace(CALM, faults=("drive",)), 0.0, Interlock.DEVICE),
    (replace(CALM, overdue=1.01), 0.0, Interlock.COMMAND),
    (
        replace(CALM, not_taken=("upper: target holds 0 after 80 was written",)),
        0.0,
        Interlock.READ_BACK,
    ),
]


@pytest.mark.parametrize(("seen", "patience", "interlock"), TABLE)
def test_every_cause_trips_after_its_patience(
    seen: Observation, patience: float, interlock: Interlock
) -> None:
    watch = Watch()
    if patience:
        assert interlock not in watch.see(seen, patience - PERIOD / 2)
        watch.see(CALM)
        assert interlock not in watch.see(seen, patience - PERIOD / 2), "a pause starts anew"
    assert interlock in watch.see(seen, patience + 2 * PERIOD)


@pytest.mark.parametrize(("seen", "patience", "interlock"), TABLE)
def test_a_trip_stays_until_it_is_cleared_without_its_cause(
    seen: Observation, patience: float, interlock: Interlock
) -> None:
    watch = Watch()
    watch.see(seen, patience + 3 * PERIOD)
    assert interlock in watch.it.latched
    assert any(trip.interlock is interlock and trip.cause for trip in watch.it.clear())
    assert interlock in watch.it.latched, "the cause is still there"
    watch.see(CALM, 1.0)
    assert interlock in watch.it.latched, "it does not go by itself"
    assert watch.it.clear() == ()
    assert watch.see(CALM, 1.0) == 0


def test_calm_and_normal_work_trip_nothing() -> None:
    watch = Watch()
    for seen in (
        CALM,
        replace(CALM, guard_closed=False),
        CALM,
        MOVING,
        replace(CALM, at_open_limit=True),
        replace(CALM, at_closed_limit=True),
        replace(MOVING, at_open_limit=True),
        replace(CALM, force=-100.0, temperatures=(math.nan, 170.0)),
        replace(CALM, temperatures=()),
    ):
        assert watch.see(seen, 0.5) == 0


def test_a_fast_rise_of_the_force_trips() -> None:
    watch = Watch()
    for cycle in range(60):
        watch.see(replace(MOVING, force=100.0 + 20_000.0 * cycle * PERIOD))
    assert watch.it.latched == 0
    for cycle in range(6):
        watch.see(replace(MOVING, force=20_000.0 + 45_000.0 * cycle * PERIOD))
    assert Interlock.FORCE_RATE in watch.it.latched


def test_a_fall_of_the_force_does_not_trip() -> None:
    watch = Watch()
    for force in (10_000.0,) * 10 + (0.0,) * 10:
        watch.see(replace(MOVING, force=force))
    assert watch.it.latched == 0


def test_the_rise_is_not_judged_across_a_gap() -> None:
    watch = Watch()
    watch.see(replace(CALM, force=0.0), 0.2)
    watch.see(Observation(connected=False))
    assert watch.see(replace(CALM, force=8000.0), 0.2) == 0


def test_a_guard_opened_in_motion_trips_though_the_press_stops_at_once() -> None:
    watch = Watch()
    watch.see(MOVING)
    watch.see(replace(CALM, guard_closed=False), 0.1)
    assert Interlock.GUARD in watch.it.latched


def test_a_guard_opened_at_rest_does_not_trip_later() -> None:
    watch = Watch()
    watch.see(MOVING)
    watch.see(CALM)
    assert watch.see(replace(CALM, guard_closed=False), 1.0) == 0


def test_a_loss_of_the_bus_trips_only_what_was_enabled() -> None:
    lost = Observation(connected=False, lost=True)
    watch = Watch()
    watch.see(CALM)
    assert watch.see(lost, 1.0) == 0
    watch.see(MOVING)
    assert watch.see(Observation(connected=False, lost=False)) == 0
    assert watch.see(lost) == Interlock.BUS
    watch.see(CALM)
    assert watch.it.clear() == ()


def test_nothing_is_judged_by_old_values_while_the_press_is_lost() -> None:
    watch = Watch()
    watch.see(replace(CALM, position=0.07))
    assert watch.see(Observation(connected=False), 1.0) == 0


def test_a_trip_tells_when_and_why() -> None:
    watch = Watch()
    (trip,) = watch.it.update(replace(CALM, force=23_000.0), 12.5)
    assert (trip.interlock, trip.time) == (Interlock.FORCE, 12.5)
    assert trip.cause == "the force is 23 kN; the limit is 22 kN"
    assert watch.it.update(replace(CALM, force=23_500.0), 12.6) == (), "it is told once"


def test_names() -> None:
    assert names(Interlock.FORCE | Interlock.BUS) == ("force", "bus")
    assert names(Interlock(0)) == ()
    # As in PressState.msg.
    assert [bit.value for bit in Interlock] == [1 << bit for bit in range(12)]


def test_oil_pressure_trips_where_the_profile_watches_it() -> None:
    trips = PROFILE.trips.model_copy(update={"oil_pressure": 25e6})
    it = Interlocks(PROFILE.limits, trips)
    it.update(replace(CALM, oil_pressure=24.9e6), 0.0)
    assert it.latched == 0
    (trip,) = it.update(replace(CALM, oil_pressure=25.1e6), 0.1)
    assert trip.interlock is Interlock.PRESSURE
    assert "the oil pressure is 25.1 MPa; the limit is 25 MPa" in trip.cause
    unwatched = Interlocks(PROFILE.limits, PROFILE.trips)
    unwatched.update(replace(CALM, oil_pressure=1e9), 0.0)
    assert unwatched.latched == 0
