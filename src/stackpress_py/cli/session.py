"""What a client does with a press: wait for the graph, bring it to Idle, run a recipe."""

import json
import time
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action.client import ClientGoalHandle
from stackpress.action import RunRecipe
from stackpress.msg import GraphHealth, MachineState, RunEvent

from stackpress_py import graph
from stackpress_py.cli.client import ANSWER_TIMEOUT, EVENTS, LATCHED, RELIABLE, Latest, PressClient
from stackpress_py.cli.display import RunDisplay, RunView
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.outcome import RunOutcome
from stackpress_py.cli.signals import StopRequests

#: s without a word of the supervisor after which the graph counts as gone.
HEALTH_TIMEOUT = 3.0
#: s for Clear and for Reset.
COMMAND_TIMEOUT = 30.0
#: s in which a machine that has just been started may refuse, and between two attempts.
PATIENCE = 8.0
RETRY_PERIOD = 0.3
#: s for the report after a run.
REPORT_TIMEOUT = 60.0

#: States in which a command that did not do its work leaves the machine.
ENDS = (MachineState.STOPPED, MachineState.ABORTED)

STATE_NAMES = {
    MachineState.UNDEFINED: "Undefined",
    MachineState.CLEARING: "Clearing",
    MachineState.STOPPED: "Stopped",
    MachineState.STARTING: "Starting",
    MachineState.IDLE: "Idle",
    MachineState.SUSPENDED: "Suspended",
    MachineState.EXECUTE: "Execute",
    MachineState.STOPPING: "Stopping",
    MachineState.ABORTING: "Aborting",
    MachineState.ABORTED: "Aborted",
    MachineState.HOLDING: "Holding",
    MachineState.HELD: "Held",
    MachineState.UNHOLDING: "Unholding",
    MachineState.SUSPENDING: "Suspending",
    MachineState.UNSUSPENDING: "Unsuspending",
    MachineState.RESETTING: "Resetting",
    MachineState.COMPLETING: "Completing",
    MachineState.COMPLETE: "Complete",
}


