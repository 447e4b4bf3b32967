"""What a PackML acting state does: a few steps one after the other, each with its time limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from stackpress_py.machine.slots import OrderState, Slot


class ProgramState(Enum):
    """Where a program stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: something is ordered, and its end awaited.

    Attributes:
        what: for messages, "the press unloads".
        begin: gives the order.
        state: tells what has become of it.
        message: tells the peer's sentence.
        limit: s.
    """

    what: str
    begin: Callable[[], None]
    state: Callable[[], OrderState]
    message: Callable[[], str]
    limit: float


def step(what: str, slot: Slot[Any], order: object, limit: float) -> Step:
    """Return the step that gives an order to a slot."""
    return Step(what, lambda: slot.give(order), lambda: slot.state, lambda: slot.message, limit)


class Program:
    """Steps in their order.

    Args:
        steps: what is done.
        tolerant: True: a step that fails is noted, and the next one is done all the same.

    Attributes:
        problems: sentences about the steps that failed.
    """

    def __init__(self, steps: Sequence[Step], tolerant: bool) -> None:
        self.problems: list[str] = []
        self._steps = list(steps)
        self._tolerant = tolerant
        self._begun: float | None = None

    def tick(self, now: float) -> ProgramState:
        """Advance; time in s on a steady clock."""
        while self._steps:
            current = self._steps[0]
            if self._begun is None:
                self._begun = now
                current.begin()
            if not self._over(current, now):
                return ProgramState.RUNNING
            if self.problems and not self._tolerant:
                self._steps.clear()
                return ProgramState.FAILED
            del self._steps[0]
            self._begun = None
        return ProgramState.FAILED if self.problems and not self._tolerant else ProgramState.DONE

    def _over(self, current: Step, now: float) -> bool:
        state = current.state()
        if state is OrderState.RUNNING:
            if self._begun is not None and now - self._begun > current.limit:
                self.problems.append(f"{current.what}: not done within {current.limit:.0f} s")
                return True
            return False
        if state is not OrderState.DONE:
            self.problems.append(f"{current.what}: {current.message() or state.value}")
        return True
