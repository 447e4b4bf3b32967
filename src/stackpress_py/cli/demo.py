"""``stackpress demo``: simulated press, graph and simulated robot make one cell and leave."""

import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from stackpress_py.cli import environment
from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.cli.press import PressOptions, RunningPress, running_press
from stackpress_py.cli.recipe_files import choose_recipe, recipe_file
from stackpress_py.cli.signals import StopRequests, stop_requests
from stackpress_py.cli.supervisord import die_with_parent

#: s between two looks at the processes and at the user's wishes.
POLL_PERIOD = 0.5
#: Lines of the programs' output that are shown when something went wrong.
SHOWN_LINES = 20
#: What the programs print, in the output folder.
LOG_NAME = "demo.log"
ROBOT_MODULE = "stackpress_py.cli.glovebox_robot"


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """How to run the demo.

    Attributes:
        press: simulated press and graph.
        recipe: as the user named it.
        settings: ``name=value`` of the recipe's parameters.
        output: folder for the run's folder.
        domain: ROS domain; None: a free one.
        verbose: show the programs' own output.
    """

    press: PressOptions
    recipe: str
    settings: tuple[str, ...]
    output: Path
    domain: int | None
    verbose: bool


def demo(options: DemoOptions, console: Console) -> ExitCode:
    """Run the demo and return the verdict's exit code.

    Raises:
        CliError: the recipe does not exist, or the graph cannot be started, or ended by itself.
    """
    if choose_recipe(options.recipe).file is None:
        recipe_file(options.recipe)
    output = options.output.expanduser().resolve()
    output.mkdir(parents=True, exist_ok=True)
    code = ExitCode.BROKEN
    try:
        code = _run(options, output, console)
    finally:
        if code not in (ExitCode.OK, ExitCode.FAILED) and not options.verbose:
            _show_end(output / LOG_NAME, console)
    return code


def _run(options: DemoOptions, output: Path, console: Console) -> ExitCode:
    with ExitStack() as stack:
        domain = options.domain
        if domain is None:
            domain = stack.enter_context(environment.free_domain())
        variables = environment.completed(os.environ, domain)
        stop = stack.enter_context(stop_requests())
        log = stack.enter_context((output / LOG_NAME).open("w"))
        file = None if options.verbose else log.fileno()
        press = stack.enter_context(running_press(options.press, variables, domain, file))
        console.print(f"simulated press and graph on ROS domain {domain}", highlight=False)
        command = _robot(options, press.files.world, output)
        robot = subprocess.Popen(command, env=variables, start_new_session=True)
        return _follow(robot, press, stop)


def _robot(options: DemoOptions, world: Path, output: Path) -> list[str]:
    words = ["--world", str(world), "--recipe", options.recipe, "--output", str(output)]
    words += ["--namespace", options.press.namespace, "--prepare"]
    for setting in options.settings:
        words += ["--set", setting]
    return die_with_parent([sys.executable, "-m", ROBOT_MODULE, *words])


def _follow(robot: subprocess.Popen[bytes], press: RunningPress, stop: StopRequests) -> ExitCode:
    passed_on = 0
    try:
        while robot.poll() is None:
            if stop.count > passed_on:
                passed_on = stop.count
                robot.terminate()
            _wait(robot, POLL_PERIOD)
            press.processes.check()
    finally:
        if robot.poll() is None:
            robot.kill()
            robot.wait()
    known = {int(code): code for code in ExitCode}
    return known.get(robot.returncode, ExitCode.BROKEN)


def _wait(process: subprocess.Popen[bytes], timeout: float) -> None:
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        return


def _show_end(log: Path, console: Console) -> None:
    lines = log.read_text(errors="replace").splitlines()[-SHOWN_LINES:]
    console.print(f"the last lines of {log}:", highlight=False, soft_wrap=True)
    for line in lines:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
