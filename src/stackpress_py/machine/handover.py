"""The handover of a cell between press (passive) and robot (active), in the order of SEMI E84.

From READY to CLEAR nothing frees the press but the robot's CLEAR or a person's release: no cancel,
no silence, no fault. The machine is pure: it is stepped with what is seen, and says what it wants.
"""

import math
from dataclasses import dataclass
from enum import Enum, IntEnum


class Operation(IntEnum):
    """What the robot wants; numbers as in the action Handover."""

    LOAD = 0
    UNLOAD = 1


class Signal(IntEnum):
    """The robot's confirmations; numbers as in the service ConfirmHandover."""

    BUSY = 0
    PLACED = 1
    TAKEN = 2
    CLEAR = 3


class Outcome(IntEnum):
    """How a handover ends; numbers as in the action Handover."""

    DONE = 0
    REFUSED = 1
    CANCELED = 2
    TIMED_OUT = 3
    RELEASED = 4
    MISMATCH = 5


class Stage(Enum):
    """Where a handover stands."""

    OPENING = "opening"
    LOCKING = "locking"
    READY = "ready"
    BUSY = "busy"
    TRANSFERRED = "transferred"
    UNLOCKING = "unlocking"
    ENDED = "ended"


#: Stages in which the robot may be inside.
OCCUPIED = frozenset({Stage.READY, Stage.BUSY, Stage.TRANSFERRED})

_DUE = {
    (Stage.READY, Signal.BUSY): Stage.BUSY,
    (Stage.BUSY, Signal.PLACED): Stage.TRANSFERRED,
    (Stage.BUSY, Signal.TAKEN): Stage.TRANSFERRED,
    (Stage.TRANSFERRED, Signal.CLEAR): Stage.UNLOCKING,
}
_TRANSFER = {Operation.LOAD: Signal.PLACED, Operation.UNLOAD: Signal.TAKEN}

MESSAGES = {
    Stage.OPENING: "the press is opening: stay outside",
    Stage.LOCKING: "the press is locking itself: stay outside",
    Stage.READY: "the press is open, locked and safe: confirm BUSY, then enter",
    Stage.BUSY: "the robot is inside: confirm {transfer} when the cell has changed hands",
    Stage.TRANSFERRED: "the cell has changed hands: leave, and confirm CLEAR",
    Stage.UNLOCKING: "the robot is out: the press is unlocking itself",
    Stage.ENDED: "the handover has ended",
}


@dataclass(frozen=True, slots=True)
class HandoverLimits:
    """Times and thresholds of a handover.

    Attributes:
        opening: s to be open, still and locked; beyond it the handover has timed out.
        unlocking: s for the press to confirm that it is unlocked.
        stable: s that a condition must last: shorter drop-outs of feedback cause collisions.
        position: m, the ram counts as open up to here.
        force: N, no force on the stack up to here.
        velocity: m/s, the ram counts as still up to here.
        part_sensor: the press has a part sensor.
        tells_velocity: the press tells its ram's velocity; if not, a ram that stays open counts as still.
        impossible: why this press takes no handover at all, one sentence; empty: it does.
    """

    opening: float = 60.0
    unlocking: float = 5.0
    stable: float = 0.2
    position: float = 1e-3
    force: float = 5.0
    velocity: float = 1e-4
    part_sensor: bool = True
    tells_velocity: bool = True
    impossible: str = ""


@dataclass(frozen=True, slots=True)
class PressView:
    """What is seen of the press at one moment; numbers are NaN while it is not connected."""

    connected: bool
    force: float
    position: float
    velocity: float
    at_open_limit: bool
    locked: bool
    part_present: bool


UNSEEN = PressView(False, math.nan, math.nan, math.nan, False, False, False)


@dataclass(frozen=True, slots=True)
class HandoverRequest:
    """What a robot asks for; ``identity`` is to be given with each confirmation."""

    identity: str
    operation: Operation
    robot: str
    cell_id: str


