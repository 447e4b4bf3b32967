"""The press with all that stands between it and the graph: gate, fusion, interlocks, lock, zeros.

One thread calls :meth:`Station.step` once a bus cycle; any thread may call the other methods.
"""

import math
import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum

from stackpress_py.devices.guard.gate import CommandGate
from stackpress_py.devices.guard.interlocks import Interlock, Interlocks, Observation, names
from stackpress_py.devices.guard.observation import observe
from stackpress_py.devices.guard.pulse import LockSwitch, Pulse, done
from stackpress_py.devices.guard.ranges import ForceFusion, FusedForce
from stackpress_py.devices.guard.zeros import ZeroWatch
from stackpress_py.devices.press.command import SAFE, Heat, Levels, Motion, PressCommand
from stackpress_py.devices.press.connection import Cycle, Press
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import Reading

#: s that a fault of the press may take to disappear from its answers after the reset.
CLEARING_TIME = 0.2
NOT_CONNECTED = "the press is not connected: check the bus"
NO_LOCK = "this press has no lock of its own (`commands` of its profile): it takes no handover"


class Severity(Enum):
    """How much a note matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the journal: severity, stable code, one sentence."""

    severity: Severity
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known after one cycle.

    Attributes:
        cycle: number of the cycle, from 1.
        reading: in SI; None: the press did not answer.
        force: fused; None like the reading.
        interlocks: latched.
        latency: s; NaN without an answer.
        problem: why the press did not answer; else empty.
        notes: what has happened since the last cycle.
        zero_valid: the force sensors read zero when nothing could touch the last time.
    """

    cycle: int
    reading: Reading | None
    force: FusedForce | None
    interlocks: Interlock
    latency: float
    problem: str
    notes: tuple[Note, ...]
    zero_valid: bool


class Station:
    """One press, guarded.

    Args:
        profile: of the press.
        press: its bus, open.
    """

    def __init__(self, profile: PressProfile, press: Press) -> None:
        self._profile = profile
        self._press = press
        self._mutex = threading.Lock()
        self._gate = CommandGate(profile)
        self._interlocks = Interlocks(profile.limits, profile.trips)
        self._fusion = ForceFusion(profile.force_sensors, profile.fusion)
        self._zeros = ZeroWatch(profile.force_sensors, profile.tare)
        self._switch, self._reset = LockSwitch(), Pulse()
        self._clearing: Future[str] | None = None
        self._clear_by = math.inf
        self._cycles = 0
        self._faults: tuple[str, ...] = ()
        self._zero_valid = False
        self._connected = False
        self._refusals: dict[str, str] = {}
        self._told = ""
        self._notes: list[Note] = []

    # ---- from the graph --------------------------------------------------------------------------

    def offer_motion(self, motion: Motion | None, stamp: float, wall: float, now: float) -> None:
        """Take an actuator command, or None to freeze; times as in :mod:`gate`."""
        with self._mutex:
            if motion is None:
                self._gate.freeze(min(stamp, wall))
            else:
                self._note_refusal("actuator", self._gate.offer_motion(motion, stamp, wall, now))

    def offer_heat(self, heat: Heat | None, stamp: float, wall: float, now: float) -> None:
        """Take a heater command, or None to switch off; times as in :mod:`gate`."""
        with self._mutex:
            if heat is None:
                self._gate.cool_down()
            else:
                self._note_refusal("heater", self._gate.offer_heat(heat, stamp, wall, now))

    def request_lock(self, locked: bool) -> "Future[str]":
        """Lock or unlock the ram; the result is empty when the press confirms, else why not."""
        commands = self._profile.commands
        if (commands.lock if locked else commands.unlock) is None:
            return done(NO_LOCK)
        with self._mutex:
            return self._switch.request(locked) if self._connected else done(NOT_CONNECTED)

    def request_clear(self) -> "Future[str]":
        """Clear the interlocks; the result is empty when none is left, else says which and why."""
        with self._mutex:
            if not self._connected:
                return done(NOT_CONNECTED)
            if not self._interlocks.latched and not self._faults:
                return done("")
            if self._clearing is None:
                self._clearing, self._clear_by = Future(), math.inf
                if self._profile.commands.reset is not None:
                    self._reset.request()
            return self._clearing

    def tare(self) -> tuple[str, tuple[float, ...]]:
        """Take the present readings as zeros; return why not (empty: done) and the zeros, N."""
        with self._mutex:
            problem, zeros = self._zeros.zeros() if self._connected else (NOT_CONNECTED, ())
            if not problem:
                self._fusion.tare(zeros)
                self._note(Severity.INFO, "tare.done", f"The zeros are {list(zeros)} N.")
            return problem, self._fusion.offsets

    # ---- one cycle -------------------------------------------------------------------------------

    def step(self, now: float, wall: float) -> Snapshot:
        """Write the command that holds and read the press.

        Args:
            now: s, monotonic.
            wall: s, of the clock of the commands' stamps.
        """
        with self._mutex:
            command = self._command(now)
        cycle = self._press.cycle(command, now)  # takes its time: the others need not wait
        with self._mutex:
            return self._take(cycle, SAFE if cycle.found else command, now, wall)

    def finish(self) -> str:
        """Switch everything off on the wires and close the buses; return who has not confirmed it.

        The next step opens them again.
        """
        with self._mutex:
            self._connected = False
            self._switch.drop("the driver stops")
            self._end_clearing("the driver stops")
        failed = self._press.make_safe()
        self._press.close()
        return failed

    def _command(self, now: float) -> PressCommand:
        levels = Levels(self._reset.level, self._switch.lock.level, self._switch.unlock.level)
        motion = None if self._switch.wanted else self._gate.motion(now)
        return PressCommand(motion, self._gate.heat(now), levels)

    def _take(self, cycle: Cycle, sent: PressCommand, now: float, wall: float) -> Snapshot:
        self._cycles += 1
        reading, force = cycle.reading, None
        self._follow_connection(cycle, wall)
        observation = Observation(connected=False, lost=cycle.lost)
        if reading is not None:
            self._faults = reading.faults
            self._reset.confirmed(cycle.confirmed.reset)
            self._switch.confirmed(cycle.confirmed.lock, cycle.confirmed.unlock)
            self._watch_zeros(reading, now)
            force = self._fusion.step(reading.forces, now)
            overdue = self._gate.overdue(now)
            observation = observe(self._profile, reading, force, sent, overdue)
        for trip in self._interlocks.update(observation, now):
            bit = names(trip.interlock)[0]
            self._note(Severity.ERROR, "interlock.trip", f"Interlock {bit}: {trip.cause}.")
        if reading is not None:
            self._clear(now)
            self._block(reading, wall)
        notes, self._notes = tuple(self._notes), []
        latched = self._interlocks.latched
        return Snapshot(
            cycle=self._cycles,
            reading=reading,
            force=force,
            interlocks=latched,
            latency=cycle.latency,
            problem=cycle.problem,
            notes=notes,
            zero_valid=self._zero_valid,
        )

    def _watch_zeros(self, reading: Reading, now: float) -> None:
        self._zeros.step(reading, now)
        wrong = self._zeros.judge(self._fusion.offsets)
        if wrong is None or (not wrong) is self._zero_valid:
            return
        self._zero_valid = not wrong
        if wrong:
            text = f"Nothing touches, and {wrong}: tare."
            self._note(Severity.WARNING, "zero.drift", text)

    def _follow_connection(self, cycle: Cycle, wall: float) -> None:
        if cycle.found:
            self._reset.disarm()
            self._switch.reconnected()
            # What was made before the connection is not taken after it.
            self._gate.block(NOT_CONNECTED, NOT_CONNECTED, wall)
            what = (
                f"{', '.join(cycle.found)} answers" if self._connected else "The press is connected"
            )
            self._connected, self._told = True, ""
            self._note(Severity.INFO, "bus.connected", f"{what}.")
        elif cycle.lost:
            self._gate.block(NOT_CONNECTED, NOT_CONNECTED, wall)
            if not self._connected and not self._told:
                self._told = cycle.problem
                self._note(Severity.WARNING, "bus.refused", f"Not connected: {cycle.problem}.")
            if self._connected:
                self._connected, self._told = False, cycle.problem
                self._switch.lost("the bus was lost")
                self._end_clearing("the bus was lost")
                self._zeros.restart()
                self._note(Severity.ERROR, "bus.lost", f"The press is lost: {cycle.problem}.")

    def _block(self, reading: Reading, wall: float) -> None:
        """Say what stands in the way of motion and heat."""
        tripped = ", ".join(names(self._interlocks.latched))
        heat = f"an interlock has tripped ({tripped})" if tripped else ""
        motion = heat
        if not motion and (reading.ram_locked or self._switch.wanted):
            motion = "the ram is locked"
        if not motion and not reading.guard_closed:
            motion = "the guard is open"
        self._gate.block(motion, heat, wall)

    # ---- clearing --------------------------------------------------------------------------------

    def _clear(self, now: float) -> None:
        if self._clearing is None or self._reset.pending:
            return
        self._clear_by = min(self._clear_by, now + CLEARING_TIME)
        if self._faults and now < self._clear_by:
            return
        before = ", ".join(names(self._interlocks.latched))
        left = self._interlocks.clear()
        if left:
            text = "; ".join(f"{names(trip.interlock)[0]}: {trip.cause}" for trip in left)
            self._note(Severity.WARNING, "interlock.stays", f"Not cleared: {text}.")
            self._end_clearing(text)
        else:
            self._note(Severity.INFO, "interlock.clear", f"Interlocks cleared: {before or 'none'}.")
            self._end_clearing("")

    def _end_clearing(self, result: str) -> None:
        self._reset.drop(result)
        clearing, self._clearing = self._clearing, None
        if clearing is not None:
            clearing.set_result(result)

    # ---- journal ---------------------------------------------------------------------------------

    def _note(self, severity: Severity, code: str, text: str) -> None:
        self._notes.append(Note(severity, code, text))

    def _note_refusal(self, channel: str, problem: str) -> None:
        # Commands come at 60 Hz: one note for each kind of refusal is enough.
        kind = re.sub(r"-?\d+(\.\d+)?(e-?\d+)?", "#", problem)
        if problem and self._refusals.get(channel) != kind:
            self._note(Severity.WARNING, "command.refused", f"Refused: {problem}.")
        self._refusals[channel] = kind
