"""What the person at a hand press is told in the course of a run."""

import math
from dataclasses import replace

import pytest

from stackpress_py.machine.by_hand import Guide, is_instruction
from stackpress_py.machine.packml import Command, State
from stackpress_py.machine.phase import Step
from stackpress_py.machine.slots import OrderState, PressureMode, PressureOrder, Slot
from unit.machine.simple_press import LIMITS, World

AREA = 100e-6


def press(pressure: float, tolerance: float) -> PressureOrder:
    return PressureOrder(PressureMode.PRESS, AREA, pressure=pressure, tolerance=tolerance)


def told(guide: Guide, slot: Slot[PressureOrder], megapascals: float) -> str:
    return guide.instruction(slot, megapascals * 1e6 * AREA)


def test_nothing_is_told_before_anything_is_ordered() -> None:
    assert Guide().instruction(Slot(), 0.0) == ""


def test_a_target_is_raised_to_kept_and_lowered_to() -> None:
    guide, slot = Guide(), Slot[PressureOrder]()
    slot.give(press(74e6, 1e6))
    assert told(guide, slot, 0.0) == "raise to 74 MPa"
    assert told(guide, slot, 73.2) == "raise to 74 MPa"
    assert told(guide, slot, 73.6) == "keep 74 MPa"
    # Once it is kept, all of the tolerance may be used.
    assert told(guide, slot, 73.1) == "keep 74 MPa"
    assert told(guide, slot, 72.9) == "raise to 74 MPa"
    assert told(guide, slot, 76.0) == "lower to 74 MPa"
    assert told(guide, slot, math.nan) == "wait: the pressure is not known"
    slot.give(press(1e6, 0.1e6))
    assert told(guide, slot, 74.0) == "lower to 1 MPa"


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        (PressureMode.UNLOAD, "release"),
        (PressureMode.OPEN, "release"),
        (PressureMode.HOLD_PRESENT, "keep the present pressure"),
        (PressureMode.STAND_STILL, "leave the press as it is"),
    ],
)
def test_other_orders(mode: PressureMode, text: str) -> None:
    slot = Slot[PressureOrder]()
    slot.give(PressureOrder(mode, AREA))
    assert Guide().instruction(slot, 0.0) == text
    assert is_instruction(text)


def test_what_is_done_or_failed_needs_no_person() -> None:
    slot = Slot[PressureOrder]()
    slot.give(PressureOrder(PressureMode.UNLOAD, AREA))
    slot.settle(slot.number, OrderState.DONE, "")
    assert Guide().instruction(slot, 0.0) == ""
    slot.give(press(74e6, 1e6))
    slot.settle(slot.number, OrderState.FAILED, "")
    assert Guide().instruction(slot, 0.0) == ""


def test_the_steps_of_other_presses_are_no_instructions() -> None:
    assert not any(is_instruction(step.value) for step in Step)
    assert not any(is_instruction(text) for text in ("", "start", "end"))


def hand_press() -> World:
    world = World(limits=replace(LIMITS, by_hand=True))
    world.to_idle()
    assert world.start() == ""
    return world


def told_until_the_end(world: World) -> list[str]:
    """Return what the person is told, without repetitions."""
    words: list[str] = []
    while world.machine.run is not None:
        step = world.machine.run.procedure.progress().step
        if not words or words[-1] != step:
            words.append(step)
        world.tick()
    return words


def test_a_run_tells_the_person_every_step() -> None:
    world = hand_press()
    words = told_until_the_end(world)
    world.until(State.COMPLETE)
    positions = [words.index(word) for word in ("raise to 50 MPa", "keep 50 MPa", "lower to 1 MPa")]
    assert positions == sorted(positions)
    assert words.index("keep 1 MPa") < words.index("release")


def test_a_stop_tells_the_person_to_release() -> None:
    world = hand_press()
    world.until(State.EXECUTE)
    world.tick(1.0)
    assert world.command(Command.STOP) == ""
    assert "release" in told_until_the_end(world)
    world.until(State.STOPPED)
