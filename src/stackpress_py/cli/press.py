"""Start and stop the graph of one press, with or without the simulated press."""

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stackpress_py import graph, launch_support
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.processes import ProcessGroup
from stackpress_py.cli.runtime import claimed, runtime_folder
from stackpress_py.cli.supervisord import Program
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.documents import DocumentError
from stackpress_py.launch_support import SimulatorFiles


@dataclass(frozen=True, slots=True)
class PressOptions:
    """How to start one press.

    Attributes:
        profile: name in config/presses, or path of a profile.
        port: serial port of the press; empty: the profile's. Not used with a simulated press.
        namespace: of all nodes.
        output_directory: absolute folder for the runs; empty: the logger's own.
        sim_config: constants of the simulated press; None: a real press.
        truth: file for the simulated press's true values; None: not written.
    """

    profile: str = launch_support.DEFAULT_PROFILE
    port: str = ""
    namespace: str = graph.DEFAULT_NAMESPACE
    output_directory: str = ""
    sim_config: Path | None = None
    truth: Path | None = None


def programs(options: PressOptions, files: SimulatorFiles) -> list[Program]:
    """Return what has to run, in the order of starting."""
    result = []
    port = options.port
    if options.sim_config is not None:
        port = str(files.link)
        words = files.arguments(options.sim_config, options.truth)
        command = (sys.executable, "-m", graph.SIMULATOR_MODULE, *words)
        name = launch_support.SIMULATOR_EXECUTABLE
        result.append(Program(name, command, "simulator", vital=True))
    arguments = {
        "profile": options.profile,
        "port": port,
        "output_directory": options.output_directory,
    }
    for node in graph.NODES:
        words = launch_support.ros_arguments(node, options.namespace, arguments)
        command = (sys.executable, "-m", node.module, *words)
        result.append(Program(node.name, command, "nodes"))
    return result


def checked_profile(word: str) -> Path:
    """Return the file of a press profile.

    Raises:
        CliError: there is none, or it is wrong; one line for each problem.
    """
    try:
        load_profile(word)
    except DocumentError as error:
        raise CliError(ExitCode.BAD_INPUT, str(error)) from None
    return launch_support.profile_path(word)


@dataclass(frozen=True, slots=True)
class RunningPress:
    """A press whose processes run."""

    processes: ProcessGroup
    files: SimulatorFiles


@contextmanager
def running_press(
    options: PressOptions, environment: dict[str, str], domain: int, output: int | None = None
) -> Iterator[RunningPress]:
    """Run the press's processes for as long as the context lasts; at its end none is left.

    Args:
        options: what to run.
        environment: of all processes.
        domain: ROS domain that the environment names.
        output: file descriptor for what the processes print; None: this process's output.

    Raises:
        CliError: the press runs already, or a file is missing.
    """
    if options.sim_config is not None and not options.sim_config.is_file():
        raise CliError(
            ExitCode.BAD_INPUT,
            f"the simulated press's configuration {options.sim_config} does not exist",
        )
    profile = checked_profile(options.profile)
    options = dataclasses.replace(options, profile=str(profile))
    with claimed(runtime_folder(domain, options.namespace)) as folder:
        files = SimulatorFiles.within(folder)
        processes = ProcessGroup(programs(options, files), environment, folder, output)
        try:
            yield RunningPress(processes, files)
        finally:
            processes.stop()
