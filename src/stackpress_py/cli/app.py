"""The ``stackpress`` command: options and help; what the commands do stands in the modules beside.

Exit codes: :mod:`stackpress_py.cli.exit_codes`. A command imports ROS only when it is called, so
that help and completion are quick.
"""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from stackpress_py import graph, launch_support
from stackpress_py.cli import environment
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.terminal import console

app = typer.Typer(
    help="Run a press for solid-state battery cells.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _checked_namespace(value: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z_][A-Za-z0-9_]*)+", value):
        raise typer.BadParameter(f"{value!r} is not of the form /name")
    return value


Namespace = Annotated[
    str, typer.Option(help="Namespace of the press.", callback=_checked_namespace)
]
Domain = Annotated[
    int | None, typer.Option(help="ROS domain; default: ROS_DOMAIN_ID.", min=0, max=232)
]
Profile = Annotated[str, typer.Option(help="Press profile: name in config/presses, or a file.")]
SimConfig = Annotated[
    Path | None, typer.Option(help="Constants of the simulated press.", dir_okay=False)
]
Output = Annotated[Path | None, typer.Option(help="Folder in which the run's folder is made.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Recipe parameter, e.g. 'pressure=50 MPa'."),
]
Recipe = Annotated[str, typer.Argument(help="Name of a recipe, or a YAML file.")]


@app.command()
def up(
    profile: Profile = launch_support.DEFAULT_PROFILE,
    port: Annotated[
        str, typer.Option(help="Port of the press, or bus=port,bus=port; default: the profile's.")
    ] = "",
    namespace: Namespace = graph.DEFAULT_NAMESPACE,
    domain: Domain = None,
    sim: Annotated[bool, typer.Option("--sim", help="Start the simulated press too.")] = False,
    sim_config: SimConfig = None,
    truth: Annotated[
        Path | None, typer.Option(help="File for the simulated press's true values.")
    ] = None,
    output: Output = None,
) -> None:
    """Start the graph of one press and keep it until Ctrl-C or SIGTERM."""
    from stackpress_py.cli.folders import folder_text
    from stackpress_py.cli.press import PressOptions
    from stackpress_py.cli.up import up as run_up

    if port and (sim or sim_config):
        raise CliError(ExitCode.BAD_INPUT, "--port is for a real press, --sim for a simulated one")
    simulated = sim_config or (launch_support.simulator_config() if sim else None)
    options = PressOptions(profile, port, namespace, folder_text(output), simulated, truth)
    raise typer.Exit(run_up(options, domain, console()))


@app.command()
def demo(
    sim_config: SimConfig = None,
    recipe: Annotated[
        str, typer.Option(help="Name of a recipe, or a YAML file.")
    ] = launch_support.DEFAULT_RECIPE,
    settings: Settings = None,
    output: Annotated[Path, typer.Option(help="Folder in which the run's folder is made.")] = Path(
        "runs"
    ),
    profile: Profile = launch_support.DEFAULT_PROFILE,
    namespace: Namespace = graph.DEFAULT_NAMESPACE,
    domain: Annotated[
        int | None, typer.Option(help="ROS domain; default: a free one.", min=0, max=232)
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(help="File for the simulated press's true values.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Show the programs' own messages.")
    ] = False,
) -> None:
    """Make one cell on a simulated press, loaded and unloaded by a simulated robot."""
    from stackpress_py.cli.demo import DemoOptions
    from stackpress_py.cli.demo import demo as run_demo
    from stackpress_py.cli.press import PressOptions

    simulated = sim_config or launch_support.simulator_config()
    press = PressOptions(profile, "", namespace, "", simulated, truth)
    options = DemoOptions(press, recipe, tuple(settings or ()), output, domain, verbose)
    raise typer.Exit(run_demo(options, console()))


@app.command()
def run(
    recipe: Recipe,
    settings: Settings = None,
    cell: Annotated[str, typer.Option(help="Cell in the press; default: the last loaded.")] = "",
    output: Output = None,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Wait for the graph, clear and reset the machine.")
    ] = False,
    namespace: Namespace = graph.DEFAULT_NAMESPACE,
    domain: Domain = None,
) -> None:
    """Run a recipe; Ctrl-C asks for a controlled stop, a second one leaves."""
    from stackpress_py.cli.folders import folder_text
    from stackpress_py.cli.recipe_files import choose_recipe, parse_settings

    choice, values = choose_recipe(recipe), parse_settings(settings or [])
    environment.apply(domain)
    from stackpress_py.cli.run import RunOrder
    from stackpress_py.cli.run import run as run_recipe

    order = RunOrder(choice, values, cell, folder_text(output))
    raise typer.Exit(run_recipe(order, prepare, namespace, console()))


