"""Node pressure_controller: answers every PressState with an actuator command, on behalf of ApplyPressure goals."""

import math
from typing import TypeAlias

from diagnostic_msgs.msg import DiagnosticStatus
from stackpress.action import ApplyPressure
from stackpress.msg import ActuatorCommand, GraphHealth, LoopState, PressState, RunEvent
from std_msgs.msg import Header

from stackpress_py import graph
from stackpress_py.account import Approach, HoldAccount
from stackpress_py.control.force import (
    LONGEST_GAP,
    ForceController,
    ForceOutput,
    ForceSample,
    Stage,
)
from stackpress_py.control.job import Job, JobLimits, JobState
from stackpress_py.control.tuning import load_tuning
from stackpress_py.devices.press.profile import load_profile
from stackpress_py.nodes.accounts import to_message
from stackpress_py.nodes.base import (
    RELIABLE,
    NodeError,
    Parameter,
    StackpressNode,
    run_node,
    stamp_of,
)
from stackpress_py.nodes.goals import Ending, SupersedingGoals
from stackpress_py.nodes.owner import LONGEST_SILENCE, OwnerWatch

Goal: TypeAlias = ApplyPressure.Goal
Result: TypeAlias = ApplyPressure.Result

FEEDBACK_PERIOD = 0.1
#: s for which a press may leave commands of motion unheard.
LONGEST_UNHEARD = 0.5
OPENING_MODES = (Goal.UNLOAD, Goal.OPEN)


