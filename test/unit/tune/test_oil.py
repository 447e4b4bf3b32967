"""What is measured of a pump and a valve, on presses that nobody has seen before, and what it never does to them."""

from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from stackpress_py import documents
from stackpress_py.control.tuning import TuningDocument
from stackpress_py.devices.press.command import PumpAndValve
from stackpress_py.tune.constants import Blank
from stackpress_py.tune.document import assemble
from stackpress_py.tune.figure import write_figure
from stackpress_py.tune.findings import Findings, Wanted, measure
from stackpress_py.tune.guard import LimitGuard
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.oil import Oil
from stackpress_py.tune.pulses import OilFacts
from stackpress_py.tune.retreat import retreat_of
from stackpress_py.tune.sections import Circumstances, heading, sections
from stackpress_py.tune.trial import NOTHING, Order, Trial
from unit.tune.machines import PROFILE
from unit.tune.oil_press import PERIOD, OilConstants, OilPress

LIMITS = Limits(
    force=5e3,
    force_rate=2e4,
    velocity=0.0,
    clear_to=0.0,
    deepest=1.0,
    temperature=80.0,
    heating_rate=0.5,
)
#: N/s at full flow; the press's own interlock would trip at more.
WEAKEST, STRONGEST, TRIP = 4e3, 3e4, 4e4


def measured(
    constants: OilConstants, bits: bool = False, longest: float = 1000.0
) -> tuple[Trial[Findings], OilPress, list[Order]]:
    press = OilPress(constants)
    facts = OilFacts(LIMITS, PERIOD, bits, bits, TRIP, closing_time=4.0)
    trial = Trial(
        measure(Wanted(None, facts, None, (1.0, 1.0)), lambda text: None),
        retreat_of(None, facts),
        LimitGuard(LIMITS, longest, heated=False, ram=False),
    )
    orders = [NOTHING]
    while not trial.ended:
        assert press.time < 2000.0, "it does not end"
        orders.append(trial.step(press.cycle(orders[-1])))
    return trial, press, orders


def found(trial: Trial[Findings]) -> Oil:
    assert trial.problem == ""
    assert trial.result is not None and trial.result.oil is not None
    return trial.result.oil


def constants(stiffness: float, pump: float, valve: float, **others: float) -> OilConstants:
    """Return a press whose pump and valve change the force at these rates (N/s)."""
    return OilConstants(
        stiffness=stiffness,
        pump_speed=pump / stiffness,
        valve_speed=valve / stiffness,
        **others,
    )


@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    st.builds(
        constants,
        stiffness=st.floats(2e7, 2e8),
        pump=st.floats(WEAKEST, STRONGEST),
        valve=st.floats(WEAKEST, 2.0 * STRONGEST),
        pump_band=st.floats(0.0, 0.1),
        pump_delay=st.floats(0.0, 0.1),
        pump_lag=st.floats(0.02, 0.15),
        valve_band=st.floats(0.01, 0.08),
        valve_delay=st.floats(0.02, 0.05),
        valve_lag=st.floats(0.02, 0.08),
        leak=st.floats(0.0, 5e-4),
    )
)
@example(constants(2e8, STRONGEST, 6e4, pump_band=0.1, pump_lag=0.15))
@example(constants(2e7, WEAKEST, WEAKEST, pump_band=0.0, valve_band=0.01))
def test_any_pump_and_valve_are_measured_within_the_limits(press: OilConstants) -> None:
    trial, machine, orders = measured(press)
    oil = found(trial)
    assert machine.peak <= LIMITS.force
    assert machine.peak > 0.35 * LIMITS.force
    assert oil.pump.dead_band.value == pytest.approx(press.pump_band, abs=6e-3)
    assert oil.valve.dead_band.value == pytest.approx(press.valve_band, abs=6e-3)
    pump = press.pump_speed * press.stiffness / (1.0 - press.pump_band)
    valve = press.valve_speed * press.stiffness / (1.0 - press.valve_band)
    assert oil.pump.gain.value == pytest.approx(pump, rel=0.2)
    assert oil.valve.gain.value == pytest.approx(valve * (LIMITS.force / 1e4) ** 0.5, rel=0.2)
    # A slow pump comes out of its dead band later than its delay and its lag say.
    delay = PERIOD + press.pump_delay + press.pump_lag
    assert -0.03 < oil.pump.delay.value - delay < 0.12
    delay = PERIOD + press.valve_delay + press.valve_lag
    assert -0.03 < oil.valve.delay.value - delay < 0.07
    assert oil.leak.value == pytest.approx(press.leak, abs=3e-4)
    assert machine.force == 0.0
    assert not any(
        isinstance(order.motion, PumpAndValve) and order.motion.pump * order.motion.valve > 0.0
        for order in orders
    )


def test_what_is_only_on_or_off_is_measured_in_strokes() -> None:
    press = constants(4e7, 8e3, 1.6e4, pump_band=0.0, valve_band=0.0, gap=1e-4)
    trial, machine, orders = measured(press, bits=True)
    oil = found(trial)
    openings = {
        opening
        for order in orders
        if isinstance(order.motion, PumpAndValve)
        for opening in (order.motion.pump, order.motion.valve)
    }
    assert openings == {0.0, 1.0}
    assert oil.pump.gain.value == pytest.approx(8e3, rel=0.3)
    assert oil.valve.gain.value == pytest.approx(1.6e4 * 0.5**0.5, rel=0.3)
    assert machine.peak <= LIMITS.force and machine.force == 0.0


def test_a_pump_that_does_not_answer_is_told_and_the_oil_is_let_out() -> None:
    trial, machine, orders = measured(constants(4e7, 0.0, 1e4))
    assert "nothing touches: look at the pump" in trial.problem
    valves = [order.motion for order in orders if isinstance(order.motion, PumpAndValve)]
    assert valves[-1] == PumpAndValve(0.0, 1.0) and machine.force == 0.0


def test_a_valve_that_does_not_open_is_told() -> None:
    trial, machine, orders = measured(constants(4e7, 1e4, 0.0, leak=0.0))
    assert "the force does not answer the valve" in trial.problem
    assert orders[-1] == NOTHING
    assert machine.peak <= LIMITS.force


def test_the_file_is_read_back_with_what_was_found(tmp_path: Path) -> None:
    trial, _, _ = measured(OilConstants())
    assert trial.result is not None
    blank = Blank(2e-3, 2e-6, 2e11, 4e-3, 1e-5)
    made = Circumstances(PROFILE, LIMITS, blank, (1.0, 1.0), "2026-03-02")
    text = assemble("press", heading(made), sections(trial.result, made))
    document = documents.loads(text, TuningDocument)
    assert document.hydraulic is not None and document.force is None
    assert document.hydraulic.valve_dead_band == pytest.approx(0.04, abs=3e-3)
    assert document.hydraulic.pump_delay == pytest.approx(0.18, abs=0.05)
    write_figure(tmp_path / "it.png", trial.result, "A press")
    assert (tmp_path / "it.png").is_file()
