"""What a phase watches while it holds: densification, low pressure, and the actuator's wear."""

import json
import math
from dataclasses import replace

import pytest

from stackpress_py.control.compliance import Compliance
from stackpress_py.machine.packml import Command, State
from stackpress_py.machine.phase import PhaseVerdict
from stackpress_py.machine.procedure import RunVerdict
from stackpress_py.machine.seen import Severity
from unit.machine.simple_press import BOTTOM, LIMITS, RECIPE, World

#: A press that gives way by next to nothing.
STIFF = Compliance((0.0, 1e4), (0.0, 1e-12), BOTTOM, 1e-9, 2e-6, 1e-6, 25.0, 0.0)
POWDER = (
    "  powder: {mass: 100 mg, mass_uncertainty: 0.2 mg, true_density: 2 g/cm^3,"
    " true_density_uncertainty: 0.02 g/cm^3}\n"
)


def ready(extra: str, compliance: Compliance | None = STIFF, **phase: str) -> World:
    """Return a machine in Idle whose first phase says more."""
    text = RECIPE.replace("    hold: 3 s\n", f"    hold: 3 s\n{extra}", 1)
    for key, value in phase.items():
        text = text.replace(f"    {key}: 30 s\n", f"    {key}: {value}\n", 1)
    world = World(
        recipe=text.replace("procedure:", f"{POWDER}procedure:", 1),
        limits=replace(LIMITS, compliance=compliance),
    )
    world.to_idle()
    assert world.start() == ""
    world.until(State.EXECUTE)
    return world


UNTIL = "    until: {densification_below: 0.1 %/min}\n"
FAST, SLOW = 1e-4, 1e-6  # 1/s: 0.6 and 0.006 %/min


def test_a_phase_goes_on_until_its_sample_is_dense() -> None:
    world = ready(UNTIL, timeout="10 min")
    world.thinning = FAST
    world.tick(100.0)
    run = world.machine.run
    assert run is not None
    assert run.procedure.index == 0
    assert run.procedure.progress().step == "densify"
    world.thinning = SLOW
    begin = world.now
    world.until_phase(1)
    # The line over 30 s must have left the fast part behind.
    assert 25.0 < world.now - begin < 40.0
    world.until(State.COMPLETE)
    assert world.end.verdict is RunVerdict.PASSED
    stack = world.end.phases[0].stack
    assert stack is not None
    assert abs(stack.rate.value) + stack.rate.uncertainty < 0.1e-2 / 60.0
    # 100 mg of 2 g/cm^3 on 100 mm^2 are 0.5 mm of solid.
    assert stack.density == pytest.approx(0.5e-3 / world.height, rel=1e-4)
    assert stack.height_loss == pytest.approx(1.0 - math.exp(-FAST * 100.0), rel=0.05)


def test_what_was_slow_before_the_hold_does_not_count() -> None:
    world = ready(UNTIL, timeout="10 min")
    begin = world.now
    world.until_phase(1)
    # Pressing takes 2 s and settling 0.5 s; from then on a whole line of 30 s is needed.
    assert world.now - begin > 32.0


def test_a_sample_that_swells_is_not_at_rest() -> None:
    world = ready(UNTIL, timeout="2 min")
    world.thinning = -FAST
    world.tick(100.0)
    assert world.machine.run is not None
    assert world.machine.run.procedure.index == 0


def test_a_sample_that_does_not_come_to_rest_times_out_with_its_rate() -> None:
    world = ready(UNTIL, timeout="1 min")
    world.thinning = FAST
    world.until(State.ABORTED)
    reason = world.end.phases[0].reason
    assert reason.startswith("the densification rate was 0.6 %/min ± ")
    assert reason.endswith("and below 0.1 %/min was asked, within 1 min")


def test_a_press_that_tells_no_height_says_so() -> None:
    world = ready(UNTIL, compliance=None, timeout="1 min")
    world.until(State.ABORTED)
    assert "no densification rate was known" in world.end.phases[0].reason
    assert world.end.phases[0].stack is None


ALARM = "    alarm: {below: 49.4 MPa, after: 2 s}\n"


def test_low_pressure_is_told_and_stays_shown() -> None:
    world = ready(ALARM, hold="60 s", timeout="5 min")
    world.tick(3.0)
    assert world.machine.alarm == ""
    world.faults.offset = -0.7e6
    world.tick(1.9)
    assert "pressure.low" not in world.codes()
    world.tick(0.7)
    (event,) = (event for event in world.events if event.code == "pressure.low")
    assert event.severity is Severity.WARNING
    assert event.text == "phase 'press': the pressure has been below 49.4 MPa for 2 s"
    world.faults.offset = 0.0
    world.tick(3.0)
    assert world.codes().count("pressure.low_over") == 1
    assert world.machine.alarm == event.text
    world.until(State.COMPLETE)
    low = world.end.phases[0].low_pressure
    assert low is not None
    assert low.alarms == 1
    assert low.time == pytest.approx(2.6, abs=0.5)
    assert world.end.phases[1].low_pressure is None
    assert json.loads(world.outcomes[0].outcome)["phases"][0]["low_pressure"]["alarms"] == 1
    # It stays beyond the end of the run, until somebody resets the machine.
    assert world.machine.alarm == event.text
    assert world.command(Command.RESET) == ""
    assert world.machine.alarm == ""


def test_a_pressure_that_is_still_on_its_way_raises_no_alarm() -> None:
    world = ready(ALARM.replace("2 s", "0.2 s"))
    world.until(State.COMPLETE)
    assert "pressure.low" not in world.codes()


def test_a_held_machine_is_watched_too() -> None:
    world = ready(ALARM, timeout="5 min")
    world.tick(3.5)
    assert world.command(Command.HOLD) == ""
    world.until(State.HELD)
    world.faults.offset = -0.7e6
    world.tick(3.0)
    assert world.codes().count("pressure.low") == 1


def test_the_wear_of_each_phase_is_told() -> None:
    world = ready("")
    world.until(State.COMPLETE)
    press, anneal, cool, unload = (phase.wear for phase in world.end.phases)
    # From the open press to contact, and away again.
    assert press.travel == pytest.approx(BOTTOM - 1e-3, rel=0.05)
    assert (press.starts, press.reversals) == (1, 0)
    assert press.running == pytest.approx(2.0, abs=0.2)
    assert anneal.starts == 1
    assert cool.travel == pytest.approx(0.0, abs=1e-6)
    assert cool.running == 0.0
    assert unload.travel == pytest.approx(BOTTOM - 1e-3, rel=0.05)


def test_noise_beyond_a_tolerance_fails_no_phase() -> None:
    world = ready("", hold="20 s", timeout="1 min")
    run = world.machine.run
    assert run is not None
    while not run.procedure.ended():
        # Readings swing by 1.2 % about a pressure that is right: tolerance and overshoot are 1 %.
        world.faults.offset = -world.faults.offset or 0.6e6
        world.tick()
    world.faults.offset = 0.0
    world.until(State.COMPLETE)
    press = world.end.phases[0]
    assert press.verdict is PhaseVerdict.PASSED
    assert press.pressure is not None
    assert press.pressure.worst_deviation == pytest.approx(0.6e6)
    assert press.pressure.overshoot == pytest.approx(0.6e6)
    assert press.pressure.worst_average < 0.1e6
