"""Orders and their answers; steps of the acting states."""

import pytest

from stackpress_py.machine.program import Program, ProgramState, Step, step
from stackpress_py.machine.slots import LockOrder, OrderState, Slot

FIRST, SECOND = LockOrder(True, "a"), LockOrder(False, "b")


def test_an_order_is_taken_once() -> None:
    slot: Slot[LockOrder] = Slot()
    assert slot.take() is None
    slot.give(FIRST)
    assert slot.take() is FIRST
    assert slot.take() is None
    assert slot.state is OrderState.RUNNING


def test_a_late_answer_to_an_earlier_order_changes_nothing() -> None:
    slot: Slot[LockOrder] = Slot()
    slot.give(FIRST)
    earlier = slot.number
    slot.give(SECOND)
    slot.settle(earlier, OrderState.DONE, "the old one")
    assert (slot.state, slot.message) == (OrderState.RUNNING, "")
    slot.settle(slot.number, OrderState.FAILED, "the new one")
    assert (slot.state, slot.message) == (OrderState.FAILED, "the new one")
    slot.settle(slot.number, OrderState.DONE, "twice")
    assert slot.state is OrderState.FAILED


def test_a_new_order_forgets_the_end_of_the_old_one() -> None:
    slot: Slot[LockOrder] = Slot()
    slot.give(FIRST)
    slot.settle(slot.number, OrderState.DONE, "done")
    slot.give(SECOND)
    assert slot.state is OrderState.RUNNING
    assert slot.take() is SECOND


def two_steps() -> tuple[Slot[LockOrder], Slot[LockOrder], list[Step]]:
    one: Slot[LockOrder] = Slot()
    two: Slot[LockOrder] = Slot()
    return one, two, [step("one", one, FIRST, 5.0), step("two", two, SECOND, 5.0)]


def test_steps_are_done_in_their_order() -> None:
    one, two, steps = two_steps()
    program = Program(steps, tolerant=False)
    assert program.tick(0.0) is ProgramState.RUNNING
    assert (one.order, two.order) == (FIRST, None)
    one.settle(one.number, OrderState.DONE, "")
    assert program.tick(1.0) is ProgramState.RUNNING
    assert two.order is SECOND
    two.settle(two.number, OrderState.DONE, "")
    assert program.tick(2.0) is ProgramState.DONE


@pytest.mark.parametrize("tolerant", [True, False])
def test_a_step_that_fails(tolerant: bool) -> None:
    one, two, steps = two_steps()
    program = Program(steps, tolerant)
    program.tick(0.0)
    one.settle(one.number, OrderState.FAILED, "broken")
    state = program.tick(1.0)
    assert program.problems == ["one: broken"]
    assert (two.order is SECOND) == tolerant
    assert state is (ProgramState.RUNNING if tolerant else ProgramState.FAILED)


@pytest.mark.parametrize("tolerant", [True, False])
def test_a_step_that_hangs(tolerant: bool) -> None:
    _, two, steps = two_steps()
    program = Program(steps, tolerant)
    program.tick(0.0)
    assert program.tick(4.9) is ProgramState.RUNNING
    program.tick(5.1)
    assert program.problems == ["one: not done within 5 s"]
    assert (two.order is SECOND) == tolerant
    # The second step has a time limit of its own.
    assert not tolerant or program.tick(10.0) is ProgramState.RUNNING


def test_nothing_to_do_is_done() -> None:
    assert Program([], tolerant=False).tick(0.0) is ProgramState.DONE