@app.command()
def status(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Show what graph, machine and press do now; exit code 3 unless all nodes are active."""
    environment.apply(domain)
    from stackpress_py.cli.operate import status as show_status

    raise typer.Exit(show_status(namespace, console()))


def _command(name: str, namespace: str, domain: int | None) -> None:
    environment.apply(domain)
    from stackpress_py.cli.operate import command

    raise typer.Exit(command(name, namespace, console()))


@app.command()
def hold(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Keep the present pressure and temperature until `unhold`."""
    _command("hold", namespace, domain)


@app.command()
def unhold(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Go on with the run that is held."""
    _command("unhold", namespace, domain)


@app.command()
def stop(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """End the run in a controlled way: unload at the recipe's rate, heaters off."""
    _command("stop", namespace, domain)


@app.command()
def abort(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """End the run with the phase's safe end, heaters off."""
    _command("abort", namespace, domain)


@app.command()
def clear(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Acknowledge an abort: Aborted to Stopped."""
    _command("clear", namespace, domain)


@app.command()
def reset(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Make the machine ready: Stopped or Complete to Idle."""
    _command("reset", namespace, domain)


@app.command()
def tare(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Take the present readings of the force sensors as their zeros; the press must be open."""
    environment.apply(domain)
    from stackpress_py.cli.operate import tare as take_zeros

    raise typer.Exit(take_zeros(namespace, console()))


@app.command("release-handover")
def release_handover(
    namespace: Namespace = graph.DEFAULT_NAMESPACE,
    domain: Domain = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: I have looked, and the press is clear.")
    ] = False,
) -> None:
    """Declare that no robot and no hand is inside the press, and free it."""
    if not yes:
        typer.confirm("Have you looked, and is the press clear of robots and hands?", abort=True)
    _command(graph.RELEASE_HANDOVER, namespace, domain)


@app.command("sim-place")
def sim_place(
    cell: Annotated[str, typer.Argument(help="Name of the cell.")] = "cell_1",
    namespace: Namespace = graph.DEFAULT_NAMESPACE,
    domain: Domain = None,
) -> None:
    """Lay a fresh cell into the die of the simulated press, as a person's hand does."""
    from stackpress_py.cli import world

    world.place(world.of_press(namespace, domain), cell)
    print(f"{cell} lies in the die of the simulated press")


@app.command("sim-take")
def sim_take(namespace: Namespace = graph.DEFAULT_NAMESPACE, domain: Domain = None) -> None:
    """Take the cell out of the die of the simulated press, as a person's hand does."""
    from stackpress_py.cli import world

    cell = world.take(world.of_press(namespace, domain))
    print(f"{cell} is out of the die of the simulated press")


@app.command()
def validate(
    recipe: Recipe,
    settings: Settings = None,
    profile: Profile = launch_support.DEFAULT_PROFILE,
) -> None:
    """Check a recipe against a press profile, offline: no graph is needed and nothing moves."""
    from stackpress_py.cli.offline import validate as check

    raise typer.Exit(check(recipe, settings or [], profile, console()))


@app.command()
def report(run_folder: Annotated[Path, typer.Argument(help="Folder of a run.")]) -> None:
    """Make the report of a recorded run again."""
    from stackpress_py.cli.offline import report as make_report

    raise typer.Exit(make_report(run_folder, console()))


@app.command()
def probe(
    port: Annotated[
        str, typer.Argument(help="Serial port, or host:502 of Modbus TCP.", show_default=False)
    ] = "",
    device: Annotated[
        str, typer.Option(help="Read with a device profile: name in config/devices, or a file.")
    ] = "",
    press: Annotated[
        str, typer.Option(help="Read all devices of a press profile: name, or a file.")
    ] = "",
    units: Annotated[
        str, typer.Option("--units", "--unit", help="Addresses: 5, 1-16 or 1,5,17.")
    ] = "",
    baud: Annotated[str, typer.Option(help="Baud rates: 9600 or 9600,19200.")] = "",
    framing: Annotated[str, typer.Option(help="Framings: 8N1 or 8N1,8E1.")] = "",
    protocol: Annotated[str, typer.Option(help="modbus, aibus, ascii or all.")] = "all",
    wait: Annotated[
        str, typer.Option(help="Longest time to an answer; default: 100 ms, over TCP 1 s.")
    ] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Read again and again, until Ctrl-C.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Search on after something has answered.")
    ] = False,
    ports: Annotated[
        list[str] | None,
        typer.Option("--port", metavar="BUS=PORT", help="Port of a bus of the press."),
    ] = None,
) -> None:
    """Find what answers on a port, or read devices; nothing is written to them."""
    from stackpress_py.cli.probe import ProbeOptions
    from stackpress_py.cli.probe import probe as run_probe

    options = ProbeOptions(
        port,
        device,
        press,
        tuple(ports or ()),
        units,
        baud,
        framing,
        protocol,
        wait,
        live,
        everything,
    )
    raise typer.Exit(run_probe(options, console()))


@app.command()
def tune(
    profile: Profile = launch_support.DEFAULT_PROFILE,
    port: Annotated[
        str, typer.Option(help="Port of the press, or bus=port,bus=port; default: the profile's.")
    ] = "",
    blank: Annotated[
        str, typer.Option(help="Height of the hard blank in the die, '2 mm'; or none: it is empty.")
    ] = "",
    force: Annotated[
        str, typer.Option(help="Largest force; default: a quarter of the profile's.")
    ] = "",
    force_rate: Annotated[
        str, typer.Option(help="Fastest rise of the force; default: half of the profile's.")
    ] = "",
    clear_to: Annotated[
        str, typer.Option(help="Ram position up to which nothing touches; default: tare's.")
    ] = "",
    deepest: Annotated[
        str, typer.Option(help="Ram position that is not passed; default: 1 mm before its end.")
    ] = "",
    temperature: Annotated[
        str, typer.Option(help="Hottest platen; default: 80 degC, or the profile's.")
    ] = "",
    heating_rate: Annotated[
        str, typer.Option(help="Fastest warming; default: half of the profile's.")
    ] = "",
    heater_power: Annotated[
        str, typer.Option(help="Rating of the heaters: '800 W', or upper and lower '800 W,900 W'.")
    ] = "",
    tallest_sample: Annotated[
        str, typer.Option(help="Tallest sample that will be pressed.")
    ] = "4 mm",
    blank_uncertainty: Annotated[
        str, typer.Option(help="Uncertainty of the blank's height, k = 2.")
    ] = "2 um",
    blank_modulus: Annotated[
        str, typer.Option(help="Modulus of elasticity of the blank.")
    ] = "200 GPa",
    position_uncertainty: Annotated[
        str, typer.Option(help="Uncertainty of ways of the ram over some mm, k = 2.")
    ] = "10 um",
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="PART", help="Measure this only: force, hydraulic or heat."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="File to write; default: named after the profile, in this folder."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the file; what is not measured stays.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it begins.")] = False,
) -> None:
    """Measure a press within limits, and write the constants of its control loops with the evidence."""
    from stackpress_py.cli.tune import TuneOptions
    from stackpress_py.cli.tune import tune as run_tune
    from stackpress_py.cli.tune_input import TuneWords

    words = TuneWords(
        force=force,
        force_rate=force_rate,
        clear_to=clear_to,
        deepest=deepest,
        temperature=temperature,
        heating_rate=heating_rate,
        blank=blank,
        blank_uncertainty=blank_uncertainty,
        blank_modulus=blank_modulus,
        position_uncertainty=position_uncertainty,
        tallest_sample=tallest_sample,
        heater_power=heater_power,
        only=tuple(only or ()),
    )
    options = TuneOptions(profile, port, words, output, replace, yes)
    raise typer.Exit(run_tune(options, console()))


def main() -> None:
    """Run the command; an error is one sentence on stderr."""
    try:
        app()
    except CliError as error:
        for line in str(error).splitlines():
            print(f"stackpress: {line}", file=sys.stderr)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
