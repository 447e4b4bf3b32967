"""Handovers of the whole machine: nothing moves from READY to CLEAR, whoever asks."""

import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackpress_py.machine.handover import (
    OCCUPIED,
    Handover,
    HandoverRequest,
    Operation,
    Outcome,
    PressView,
    Signal,
    Stage,
)
from stackpress_py.machine.packml import Command, State
from stackpress_py.machine.slots import PressureMode
from unit.machine.simple_press import LIMITS, World


@pytest.fixture
def world() -> World:
    world = World(part=False)
    world.to_idle()
    return world


def ask(world: World, operation: Operation = Operation.LOAD, identity: str = "h1") -> str:
    request = HandoverRequest(identity, operation, "glovebox", "c7")
    return world.machine.request_handover(request, world.now)


def moving(world: World) -> list[PressureMode]:
    """Orders that set the ram moving: standing still is none."""
    still = PressureMode.STAND_STILL
    return [order.mode for order in world.motions if order.mode is not still]


def until_ready(world: World) -> None:
    assert ask(world) == ""
    world.tick(2.0)
    handover = world.machine.gate.handover
    assert handover is not None
    assert handover.stage is Stage.READY
    assert world.locked


def say(world: World, signal: Signal, identity: str = "h1") -> str:
    handover = world.machine.gate.handover
    return "none" if handover is None else handover.confirm(identity, signal, world.now)


def test_a_cell_is_loaded_pressed_and_unloaded(world: World) -> None:
    until_ready(world)
    gate = world.machine.gate
    assert (gate.locked, gate.lock_owner, gate.robot_may_enter) == (True, "glovebox", True)
    assert say(world, Signal.BUSY) == ""
    world.part = True
    world.tick(0.5)
    assert say(world, Signal.PLACED) == ""
    assert say(world, Signal.CLEAR) == ""
    world.tick(1.0)
    ended = gate.take_end()
    assert ended is not None
    assert ended.outcome is Outcome.DONE
    assert (gate.handed_over, gate.cell_id) == ("c7", "c7")
    assert not world.locked

    assert world.start() == ""
    world.until(State.COMPLETE)
    assert ask(world, Operation.UNLOAD, "h2") == ""
    world.tick(2.0)
    assert say(world, Signal.BUSY, "h2") == ""
    world.part = False
    world.tick(0.5)
    assert say(world, Signal.TAKEN, "h2") == ""
    assert say(world, Signal.CLEAR, "h2") == ""
    world.tick(1.0)
    assert gate.cell_id == ""
    assert world.motions_while_locked == []


def test_the_press_opens_before_it_locks(world: World) -> None:
    world.open = False
    assert ask(world) == ""
    world.tick()
    assert world.motions[-1].mode is PressureMode.OPEN
    assert not world.locked


@pytest.mark.parametrize(
    ("operation", "part", "words"),
    [
        (Operation.LOAD, True, "a part lies in the die already"),
        (Operation.UNLOAD, False, "no part lies in the die"),
    ],
)
def test_a_load_into_a_full_press_is_refused(
    world: World, operation: Operation, part: bool, words: str
) -> None:
    world.part = part
    world.tick()
    assert ask(world, operation) == words


def test_no_handover_during_a_run_or_when_aborted(world: World) -> None:
    world.part = True
    world.tick()
    world.start()
    assert "in Starting" in ask(world)
    world.command(Command.ABORT)
    world.until(State.ABORTED)
    assert "in Aborted" in ask(world)


def test_one_robot_at_a_time(world: World) -> None:
    until_ready(world)
    assert ask(world, identity="h2") == "a handover with glovebox is in progress"


@pytest.mark.parametrize("command", [Command.STOP, Command.ABORT])
def test_an_operators_command_before_ready_ends_the_handover(
    world: World, command: Command
) -> None:
    world.open, world.faults.deaf_pressure = False, True
    assert ask(world) == ""
    world.tick()
    assert world.command(command) == ""
    world.tick(1.0)
    ended = world.machine.gate.take_end()
    assert ended is not None
    assert ended.outcome is Outcome.REFUSED


@pytest.mark.parametrize("command", [Command.STOP, Command.ABORT])
def test_and_after_ready_it_moves_nothing_and_frees_nothing(world: World, command: Command) -> None:
    until_ready(world)
    motions = moving(world)
    assert world.command(command) == ""
    world.tick(5.0)
    assert world.machine.packml.state in (State.STOPPED, State.ABORTED)
    assert world.locked
    assert moving(world) == motions
    # The robot can still finish.
    assert say(world, Signal.BUSY) == ""
    world.part = True
    world.tick(0.5)
    assert say(world, Signal.PLACED) == ""
    assert say(world, Signal.CLEAR) == ""
    world.tick(1.0)
    assert not world.locked


def test_no_run_and_no_reset_while_a_robot_is_inside(world: World) -> None:
    until_ready(world)
    assert "handover" in world.start()
    world.command(Command.STOP)
    world.until(State.STOPPED)
    assert "handover" in world.command(Command.RESET)


def test_a_fault_while_the_robot_is_inside_keeps_the_lock(world: World) -> None:
    until_ready(world)
    assert say(world, Signal.BUSY) == ""
    world.faults.disconnected = True
    world.until(State.ABORTED)
    assert not world.machine.gate.robot_may_enter
    world.faults.disconnected = False
    world.tick(1.0)
    assert world.locked
    assert world.machine.gate.lock_owner == "glovebox"


def test_a_lock_that_was_lost_is_asked_for_again(world: World) -> None:
    until_ready(world)
    world.locked = False
    world.tick(2.0)
    assert world.locked


