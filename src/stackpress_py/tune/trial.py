"""How a measurement is made of a machine: what is seen, what is ordered, and what ends it.

An experiment is a generator: it yields what the press shall do in the next cycle and gets what was measured
meanwhile. It knows neither clock nor bus. A trial runs one under a guard (:mod:`stackpress_py.tune.guard`) that is
asked before the experiment is, and leads the press to safety when anything is in doubt.

SI units, temperatures in degC; forces compressive-positive, positions and velocities positive towards closing.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeAlias, TypeVar

from stackpress_py.devices.press.command import Heat, Motion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """One measurement; NaN: not known.

    Attributes:
        time: s, when it was complete.
        force: N, of all sensors together, tare applied.
        sensors: N, each sensor's own reading, tare applied.
        position: m, of the ram.
        upper, lower: degC, of the platens.
        frame: degC, beside the load cells.
        at_open_limit: the switch at the open end says so.
    """

    time: float
    force: float
    sensors: tuple[float, ...]
    position: float = math.nan
    upper: float = math.nan
    lower: float = math.nan
    frame: float = math.nan
    at_open_limit: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What the press shall do until the next measurement.

    Attributes:
        motion: None: motion is not enabled.
        heat: None: heating is not enabled.
    """

    motion: Motion | None = None
    heat: Heat | None = None


#: Everything off.
NOTHING = Order()
Experiment: TypeAlias = Generator[Order, Seen, T]


class DoubtError(Exception):
    """A measurement cannot go on, or its result is not to be believed; the message is one sentence.

    Args:
        text: what is wrong, and what to do.
        stand: the ram does not do what it is told, so it shall not even be opened.
    """

    def __init__(self, text: str, stand: bool = False) -> None:
        super().__init__(text)
        self.stand = stand


class Guard(Protocol):
    """What a trial asks of its guard."""

    def judge(self, seen: Seen) -> str:
        """Return why the machine must not go on, one sentence; empty: it may."""

    def refuse(self, order: Order, seen: Seen) -> str:
        """Return why an order must not be given, one sentence; empty: it may."""


class Trial(Generic[T]):
    """One experiment on a machine.

    Args:
        experiment: not begun.
        retreat: returns how the press is led to safety afterwards, given the first measurement.
        guard: asked before the experiment in each cycle.

    Attributes:
        result: what the experiment has found; None: it has not ended well.
        problem: why it has not, one sentence; empty: it has, or goes on.
        ended: the press is safe, and nothing more is to be done.
    """

    def __init__(
        self, experiment: Experiment[T], retreat: Callable[[Seen], Experiment[None]], guard: Guard
    ) -> None:
        self._experiment = experiment
        self._retreat = retreat
        self._guard = guard
        self._retreating: Experiment[None] | None = None
        self._first: Seen | None = None
        self.result: T | None = None
        self.problem = ""
        self.ended = False

    def stop(self, why: str, stand: bool = False) -> None:
        """End the experiment; the press is led to safety from the next cycle on, or stands still.

        Args:
            why: one sentence.
            stand: the ram shall not be moved any more.
        """
        if self.ended or (self._retreating is not None and not stand):
            return
        self.problem = self.problem or why
        self._experiment.close()
        self._leave(stand)

    def step(self, seen: Seen) -> Order:
        """Answer one measurement."""
        if self.ended:
            return NOTHING
        if self._retreating is None:
            order = self._go_on(seen)
            if order is not None:
                return order
        return self._go_back(seen)

    def _go_on(self, seen: Seen) -> Order | None:
        problem = self._guard.judge(seen)
        if problem:
            self.stop(problem)
            return None
        try:
            if self._first is None:
                self._first = seen
                next(self._experiment)
            order = self._experiment.send(seen)
        except StopIteration as end:
            self.result = end.value
            self._leave(False)
            return None
        except DoubtError as doubt:
            self.problem = str(doubt)
            self._leave(doubt.stand)
            return None
        problem = self._guard.refuse(order, seen)
        if problem:
            self.stop(problem)
            return None
        return order

    def _leave(self, stand: bool) -> None:
        if stand or self._first is None:
            self.ended = True
            return
        self._retreating = self._retreat(self._first)
        next(self._retreating)

    def _go_back(self, seen: Seen) -> Order:
        if self._retreating is None:
            return NOTHING
        try:
            # Whatever it is, it is done with the heaters off.
            return replace(self._retreating.send(seen), heat=None)
        except StopIteration:
            self.ended = True
        except DoubtError as doubt:
            self.problem = self.problem or str(doubt)
            self.ended = True
        return NOTHING
