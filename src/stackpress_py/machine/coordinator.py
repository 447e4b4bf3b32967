"""The machine as a whole: PackML's states, the run, the gate, and the reaction to faults.

It is pure: it takes commands and what is seen, on a clock that is an argument, and gives its orders
to slots. Commands are answered at once; whatever follows from them is done in the next ticks.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from stackpress_py.machine.gate import Gate
from stackpress_py.machine.handover import HandoverRequest, Outcome
from stackpress_py.machine.packml import RUNNING, Command, PackMl, State, label
from stackpress_py.machine.procedure import Procedure, RunVerdict, Wish
from stackpress_py.machine.program import Program, ProgramState
from stackpress_py.machine.programs import Programs
from stackpress_py.machine.run import Run, RunEnd, RunRequest, phase_object
from stackpress_py.machine.seen import NOTHING_SEEN, Event, Limits, Measurement, Seen, Severity
from stackpress_py.machine.slots import Slots

#: States in which the machine stands and a robot may come.
HANDOVER_STATES = (State.STOPPED, State.IDLE, State.COMPLETE)
_HELD_STATES = (State.HOLDING, State.HELD, State.UNHOLDING)
_CLOSING_STATES = (State.COMPLETING, State.STOPPING, State.ABORTING)
_PAST_TENSE = {
    Command.STOP: "stopped",
    Command.ABORT: "aborted",
    Command.HOLD: "held",
    Command.UNHOLD: "continued",
    Command.CLEAR: "cleared",
    Command.RESET: "reset",
}


class Coordinator:
    """The machine of one press.

    Attributes:
        packml: state model.
        slots: orders for the other nodes.
        gate: handover and lock.
        run: in progress; None: none.
        run_id: of the run in progress, or of the last one.
        last: latest measurement.
        alarm: sentence about the low pressure of the last run that had one, until the next run or a reset; else empty.
        events: what is to be published.
    """

    def __init__(self, limits: Limits, now: float) -> None:
        self.packml = PackMl(now)
        self.slots = Slots()
        self.events: list[Event] = []
        self.gate = Gate(self.slots, limits, self.events)
        self.run: Run | None = None
        self.run_id = ""
        self.last = NOTHING_SEEN
        self.alarm = ""
        self._limits = limits
        self._connected = False
        self._programs = Programs(self.slots, limits)
        self._program: Program | None = None
        self._planned = self.packml.transitions
        self._run_end: RunEnd | None = None

    # ---- commands: answered at once ----------------------------------------------------------

    def command(self, command: Command, who: str, now: float) -> str:
        """Take an operator's command; return why it is refused, or an empty text."""
        if not self.packml.allows(command):
            return self.packml.refusal(command)
        if command in (Command.CLEAR, Command.RESET) and not self._connected:
            return "the press is not connected: check the bus, then try again"
        if command is Command.RESET:
            why = self.gate.why_not_free()
            if why:
                return why
        reason = f"{_PAST_TENSE.get(command, command.name.lower())} by {who}"
        if command is Command.ABORT:
            self._abort(reason, now)
        elif command is Command.STOP:
            self._stop(reason, now)
        else:
            if command is Command.RESET:
                self.alarm = ""
            self._give(command, reason, now)
        return ""

    def why_not_run(self) -> str:
        """Return why no run can start now, or an empty text."""
        if self.packml.state not in (State.IDLE, State.COMPLETE):
            return (
                f"a run can start in the states Idle and Complete, and the machine is in"
                f" {label(self.packml.state)}: {self.packml.reason}"
            )
        if self._run_end is not None:
            return "the last run is just being closed: try again"
        if not self._connected:
            return "the press is not connected: check the bus"
        why = self.gate.why_not_free()
        if why:
            return why
        if self._limits.handover.part_sensor and not self.last.view.part_present:
            return "no cell lies in the die: load one first"
        if not self.last.zero_valid:
            return (
                "the zeros of the force sensors are not checked yet, or have drifted: open the"
                " press, and tare it if this stays"
            )
        return ""

    def start(self, request: RunRequest, now: float) -> str:
        """Begin a run; return why it is refused, or an empty text."""
        why = self.why_not_run()
        if why:
            return why
        recipe = request.control.recipe
        limits, expected = self._limits, request.expected
        procedure = Procedure(
            recipe,
            expected,
            self.slots,
            limits.handover.force,
            limits.by_hand,
            limits.compliance,
        )
        self.alarm = ""
        self.run = Run(request, procedure)
        self.run_id, self.gate.cell_id = request.run_id, request.cell_id
        if self.packml.state is State.COMPLETE:
            # Whoever starts a run in Complete wants the reset too; the press is open already.
            self._give(Command.RESET, "reset by the next run", now)
            self._give(Command.STATE_COMPLETE, "ready", now)
        self._give(Command.START, f"run {request.run_id} starts", now)
        return ""

    def request_handover(self, request: HandoverRequest, now: float) -> str:
        """Begin a handover; return why it is refused, or an empty text."""
        if self.packml.state not in HANDOVER_STATES:
            states = ", ".join(label(state) for state in HANDOVER_STATES)
            return (
                f"a cell can be handed over in the states {states},"
                f" and the machine is in {label(self.packml.state)}"
            )
        if not self._connected:
            return "the press is not connected: check the bus"
        return self.gate.begin(request, now)

    def cancel_run(self, now: float) -> None:
        """Stop the run in progress, as its client asks."""
        if self.run is not None and self.packml.state in RUNNING:
            self._stop("stopped by the client of the run", now)

    def take_run_end(self) -> RunEnd | None:
        """Return the result of a run that has ended since the last call."""
        end, self._run_end = self._run_end, None
        return end

    def drain_events(self) -> list[Event]:
        """Return what is to be published since the last call."""
        found = list(self.events)
        self.events.clear()
        return found

    # ---- the tick ----------------------------------------------------------------------------

    def tick(self, seen: Seen, now: float) -> None:
        """Decide: take what has been seen (time in s on a steady clock), give orders."""
        for measurement in seen.measurements:
            self._take(measurement, now)
        self._connected = seen.silence <= self._limits.silence and not math.isnan(self.last.stamp)
        self._watch(seen, now)
        self.gate.step(self._connected, now)
        self._act(now)

    def _take(self, measurement: Measurement, now: float) -> None:
        self.last = self._programs.last = self._known(measurement)
        self.gate.see(self.last)
        if self.run is None or not measurement.view.connected:
            return
        if self.packml.state is State.EXECUTE and not measurement.interlocks:
            self._advance_run(self.run, measurement, now)
        elif self.packml.state in _HELD_STATES:
            self.run.procedure.observe(measurement.sample, measurement.stamp)
            self._note_alarm(self.run)

    def _known(self, measurement: Measurement) -> Measurement:
        """Return the latest that is known: a lost answer of the bus tells nothing but the interlocks."""
        if measurement.view.connected:
            return measurement
        interlocks, text = measurement.interlocks, measurement.interlock_text
        return replace(self.last, interlocks=interlocks, interlock_text=text)

    def _advance_run(self, run: Run, measurement: Measurement, now: float) -> None:
        procedure = run.procedure
        ended, index = len(procedure.ended()), procedure.index
        wish = procedure.update(measurement.sample, measurement.stamp)
        self._note_alarm(run)
        for outcome in procedure.ended()[ended:]:
            severity = Severity.WARNING if outcome.reason else Severity.INFO
            text = f"phase '{outcome.name}' {outcome.verdict.name.lower()}"
            text += f": {outcome.reason}" if outcome.reason else ""
            self._note(severity, "phase.end", text, phase_object(outcome))
        if procedure.index != index:
            self._note_phase(run)
        if wish is Wish.ABORT:
            self._abort(procedure.reason, now)
        elif wish is Wish.HOLD:
            self._note(Severity.WARNING, "phase.violation", procedure.reason)
            self._give(Command.HOLD, procedure.reason, now)
        elif wish is Wish.FINISH:
            self._give(Command.STATE_COMPLETE, "every phase has ended", now)

    def _watch(self, seen: Seen, now: float) -> None:
        """Abort on a fault, in every state but those that have aborted already."""
        if not self.packml.allows(Command.ABORT) or self.packml.state is State.CLEARING:
            return
        why = ""
        if not self._connected:
            why = f"the press has not been connected for {seen.silence:.1f} s"
        elif self.last.interlocks:
            why = f"an interlock has tripped: {self.last.interlock_text}"
        elif seen.dead:
            why = f"{', '.join(seen.dead)} died"
        elif seen.health_silence > self._limits.health_silence:
            why = f"the supervisor has been silent for {seen.health_silence:.1f} s"
        if why:
            self._abort(why, now)

    # ---- what the states do ------------------------------------------------------------------

    def _act(self, now: float) -> None:
        state = self.packml.state
        if self._planned != self.packml.transitions:
            self._planned = self.packml.transitions
            self._program = self._programs.of(state, self.run, self.gate.locked)
        if self._program is None:
            return
        result = self._program.tick(now)
        if result is ProgramState.RUNNING:
            return
        problems, self._program = self._program.problems, None
        if result is ProgramState.FAILED:
            self._fail(state, "; ".join(problems), now)
        else:
            self._state_complete(state, problems, now)

    def _state_complete(self, state: State, problems: list[str], now: float) -> None:
        reason = self.packml.reason
        if problems:
            reason = f"{reason}; {'; '.join(problems)}"
            self._note(Severity.ERROR, "machine.problem", reason)
        if state is State.STARTING and self.run is not None:
            self._begin_run(self.run, now)
        if state in _CLOSING_STATES:
            self._close_run(problems)
        self._give(Command.STATE_COMPLETE, reason, now)

    def _fail(self, state: State, why: str, now: float) -> None:
        if state is State.STARTING and self.run is not None:
            self.run.end_verdict, self.run.end_reason = RunVerdict.REJECTED, why
            self._give(Command.STOP, why, now)
        else:
            self._abort(why, now)

    def _begin_run(self, run: Run, now: float) -> None:
        run.run_directory = self.slots.start_record.message
        run.begun = True
        request = run.request
        self._note(
            Severity.INFO,
            "run.begin",
            f"run {request.run_id} of recipe {request.control.recipe.recipe} begins",
            {"cell_id": request.cell_id, "recipe": request.control.recipe.recipe},
        )
        run.procedure.begin(self.last.sample, self.last.stamp)
        self._note_phase(run)

    def _close_run(self, problems: list[str]) -> None:
        run = self.run
        if run is None:
            return
        end = run.end()
        if problems:
            end = replace(end, message=f"{end.message}; {'; '.join(problems)}")
        self.run, self._run_end = None, end
        severity = Severity.INFO if end.verdict is RunVerdict.PASSED else Severity.WARNING
        text = f"run {run.request.run_id} {end.verdict.name}: {end.message}"
        self._note(severity, "run.end", text, {"verdict": end.verdict.name})

    # ---- transitions -------------------------------------------------------------------------

    def _stop(self, reason: str, now: float) -> None:
        self._interrupt_run(RunVerdict.STOPPED, reason)
        self.gate.cancel(now, Outcome.REFUSED, reason)
        self._give(Command.STOP, reason, now)

    def _abort(self, reason: str, now: float) -> None:
        self._interrupt_run(RunVerdict.ABORTED, reason)
        self.gate.cancel(now, Outcome.REFUSED, reason)
        self._give(Command.ABORT, reason, now)

    def _interrupt_run(self, verdict: RunVerdict, reason: str) -> None:
        run = self.run
        if run is None or run.end_verdict is RunVerdict.REJECTED or run.procedure.finished:
            return
        run.end_verdict = verdict if run.begun else RunVerdict.REJECTED
        run.end_reason = reason
        run.procedure.interrupt(reason, self.last.stamp)

    def _give(self, command: Command, reason: str, now: float) -> None:
        before = self.packml.state
        if self.packml.give(command, reason, now):
            after = self.packml.state
            severity = Severity.ERROR if after is State.ABORTING else Severity.INFO
            self._note(
                severity,
                "machine.state",
                f"{label(before)} to {label(after)}: {reason}",
                {"from": int(before), "to": int(after)},
            )

    # ---- refusals and notes ------------------------------------------------------------------

    def _note_phase(self, run: Run) -> None:
        procedure = run.procedure
        text = f"phase '{procedure.phase_name}' begins"
        data = {"phase": procedure.phase_name, "index": procedure.index}
        self._note(Severity.INFO, "phase.begin", text, data)

    def _note_alarm(self, run: Run) -> None:
        alarm = run.procedure.alarm
        self.alarm = alarm.latched
        for raised, text in alarm.take_news():
            if raised:
                self._note(Severity.WARNING, "pressure.low", text)
            else:
                self._note(Severity.INFO, "pressure.low_over", text)

    def _note(
        self, severity: Severity, code: str, text: str, data: Mapping[str, object] | None = None
    ) -> None:
        self.events.append(Event(severity, code, text, data or {}))
