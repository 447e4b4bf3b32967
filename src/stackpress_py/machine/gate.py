"""The gate of the press: the handover in progress, and the lock that keeps the ram still."""

import math

from stackpress_py.machine.handover import (
    UNSEEN,
    Handover,
    HandoverRequest,
    Operation,
    Outcome,
    Signal,
)
from stackpress_py.machine.seen import NOTHING_SEEN, Event, Limits, Measurement, Severity
from stackpress_py.machine.slots import (
    LockOrder,
    OrderState,
    PressureMode,
    PressureOrder,
    Slots,
)

#: s between two attempts to lock or unlock.
LOCK_RETRY = 1.0
#: Any area will do where only the force matters.
_UNIT_AREA = 1.0


class Gate:
    """Who may be inside the press.

    Attributes:
        handover: in progress; None: none.
        cell_id: cell in the press, as far as known.
        handed_over: cell of the last handover; empty: none changed hands.
        last: latest measurement.
    """

    def __init__(self, slots: Slots, limits: Limits, events: list[Event]) -> None:
        self.handover: Handover | None = None
        self.cell_id = ""
        self.handed_over = ""
        self.last = NOTHING_SEEN
        # A press that does not answer is as it was: an unseen lock is not an open one.
        self._seen_locked = False
        self._connected = False
        self._slots = slots
        self._limits = limits
        self._events = events
        self._ended: Handover | None = None
        self._last_handover: Handover | None = None
        self._lock_given = -math.inf
        self._unlock_owner = ""

    def see(self, measurement: Measurement) -> None:
        """Take a measurement."""
        self.last = measurement
        if measurement.view.connected:
            self._seen_locked = measurement.view.locked

    @property
    def locked(self) -> bool:
        """True while nothing may move: a handover wants it so, or the press is locked."""
        wanted = self.handover is not None and self.handover.wants_lock
        return wanted or self._seen_locked

    @property
    def lock_owner(self) -> str:
        """Robot for which the press is locked; empty: not locked."""
        if self.handover is not None and self.locked:
            return self.handover.request.robot
        return "unknown: the press was locked before" if self.locked else ""

    @property
    def robot_may_enter(self) -> bool:
        """True if the press stands open, locked and safe for the robot of the handover."""
        occupied = self.handover is not None and self.handover.occupied
        return occupied and self._connected and self.last.view.locked

    def why_not_free(self) -> str:
        """Return why the press is not free to move, or an empty text."""
        if self.handover is not None:
            return f"a handover with {self.handover.request.robot} is in progress"
        if self._seen_locked:
            return "the press is locked, and by nobody known: a person must release the handover"
        return ""

    def begin(self, request: HandoverRequest, now: float) -> str:
        """Begin a handover; return why it is refused, or an empty text."""
        why = self._why_refused(request)
        if why:
            return why
        self.handover = Handover(request, self._limits.handover, now)
        self._slots.pressure.give(
            PressureOrder(
                PressureMode.OPEN,
                _UNIT_AREA,
                rate=self._limits.release_rate,
                timeout=self._limits.handover.opening,
            )
        )
        text = f"{request.robot} asks to {request.operation.name.lower()} a cell"
        data = {
            "handover_id": request.identity,
            "robot": request.robot,
            "cell_id": request.cell_id,
        }
        self._events.append(Event(Severity.INFO, "handover.begin", text, data))
        return ""

    def cancel(self, now: float, outcome: Outcome = Outcome.CANCELED, why: str = "") -> bool:
        """Cancel the handover if no robot can be inside; return False if one can."""
        return self.handover is not None and self.handover.cancel(now, outcome, why)

    def release(self, who: str, now: float) -> str:
        """Take a person's word that no robot is inside; return why nothing is released, or ''."""
        if self.handover is not None:
            if self.handover.release(who, now):
                return ""
            return f"nothing is locked: {self.handover.message}"
        if not self._seen_locked:
            return "the press is not locked"
        self._unlock_owner = who
        self._lock_given = -math.inf
        return ""

    def confirm(self, identity: str, signal: Signal, now: float) -> str:
        """Take a robot's confirmation; return why it is refused, or an empty text."""
        # The last one still answers a robot that has not heard the answer to its CLEAR.
        handover = self.handover or self._last_handover
        if handover is None:
            return "no handover is in progress"
        return handover.confirm(identity, signal, now)

    def take_end(self) -> Handover | None:
        """Return a handover that has ended since the last call."""
        end, self._ended = self._ended, None
        return end

    def step(self, connected: bool, now: float) -> None:
        """Advance the handover and the lock; ``connected``: the press answers."""
        self._connected = connected
        handover = self.handover
        if handover is not None:
            if self._slots.pressure.state is OrderState.FAILED:
                why = f"the press does not open: {self._slots.pressure.message}"
                handover.cancel(now, Outcome.REFUSED, why)
            opened = self._slots.pressure.state is OrderState.DONE
            before = handover.stage
            view = self.last.view if connected else UNSEEN
            handover.step(view, opened, now)
            if handover.stage is not before:
                self._note_handover(handover)
            if handover.ended:
                self._end(handover)
        self._keep_lock(now)

    def _keep_lock(self, now: float) -> None:
        """Ask for the lock, or for its release, until the press confirms."""
        handover, locked = self.handover, self._seen_locked
        if handover is not None:
            wanted, owner = handover.wants_lock, handover.request.robot
        elif self._unlock_owner:
            wanted, owner = False, self._unlock_owner
        else:
            return
        if wanted == locked:
            self._unlock_owner = "" if handover is None else self._unlock_owner
            self._lock_given = -math.inf
        elif now - self._lock_given >= LOCK_RETRY:
            self._lock_given = now
            self._slots.lock.give(LockOrder(wanted, owner))

    def _end(self, handover: Handover) -> None:
        request = handover.request
        self.handed_over = ""
        if handover.outcome is Outcome.DONE:
            self.handed_over = request.cell_id or self.cell_id
            self.cell_id = request.cell_id if request.operation is Operation.LOAD else ""
        elif handover.outcome in (Outcome.MISMATCH, Outcome.RELEASED):
            self.cell_id = ""
        self.handover, self._ended, self._last_handover = None, handover, handover

    def _why_refused(self, request: HandoverRequest) -> str:
        why = self._limits.handover.impossible or self.why_not_free()
        if why:
            return why
        if self.last.interlocks:
            return f"an interlock has tripped: {self.last.interlock_text}"
        present = self.last.view.part_present
        if self._limits.handover.part_sensor and present is (request.operation is Operation.LOAD):
            return "a part lies in the die already" if present else "no part lies in the die"
        return ""

    def _note_handover(self, handover: Handover) -> None:
        bad = handover.ended and handover.outcome is not Outcome.DONE
        data = {"handover_id": handover.request.identity, "stage": handover.stage.value}
        if handover.outcome is not None:
            data["outcome"] = handover.outcome.name
        severity = Severity.WARNING if bad else Severity.INFO
        code = f"handover.{handover.stage.value}"
        self._events.append(Event(severity, code, handover.message, data))
