"""``stackpress status`` and the operator's commands to the machine."""

import math

from rich.console import Console
from rich.table import Table
from stackpress.msg import GraphHealth, MachineState, PressState, RunStatus
from stackpress.srv import Tare

from stackpress_py import graph
from stackpress_py.cli import text
from stackpress_py.cli.client import LATCHED, RELIABLE, PressClient
from stackpress_py.cli.display import RunView, phase_text, values_text
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.session import STATE_NAMES
from stackpress_py.devices.guard.interlocks import in_words
from stackpress_py.quantities import format_force

#: s for the supervisor's message, which comes ten times a second once it is discovered.
HEALTH_TIMEOUT = 5.0
#: s for the rest once the supervisor was heard; not all of it need be there.
REST_TIMEOUT = 3.0

RUNNING = (
    MachineState.EXECUTE,
    MachineState.STARTING,
    MachineState.HOLDING,
    MachineState.HELD,
    MachineState.UNHOLDING,
    MachineState.STOPPING,
    MachineState.ABORTING,
    MachineState.COMPLETING,
)


def command(name: str, namespace: str, console: Console) -> ExitCode:
    """Give a command to the machine and print its answer.

    Raises:
        CliError: the machine refuses, or cannot be reached.
    """
    with PressClient(f"stackpress_{name}", namespace) as client:
        answer = client.trigger(name)
    console.print(answer or f"{name}: done", markup=False, highlight=False)
    return ExitCode.OK


def tare(namespace: str, console: Console) -> ExitCode:
    """Take the present readings of the force sensors as their zeros and print these.

    Raises:
        CliError: the driver refuses, or cannot be reached.
    """
    with PressClient("stackpress_tare", namespace) as client:
        answer = client.call(Tare, graph.TARE, Tare.Request())
    if not answer.success:
        raise CliError(ExitCode.REJECTED, answer.message)
    zeros = ", ".join(format_force(zero, 4) for zero in answer.offsets)
    console.print(f"the zeros are {zeros}", markup=False, highlight=False)
    return ExitCode.OK


def status(namespace: str, console: Console) -> ExitCode:
    """Print what the graph, the machine and the press do now.

    Raises:
        CliError: the graph cannot be reached.
    """
    with PressClient("stackpress_status", namespace) as client:
        health = client.latest(GraphHealth, graph.HEALTH, RELIABLE)
        machine = client.latest(MachineState, graph.MACHINE_STATE, LATCHED)
        press = client.latest(PressState, graph.STATE, RELIABLE)
        run = client.latest(RunStatus, graph.RUN_STATUS, RELIABLE)
        if not client.wait(lambda: health.message is not None, HEALTH_TIMEOUT):
            raise CliError(
                ExitCode.NOT_READY,
                f"no supervisor was heard in {namespace} within {HEALTH_TIMEOUT:g} s: "
                "start the press with `stackpress up`, or give --namespace and --domain",
            )
        client.wait(lambda: machine.message is not None and press.message is not None, REST_TIMEOUT)
        if machine.message is not None and machine.message.state in RUNNING:
            client.wait(lambda: run.message is not None, REST_TIMEOUT)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    rows = graph_rows(health.message) + machine_rows(machine.message) + press_rows(press.message)
    for name, value in rows + run_rows(run.message):
        table.add_row(name, value)
    console.print(table)
    ready = health.message is not None and health.message.ready
    return ExitCode.OK if ready else ExitCode.NOT_READY


Rows = list[tuple[str, str]]


def graph_rows(health: GraphHealth | None) -> Rows:
    """Return what is said of the graph."""
    if health is None:
        return [("graph", "not heard")]
    rows = [("graph", "ready" if health.ready else "not ready")]
    for word, names in (("starting", health.starting), ("dead", health.dead)):
        if names:
            rows.append((word, ", ".join(names)))
    return rows


def machine_rows(machine: MachineState | None) -> Rows:
    """Return what is said of the machine."""
    if machine is None:
        return [("machine", "not heard")]
    rows = [("machine", f"{STATE_NAMES.get(machine.state, '?')}: {machine.reason}")]
    rows.append(("cell", machine.cell_id or text.NOTHING))
    if machine.locked:
        rows.append(("locked", f"for {machine.lock_owner}"))
    return rows


def press_rows(press: PressState | None) -> Rows:
    """Return what is said of the press itself."""
    if press is None:
        return [("press", "not heard")]
    if not press.connected:
        return [("press", "does not answer on its bus")]
    upper = text.temperature(press.upper_platen_temperature)
    lower = text.temperature(press.lower_platen_temperature)
    position = f"{press.position * 1e3:.3f} mm" if math.isfinite(press.position) else text.NOTHING
    rows = [
        ("force", f"{press.force:.1f} N"),
        ("ram", position),
        ("platens", f"{upper} upper, {lower} lower"),
    ]
    if press.interlocks:
        rows.append(("interlocks", in_words(press.interlocks)))
    if not press.zero_valid:
        rows.append(("zeros", "not checked, or drifted: open the press, then `stackpress tare`"))
    return rows


def run_rows(run: RunStatus | None) -> Rows:
    """Return what is said of the run in progress."""
    if run is None:
        return []
    view = RunView.from_status(run)
    return [("run", run.run_id), ("phase", phase_text(view)), ("values", values_text(view))]
