"""What the sequencer asks of other nodes, and what has become of it.

A slot holds the latest order to one peer. The sequencer's logic gives orders and looks at their
state; the ROS node takes them, sends them and settles them. An answer to an order that is not the
latest one changes nothing, so that nobody ever waits on a stale result.
"""

import math
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Generic, TypeVar

from stackpress_py.recipes.model import SafeEnd


class PressureMode(IntEnum):
    """Modes of ApplyPressure, with its numbers."""

    PRESS = 0
    HOLD_PRESENT = 1
    UNLOAD = 2
    OPEN = 3
    STAND_STILL = 4


class TemperatureMode(IntEnum):
    """Modes of ApplyTemperature, with its numbers."""

    REGULATE = 0
    OFF = 1
    HOLD_PRESENT = 2


@dataclass(frozen=True, slots=True)
class PressureOrder:
    """A goal of ApplyPressure; units as there."""

    mode: PressureMode
    area: float
    rate: float = math.nan
    pressure: float = math.nan
    tolerance: float = math.nan
    settling_time: float = 0.0
    duration: float = 0.0
    timeout: float = 60.0
    safe_end: SafeEnd = SafeEnd.FREEZE


@dataclass(frozen=True, slots=True)
class TemperatureOrder:
    """A goal of ApplyTemperature; units as there."""

    mode: TemperatureMode
    temperature: float = math.nan
    rate: float = math.nan
    tolerance: float = math.nan
    settling_time: float = 0.0
    duration: float = 0.0
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class StartRecordOrder:
    """A request of StartRecord; ``manifest`` is a JSON object."""

    run_id: str
    output_directory: str
    manifest: str


@dataclass(frozen=True, slots=True)
class StopRecordOrder:
    """A request of StopRecord; ``outcome`` is a JSON object."""

    run_id: str
    outcome: str


@dataclass(frozen=True, slots=True)
class LockOrder:
    """A request of SetLock."""

    locked: bool
    owner: str


@dataclass(frozen=True, slots=True)
class ClearOrder:
    """A request to clear the driver's interlocks."""


class OrderState(Enum):
    """What has become of an order."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    TIMED_OUT = "timed out"
    FAILED = "failed"


T = TypeVar("T")


class Slot(Generic[T]):
    """The latest order to one peer.

    Attributes:
        order: the latest order; None before the first.
        number: counts the orders; an answer names the one that it is to.
        state: what has become of it.
        message: the peer's sentence about its end, or a result's text.
    """

    def __init__(self) -> None:
        self.order: T | None = None
        self.number = 0
        self.state = OrderState.NONE
        self.message = ""
        self._sent = True

    def give(self, order: T) -> None:
        """Replace the latest order."""
        self.order = order
        self.number += 1
        self.state, self.message = OrderState.RUNNING, ""
        self._sent = False

    @property
    def waiting(self) -> bool:
        """True while the latest order has not been taken."""
        return not self._sent

    def take(self) -> T | None:
        """Return the latest order if it has not been taken yet."""
        if self._sent:
            return None
        self._sent = True
        return self.order

    def settle(self, number: int, state: OrderState, message: str) -> None:
        """Note the end of an order; only the latest one counts."""
        if number == self.number and self.state is OrderState.RUNNING:
            self.state, self.message = state, message


class Slots:
    """Every peer of the sequencer."""

    def __init__(self) -> None:
        self.pressure: Slot[PressureOrder] = Slot()
        self.temperature: Slot[TemperatureOrder] = Slot()
        self.start_record: Slot[StartRecordOrder] = Slot()
        self.stop_record: Slot[StopRecordOrder] = Slot()
        self.lock: Slot[LockOrder] = Slot()
        self.clear: Slot[ClearOrder] = Slot()
