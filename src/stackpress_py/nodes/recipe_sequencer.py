"""Node recipe_sequencer: the machine's state, the runs of recipes, and the handover with robots."""

import math
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from stackpress.action import Handover, RunRecipe
from stackpress.msg import (
    ActuatorCommand,
    GraphHealth,
    MachineState,
    PressState,
    RunStatus,
    StackState,
)
from stackpress.srv import ConfirmHandover, ValidateRecipe
from std_srvs.srv import Trigger

from stackpress_py import graph
from stackpress_py.account import Working, working
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.documents import DocumentError
from stackpress_py.machine.coordinator import Coordinator
from stackpress_py.machine.handover import HandoverRequest, Operation, Outcome, Signal
from stackpress_py.machine.packml import Command, State, label
from stackpress_py.machine.press_limits import recipe_limits
from stackpress_py.machine.procedure import RunVerdict
from stackpress_py.machine.run import RunRequest, make_run_id
from stackpress_py.machine.seen import Measurement, Seen
from stackpress_py.nodes.base import (
    LATCHED,
    RELIABLE,
    NodeError,
    Parameter,
    StackpressNode,
    run_node,
)
from stackpress_py.nodes.goals import Ending, ExclusiveGoals
from stackpress_py.nodes.press_view import (
    machine_limits,
    measurement,
)
from stackpress_py.nodes.recipe_shelf import RecipeShelf
from stackpress_py.nodes.sequencer_messages import (
    handover_feedback,
    refused,
    rejected,
    run_result,
    state_message,
    status_message,
)
from stackpress_py.nodes.sequencer_peers import SequencerPeers
from stackpress_py.nodes.stack_messages import stack_state

TICK_PERIOD = 0.05
STATUS_PERIOD = 0.2
STATE_PERIOD = 0.5
#: Measurements kept between two ticks; a slow tick must not lose a peak.
MOST_MEASUREMENTS = 1000
LONGEST_NAME = 80

COMMANDS = {
    "stop": Command.STOP,
    "hold": Command.HOLD,
    "unhold": Command.UNHOLD,
    "abort": Command.ABORT,
    "clear": Command.CLEAR,
    "reset": Command.RESET,
}

PARAMETERS = (
    Parameter("profile", "", "Press profile: a name in config/presses, or a path."),
    Parameter("output_directory", "", "Folder of the runs' folders; empty: the logger's own."),
    Parameter("recipe_directories", [""], "Folders with recipes; empty: config/recipes."),
    Parameter("open_position", 1e-3, "Ram position up to which the press is open, m.", 0.0, 1.0),
    Parameter("opening_time", 60.0, "Time to open before a handover, s.", 1.0, 999.0),
    Parameter("release_rate", 200.0, "Unload where no recipe gives a rate, N/s.", 1.0, 1e5),
)