class PressSession:
    """A press as a client sees it over some time.

    Args:
        client: node to talk through.
        stop: the user's wish to stop.
    """

    def __init__(self, client: PressClient, stop: StopRequests) -> None:
        self._client = client
        self._stop = stop
        self._health: Latest[GraphHealth] = Latest()
        self._heard_at = time.monotonic()
        self._reports: dict[str, str] = {}
        self._machine = client.latest(MachineState, graph.MACHINE_STATE, LATCHED)
        client.subscribe(GraphHealth, graph.HEALTH, RELIABLE, self._hear)
        client.subscribe(RunEvent, graph.RUN_EVENT, EVENTS, self._note_report)

    def _hear(self, health: GraphHealth) -> None:
        self._health.store(health)
        self._heard_at = time.monotonic()

    def _note_report(self, event: RunEvent) -> None:
        if event.code == "report.ready":
            self._reports[event.run_id] = str(json.loads(event.data)["report"])
        elif event.code == "report.failed":
            self._reports[event.run_id] = ""

    # ---- the graph and the machine ---------------------------------------------------------------

    def wait_ready(self, timeout: float) -> None:
        """Wait until every node is active.

        Raises:
            CliError: they are not within `timeout` s; it says which; or the user asked to stop.
        """
        self._client.wait(lambda: self._ready() or self._stop.count > 0, timeout)
        self._leave_if_asked()
        if self._ready():
            return
        health = self._health.message
        if health is None:
            text = f"no supervisor was heard in {self._client.press} within {timeout:g} s"
            raise CliError(ExitCode.NOT_READY, f"{text}: start the press with `stackpress up`")
        waiting = sorted(set(graph.MANAGED) - set(health.alive))
        text = f"not active after {timeout:g} s: {', '.join(waiting)}"
        raise CliError(ExitCode.NOT_READY, f"{text}; see the nodes' messages")

    def bring_to_idle(self) -> None:
        """Clear and reset the machine as far as it needs, as an operator would.

        A graph that has just been started may refuse at first, because its nodes are still finding
        each other; so a refusal is not taken for an answer for some seconds.

        Raises:
            CliError: the machine refuses, or is in the middle of something.
        """
        deadline = time.monotonic() + PATIENCE
        while self._state() != MachineState.IDLE:
            try:
                self._advance()
            except CliError:
                self._leave_if_asked()
                if time.monotonic() > deadline:
                    raise
                self._client.wait(lambda: self._stop.count > 0, RETRY_PERIOD)

    def _advance(self) -> None:
        self._client.wait(lambda: self._machine.message is not None, ANSWER_TIMEOUT)
        state = self._state()
        if state == MachineState.ABORTED:
            self._command("clear", MachineState.STOPPED)
        elif state in (MachineState.STOPPED, MachineState.COMPLETE):
            self._command("reset", MachineState.IDLE)
        elif state != MachineState.IDLE:
            name = STATE_NAMES[state]
            text = f"the machine is in state {name}: it cannot be brought to Idle"
            raise CliError(ExitCode.REJECTED, text)

    def _command(self, name: str, goal: int) -> None:
        before = self._state()

        def settled() -> bool:
            state = self._state()
            return state == goal or (state != before and state in ENDS) or self._stop.count > 0

        self._client.trigger(name)
        self._client.wait(settled, COMMAND_TIMEOUT)
        self._leave_if_asked()
        message = self._machine.message
        if message is not None and message.state != goal:
            raise CliError(
                ExitCode.REJECTED,
                f"after {name} the machine is in state {STATE_NAMES[message.state]}, "
                f"not {STATE_NAMES[goal]}: {message.reason}",
            )

    def _ready(self) -> bool:
        return self._health.message is not None and self._health.message.ready

    def _state(self) -> int:
        message = self._machine.message
        return MachineState.UNDEFINED if message is None else int(message.state)

    def _leave_if_asked(self) -> None:
        if self._stop.count > 0:
            raise CliError(ExitCode.STOPPED, "interrupted before anything was started")

    # ---- a run -----------------------------------------------------------------------------------

    def run(self, goal: RunRecipe.Goal, display: RunDisplay) -> RunOutcome:
        """Run a recipe and return what it came to.

        The first wish to stop asks for a controlled stop and waits for it, the second leaves.

        Raises:
            CliError: the graph is lost, or the user left.
        """
        handle = self._send(goal, display)
        result = handle.get_result_async()
        self._heard_at = time.monotonic()
        cancelled = False
        while not result.done():
            self._client.spin()
            self._check_graph()
            if self._stop.count > 0 and not cancelled:
                cancelled = True
                handle.cancel_goal_async()
                display.say("stopping: controlled unload, then the press opens; once more to leave")
            if self._stop.count > 1:
                raise CliError(ExitCode.STOPPED, "left; the press goes on with its controlled stop")
        return RunOutcome.from_result(result.result().result)

    def report(self, run_id: str, timeout: float = REPORT_TIMEOUT) -> str:
        """Return the path of a run's report once it is made; empty if not within `timeout` s."""
        self._client.wait(lambda: run_id in self._reports or self._stop.count > 1, timeout)
        return self._reports.get(run_id, "")

    def _send(self, goal: RunRecipe.Goal, display: RunDisplay) -> ClientGoalHandle:
        action = self._client.action(RunRecipe, graph.RUN_RECIPE)

        def show(message: Any) -> None:
            display.update(RunView.from_status(message.feedback.status))

        future = action.send_goal_async(goal, feedback_callback=show)
        handle: ClientGoalHandle = self._client.result(future, ANSWER_TIMEOUT, "action run_recipe")
        if not handle.accepted or handle.status == GoalStatus.STATUS_ABORTED:
            raise CliError(
                ExitCode.REJECTED, "the sequencer does not take the run: see its messages"
            )
        return handle

    def _check_graph(self) -> None:
        silent_for = time.monotonic() - self._heard_at
        if silent_for > HEALTH_TIMEOUT:
            raise CliError(
                ExitCode.BROKEN,
                f"the supervisor is silent for {silent_for:.0f} s: the graph is gone",
            )
        if self._health.message is not None and "recipe_sequencer" in self._health.message.dead:
            raise CliError(
                ExitCode.BROKEN, "the recipe_sequencer died: the press makes itself safe"
            )
