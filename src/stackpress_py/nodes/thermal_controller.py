"""Node thermal_controller: keeps both platens at a temperature, on behalf of ApplyTemperature goals."""

import math
from typing import TypeAlias

from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.publisher import Publisher
from stackpress.action import ApplyTemperature
from stackpress.msg import (
    GraphHealth,
    HeaterCommand,
    LoopState,
    MachineState,
    PressState,
    RunEvent,
)
from std_msgs.msg import Header

from stackpress_py import graph
from stackpress_py.account import Approach, HoldAccount, farthest
from stackpress_py.control.heater_faults import HeaterFaults
from stackpress_py.control.job import Job, JobLimits, JobState
from stackpress_py.control.thermal import LONGEST_GAP, ThermalStage
from stackpress_py.control.thermal_law import ThermalLawOutput
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.machine.press_laws import temperature_laws
from stackpress_py.nodes.accounts import to_message
from stackpress_py.nodes.base import (
    LATCHED,
    RELIABLE,
    NodeError,
    Parameter,
    StackpressNode,
    run_node,
    stamp_of,
)
from stackpress_py.nodes.goals import Ending, SupersedingGoals
from stackpress_py.nodes.owner import LONGEST_SILENCE, OwnerWatch

Goal: TypeAlias = ApplyTemperature.Goal
Result: TypeAlias = ApplyTemperature.Result

PERIOD = 0.1
#: degC around a press that does not tell the temperature of its frame; the loops find the rest by themselves.
ROOM = 25.0


