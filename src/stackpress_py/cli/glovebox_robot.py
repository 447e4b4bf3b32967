"""The simulated glovebox robot: loads a cell, has it pressed, and takes it out again.

A program of its own and a plain client of the press's two actions, as a real robot's program would
be. What its gripper would do happens in the simulated world instead
(:mod:`stackpress_py.cli.world`). The order of a handover is that of SEMI E84: the robot enters only
after READY, and the press moves again only after CLEAR.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rclpy.utilities import remove_ros_args
from rich.console import Console
from stackpress.action import Handover
from stackpress.srv import ConfirmHandover

from stackpress_py import graph
from stackpress_py.cli import environment, world
from stackpress_py.cli.client import ANSWER_TIMEOUT, PressClient
from stackpress_py.cli.display import run_display
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.folders import folder_text
from stackpress_py.cli.outcome import RunOutcome, Verdict, print_outcome, print_record
from stackpress_py.cli.recipe_files import choose_recipe, parse_settings
from stackpress_py.cli.run import RunOrder, check
from stackpress_py.cli.session import PressSession
from stackpress_py.cli.signals import StopRequests, stop_requests
from stackpress_py.cli.terminal import console
from stackpress_py.launch_support import DEFAULT_RECIPE

NAME = "glovebox_robot"
#: s that the press has to open and become safe.
READY_TIMEOUT = 120.0
#: s from the robot's last signal to the end of the action.
DONE_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Stay:
    """What the robot does inside the press, and the signal that tells of it."""

    operation: int
    act: Callable[[], None]
    signal: int
    words: str


class GloveboxRobot:
    """One robot at one press.

    Args:
        client: node to talk through.
        stop: the user's wish to stop; obeyed outside of the press only.
        say: shows one line.
    """

    def __init__(self, client: PressClient, stop: StopRequests, say: Callable[[str], None]) -> None:
        self._client = client
        self._stop = stop
        self._say = say
        self._feedback: Handover.Feedback | None = None

    def load(self, hands: Path, cell_id: str) -> None:
        """Bring a cell.

        Raises:
            CliError: the press refuses, or the handover fails.
        """
        signal = ConfirmHandover.Request.PLACED
        stay = Stay(Handover.Goal.LOAD, lambda: world.place(hands, cell_id), signal, "placed")
        self._hand_over(stay, cell_id)

    def unload(self, hands: Path, cell_id: str) -> None:
        """Take the cell out.

        Raises:
            CliError: the press refuses, or the handover fails.
        """
        signal = ConfirmHandover.Request.TAKEN
        stay = Stay(Handover.Goal.UNLOAD, lambda: _take(hands), signal, "taken")
        self._hand_over(stay, cell_id)

    def _hand_over(self, stay: Stay, cell_id: str) -> None:
        result = self._ask(stay.operation, cell_id)
        self._wait_until_ready(result)
        self._confirm(ConfirmHandover.Request.BUSY)
        stay.act()
        self._confirm(stay.signal)
        self._confirm(ConfirmHandover.Request.CLEAR)
        answer = self._client.result(result, DONE_TIMEOUT, "end of the handover").result
        if answer.outcome != Handover.Result.DONE:
            raise CliError(ExitCode.REJECTED, f"the handover failed: {answer.message}")
        self._say(f"robot: cell {answer.cell_id} is {stay.words}, the robot is clear of the press")

    def _ask(self, operation: int, cell_id: str) -> Any:
        action = self._client.action(Handover, graph.HANDOVER)
        self._feedback = None
        goal = Handover.Goal(operation=operation, robot=NAME, cell_id=cell_id)
        future = action.send_goal_async(goal, feedback_callback=self._hear)
        self._handle = self._client.result(future, ANSWER_TIMEOUT, "action handover")
        if not self._handle.accepted:
            raise CliError(ExitCode.REJECTED, "the press does not take the handover")
        return self._handle.get_result_async()

    def _hear(self, message: Any) -> None:
        if self._feedback is None or message.feedback.message != self._feedback.message:
            self._say(f"press: {message.feedback.message}")
        self._feedback = message.feedback

    def _wait_until_ready(self, result: Any) -> None:
        def settled() -> bool:
            return self._is_ready() or result.done() or self._stop.count > 0

        self._client.wait(settled, READY_TIMEOUT)
        if self._is_ready() and self._stop.count == 0:
            return
        if result.done():
            raise CliError(ExitCode.REJECTED, f"no handover: {result.result().result.message}")
        self._client.result(self._handle.cancel_goal_async(), ANSWER_TIMEOUT, "cancelled handover")
        if self._stop.count > 0:
            raise CliError(ExitCode.STOPPED, "interrupted before the robot entered the press")
        raise CliError(ExitCode.NOT_READY, f"the press was not ready within {READY_TIMEOUT:g} s")

    def _is_ready(self) -> bool:
        feedback = self._feedback
        return feedback is not None and feedback.stage == Handover.Feedback.READY

    def _confirm(self, signal: int) -> None:
        identity = "" if self._feedback is None else self._feedback.handover_id
        request = ConfirmHandover.Request(handover_id=identity, signal=signal)
        answer = self._client.call_repeatedly(ConfirmHandover, graph.CONFIRM_HANDOVER, request)
        if not answer.accepted:
            raise CliError(ExitCode.REJECTED, f"the press refused a confirmation: {answer.message}")


def _take(hands: Path) -> None:
    world.take(hands)


@dataclass(frozen=True, slots=True)
class Task:
    """What the robot shall do: see the options of the command line."""

    order: RunOrder
    hands: Path
    prepare: bool
    wait: float


def make_cell(task: Task, client: PressClient, stop: StopRequests, output: Console) -> RunOutcome:
    """Load a cell, have it pressed and unload it; show and return what the run came to.

    Raises:
        CliError: anything but the run itself failed.
    """
    session = PressSession(client, stop)
    robot = GloveboxRobot(client, stop, lambda line: output.print(line, markup=False))
    session.wait_ready(task.wait)
    check(client, task.order)
    if task.prepare:
        session.bring_to_idle()
    robot.load(task.hands, task.order.cell_id)
    with run_display(output) as display:
        outcome = session.run(task.order.goal(), display)
    print_outcome(output, outcome)
    trouble = _unload(robot, task, outcome, output)
    report = session.report(outcome.run_id) if outcome.run_directory else ""
    print_record(output, outcome, report)
    if trouble is not None and outcome.verdict is Verdict.PASSED:
        raise trouble
    return outcome


def _unload(
    robot: GloveboxRobot, task: Task, outcome: RunOutcome, output: Console
) -> CliError | None:
    if outcome.verdict not in (Verdict.PASSED, Verdict.FAILED):
        output.print(f"robot: the cell stays in the press, the run was {outcome.verdict.name}")
        return None
    try:
        robot.unload(task.hands, task.order.cell_id)
    except CliError as error:
        output.print(f"robot: the cell stays in the press: {error}", markup=False)
        return error
    return None


def parse_arguments(words: Sequence[str]) -> tuple[argparse.Namespace, Task]:
    """Return the command line as options and as a task.

    Raises:
        CliError: the recipe or a setting is wrong.
    """
    parser = argparse.ArgumentParser(prog=NAME, description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--world", type=Path, required=True, help="socket of the simulated press")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, help="name or file")
    parser.add_argument("--set", action="append", default=[], help="formula parameter, name=value")
    parser.add_argument("--cell", default="cell_1", help="name of the cell")
    parser.add_argument("--output", type=Path, help="folder for the run's folder")
    parser.add_argument("--namespace", default=graph.DEFAULT_NAMESPACE, help="of the press")
    parser.add_argument("--prepare", action="store_true", help="clear and reset the machine first")
    parser.add_argument("--wait", type=float, default=30.0, help="s for the graph to become ready")
    options = parser.parse_args(words)
    settings = parse_settings(options.set)
    folder = folder_text(options.output)
    order = RunOrder(choose_recipe(options.recipe), settings, options.cell, folder)
    return options, Task(order, options.world, options.prepare, options.wait)


def main() -> None:
    """Run the robot as a process; exit codes as in :mod:`stackpress_py.cli.exit_codes`."""
    environment.apply()
    try:
        options, task = parse_arguments(remove_ros_args(sys.argv)[1:])
        with (
            PressClient(NAME, options.namespace, tuple(sys.argv)) as client,
            stop_requests() as stop,
        ):
            outcome = make_cell(task, client, stop, console())
    except CliError as error:
        for line in str(error).splitlines():
            print(f"{NAME}: {line}", file=sys.stderr)
        sys.exit(error.code)
    sys.exit(outcome.exit_code)


if __name__ == "__main__":
    main()
