"""Node pressure_controller: answers every PressState with an actuator command, on behalf of ApplyPressure goals."""

import math
from typing import TypeAlias

from diagnostic_msgs.msg import DiagnosticStatus
from stackpress.action import ApplyPressure
from stackpress.msg import (
    ActuatorCommand,
    CyclerState,
    GraphHealth,
    LoopState,
    PressState,
    RunEvent,
)

from stackpress_py import graph
from stackpress_py.account import AVERAGING, Approach, HoldAccount
from stackpress_py.control.job import Job, JobLimits, JobState
from stackpress_py.control.law import LawOutput, Move, Stage
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.machine.press_laws import pressure_law
from stackpress_py.nodes.accounts import to_message
from stackpress_py.nodes.base import (
    RELIABLE,
    NodeError,
    Parameter,
    StackpressNode,
    run_node,
    stamp_of,
)
from stackpress_py.nodes.cycler import Cycler
from stackpress_py.nodes.goals import Ending, SupersedingGoals
from stackpress_py.nodes.law_messages import actuator_command, force_sample, loop_state
from stackpress_py.nodes.owner import LONGEST_SILENCE, OwnerWatch
from stackpress_py.nodes.pressure_refusals import PressureRefusals, why_blocked

Goal: TypeAlias = ApplyPressure.Goal
Result: TypeAlias = ApplyPressure.Result

FEEDBACK_PERIOD = 0.1
#: s for which a press may leave commands of motion unheard.
LONGEST_UNHEARD = 0.5
OPENING_MODES = (Goal.UNLOAD, Goal.OPEN)


