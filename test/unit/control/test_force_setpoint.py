"""The law of presses that close their own force loop, on such presses."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.control.force_setpoint import ForceSetpointLaw
from stackpress_py.control.law import ForceMove, ForceSample, Move, Stage
from unit.control.untuned_presses import DT, FACTS, UNCERTAINTY, ForceLoopPress, Plant, Run

COLD = 8370.0
ANNEAL = 500.0
RATE = 1131.0


@dataclass
class IntegratingPress(Plant):
    """A proportional-integral loop with a cell of its own on a stack, one cycle late.

    Attributes:
        quickness: 1/s, of its proportional part on this stack.
        integral_time: s.
        gain, zero: of its cell against ours; zero in N.
        drift: N/s by which the stack creeps.
    """

    quickness: float = 5.0
    integral_time: float = 0.6
    gain: float = 1.0
    zero: float = 0.0
    drift: float = 0.0
    time: float = 0.0
    _force: float = 30.0
    _setpoint: float = 30.0
    _integral: float = 0.0
    _late: Move | None = None

    @property
    def force(self) -> float:
        return self._force

    def step(self, move: Move | None) -> None:
        self.time += DT
        late, self._late = self._late, move
        if not isinstance(late, ForceMove):
            return
        parts = 5
        for _ in range(parts):
            step = late.rate * DT / parts
            self._setpoint += max(-step, min(step, late.force - self._setpoint))
            error = self._setpoint - self.gain * self._force - self.zero
            self._integral += error * DT / parts / self.integral_time
            rate = self.quickness * (error + self._integral) + self.drift
            self._force += rate * DT / parts


@settings(deadline=None, max_examples=25)
@given(
    lag=st.floats(0.02, 0.8),
    gain=st.floats(0.98, 1.02),
    approach_time=st.floats(0.0, 10.0),
    seed=st.integers(0, 1000),
)
def test_any_loop_is_led_up_down_and_away(
    lag: float, gain: float, approach_time: float, seed: int
) -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress(lag, gain, approach_time), seed=seed)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(5.0)
    assert max(run.forces) < 1.002 * COLD
    assert run.plant.force == pytest.approx(COLD, abs=0.002 * COLD)
    run.forces.clear()
    run.law.press(ANNEAL, RATE)
    run.advance_until(Stage.HOLD)
    assert min(run.forces) > 0.95 * ANNEAL
    run.law.unload(RATE)
    run.advance_until(Stage.IDLE)
    assert run.output.move is None
    assert run.plant.force < FACTS.contact_force


@settings(deadline=None, max_examples=15)
@given(
    quickness=st.floats(1.0, 40.0),
    integral_time=st.floats(0.4, 2.0),
    gain=st.floats(0.99, 1.01),
    zero=st.floats(-5.0, 5.0),
    drift=st.floats(-20.0, 0.0),
)
def test_the_force_arrives_by_our_load_cell_whatever_the_loop(
    quickness: float, integral_time: float, gain: float, zero: float, drift: float
) -> None:
    plant = IntegratingPress(quickness, integral_time, gain, zero, drift)
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, 226.0)
    took = run.advance_until(Stage.HOLD)
    assert took < COLD / 226.0 + 8.0
    assert max(run.forces) < 1.002 * COLD
    run.forces.clear()
    run.advance(20.0)
    assert max(run.forces) < 1.002 * COLD
    assert min(run.forces[-600:]) > 0.998 * COLD


def test_a_difference_of_load_cells_is_kept_for_the_next_target() -> None:
    run = Run(ForceSetpointLaw(FACTS), IntegratingPress(zero=30.0))
    run.law.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(15.0)
    assert float(run.law.learned["Offset (N)"]) == pytest.approx(30.0, abs=3.0)
    run.law.freeze()
    run.advance(1.0)
    run.law.hold_present()
    run.advance(DT)
    assert isinstance(run.output.move, ForceMove)
    assert run.output.move.force == pytest.approx(run.plant.force + 30.0, abs=10.0)


def test_load_cells_that_differ_absurdly_are_told() -> None:
    run = Run(ForceSetpointLaw(FACTS), IntegratingPress(gain=0.92))
    run.law.press(COLD, RATE)
    told = ""
    for _ in range(round(40.0 / DT)):
        run.advance(DT)
        told = told or run.output.lost
    assert "compare its load cell with ours" in told
    assert run.output.stage is Stage.FREEZE
    assert max(run.forces) < 1.1 * COLD


def test_a_loop_that_is_slow_on_a_soft_stack_is_braked() -> None:
    bare = IntegratingPress(quickness=0.5)
    alone: list[float] = []
    for _ in range(round(20.0 / DT)):
        bare.step(ForceMove(ANNEAL, RATE))
        alone.append(bare.force)
    run = Run(ForceSetpointLaw(FACTS), IntegratingPress(quickness=0.5), noise=0.1)
    run.law.press(ANNEAL, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(5.0)
    assert max(run.forces) - ANNEAL < 0.6 * (max(alone) - ANNEAL)
    assert run.plant.force == pytest.approx(ANNEAL, rel=0.01)


def test_the_setpoint_keeps_the_rate_and_never_passes_the_target() -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress())
    run.law.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    setpoints: list[float] = []
    while run.output.stage is not Stage.HOLD:
        run.advance(DT)
        assert isinstance(run.output.move, ForceMove)
        assert run.output.move.rate <= FACTS.force_rate
        setpoints.append(run.output.setpoint)
    # A load cell's error is no overshoot.
    assert COLD - UNCERTAINTY < max(setpoints) < COLD
    steps = [after - before for before, after in zip(setpoints, setpoints[1:], strict=False)]
    assert max(steps) <= RATE * DT * (1.0 + 1e-6)
    assert min(steps) >= 0.0


def test_the_approach_asks_for_little() -> None:
    plant = ForceLoopPress(approach_time=3.0)
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance(2.0)
    assert run.output.stage is Stage.APPROACH
    assert run.output.move == ForceMove(3.0 * FACTS.contact_force, RATE)


def test_a_slow_press_makes_the_ramp_longer() -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress(lag=8.0))
    run.law.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    while run.output.stage is Stage.RAMP:
        run.advance(DT)
        assert run.output.setpoint - run.plant.force < RATE + 0.1 * COLD
    took = run.advance_until(Stage.HOLD)
    assert run.plant.time > 2.0 * COLD / RATE
    assert took < 60.0


def test_a_deaf_press_is_given_up() -> None:
    plant = ForceLoopPress()
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    plant.deaf = True
    lost = ""
    for _ in range(round(15.0 / DT)):
        run.advance(DT)
        lost = lost or run.output.lost
    assert "does not follow" in lost
    assert run.output.stage is Stage.FREEZE
    assert run.output.move is None


def test_a_press_that_takes_a_force_for_much_less_is_given_up_before_it_goes_far_beyond() -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress(gain=1.5))
    run.law.press(COLD, RATE)
    while not run.output.lost:
        run.advance(DT)
        assert run.plant.time < 60.0
    assert max(run.forces) < 1.1 * COLD


def test_a_press_that_makes_no_contact_is_given_up() -> None:
    plant = ForceLoopPress(approach_time=math.inf)
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.FREEZE, limit=30.0)


def test_a_sample_that_breaks_freezes_the_press() -> None:
    plant = ForceLoopPress()
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.advance(1.0)
    plant.broken = True
    run.advance(DT)
    assert "broke or slipped" in run.output.lost
    assert run.output.move is None
    assert not math.isfinite(run.output.target)


def test_a_short_blindness_keeps_the_setpoint_and_a_long_one_freezes() -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress())
    run.law.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    kept = run.output.move
    run.blind = True
    run.advance(0.5)
    assert run.output.move == kept
    run.advance(1.0)
    assert run.output.stage is Stage.FREEZE
    assert run.output.move is None


def test_hold_present_keeps_what_is_there_and_never_asks_for_more_than_the_limit() -> None:
    plant = ForceLoopPress()
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.RAMP)
    run.advance(3.0)
    run.law.hold_present()
    run.advance(DT)
    assert run.output.stage is Stage.HOLD
    assert run.output.target == pytest.approx(plant.force, abs=30.0)
    sample = ForceSample(plant.time + DT, FACTS.force_limit + 5.0, UNCERTAINTY, math.nan)
    law = ForceSetpointLaw(FACTS)
    law.step(sample)
    law.hold_present()
    move = law.step(ForceSample(plant.time + 2 * DT, FACTS.force_limit, UNCERTAINTY, 0.0)).move
    assert isinstance(move, ForceMove)
    assert move.force == FACTS.force_limit
    assert 0.0 < move.rate <= FACTS.force_rate


def test_hold_present_without_contact_stands_still() -> None:
    run = Run(ForceSetpointLaw(FACTS), ForceLoopPress(approach_time=5.0))
    run.law.press(COLD, RATE)
    run.advance(1.0)
    run.law.hold_present()
    run.advance(1.0)
    assert run.output.stage is Stage.FREEZE
    assert run.output.move is None


@pytest.mark.parametrize("opened", [None, True])
def test_an_unload_ends_when_the_force_is_gone(opened: bool | None) -> None:
    plant = ForceLoopPress(opened=opened)
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.press(COLD, RATE)
    run.advance_until(Stage.HOLD)
    run.law.unload(RATE)
    run.advance_until(Stage.OPEN)
    assert run.output.move == ForceMove(0.0, RATE)
    assert run.advance_until(Stage.IDLE) < 1.0


def test_a_press_that_tells_that_it_is_not_open_yet_gets_its_time() -> None:
    plant = ForceLoopPress(opened=False)
    run = Run(ForceSetpointLaw(FACTS), plant)
    run.law.unload(RATE)
    run.advance(2.0)
    assert run.output.stage is Stage.OPEN
    plant.opened = True
    run.advance(0.1)
    assert run.output.stage is Stage.IDLE
    plant.opened = False
    run.law.unload(RATE)
    took = run.advance_until(Stage.IDLE)
    assert took == pytest.approx(FACTS.opening_time, abs=0.2)


@given(st.floats(max_value=0.0) | st.just(math.nan) | st.just(math.inf))
def test_impossible_commands_are_refused(number: float) -> None:
    law = ForceSetpointLaw(FACTS)
    with pytest.raises(ValueError, match="must be finite"):
        law.press(number, 1.0)
    with pytest.raises(ValueError, match="must be finite"):
        law.press(1.0, number)
    with pytest.raises(ValueError, match="must be finite"):
        law.unload(number)
    assert law.stage is Stage.IDLE


@settings(deadline=None, max_examples=50)
@given(
    samples=st.lists(
        st.tuples(st.floats(-1e5, 1e5) | st.just(math.nan), st.floats(0.0, 0.2)),
        min_size=2,
        max_size=60,
    )
)
def test_what_is_asked_can_be_taken_whatever_is_measured(
    samples: list[tuple[float, float]],
) -> None:
    law = ForceSetpointLaw(FACTS)
    now = 0.0
    law.step(ForceSample(now, 0.0, UNCERTAINTY, math.nan))
    law.press(COLD, RATE)
    for force, gap in samples:
        now += gap
        move = law.step(ForceSample(now, force, UNCERTAINTY, math.nan)).move
        if move is not None:
            assert isinstance(move, ForceMove)
            assert 0.0 <= move.force <= FACTS.force_limit
            assert 0.0 < move.rate <= FACTS.force_rate