class ThermalControllerNode(StackpressNode):
    """ROS plumbing of the laws of both platens (:mod:`stackpress_py.control.thermal_law`)."""

    def __init__(self) -> None:
        super().__init__(
            "thermal_controller",
            (Parameter("profile", "", "Press profile: name in config/presses, or a file."),),
        )

    # ---- lifecycle ----------------------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load the profile; create the laws and their topics."""
        try:
            profile = load_profile(self.text("profile"))
            self._upper, self._lower = temperature_laws(profile)
        except ValueError as error:
            raise NodeError(str(error)) from error
        self._heat = profile.limits.heat
        by_setpoint = profile.heating.by == "setpoint"
        self._mode = HeaterCommand.SETPOINT if by_setpoint else HeaterCommand.POWER
        self._uncertainty = math.nan if self._heat is None else self._heat.uncertainty
        self._faults = HeaterFaults()
        self._warned = ""
        self._machine_state = MachineState.UNDEFINED
        self._job: Job | None = None
        self._state: PressState | None = None
        self._next_step = 0.0
        self._owner = OwnerWatch("recipe_sequencer")
        self._commands = self.create_publisher(HeaterCommand, graph.HEATER_COMMAND, RELIABLE)
        self._upper_loop = self.create_publisher(LoopState, graph.UPPER_PLATEN_LOOP, RELIABLE)
        self._lower_loop = self.create_publisher(LoopState, graph.LOWER_PLATEN_LOOP, RELIABLE)
        self._subscriptions_made = (
            self.create_subscription(PressState, graph.STATE, self._on_state, RELIABLE),
            self.create_subscription(GraphHealth, graph.HEALTH, self._on_health, RELIABLE),
            self.create_subscription(MachineState, graph.MACHINE_STATE, self._on_machine, LATCHED),
        )
        self._watch_timer = self.create_timer(PERIOD, self._watch_owner)
        self._slot = SupersedingGoals(
            self,
            ApplyTemperature,
            graph.APPLY_TEMPERATURE,
            self._refusal,
            self._begin,
            self._superseded,
        )

    def deactivate(self) -> None:
        """Switch heating and cooling off and end the goal."""
        self._off()
        self._commands.publish(HeaterCommand(header=self.header()))
        self._finish(Result.LOST, "the thermal controller was deactivated")

    def cleanup(self) -> None:
        """Remove the topics and the action."""
        self._slot.destroy()
        self.destroy_timer(self._watch_timer)
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        for publisher in (self._commands, self._upper_loop, self._lower_loop):
            self.destroy_publisher(publisher)

    # ---- goals --------------------------------------------------------------------------------------------------

    def _refusal(self, goal: Goal) -> Result | None:
        problem = self._why_refused(goal)
        if not problem:
            return None
        return Result(outcome=Result.REFUSED, message=problem, reached=to_message(None))

    def _begin(self, goal: Goal) -> None:
        self._job = None
        self._owner.adopt(self.now())
        if goal.mode == Goal.REGULATE:
            self._begin_regulation(goal)
        elif goal.mode == Goal.HOLD_PRESENT:
            self._upper.hold_present()
            self._lower.hold_present()
            self._finish(Result.DONE, "holding the present temperature")
        else:
            self._off()
            self._finish(Result.DONE, "heating and cooling are off")

    def _begin_regulation(self, goal: Goal) -> None:
        assert self._state is not None
        present = _farthest_platen(goal.temperature, self._state)
        approach = Approach.to(goal.temperature, present)
        account = HoldAccount(goal.temperature, goal.tolerance, goal.settling_time, approach)
        self._job = Job(account, JobLimits(goal.duration, goal.timeout), self.now())
        for loop in (self._upper, self._lower):
            loop.regulate(goal.temperature, goal.rate)

    def _why_refused(self, goal: Goal) -> str:
        state = self._state
        if not self.active:
            return "the thermal controller is not active: wait for the graph to be ready"
        if goal.mode > Goal.HOLD_PRESENT:
            return f"there is no mode {goal.mode}"
        if goal.mode != Goal.REGULATE:
            return ""
        heat = self._heat
        if heat is None:
            return "this press does not heat"
        if state is None or self.now() - stamp_of(state) > LONGEST_GAP:
            return "the press is not connected: check the bus"
        if state.interlocks:
            return "an interlock has tripped: remove its cause and clear the machine"
        if self._faults.latched:
            return f"{self._faults.latched}; then clear the machine"
        if not heat.coolest <= goal.temperature <= heat.temperature:
            return (
                f"{goal.temperature:g} degC: this press allows {heat.coolest:g} to"
                f" {heat.temperature:g} degC"
            )
        finite = math.isfinite(goal.rate) and math.isfinite(goal.tolerance)
        if not (finite and goal.rate > 0.0 and goal.tolerance > 0.0 and goal.timeout > 0.0):
            return "rate (K/s), tolerance (K) and timeout (s) must be above 0"
        if not (0.0 <= goal.settling_time < math.inf and goal.duration >= 0.0):
            return "settling time and duration must not be negative"
        if not math.isfinite(_farthest_platen(goal.temperature, state)):
            return "a platen does not tell its temperature: check its thermocouple"
        return ""

    def _superseded(self) -> Result:
        return self._result(Result.SUPERSEDED, "another goal came in")

    def _finish(self, outcome: int, message: str) -> None:
        endings = {Result.DONE: Ending.SUCCEED, Result.CANCELED: Ending.CANCEL}
        self._slot.finish(endings.get(outcome, Ending.ABORT), self._result(outcome, message))

    def _result(self, outcome: int, message: str) -> Result:
        account = self._job.account.result() if self._job else None
        reached = to_message(account, self._uncertainty)
        return Result(outcome=outcome, message=message, reached=reached)

    def _off(self) -> None:
        self._upper.off()
        self._lower.off()

    # ---- the loops ----------------------------------------------------------------------------------------------

    def _on_state(self, state: PressState) -> None:
        stamp = stamp_of(state)
        if state.connected:
            self._state = state
        if not self.active or 0.0 <= self._next_step - stamp <= PERIOD:
            return
        self._next_step = stamp + PERIOD - 0.005
        if state.interlocks and self._upper.stage is not ThermalStage.IDLE:
            self._give_up("an interlock has tripped")
        upper, lower = self._step(state)
        if upper.lost or lower.lost:
            self._give_up(upper.lost or lower.lost)
            upper, lower = self._step(state)
        if self._watch_heaters(state):
            upper, lower = self._step(state)
        idle = self._upper.stage is ThermalStage.IDLE
        command = HeaterCommand(header=self.header(), mode=HeaterCommand.OFF)
        if not idle:
            command.mode, command.upper, command.lower = self._mode, upper.command, lower.command
        self._commands.publish(command)
        self._publish_loop(self._upper_loop, state, upper, state.upper_platen_temperature)
        self._publish_loop(self._lower_loop, state, lower, state.lower_platen_temperature)
        self._advance(state, stamp)

    def _step(self, state: PressState) -> tuple[ThermalLawOutput, ThermalLawOutput]:
        now, surroundings = stamp_of(state), _surroundings(state)
        upper = self._upper.step(now, state.upper_platen_temperature, surroundings)
        return upper, self._lower.step(now, state.lower_platen_temperature, surroundings)

    def _watch_heaters(self, state: PressState) -> bool:
        """Look for faults of heaters and thermocouples; True if one was found now."""
        faults, known = self._faults, self._faults.latched
        readings = (state.upper_platen_temperature, state.lower_platen_temperature)
        heated = (self._upper.heated, self._lower.heated)
        faults.step(stamp_of(state), readings, _surroundings(state), heated)
        if faults.warning and not self._warned:
            self.emit(RunEvent.WARNING, "temperature.weak", f"{_sentence(faults.warning)}.")
        self._warned = faults.warning
        if known or not faults.latched:
            return False
        self._give_up(faults.latched)
        return True

    def _on_machine(self, machine: MachineState) -> None:
        before, self._machine_state = self._machine_state, machine.state
        if before == MachineState.ABORTED != machine.state:
            self._faults.clear()

    def _give_up(self, why: str) -> None:
        self._off()
        self.emit(RunEvent.ERROR, "temperature.lost", f"Heating and cooling are off: {why}.")
        self._finish(Result.LOST, why)
        self._job = None

    def _advance(self, state: PressState, stamp: float) -> None:
        if not self._slot.busy or self._job is None:
            return
        temperature = _farthest_platen(self._job.account.target, state)
        if self._slot.cancel_requested:
            self._off()
            self._finish(Result.CANCELED, "cancelled; heating and cooling are off")
            return
        job_state = self._job.update(temperature, stamp)
        if job_state is JobState.DONE:
            self._finish(Result.DONE, "reached and held")
        elif job_state is JobState.TIMED_OUT:
            self._upper.hold_present()
            self._lower.hold_present()
            self._finish(Result.TIMED_OUT, self._why_timed_out(temperature))
        else:
            self._send_feedback(temperature)

    def _why_timed_out(self, temperature: float) -> str:
        assert self._job is not None
        target, limit = self._job.account.target, self._job.limits.timeout
        return f"{target:g} degC was not reached within {limit:g} s; a platen is at {temperature:.1f} degC"

    def _send_feedback(self, temperature: float) -> None:
        assert self._job is not None
        feedback = ApplyTemperature.Feedback(stage=int(self._upper.stage), temperature=temperature)
        feedback.setpoint = self._upper.setpoint
        feedback.in_tolerance = self._job.account.time_in_tolerance
        feedback.remaining = self._job.remaining if self._job.account.reached else math.nan
        self._slot.feedback(feedback)

    def _publish_loop(
        self, publisher: Publisher, state: PressState, output: ThermalLawOutput, value: float
    ) -> None:
        loop = LoopState(header=Header(stamp=state.header.stamp), stage=int(output.stage))
        loop.target, loop.setpoint, loop.value = output.target, output.setpoint, value
        loop.error = output.setpoint - value
        loop.output = output.command
        loop.tolerance = self._job.account.tolerance if self._job else 0.0
        holding = output.stage is ThermalStage.HOLD
        loop.in_tolerance = holding and abs(output.target - value) <= loop.tolerance
        publisher.publish(loop)

    # ---- the one who asked --------------------------------------------------------------------------------------

    def _on_health(self, health: GraphHealth) -> None:
        self._owner.update(health.dead, self.now())

    def _watch_owner(self) -> None:
        if self._slot.busy and self._state and self.now() - stamp_of(self._state) > LONGEST_SILENCE:
            self._give_up("nothing is heard of the press: check the driver and the bus")
        regulating = self.active and self._upper.stage is not ThermalStage.IDLE
        why = self._owner.why_lost(self.now()) if regulating else ""
        wrong = why or self._faults.latched
        level = DiagnosticStatus.ERROR if wrong else DiagnosticStatus.OK
        self.report(level, wrong or self._upper.stage.name.lower())
        if why:
            self._give_up(why)


def _farthest_platen(target: float, state: PressState) -> float:
    return farthest(target, state.upper_platen_temperature, state.lower_platen_temperature)


def _surroundings(state: PressState) -> float:
    """Return what the platens lose their heat to, degC."""
    return state.frame_temperature if math.isfinite(state.frame_temperature) else ROOM


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def main() -> None:
    """Run the node."""
    run_node(ThermalControllerNode)


if __name__ == "__main__":
    main()