def test_a_lock_from_before_the_start_is_kept_until_a_person_releases_it() -> None:
    world = World(part=True)
    world.locked = True
    world.tick(0.5)
    gate = world.machine.gate
    assert gate.locked
    assert "unknown" in gate.lock_owner
    world.command(Command.CLEAR)
    world.until(State.STOPPED)
    assert "locked" in world.command(Command.RESET)
    assert "locked" in ask(world)
    assert world.motions == []
    assert gate.release("the operator", world.now) == ""
    world.tick(1.0)
    assert not world.locked
    assert gate.release("the operator", world.now) == "the press is not locked"
    world.command(Command.RESET)
    world.until(State.IDLE)


def test_a_press_that_falls_silent_while_it_unlocks_counts_as_locked(world: World) -> None:
    until_ready(world)
    world.command(Command.STOP)
    world.until(State.STOPPED)
    motions = moving(world)
    world.faults.disconnected = True
    world.tick()
    assert world.machine.gate.release("the operator", world.now) == ""
    world.until(State.ABORTED)
    world.tick(10.0)
    assert world.machine.gate.locked
    assert moving(world) == motions


def test_a_press_that_does_not_open_refuses(world: World) -> None:
    world.faults.refusing_pressure = "900 N are on the stack"
    assert ask(world) == ""
    world.tick(0.2)
    ended = world.machine.gate.take_end()
    assert ended is not None
    assert ended.outcome is Outcome.REFUSED
    assert "900 N" in ended.message
    assert not world.locked


actions = st.one_of(
    st.tuples(st.just("tick"), st.floats(0.05, 3.0)),
    st.tuples(st.just("ask"), st.sampled_from(Operation), st.sampled_from(["h1", "h2"])),
    st.tuples(st.just("say"), st.sampled_from(Signal), st.sampled_from(["h1", "h2"])),
    st.tuples(st.just("command"), st.sampled_from([c for c in Command if c])),
    st.tuples(st.just("run")),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("release")),
    st.tuples(st.just("part"), st.booleans()),
    st.tuples(
        st.just("fault"),
        st.sampled_from(["disconnected", "deaf_pressure", "deaf_lock", "silent_supervisor"]),
        st.booleans(),
    ),
    st.tuples(st.just("interlocks"), st.sampled_from([0, 32])),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(actions, max_size=40))
def test_no_schedule_moves_a_locked_press(schedule: list[tuple[object, ...]]) -> None:
    world = World()
    world.to_idle()
    machine = world.machine
    for action in schedule:
        handover = machine.gate.handover
        inside = handover is not None and handover.stage in OCCUPIED
        freed = False
        match action:
            case ("tick", float() as seconds):
                world.tick(seconds)
            case ("ask", Operation() as operation, str() as identity):
                ask(world, operation, identity)
            case ("say", Signal() as signal, str() as identity):
                was = None if handover is None else handover.stage
                accepted = say(world, signal, identity) == ""
                freed = accepted and signal is Signal.CLEAR and was is Stage.TRANSFERRED
            case ("command", Command() as command) if command is not Command.START:
                world.command(command)
            case ("run",):
                world.start(run_id=f"r{world.now}")
            case ("cancel",):
                machine.gate.cancel(world.now)
                machine.cancel_run(world.now)
            case ("release",):
                freed = machine.gate.release("a person", world.now) == ""
            case ("part", bool() as present):
                world.part = present
            case ("fault", str() as name, bool() as present):
                object.__setattr__(world.faults, name, present)
            case ("interlocks", int() as bits):
                world.faults.interlocks = bits
        if inside and not freed:
            assert machine.gate.handover is handover
            assert handover is not None
            assert handover.wants_lock
        if inside:
            assert machine.packml.state not in (State.STARTING, State.EXECUTE)
    assert world.motions_while_locked == []
    # There is always a way out: heal everything, release, clear, reset.
    world.faults.disconnected = world.faults.silent_supervisor = False
    world.faults.deaf_pressure = world.faults.deaf_lock = False
    world.faults.interlocks = 0
    world.tick(1.0)
    machine.gate.release("a person", world.now)
    world.tick(70.0)
    world.command(Command.ABORT)
    world.until(State.ABORTED, limit=300.0)
    machine.gate.cancel(world.now)
    world.tick(10.0)
    world.to_idle()
    assert not world.locked


# ---- presses that are no place for a robot ---------------------------------------------------------


def test_a_press_that_takes_no_handover_says_why() -> None:
    limits = replace(LIMITS, handover=replace(LIMITS.handover, impossible="it has no lock"))
    world = World(part=False, limits=limits)
    world.to_idle()
    assert ask(world) == "it has no lock"
    assert world.machine.gate.handover is None
    assert moving(world) == []


@pytest.mark.parametrize("tells_velocity", [True, False])
def test_a_press_without_a_velocity_is_still_while_it_is_open(tells_velocity: bool) -> None:
    limits = replace(LIMITS.handover, tells_velocity=tells_velocity)
    handover = Handover(HandoverRequest("h1", Operation.LOAD, "glovebox", "c7"), limits, 0.0)
    view = PressView(True, 0.0, math.nan, math.nan, True, False, False)
    for tick in range(10):
        handover.step(view, True, 0.1 * tick)
    assert handover.stage is (Stage.OPENING if tells_velocity else Stage.LOCKING)
    handover.step(replace(view, at_open_limit=False, locked=True), True, 1.1)
    handover.step(replace(view, at_open_limit=False, locked=True), True, 2.1)
    assert handover.stage is not Stage.READY
