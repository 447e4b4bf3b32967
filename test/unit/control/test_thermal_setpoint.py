"""The temperature law of platens with a controller of their own."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.thermal import ThermalStage
from stackpress_py.control.thermal_setpoint import (
    SetpointLimits,
    SetpointOutput,
    ThermalSetpointLaw,
)

DT = 0.1
LIMITS = SetpointLimits(coolest=20.0, hottest=170.0, step=0.5)


class ControlledPlaten:
    """A platen that follows its set-point late, and heats only so fast."""

    def __init__(self, lag: float, fastest: float, temperature: float = 25.0) -> None:
        self.lag, self.fastest, self.temperature = lag, fastest, temperature

    def step(self, setpoint: float) -> None:
        if math.isnan(setpoint):
            return
        change = (setpoint - self.temperature) / self.lag
        self.temperature += max(-self.fastest, min(self.fastest, change)) * DT


class Run:
    """A platen with its law, and everything that was sent."""

    def __init__(self, platen: ControlledPlaten, limits: SetpointLimits = LIMITS) -> None:
        self.platen = platen
        self.law = ThermalSetpointLaw(limits)
        self.now = 0.0
        self.sent: list[float] = []
        self.output: SetpointOutput = self.law.step(0.0, platen.temperature, 25.0)

    def advance(self, seconds: float) -> None:
        for _ in range(round(seconds / DT)):
            self.platen.step(self.output.command)
            self.now += DT
            self.output = self.law.step(self.now, self.platen.temperature, 25.0)
            self.sent.append(self.output.command)

    def writes(self) -> list[float]:
        """Return the set-points that differ from the one before."""
        return [
            new for old, new in zip([math.nan, *self.sent], self.sent, strict=False) if new != old
        ]


@settings(deadline=None, max_examples=25)
@given(
    lag=st.floats(1.0, 60.0),
    fastest=st.floats(0.05, 2.0),
    rate=st.floats(0.02, 0.5),
    step=st.floats(0.1, 2.0),
    target=st.floats(30.0, 160.0),
)
def test_any_platen_is_led_to_its_target(
    lag: float, fastest: float, rate: float, step: float, target: float
) -> None:
    limits = SetpointLimits(20.0, 170.0, step)
    run = Run(ControlledPlaten(lag, fastest), limits)
    run.law.regulate(target, rate)
    slowest = min(rate, fastest)
    run.advance((target - 25.0) / slowest * 1.5 + 10.0 * lag + 60.0)
    assert run.output.stage is ThermalStage.HOLD
    assert run.output.command == target
    assert run.platen.temperature == pytest.approx(target, abs=0.1)
    writes = run.writes()
    assert max(writes) <= target
    steps = [after - before for before, after in zip(writes, writes[1:], strict=False)]
    # Only the first one may be smaller: the device would not take a small last one.
    assert all(change > 0.99 * step for change in steps[1:])
    assert len(writes) <= (target - 25.0) / step + 2


def test_down_in_steps_as_well() -> None:
    run = Run(ControlledPlaten(10.0, 1.0, temperature=100.0))
    run.law.regulate(40.2, 0.1)
    run.advance(900.0)
    assert run.output.command == 40.2
    writes = run.writes()
    assert all(after < before for before, after in zip(writes, writes[1:], strict=False))


def test_a_weak_heater_makes_the_ramp_wait() -> None:
    run = Run(ControlledPlaten(5.0, 0.02))
    run.law.regulate(80.0, 0.25)
    run.advance(300.0)
    assert run.output.stage is ThermalStage.RAMP
    assert run.output.setpoint - run.platen.temperature < 0.25 * 60.0 + 1.0


def test_a_cold_room_begins_at_the_coolest_that_may_be_sent() -> None:
    run = Run(ControlledPlaten(10.0, 1.0, temperature=12.0))
    run.law.regulate(80.0, 0.1)
    run.advance(0.1)
    assert run.output.command == pytest.approx(20.0, abs=0.5)
    assert run.output.command >= 20.0


def test_off_sends_nothing() -> None:
    run = Run(ControlledPlaten(10.0, 1.0))
    run.advance(1.0)
    assert math.isnan(run.output.command)
    run.law.regulate(80.0, 0.5)
    run.advance(10.0)
    assert run.output.command > 25.0
    run.law.off()
    run.advance(0.1)
    assert math.isnan(run.output.command)
    assert run.output.stage is ThermalStage.IDLE


def test_hold_present_stops_the_ramp() -> None:
    run = Run(ControlledPlaten(10.0, 1.0))
    run.law.hold_present()
    run.advance(0.1)
    assert run.output.stage is ThermalStage.IDLE
    run.law.regulate(80.0, 0.5)
    run.advance(30.0)
    run.law.hold_present()
    run.advance(1.0)
    held = run.output.command
    run.advance(60.0)
    assert run.output.stage is ThermalStage.HOLD
    assert run.output.command == held == run.output.target


def test_unknown_temperatures_keep_the_setpoint_for_a_moment_only() -> None:
    run = Run(ControlledPlaten(10.0, 1.0))
    run.law.regulate(80.0, 0.5)
    run.advance(30.0)
    kept = run.output.command
    once = run.law.step(run.now + 0.5, math.nan, 25.0)
    assert (once.command, once.lost) == (kept, "")
    lost = run.law.step(run.now + 1.5, math.nan, 25.0)
    assert "thermocouple" in lost.lost
    assert math.isnan(lost.command)
    assert math.isnan(run.law.step(run.now + 1.6, 40.0, 25.0).command)


@pytest.mark.parametrize(
    ("temperature", "rate"),
    [(171.0, 0.1), (19.0, 0.1), (math.nan, 0.1), (80.0, 0.0), (80.0, math.nan), (80.0, math.inf)],
)
def test_impossible_targets_are_refused(temperature: float, rate: float) -> None:
    law = ThermalSetpointLaw(LIMITS)
    with pytest.raises(ValueError, match="must"):
        law.regulate(temperature, rate)
    assert law.stage is ThermalStage.IDLE
