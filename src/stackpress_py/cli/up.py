"""``stackpress up``: the graph of one press until Ctrl-C or SIGTERM."""

import os

from rich.console import Console

from stackpress_py.cli import environment
from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.cli.press import PressOptions, RunningPress, running_press
from stackpress_py.cli.signals import StopRequests, stop_requests

#: s between two looks at the processes and at the user's wishes.
POLL_PERIOD = 0.5


def up(options: PressOptions, domain: int | None, console: Console) -> ExitCode:
    """Run the graph until the user stops it.

    Raises:
        CliError: it cannot be started, or ended by itself.
    """
    variables = environment.completed(os.environ, domain)
    number = environment.domain_of(variables)
    with stop_requests() as stop, running_press(options, variables, number) as press:
        _announce(options, number, press, console)
        _wait(press, stop)
        console.print("stopping ...")
    return ExitCode.OK


def _announce(options: PressOptions, domain: int, press: RunningPress, console: Console) -> None:
    text = f"press {options.namespace} on ROS domain {domain}; Ctrl-C stops it"
    console.print(text, highlight=False)
    if options.sim_config is not None:
        files = press.files
        text = f"simulated press: port {files.link}, world {files.world}"
        console.print(text, highlight=False, soft_wrap=True)


def _wait(press: RunningPress, stop: StopRequests) -> None:
    while stop.count == 0 and not press.processes.wait(POLL_PERIOD):
        press.processes.check()
    if stop.count == 0:
        press.processes.check()