class PressureController(StackpressNode):
    """ROS plumbing of the force loop (:mod:`stackpress_py.control.force`)."""

    def __init__(self) -> None:
        super().__init__(
            "pressure_controller",
            (Parameter("profile", "", "Press profile: name in config/presses, or a file."),),
        )

    # ---- lifecycle ----------------------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load profile and tuning; create the loop and its topics."""
        try:
            profile = load_profile(self.text("profile"))
            self._tuning = load_tuning(profile.tuning_path).force
        except ValueError as error:
            raise NodeError(str(error)) from error
        self._limits = profile.limits
        self._part_sensor = profile.signals.part_present is not None
        self._loop = ForceController(self._tuning)
        self._goal: Goal | None = None
        self._job: Job | None = None
        self._area = math.nan
        self._tolerance = 0.0
        self._uncertainty = math.nan
        self._state: PressState | None = None
        self._next_feedback = 0.0
        self._commanded_velocity = 0.0
        self._unheard_since = 0.0
        self._owner = OwnerWatch("recipe_sequencer")
        self._commands = self.create_publisher(ActuatorCommand, graph.ACTUATOR_COMMAND, RELIABLE)
        self._loops = self.create_publisher(LoopState, graph.PRESSURE_LOOP, RELIABLE)
        self._subscriptions_made = (
            self.create_subscription(PressState, graph.STATE, self._on_state, RELIABLE),
            self.create_subscription(GraphHealth, graph.HEALTH, self._on_health, RELIABLE),
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
        self._loop.freeze()
        self._publish_command(0, 0.0)
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
        problem = self._why_refused(goal)
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
            self._loop.unload(goal.rate * goal.area)
        elif goal.mode == Goal.HOLD_PRESENT:
            self._loop.hold_present()
            self._finish(Result.DONE, "holding the present pressure")
        elif goal.mode == Goal.STAND_STILL:
            self._loop.freeze()
            self._finish(Result.DONE, "the ram stands still")

    def _begin_press(self, goal: Goal) -> None:
        present = self._state.force / goal.area if self._state else 0.0
        approach = Approach.to(goal.pressure, present)
        account = HoldAccount(goal.pressure, goal.tolerance, goal.settling_time, approach)
        self._job = Job(account, JobLimits(goal.duration, goal.timeout), self.now())
        self._tolerance = goal.tolerance
        self._loop.press(goal.pressure * goal.area, goal.rate * goal.area)

    def _why_refused(self, goal: Goal) -> str:
        state = self._state
        if not self.active:
            return "the pressure controller is not active: wait for the graph to be ready"
        if goal.mode > Goal.STAND_STILL:
            return f"there is no mode {goal.mode}"
        if goal.mode == Goal.STAND_STILL:
            return ""
        if state is None or self.now() - stamp_of(state) > LONGEST_GAP:
            return "the press is not connected: check the bus"
        if state.interlocks:
            return "an interlock has tripped: remove its cause and clear the machine"
        if not 0.0 < goal.area < math.inf:
            return f"area {goal.area} m^2 must be finite and above 0"
        if goal.mode == Goal.HOLD_PRESENT:
            return ""
        if blocked := self._why_blocked(state):
            return blocked
        if not 0.0 < goal.rate * goal.area <= self._limits.force_rate:
            return (
                f"{goal.rate:g} Pa/s are {goal.rate * goal.area:g} N/s on this area;"
                f" this press allows more than 0 and up to {self._limits.force_rate:g} N/s"
            )
        if goal.mode == Goal.OPEN and state.force > self._tuning.contact_force:
            return f"{state.force:.0f} N are on the stack: unload instead of open"
        return self._why_press_refused(goal, state) if goal.mode == Goal.PRESS else ""

    def _why_press_refused(self, goal: Goal, state: PressState) -> str:
        force = goal.pressure * goal.area
        if not 0.0 < force <= self._limits.force:
            return (
                f"{goal.pressure / 1e6:g} MPa on {goal.area * 1e6:.4g} mm^2 are {force:.0f} N;"
                f" this press allows more than 0 and up to {self._limits.force:.0f} N"
            )
        if not (0.0 < goal.tolerance < math.inf and goal.timeout > 0.0):
            return f"tolerance {goal.tolerance} Pa and timeout {goal.timeout} s must be above 0"
        if not (0.0 <= goal.settling_time < math.inf and goal.duration >= 0.0):
            return "settling time and duration must not be negative"
        return "no cell lies in the die" if self._part_sensor and not state.part_present else ""

    @staticmethod
    def _why_blocked(state: PressState) -> str:
        if state.ram_locked:
            return "the ram is locked for a handover"
        return "" if state.guard_closed else "the guard is open: close it"

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
        sample = ForceSample(stamp, state.force, state.force_uncertainty, state.position)
        why = self._why_powerless(state, stamp)
        if why and self._loop.stage not in (Stage.IDLE, Stage.FREEZE):
            # A loop that went on unheard would set the ram moving by itself once it is heard again.
            self._loop.freeze()
            self._give_up(why)
        output = self._loop.step(sample)
        self._publish_command(state.cycle, output.velocity)
        self._publish_loop(state, output)
        if output.lost:
            self._give_up(output.lost)
        self._advance(state, output, stamp)

    def _why_powerless(self, state: PressState, stamp: float) -> str:
        """Return why the press does not follow commands, or an empty text."""
        if state.interlocks:
            return "an interlock has tripped"
        if not state.connected:
            return ""
        moving = self._commanded_velocity != 0.0
        if state.motion_enabled or not moving:
            self._unheard_since = stamp
        if moving and stamp - self._unheard_since > LONGEST_UNHEARD:
            return "the press does not follow commands: look at its state"
        return self._why_blocked(state)

    def _give_up(self, why: str) -> None:
        self.emit(RunEvent.ERROR, "pressure.lost", f"The ram stands still: {why}.")
        self._finish(Result.LOST, why)
        self._job = None

    def _advance(self, state: PressState, output: ForceOutput, stamp: float) -> None:
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
                self._loop.hold_present()
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

    def _send_feedback(self, output: ForceOutput, pressure: float) -> None:
        feedback = ApplyPressure.Feedback(stage=int(output.stage), pressure=pressure)
        feedback.setpoint = output.setpoint / self._area
        if self._job is not None:
            feedback.in_tolerance = self._job.account.time_in_tolerance
            feedback.remaining = self._job.remaining if self._job.account.reached else math.nan
        self._slot.feedback(feedback)

    def _publish_command(self, cycle: int, velocity: float) -> None:
        self._commanded_velocity = velocity
        mode = ActuatorCommand.VELOCITY if velocity != 0.0 else ActuatorCommand.FREEZE
        command = ActuatorCommand(header=self.header(), state_cycle=cycle, mode=mode)
        command.velocity = velocity
        self._commands.publish(command)

    def _publish_loop(self, state: PressState, output: ForceOutput) -> None:
        area = self._area
        loop = LoopState(header=Header(stamp=state.header.stamp), stage=int(output.stage))
        loop.target, loop.setpoint = output.target / area, output.setpoint / area
        loop.value = state.force / area
        loop.error = loop.setpoint - loop.value
        loop.tolerance = self._tolerance
        loop.output = output.velocity
        loop.in_tolerance = (
            output.stage is Stage.HOLD and abs(loop.target - loop.value) <= self._tolerance
        )
        self._loops.publish(loop)

    # ---- the one who asked --------------------------------------------------------------------------------------

    def _on_health(self, health: GraphHealth) -> None:
        self._owner.update(health.dead, self.now())

    def _watch_owner(self) -> None:
        if self._slot.busy and self._state and self.now() - stamp_of(self._state) > LONGEST_SILENCE:
            self._loop.freeze()
            self._give_up("nothing is heard of the press: check the driver and the bus")
        moving = self.active and self._loop.stage not in (Stage.IDLE, Stage.FREEZE)
        why = self._owner.why_lost(self.now()) if moving and self._goal is not None else ""
        level = DiagnosticStatus.ERROR if why else DiagnosticStatus.OK
        self.report(
            level,
            why or self._loop.stage.name.lower(),
            {"Stiffness (N/m)": f"{self._loop.stiffness:.3g}"},
        )
        if why:
            self._safe_end(why)
            self._finish(Result.LOST, why)

    def _safe_end(self, why: str) -> None:
        """Do the goal's safe end, once."""
        goal, self._goal, self._job = self._goal, None, None
        if goal is None:
            return
        vent = goal.safe_end == Goal.VENT
        rate = self._limits.force_rate if vent else goal.rate * goal.area
        if goal.safe_end == Goal.FREEZE or not rate > 0.0:
            self._loop.freeze()
            done = "the ram stands still"
        else:
            self._loop.unload(rate)
            done = "the press unloads"
        self.emit(RunEvent.WARNING, "pressure.safe_end", f"Safe end, {done}: {why}.")


def main() -> None:
    """Run the node."""
    run_node(PressureController)


if __name__ == "__main__":
    main()