class Handover:
    """One handover from the request to its end.

    Attributes:
        request: what was asked.
        stage: where it stands.
        outcome: how it ended; None before the end.
        message: one sentence about the stage or the end.
    """

    def __init__(self, request: HandoverRequest, limits: HandoverLimits, now: float) -> None:
        self.request = request
        self.stage = Stage.OPENING
        self.outcome: Outcome | None = None
        self._taken: Signal | None = None
        self.message = self._say(Stage.OPENING)
        self._limits = limits
        self._entered = now
        self._true_since: float | None = None
        self._part: bool | None = None
        self._part_seen: bool | None = None
        self._part_since = now
        self._planned = (Outcome.DONE, "the cell has changed hands and the robot is out")

    @property
    def ended(self) -> bool:
        """True once it has an outcome."""
        return self.stage is Stage.ENDED

    @property
    def occupied(self) -> bool:
        """True while the robot may be inside: the press must not move, whatever happens."""
        return self.stage in OCCUPIED

    @property
    def wants_lock(self) -> bool:
        """True while the press shall be locked."""
        return self.stage is Stage.LOCKING or self.occupied

    def step(self, press: PressView, opened: bool, now: float) -> None:
        """Advance by what is seen; ``opened``: the pressure controller has opened the press."""
        if self.stage is Stage.OPENING:
            if self._stable(opened and self._is_open(press), now):
                self._enter(Stage.LOCKING, now)
            self._check_opening_time(now)
        elif self.stage is Stage.LOCKING:
            if self._stable(press.locked and self._is_open(press), now):
                self._enter(Stage.READY, now)
            self._check_opening_time(now)
        elif self.occupied:
            self._note_part(press, now)
        elif self.stage is Stage.UNLOCKING:
            self._note_part(press, now)
            late = now - self._entered > self._limits.unlocking
            if self._stable(press.connected and not press.locked, now) or late:
                outcome, message = self._compared()
                remark = "; the press has not confirmed that it is unlocked" if late else ""
                self._end(outcome, message + remark, now)

    def confirm(self, identity: str, signal: Signal, now: float) -> str:
        """Take a confirmation of the robot; return why it is refused, or an empty text.

        The signal that was taken last may be repeated, which changes nothing: its answer may have been lost.
        """
        if identity != self.request.identity:
            return f"'{identity[:80]}' is not the handover in progress: the signal is not taken"
        if signal is self._taken:
            return ""
        following = _DUE.get((self.stage, signal))
        is_transfer = signal in (Signal.PLACED, Signal.TAKEN)
        wrong_way = is_transfer and signal is not _TRANSFER[self.request.operation]
        if following is None or wrong_way:
            return f"{signal.name} is not due now: {self.message}"
        self._taken = signal
        self._enter(following, now)
        return ""

    def cancel(self, now: float, outcome: Outcome = Outcome.CANCELED, why: str = "") -> bool:
        """End the handover; return False and change nothing if a robot may be inside."""
        if self.stage is Stage.OPENING:
            self._end(outcome, why or "cancelled before the press was ready", now)
        elif self.stage is Stage.LOCKING:
            self._planned = (outcome, why or "cancelled before the press was ready")
            self._enter(Stage.UNLOCKING, now)
        else:
            return False
        return True

    def release(self, who: str, now: float) -> bool:
        """Take a person's word that no robot is inside; return False if the press is not locked."""
        if not self.wants_lock:
            return False
        self._planned = (Outcome.RELEASED, f"{who} declared that no robot is inside")
        self._enter(Stage.UNLOCKING, now)
        return True

    def _is_open(self, press: PressView) -> bool:
        limits = self._limits
        return (
            press.connected
            and (press.at_open_limit or press.position <= limits.position)
            and (not limits.tells_velocity or abs(press.velocity) <= limits.velocity)
            and abs(press.force) <= limits.force
        )

    def _check_opening_time(self, now: float) -> None:
        if self.stage in (Stage.OPENING, Stage.LOCKING):
            since = now - self._entered
            if since > self._limits.opening:
                what = "open and still" if self.stage is Stage.OPENING else "locked"
                why = f"the press was not {what} within {self._limits.opening:g} s"
                self.cancel(now, Outcome.TIMED_OUT, why)

    def _note_part(self, press: PressView, now: float) -> None:
        seen = press.part_present if press.connected else None
        if seen is not self._part_seen:
            self._part_seen, self._part_since = seen, now
        if now - self._part_since >= self._limits.stable:
            self._part = seen

    def _compared(self) -> tuple[Outcome, str]:
        """Return the end, after the part sensor has been asked whether the robot told the truth."""
        if self._planned[0] is not Outcome.DONE or not self._limits.part_sensor:
            return self._planned
        if self._part is None:
            return Outcome.MISMATCH, "the part sensor could not be read"
        if self._part is (self.request.operation is Operation.LOAD):
            return self._planned
        said = _TRANSFER[self.request.operation].name
        seen = "sees a part" if self._part else "sees no part"
        return (
            Outcome.MISMATCH,
            f"the robot confirmed {said}, and the part sensor {seen} in the die",
        )

    def _stable(self, condition: bool, now: float) -> bool:
        if not condition:
            self._true_since = None
            return False
        if self._true_since is None:
            self._true_since = now
        return now - self._true_since >= self._limits.stable

    def _enter(self, stage: Stage, now: float) -> None:
        self.stage, self._entered, self._true_since = stage, now, None
        self.message = self._say(stage)

    def _end(self, outcome: Outcome, message: str, now: float) -> None:
        self._enter(Stage.ENDED, now)
        self.outcome, self.message = outcome, message

    def _say(self, stage: Stage) -> str:
        return MESSAGES[stage].format(transfer=_TRANSFER[self.request.operation].name)