class PressureController(StackpressNode):
    """ROS plumbing of the law of pressure that the press needs (:mod:`stackpress_py.control.law`)."""

    def __init__(self) -> None:
        super().__init__(
            "pressure_controller",
            (Parameter("profile", "", "Press profile: name in config/presses, or a file."),),
        )

    # ---- lifecycle ----------------------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load the profile; create the law, its topics and its action."""
        try:
            self._profile = load_profile(self.text("profile"))
            self._law = pressure_law(self._profile)
        except ValueError as error:
            raise NodeError(str(error)) from error
        by_hand = self._profile.actuation.by == "hand"
        self._standing = "nothing is asked of anybody" if by_hand else "the ram stands still"
        self._unloading = "release the press by hand" if by_hand else "the press unloads"
        self._tells_enabled = self._profile.signals.motion_enabled is not None
        self._refusals = PressureRefusals(self._profile, self._law.contact_force)
        self._goal: Goal | None = None
        self._job: Job | None = None
        self._area = math.nan
        self._tolerance = 0.0
        self._uncertainty = math.nan
        self._state: PressState | None = None
        self._cycler = Cycler()
        self._next_feedback = 0.0
        self._commanded: Move | None = None
        self._unheard_since = 0.0
        self._owner = OwnerWatch("recipe_sequencer")
        self._commands = self.create_publisher(ActuatorCommand, graph.ACTUATOR_COMMAND, RELIABLE)
        self._loops = self.create_publisher(LoopState, graph.PRESSURE_LOOP, RELIABLE)
        self._subscriptions_made = (
            self.create_subscription(PressState, graph.STATE, self._on_state, RELIABLE),
            self.create_subscription(GraphHealth, graph.HEALTH, self._on_health, RELIABLE),
            self.create_subscription(CyclerState, graph.CYCLER, self._cycler.update, RELIABLE),
        )
        self._watch_timer = self.create_timer(0.1, self._watch_owner)
        self._slot = SupersedingGoals(
            self,
            ApplyPressure,
            graph.APPLY_PRESSURE,
            self._refusal,
            self._begin,
            self._superseded,
        )

    def deactivate(self) -> None:
        """Freeze the ram and end the goal."""
        self._law.freeze()
        self._publish_command(0, None)
        self._finish(Result.LOST, "the pressure controller was deactivated")

    def cleanup(self) -> None:
        """Remove the topics and the action."""
        self._slot.destroy()
        self.destroy_timer(self._watch_timer)
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        for publisher in (self._commands, self._loops):
            self.destroy_publisher(publisher)

    # ---- goals --------------------------------------------------------------------------------------------------

    def _refusal(self, goal: Goal) -> Result | None:
        if self.active:
            problem = self._refusals.why(goal, self._state, self.now())
        else:
            problem = "the pressure controller is not active: wait for the graph to be ready"
        if not problem:
            return None
        return Result(outcome=Result.REFUSED, message=problem, reached=to_message(None))

    def _begin(self, goal: Goal) -> None:
        self._goal, self._job = goal, None
        if goal.mode != Goal.STAND_STILL:
            self._area = goal.area
        self._owner.adopt(self.now())
        if goal.mode == Goal.PRESS:
            self._begin_press(goal)
        elif goal.mode in OPENING_MODES:
            self._law.unload(goal.rate * goal.area)
        elif goal.mode == Goal.HOLD_PRESENT:
            self._law.hold_present()
            self._finish(Result.DONE, "holding the present pressure")
        elif goal.mode == Goal.STAND_STILL:
            self._law.freeze()
            self._finish(Result.DONE, self._standing)

    def _begin_press(self, goal: Goal) -> None:
        present = self._state.force / goal.area if self._state else 0.0
        approach = Approach.to(goal.pressure, present)
        account = HoldAccount(
            goal.pressure, goal.tolerance, goal.settling_time, approach, AVERAGING
        )
        self._job = Job(account, JobLimits(goal.duration, goal.timeout), self.now())
        self._tolerance = goal.tolerance
        area = goal.area
        self._law.press(goal.pressure * area, goal.rate * area, goal.tolerance * area)

    def _superseded(self) -> Result:
        return self._result(Result.SUPERSEDED, "another goal came in")

    def _finish(self, outcome: int, message: str) -> None:
        endings = {Result.DONE: Ending.SUCCEED, Result.CANCELED: Ending.CANCEL}
        self._slot.finish(endings.get(outcome, Ending.ABORT), self._result(outcome, message))

    def _result(self, outcome: int, message: str) -> Result:
        account = self._job.account.result() if self._job else None
        return Result(
            outcome=outcome, message=message, reached=to_message(account, self._uncertainty)
        )

    # ---- the loop -----------------------------------------------------------------------------------------------

    def _on_state(self, state: PressState) -> None:
        stamp = stamp_of(state)
        if state.connected:
            self._state = state
        if not self.active:
            return
        why = self._why_powerless(state, stamp)
        if why and self._law.stage not in (Stage.IDLE, Stage.FREEZE):
            # A law that went on unheard would set the press moving by itself once it is heard again.
            self._law.freeze()
            self._give_up(why)
        current = self._cycler.current(stamp)
        output = self._law.step(force_sample(state, self._profile, current))
        self._publish_command(state.cycle, output.move)
        self._loops.publish(loop_state(output, state, self._area, self._tolerance))
        if output.lost:
            self._give_up(output.lost)
        self._advance(state, output, stamp)

    def _why_powerless(self, state: PressState, stamp: float) -> str:
        """Return why the press does not follow commands, or an empty text."""
        if state.interlocks:
            return "an interlock has tripped"
        if not state.connected:
            return ""
        moving = self._commanded is not None and self._commanded.acts and self._tells_enabled
        if state.motion_enabled or not moving:
            self._unheard_since = stamp
        if moving and stamp - self._unheard_since > LONGEST_UNHEARD:
            return "the press does not follow commands: look at its state"
        return why_blocked(state)

    def _give_up(self, why: str) -> None:
        self.emit(RunEvent.ERROR, "pressure.lost", f"{self._standing.capitalize()}: {why}.")
        self._finish(Result.LOST, why)
        self._job = None

    def _advance(self, state: PressState, output: LawOutput, stamp: float) -> None:
        if not self._slot.busy or self._goal is None:
            return
        pressure = state.force / self._area
        self._uncertainty = state.force_uncertainty / self._area
        if self._slot.cancel_requested:
            self._safe_end("the goal was cancelled")
            self._finish(Result.CANCELED, "cancelled; the safe end was begun")
        elif self._job is not None:
            job_state = self._job.update(pressure, stamp)
            if job_state is JobState.DONE:
                self._finish(Result.DONE, "reached and held")
            elif job_state is JobState.TIMED_OUT:
                self._law.hold_present()
                self._finish(Result.TIMED_OUT, self._why_timed_out(pressure))
        elif self._goal.mode in OPENING_MODES and output.stage is Stage.IDLE:
            self._finish(Result.DONE, "unloaded and open")
        if self._slot.busy and stamp >= self._next_feedback:
            self._next_feedback = stamp + FEEDBACK_PERIOD
            self._send_feedback(output, pressure)

    def _why_timed_out(self, pressure: float) -> str:
        assert self._goal is not None
        return (
            f"{self._goal.pressure / 1e6:.4g} MPa was not reached within {self._goal.timeout:g} s;"
            f" the pressure is {pressure / 1e6:.4g} MPa"
        )

    def _send_feedback(self, output: LawOutput, pressure: float) -> None:
        feedback = ApplyPressure.Feedback(stage=int(output.stage), pressure=pressure)
        feedback.setpoint = output.setpoint / self._area
        if self._job is not None:
            feedback.in_tolerance = self._job.account.time_in_tolerance
            feedback.remaining = self._job.remaining if self._job.account.reached else math.nan
        self._slot.feedback(feedback)

    def _publish_command(self, cycle: int, move: Move | None) -> None:
        self._commanded = move
        self._commands.publish(actuator_command(move, self.header(), cycle))

    # ---- the one who asked --------------------------------------------------------------------------------------

    def _on_health(self, health: GraphHealth) -> None:
        self._owner.update(health.dead, self.now())

    def _watch_owner(self) -> None:
        if self._slot.busy and self._state and self.now() - stamp_of(self._state) > LONGEST_SILENCE:
            self._law.freeze()
            self._give_up("nothing is heard of the press: check the driver and the bus")
        moving = self.active and self._law.stage not in (Stage.IDLE, Stage.FREEZE)
        why = self._owner.why_lost(self.now()) if moving and self._goal is not None else ""
        level = DiagnosticStatus.ERROR if why else DiagnosticStatus.OK
        self.report(level, why or self._law.stage.name.lower(), self._law.learned)
        if why:
            self._safe_end(why)
            self._finish(Result.LOST, why)

    def _safe_end(self, why: str) -> None:
        """Do the goal's safe end, once."""
        goal, self._goal, self._job = self._goal, None, None
        if goal is None:
            return
        vent = goal.safe_end == Goal.VENT
        rate = self._profile.limits.force_rate if vent else goal.rate * goal.area
        if goal.safe_end == Goal.FREEZE or not rate > 0.0:
            self._law.freeze()
            done = self._standing
        else:
            self._law.unload(rate)
            done = self._unloading
        self.emit(RunEvent.WARNING, "pressure.safe_end", f"Safe end, {done}: {why}.")


def main() -> None:
    """Run the node."""
    run_node(PressureController)


if __name__ == "__main__":
    main()
