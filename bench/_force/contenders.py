"""Who is compared: our laws, and what a user would otherwise write with the library simple-pid.

All approach the sample in the same way: the library's controllers take over at the first contact. How they were tuned
stands in :mod:`_force.by_pid`.
"""

from typing import Protocol

from stackpress_py.control.law import ForceSample, Move, PressureLaw, Stage

from .by_pid import PidLoop
from .laws import law
from .machine import Case

#: Part of the target within which a force must once have been before it counts as held.
ARRIVED = 5e-3


class Contender(Protocol):
    """A controller of the force."""

    @property
    def lost(self) -> str:
        """Why it gave up; empty: it did not."""

    @property
    def holding(self) -> bool:
        """By its own word it holds the target."""

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""

    def step(self, sample: ForceSample) -> Move | None:
        """Return what to command for a sample."""


class Ours:
    """A law as a user gets it."""

    def __init__(self, law: PressureLaw) -> None:
        self.law = law
        self.lost, self.holding = "", False

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""
        self.law.press(force, rate)
        self.holding = False

    def step(self, sample: ForceSample) -> Move | None:
        """Return what to command for a sample."""
        output = self.law.step(sample)
        self.lost = self.lost or output.lost
        self.holding = output.stage is Stage.HOLD
        return output.move


class SimplePid:
    """A PID loop around the press.

    It says that it holds once its set-point stands and the force has come near: a set-point that was stepped stands
    long before.
    """

    def __init__(self, case: Case, ramp: bool) -> None:
        self._approach = law(case)
        self._loop = PidLoop(case.actuation, ramp)
        self._contact = self._arrived = False
        self._target = self._rate = 0.0
        self.lost = ""

    @property
    def holding(self) -> bool:
        """By its own word it holds the target."""
        return self._arrived

    def press(self, force: float, rate: float) -> None:
        """Go to a force (N) at a rate (N/s)."""
        self._target, self._rate = force, rate
        self._arrived = False
        if not self._contact:
            self._approach.press(force, rate)

    def step(self, sample: ForceSample) -> Move | None:
        """Return what to command for a sample."""
        if not self._contact:
            output = self._approach.step(sample)
            self.lost = output.lost
            self._contact = output.stage not in (Stage.IDLE, Stage.APPROACH)
            self._loop.restart(max(0.0, sample.force))
            return output.move
        move = self._loop.step(sample.force, self._target, self._rate)
        near = abs(sample.force - self._target) <= ARRIVED * self._target
        self._arrived = self._arrived or (near and self._loop.setpoint == self._target)
        return move


NAMES = ("ours", "simple_pid", "simple_pid_ramp")


def contender(name: str, case: Case) -> Contender:
    """Return one by name."""
    return Ours(law(case)) if name == "ours" else SimplePid(case, name == "simple_pid_ramp")
