"""What needs no running graph: check a recipe, make a report again."""

from pathlib import Path

from rich.console import Console

from stackpress_py.cli import text
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.recipe_files import parse_settings, recipe_file
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.documents import DocumentError
from stackpress_py.machine.press_limits import recipe_limits
from stackpress_py.recipes.check import MachineLimits, expected_durations, problems
from stackpress_py.recipes.loading import ControlRecipe, load_recipe
from stackpress_py.record.run_folder import RecordError


def validate(recipe: str, settings: list[str], profile: str, console: Console) -> ExitCode:
    """Check a recipe against a press profile and print how long it should take.

    Raises:
        CliError: it is not valid, or a file is missing; one line for each problem.
    """
    values = parse_settings(settings)
    file = recipe_file(recipe)
    try:
        press = load_profile(profile)
        control = load_recipe(file, values)
        limits = recipe_limits(press)
        found = problems(control, limits)
    except DocumentError as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None
    if found:
        raise CliError(ExitCode.BAD_INPUT, "\n".join(found))
    _print(control, limits, press, console)
    return ExitCode.OK


def _print(
    control: ControlRecipe, limits: MachineLimits, press: PressProfile, console: Console
) -> None:
    durations = expected_durations(control.recipe, limits)
    total = text.duration(sum(durations))
    line = f"{control.recipe.recipe} can be run on {press.press}; it takes about {total}"
    console.print(line, highlight=False, markup=False)
    for phase, seconds in zip(control.recipe.procedure, durations, strict=True):
        line = f"  {phase.phase:<24} {text.duration(seconds):>8}"
        console.print(line, highlight=False, markup=False)


def report(folder: Path, console: Console) -> ExitCode:
    """Make the report of a run again and print its path.

    Raises:
        CliError: the folder is not a run's, or the report cannot be written.
    """
    # It loads numpy, which nothing else here needs.
    from stackpress_py.record.report import build

    try:
        page = build(folder.expanduser())
    except RecordError as error:
        code = ExitCode.BROKEN if folder.is_dir() else ExitCode.BAD_INPUT
        raise CliError(code, str(error)) from None
    console.print(str(page), highlight=False, markup=False, soft_wrap=True)
    return ExitCode.OK
