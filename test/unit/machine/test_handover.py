"""The handover: its order, its refusals, and the promise that READY to CLEAR is never broken."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.machine.handover import (
    OCCUPIED,
    UNSEEN,
    Handover,
    HandoverLimits,
    HandoverRequest,
    Operation,
    Outcome,
    PressView,
    Signal,
    Stage,
)

LIMITS = HandoverLimits(opening=10.0, unlocking=2.0, stable=0.2)
TICK = 0.05
OPEN = PressView(
    connected=True,
    force=0.1,
    position=0.0,
    velocity=0.0,
    at_open_limit=True,
    locked=False,
    part_present=False,
)


@dataclass
class Press:
    """A press that locks when it is told to."""

    view: PressView = OPEN
    obeys: bool = True


class Visit:
    """A handover with its press, ticked."""

    def __init__(self, operation: Operation = Operation.LOAD) -> None:
        self.now = 50.0
        request = HandoverRequest("h1", operation, "glovebox", "c1")
        self.handover = Handover(request, LIMITS, self.now)
        part = operation is Operation.UNLOAD
        self.press = Press(replace(OPEN, part_present=part))
        self.opened = False

    def tick(self, seconds: float = TICK) -> None:
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self.handover.step(self.press.view, self.opened, self.now)
            if self.press.obeys:
                locked = self.handover.wants_lock
                self.press.view = replace(self.press.view, locked=locked)

    def say(self, signal: Signal, identity: str = "h1") -> str:
        return self.handover.confirm(identity, signal, self.now)

    def see_part(self, present: bool) -> None:
        self.press.view = replace(self.press.view, part_present=present)

    def until_ready(self) -> None:
        self.opened = True
        self.tick(1.0)
        assert self.handover.stage is Stage.READY

    def transfer(self) -> None:
        load = self.handover.request.operation is Operation.LOAD
        assert self.say(Signal.BUSY) == ""
        self.see_part(load)
        self.tick(0.3)
        assert self.say(Signal.PLACED if load else Signal.TAKEN) == ""


@pytest.mark.parametrize("operation", Operation)
def test_the_whole_order(operation: Operation) -> None:
    visit = Visit(operation)
    visit.tick(1.0)
    assert visit.handover.stage is Stage.OPENING
    visit.until_ready()
    visit.transfer()
    assert visit.handover.stage is Stage.TRANSFERRED
    assert visit.say(Signal.CLEAR) == ""
    assert visit.handover.stage is Stage.UNLOCKING
    assert not visit.handover.wants_lock
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.DONE


@pytest.mark.parametrize(
    "view",
    [
        replace(OPEN, at_open_limit=False, position=0.002),
        replace(OPEN, velocity=0.001),
        replace(OPEN, force=50.0),
        replace(OPEN, force=float("nan")),
        replace(OPEN, at_open_limit=False, position=float("nan")),
        UNSEEN,
    ],
)
def test_never_ready_unless_open_still_and_without_force(view: PressView) -> None:
    visit = Visit()
    visit.press.view, visit.opened = view, True
    visit.tick(LIMITS.opening - 0.5)
    assert visit.handover.stage is Stage.OPENING
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.TIMED_OUT


def test_never_ready_before_the_press_says_that_it_is_locked() -> None:
    visit = Visit()
    visit.opened, visit.press.obeys = True, False
    visit.tick(LIMITS.opening)
    assert visit.handover.stage is Stage.LOCKING
    visit.tick(1.0)
    assert not visit.handover.wants_lock
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.TIMED_OUT


def test_a_short_flicker_of_the_lock_is_not_a_lock() -> None:
    visit = Visit()
    visit.opened, visit.press.obeys = True, False
    visit.tick(1.0)
    for _ in range(10):
        visit.press.view = replace(visit.press.view, locked=True)
        visit.tick(0.1)
        visit.press.view = replace(visit.press.view, locked=False)
        visit.tick(TICK)
    assert visit.handover.stage is Stage.LOCKING


def test_confirmations_out_of_order_are_refused_and_change_nothing() -> None:
    visit = Visit()
    due = {
        Stage.OPENING: None,
        Stage.READY: Signal.BUSY,
        Stage.BUSY: Signal.PLACED,
        Stage.TRANSFERRED: Signal.CLEAR,
        Stage.UNLOCKING: None,
    }
    taken: Signal | None = None
    for stage, signal in due.items():
        if stage is Stage.READY:
            visit.until_ready()
        assert visit.handover.stage is stage
        for other in Signal:
            if other not in (signal, taken):
                assert "not due" in visit.say(other)
        assert visit.handover.stage is stage
        if signal is not None:
            assert "is not the handover in progress" in visit.say(signal, "h0")
            assert visit.handover.stage is stage
            assert visit.say(signal) == ""
            after = visit.handover.stage
            assert visit.say(signal) == "", "a repetition is taken, in case the answer was lost"
            assert visit.handover.stage is after
            taken = signal


def test_a_cancel_ends_it_only_before_ready() -> None:
    early = Visit()
    assert early.handover.cancel(early.now)
    assert early.handover.outcome is Outcome.CANCELED

    locking = Visit()
    locking.opened, locking.press.obeys = True, False
    locking.tick(0.5)
    assert locking.handover.stage is Stage.LOCKING
    assert locking.handover.cancel(locking.now)
    locking.tick(0.5)
    assert locking.handover.outcome is Outcome.CANCELED

    late = Visit()
    late.until_ready()
    for signal in (Signal.BUSY, Signal.PLACED):
        assert not late.handover.cancel(late.now)
        assert late.handover.wants_lock
        assert late.say(signal) == ""
    assert not late.handover.cancel(late.now)


def test_a_silent_robot_never_frees_the_press() -> None:
    visit = Visit()
    visit.until_ready()
    assert visit.say(Signal.BUSY) == ""
    visit.tick(600.0)
    visit.press.view = UNSEEN
    visit.tick(60.0)
    assert visit.handover.stage is Stage.BUSY
    assert visit.handover.wants_lock
    assert visit.handover.release("the operator", visit.now)
    visit.press.view = OPEN
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.RELEASED
    assert "the operator" in visit.handover.message


def test_nothing_to_release_before_the_lock() -> None:
    visit = Visit()
    assert not visit.handover.release("the operator", visit.now)
    assert visit.handover.stage is Stage.OPENING


@pytest.mark.parametrize("operation", Operation)
def test_a_part_sensor_that_contradicts_the_robot(operation: Operation) -> None:
    visit = Visit(operation)
    visit.until_ready()
    visit.transfer()
    visit.see_part(operation is Operation.UNLOAD)
    visit.tick(1.0)
    assert visit.handover.wants_lock
    assert visit.say(Signal.CLEAR) == ""
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.MISMATCH
    assert "part sensor" in visit.handover.message


def test_without_a_part_sensor_the_robot_is_believed() -> None:
    visit = Visit()
    visit.handover = Handover(visit.handover.request, replace(LIMITS, part_sensor=False), visit.now)
    visit.until_ready()
    visit.transfer()
    visit.see_part(False)
    assert visit.say(Signal.CLEAR) == ""
    visit.tick(1.0)
    assert visit.handover.outcome is Outcome.DONE


def test_an_unlock_that_is_not_confirmed_is_told() -> None:
    visit = Visit()
    visit.until_ready()
    visit.transfer()
    visit.press.obeys = False
    assert visit.say(Signal.CLEAR) == ""
    visit.tick(3.0)
    assert visit.handover.ended
    assert "not confirmed that it is unlocked" in visit.handover.message


events = st.one_of(
    st.tuples(st.just("tick"), st.floats(0.05, 15.0)),
    st.tuples(st.just("say"), st.sampled_from(Signal), st.sampled_from(["h1", "h1", "h1", "h0"])),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("release")),
    st.tuples(st.just("opened"), st.booleans()),
    st.tuples(st.just("press"), st.sampled_from([OPEN, UNSEEN, replace(OPEN, force=900.0)])),
    st.tuples(st.just("obeys"), st.booleans()),
    st.tuples(st.just("part"), st.booleans()),
)


@settings(max_examples=300)
@given(st.sampled_from(Operation), st.lists(events, max_size=40))
def test_only_clear_or_a_person_ends_the_lock(
    operation: Operation, schedule: list[tuple[object, ...]]
) -> None:
    visit = Visit(operation)
    for event in schedule:
        before, occupied = visit.handover.stage, visit.handover.stage in OCCUPIED
        freed = False
        match event:
            case ("tick", float() as seconds):
                visit.tick(seconds)
            case ("say", Signal() as signal, str() as identity):
                accepted = visit.say(signal, identity) == ""
                freed = accepted and signal is Signal.CLEAR and before is Stage.TRANSFERRED
            case ("cancel",):
                visit.handover.cancel(visit.now)
            case ("release",):
                freed = visit.handover.release("somebody", visit.now)
            case ("opened", bool() as opened):
                visit.opened = opened
            case ("press", PressView() as view):
                visit.press.view = view
            case ("obeys", bool() as obeys):
                visit.press.obeys = obeys
            case ("part", bool() as present):
                visit.see_part(present)
        if occupied and not freed:
            assert visit.handover.stage in OCCUPIED
            assert visit.handover.wants_lock
