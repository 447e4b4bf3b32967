"""``stackpress run``: one recipe from the start to its verdict."""

from dataclasses import dataclass

from rich.console import Console
from stackpress.action import RunRecipe
from stackpress.srv import ValidateRecipe

from stackpress_py import graph
from stackpress_py.cli.client import PressClient
from stackpress_py.cli.display import run_display
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.outcome import print_outcome, print_record
from stackpress_py.cli.recipe_files import RecipeChoice
from stackpress_py.cli.session import PressSession
from stackpress_py.cli.signals import stop_requests

#: s for the graph to become ready, where it was started just before.
READY_TIMEOUT = 30.0
#: s for a check with its dry run.
VALIDATION_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What to run.

    Attributes:
        recipe: as the user named it.
        settings: formula parameters by name, as text with units.
        cell_id: cell in the press; empty: the one of the last handover.
        output_directory: absolute folder for the run's folder; empty: the logger's own.
    """

    recipe: RecipeChoice
    settings: dict[str, str]
    cell_id: str = ""
    output_directory: str = ""

    @property
    def text(self) -> str:
        """Text of the file, which the sequencer's computer need not have; empty for a name."""
        return self.recipe.file.read_text() if self.recipe.file is not None else ""

    def goal(self) -> RunRecipe.Goal:
        """Return the goal of the action."""
        return RunRecipe.Goal(
            recipe=self.recipe.name,
            recipe_text=self.text,
            parameter_names=list(self.settings),
            parameter_values=list(self.settings.values()),
            cell_id=self.cell_id,
            output_directory=self.output_directory,
        )


def run(order: RunOrder, prepare: bool, namespace: str, console: Console) -> ExitCode:
    """Check a recipe against the press, run it and show its progress and its end.

    Args:
        order: what to run.
        prepare: wait for the graph, and clear and reset the machine first.
        namespace: of the press.
        console: where to show it.

    Raises:
        CliError: it could not be run, or the user left.
    """
    with PressClient("stackpress_run", namespace) as client, stop_requests() as stop:
        session = PressSession(client, stop)
        if prepare:
            session.wait_ready(READY_TIMEOUT)
        check(client, order)
        if prepare:
            session.bring_to_idle()
        with run_display(console) as display:
            outcome = session.run(order.goal(), display)
        print_outcome(console, outcome)
        report = session.report(outcome.run_id) if outcome.run_directory else ""
        print_record(console, outcome, report)
    return outcome.exit_code


def check(client: PressClient, order: RunOrder) -> None:
    """Have the sequencer check the recipe; nothing moves.

    Raises:
        CliError: it is not valid; the text has one line for each problem.
    """
    request = ValidateRecipe.Request(
        recipe=order.recipe.name,
        recipe_text=order.text,
        parameter_names=list(order.settings),
        parameter_values=list(order.settings.values()),
    )
    answer = client.call(ValidateRecipe, graph.VALIDATE_RECIPE, request, VALIDATION_TIMEOUT)
    if not answer.valid:
        raise CliError(ExitCode.BAD_INPUT, "\n".join(answer.problems))
