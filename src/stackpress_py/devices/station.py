"""The press with all that stands between it and the graph: gate, fusion, interlocks, lock, zeros.

One thread calls :meth:`Station.step` once a bus cycle; any thread may call the other methods.
"""

import math
import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum

from stackpress_py.devices.gate import CommandGate, Power
from stackpress_py.devices.interlocks import Interlock, Interlocks, Observation, names
from stackpress_py.devices.observation import observe
from stackpress_py.devices.press import Cycle, Press
from stackpress_py.devices.press_map import SAFE, PressCommand, Reading
from stackpress_py.devices.profile import PressProfile
from stackpress_py.devices.pulse import LockSwitch, Pulse, done
from stackpress_py.devices.ranges import ForceFusion, FusedForce
from stackpress_py.devices.zeros import ZeroWatch

#: s that a fault of the press may take to disappear from its answers after the reset.
CLEARING_TIME = 0.2
NOT_CONNECTED = "the press is not connected: check the bus"


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
    """

    cycle: int
    reading: Reading | None
    force: FusedForce | None
    interlocks: Interlock
    latency: float
    problem: str
    notes: tuple[Note, ...]


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
        limits, dogs = profile.limits, profile.watchdogs
        self._gate = CommandGate(limits.velocity, dogs.actuator_command, dogs.heater_command)
        self._interlocks = Interlocks(limits, profile.trips)
        self._fusion = ForceFusion(profile.force_sensors, profile.fusion)
        self._zeros = ZeroWatch(profile.force_sensors, profile.tare)
        self._switch, self._reset = LockSwitch(), Pulse()
        self._clearing: Future[str] | None = None
        self._clear_by = math.inf
        self._cycles = 0
        self._faults = 0
        self._connected = False
        self._refusals: dict[str, str] = {}
        self._notes: list[Note] = []

    # ---- from the graph --------------------------------------------------------------------------

    def offer_velocity(self, velocity: float | None, stamp: float, wall: float, now: float) -> None:
        """Take an actuator command: m/s, or None to freeze; times as in :mod:`gate`."""
        with self._mutex:
            if velocity is None:
                self._gate.freeze(min(stamp, wall))
            else:
                problem = self._gate.offer_velocity(velocity, stamp, wall, now)
                self._note_refusal("actuator", problem)

    def offer_power(self, power: Power, stamp: float, wall: float, now: float) -> None:
        """Take a heater command; times as in :mod:`gate`."""
        with self._mutex:
            self._note_refusal("heater", self._gate.offer_power(power, stamp, wall, now))

    def request_lock(self, locked: bool) -> "Future[str]":
        """Lock or unlock the ram; the result is empty when the press confirms, else why not."""
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
            return self._take(cycle, SAFE if cycle.reconnected else command, now, wall)

    def finish(self) -> bool:
        """Switch everything off on the wire and close the bus; return True if the press confirmed.

        The next step opens it again.
        """
        with self._mutex:
            self._connected = False
            self._switch.drop("the driver stops")
            self._end_clearing("the driver stops")
        safe = self._press.make_safe()
        self._press.close()
        return safe

    def _command(self, now: float) -> PressCommand:
        power = self._gate.power(now)
        return PressCommand(
            velocity=None if self._switch.wanted else self._gate.velocity(now),
            upper_power=power.upper,
            lower_power=power.lower,
            reset=self._reset.level,
            lock=self._switch.lock.level,
            unlock=self._switch.unlock.level,
        )

    def _take(self, cycle: Cycle, sent: PressCommand, now: float, wall: float) -> Snapshot:
        self._cycles += 1
        reading, force = cycle.reading, None
        self._follow_connection(cycle, wall)
        observation = Observation(connected=False, lost=cycle.lost)
        if reading is not None:
            self._faults = reading.faults
            self._reset.confirmed(sent.reset)
            self._switch.confirmed(sent.lock, sent.unlock)
            self._zeros.step(reading, now)
            force = self._fusion.step(reading.forces, now)
            observation = observe(self._profile, reading, force, sent)
        for trip in self._interlocks.update(observation, now):
            bit = names(trip.interlock)[0]
            self._note(Severity.ERROR, "interlock.trip", f"Interlock {bit}: {trip.cause}.")
        if reading is not None:
            self._clear(now)
            self._block(reading, wall)
        notes, self._notes = tuple(self._notes), []
        latched = self._interlocks.latched
        return Snapshot(self._cycles, reading, force, latched, cycle.latency, cycle.problem, notes)

    def _follow_connection(self, cycle: Cycle, wall: float) -> None:
        if cycle.reconnected:
            self._connected = True
            self._reset.disarm()
            self._switch.reconnected()
            # What was made before the connection is not taken after it.
            self._gate.block(NOT_CONNECTED, NOT_CONNECTED, wall)
            self._note(Severity.INFO, "bus.connected", "The press is connected.")
        elif cycle.lost:
            self._gate.block(NOT_CONNECTED, NOT_CONNECTED, wall)
            if self._connected:
                self._connected = False
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