class RecipeSequencer(StackpressNode):
    """ROS plumbing of the machine (:mod:`stackpress_py.machine.coordinator`)."""

    def __init__(self) -> None:
        super().__init__("recipe_sequencer", PARAMETERS)

    # ---- lifecycle ------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load the profile; create the machine, its topics, services and actions."""
        folders = [Path(str(name)) for name in self.get_parameter("recipe_directories").value]
        try:
            profile = load_profile(self.text("profile"))
            limits = machine_limits(
                profile,
                self.number("open_position"),
                self.number("opening_time"),
                self.number("release_rate"),
            )
            self._shelf = RecipeShelf(folders, recipe_limits(profile))
        except ValueError as error:
            raise NodeError(str(error)) from error
        self._machine = Coordinator(limits, time.monotonic())
        self._measurements: list[Measurement] = []
        self._working = Working.NOTHING
        self._connected_at = -math.inf
        self._health: GraphHealth | None = None
        self._heard_at = time.monotonic()
        self._handovers = 0
        self._runs_taken = 1
        self._state_sent = (-1, -math.inf)
        self._status_sent = self._stack_sent = -math.inf
        self._said: tuple[int, str] = (-1, "")
        self._said_at = -math.inf
        self._create_topics()
        self._create_services()
        self._peers = SequencerPeers(self, self._machine.slots)
        self._runs = ExclusiveGoals(
            self, RunRecipe, graph.RUN_RECIPE, self._begin_run, lambda: True, rejected
        )
        self._visits = ExclusiveGoals(
            self, Handover, graph.HANDOVER, self._begin_handover, self._may_leave, refused
        )
        self._timer = self.create_timer(TICK_PERIOD, self._tick)

    def deactivate(self) -> None:
        """Let the controllers do their safe ends, and end what is at work."""
        why = "the recipe sequencer was deactivated"
        self._machine.command(Command.ABORT, "the end of the recipe sequencer", time.monotonic())
        self._peers.cancel()
        self._publish_events()
        self._publish_state(time.monotonic())
        self._runs.finish(
            Ending.ABORT, RunRecipe.Result(verdict=RunRecipe.Result.ABORTED, message=why)
        )
        # The lock stays as it is: the press keeps it, and only a person or the robot releases it.
        self._visits.finish(
            Ending.ABORT, Handover.Result(outcome=Handover.Result.REFUSED, message=why)
        )

    def cleanup(self) -> None:
        """Remove what :meth:`configure` created."""
        self.destroy_timer(self._timer)
        self._runs.destroy()
        self._visits.destroy()
        self._peers.destroy()
        for service in self._services_made:
            self.destroy_service(service)
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        for publisher in (self._states, self._statuses, self._stacks):
            self.destroy_publisher(publisher)

    def _create_topics(self) -> None:
        self._states = self.create_publisher(MachineState, graph.MACHINE_STATE, LATCHED)
        self._statuses = self.create_publisher(RunStatus, graph.RUN_STATUS, RELIABLE)
        self._stacks = self.create_publisher(StackState, graph.STACK, RELIABLE)
        self._subscriptions_made = (
            self.create_subscription(PressState, graph.STATE, self._on_state, RELIABLE),
            self.create_subscription(GraphHealth, graph.HEALTH, self._on_health, RELIABLE),
            self.create_subscription(
                ActuatorCommand, graph.ACTUATOR_COMMAND, self._on_command, RELIABLE
            ),
        )

    def _create_services(self) -> None:
        self._services_made = [
            self.create_service(ValidateRecipe, graph.VALIDATE_RECIPE, self._on_validate),
            self.create_service(ConfirmHandover, graph.CONFIRM_HANDOVER, self._on_confirm),
            self.create_service(Trigger, graph.RELEASE_HANDOVER, self._on_release),
            *(
                self.create_service(Trigger, name, self._command_service(COMMANDS[name]))
                for name in graph.MACHINE_COMMANDS
            ),
        ]

    # ---- callbacks: they store, or ask the machine ---------------------------------------------

    def _on_state(self, state: PressState) -> None:
        if len(self._measurements) < MOST_MEASUREMENTS:
            self._measurements.append(measurement(state, self._working))
        if state.connected:
            self._connected_at = time.monotonic()

    def _on_command(self, command: ActuatorCommand) -> None:
        self._working = working(command.mode, command.velocity, command.pump, command.valve)

    def _on_health(self, health: GraphHealth) -> None:
        self._health, self._heard_at = health, time.monotonic()

    def _command_service(self, command: Command) -> Any:
        def serve(request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
            why = self._why_inactive() or self._machine.command(
                command, "an operator", time.monotonic()
            )
            response.success = not why
            response.message = why or label(self._machine.packml.state)
            return response

        return serve

    def _on_release(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        why = self._why_inactive() or self._machine.gate.release("a person", time.monotonic())
        response.success = not why
        response.message = why or "the press is being unlocked"
        return response

    def _on_confirm(
        self, request: ConfirmHandover.Request, response: ConfirmHandover.Response
    ) -> ConfirmHandover.Response:
        if request.signal not in [int(signal) for signal in Signal]:
            response.message = f"{request.signal} is no signal: BUSY 0, PLACED 1, TAKEN 2, CLEAR 3"
        else:
            response.message = self._machine.gate.confirm(
                request.handover_id, Signal(request.signal), time.monotonic()
            )
        response.accepted = not response.message
        return response

    def _on_validate(
        self, request: ValidateRecipe.Request, response: ValidateRecipe.Response
    ) -> ValidateRecipe.Response:
        try:
            _, expected = self._shelf.checked(request)
        except DocumentError as error:
            response.problems, response.duration = list(error.problems), math.nan
            return response
        response.valid, response.duration = True, sum(expected)
        return response

    def _begin_run(self, goal: RunRecipe.Goal) -> RunRecipe.Result | None:
        """Take a run, or return why not; nothing moves before this has said yes."""
        why = self._why_inactive() or self._machine.why_not_run()
        if not why and self._runs.busy:
            why = "another run is in progress"
        cell_id = goal.cell_id or self._machine.gate.cell_id
        if not why and (len(cell_id) > LONGEST_NAME or not cell_id.isprintable()):
            why = f"a cell id has at most {LONGEST_NAME} characters, all printable"
        folder = goal.output_directory or self.text("output_directory")
        if not why and folder and not Path(folder).is_absolute():
            why = f"the output folder '{folder}' is not an absolute path"
        if why:
            return rejected(why)
        try:
            control, expected = self._shelf.checked(goal)
        except DocumentError as error:
            return rejected(str(error))
        stamp = datetime.fromtimestamp(self.now(), timezone.utc)
        run_id = make_run_id(stamp, control.recipe.recipe, cell_id)
        if self._machine.run_id.startswith(run_id):
            self._runs_taken += 1
            run_id += f"_{self._runs_taken}"
        request = RunRequest(run_id, control, cell_id, folder, expected)
        why = self._machine.start(request, time.monotonic())
        return rejected(why) if why else None

    def _begin_handover(self, goal: Handover.Goal) -> Handover.Result | None:
        why = self._why_inactive()
        robot = goal.robot.strip()
        names = (robot, goal.cell_id)
        if not why and goal.operation not in (Handover.Goal.LOAD, Handover.Goal.UNLOAD):
            why = f"operation {goal.operation} is neither LOAD (0) nor UNLOAD (1)"
        if not why and not robot:
            why = "the robot must give its name"
        if not why and any(len(n) > LONGEST_NAME or not n.isprintable() for n in names):
            why = f"names have at most {LONGEST_NAME} characters, all printable"
        if not why:
            self._handovers += 1
            identity = f"handover_{int(self.now() * 1e3):x}_{self._handovers}"
            request = HandoverRequest(identity, Operation(goal.operation), robot, goal.cell_id)
            why = self._machine.request_handover(request, time.monotonic())
        return None if not why else refused(why)

    def _may_leave(self) -> bool:
        return self._machine.gate.cancel(time.monotonic())

    def _why_inactive(self) -> str:
        return "" if self.active else "the recipe sequencer is not active: wait for the graph"

    # ---- the tick -------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.monotonic()
        measurements, self._measurements = self._measurements, []
        if not self.active:
            return
        if self._runs.cancel_requested:
            self._machine.cancel_run(now)
        health = self._health
        seen = Seen(
            measurements=measurements,
            silence=now - self._connected_at,
            dead=() if health is None else tuple(health.dead),
            health_silence=0.0 if health is None else now - self._heard_at,
        )
        self._machine.tick(seen, now)
        self._peers.send()
        self._publish_events()
        self._publish_state(now)
        self._publish_stack()
        self._publish_status(now)
        self._end_goals()

    def _publish_events(self) -> None:
        run_id = self._machine.run_id if self._machine.run is not None else ""
        for event in self._machine.drain_events():
            of_run = run_id or (self._machine.run_id if event.code.startswith("run.") else "")
            self.emit(int(event.severity), event.code, event.text, event.data, of_run)

    def _publish_state(self, now: float) -> None:
        machine, packml = self._machine, self._machine.packml
        count, sent_at = self._state_sent
        gate = (machine.gate.locked, machine.gate.robot_may_enter)
        changed = count != hash((packml.transitions, *gate))
        if not changed and now - sent_at < STATE_PERIOD:
            return
        self._state_sent = (hash((packml.transitions, *gate)), now)
        self._states.publish(state_message(machine, self.header()))
        self._diagnose()

    def _diagnose(self) -> None:
        packml = self._machine.packml
        bad = packml.state in (State.ABORTING, State.ABORTED)
        alarm = self._machine.alarm
        level = DiagnosticStatus.WARN if alarm else DiagnosticStatus.OK
        values = {
            "State": label(packml.state),
            "Locked": self._machine.gate.locked,
            "Low pressure": alarm,
        }
        self.report(
            DiagnosticStatus.ERROR if bad else level,
            packml.reason if bad or not alarm else alarm,
            values,
        )

    def _publish_stack(self) -> None:
        run, stamp = self._machine.run, self._machine.last.stamp
        reading = None if run is None or not run.begun else run.procedure.stack
        if reading is None or stamp == self._stack_sent:
            return
        self._stack_sent = stamp
        self._stacks.publish(stack_state(reading, stamp))

    def _publish_status(self, now: float) -> None:
        run = self._machine.run
        if run is None or now - self._status_sent < STATUS_PERIOD:
            return
        self._status_sent = now
        state, sample = int(self._machine.packml.state), self._machine.last.sample
        status = status_message(run, state, sample, self.header())
        self._statuses.publish(status)
        self._runs.feedback(RunRecipe.Feedback(status=status))

    def _end_goals(self) -> None:
        end = self._machine.take_run_end()
        if end is not None:
            ended_well = end.verdict in (RunVerdict.PASSED, RunVerdict.FAILED)
            ending = Ending.SUCCEED if ended_well else Ending.ABORT
            self._runs.finish(ending, run_result(end))
        handover, done = self._machine.gate.handover, self._machine.gate.take_end()
        if done is not None and done.outcome is not None:
            ending = Ending.SUCCEED if done.outcome is Outcome.DONE else Ending.ABORT
            result = Handover.Result(outcome=int(done.outcome), message=done.message)
            result.cell_id = self._machine.gate.handed_over
            self._visits.finish(ending, result)
        elif handover is not None:
            self._tell_robot(handover_feedback(handover))

    def _tell_robot(self, feedback: Handover.Feedback) -> None:
        now = time.monotonic()
        said = (feedback.stage, feedback.message)
        if said != self._said or now - self._said_at >= STATE_PERIOD:
            self._said, self._said_at = said, now
            self._visits.feedback(feedback)


def main() -> None:
    """Run the node."""
    run_node(RecipeSequencer)


if __name__ == "__main__":
    main()
