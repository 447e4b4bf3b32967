"""Actions for the launch files, made of the node table; needs ROS's launch and launch_ros."""

import os
from pathlib import Path
from typing import TextIO

from launch import Action, LaunchContext
from launch.actions import (
    DeclareLaunchArgument,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
    SetEnvironmentVariable,
    Shutdown,
)
from launch.conditions import IfCondition
from launch.event_handlers import OnProcessExit
from launch.events.process import ProcessExited
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.substitutions import ExecutableInPackage

from stackpress_py import graph, launch_support
from stackpress_py.cli.environment import domain_of
from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.cli.recipe_files import parse_settings
from stackpress_py.cli.runtime import claim, runtime_folder
from stackpress_py.launch_support import SimulatorFiles
from stackpress_py.paths import config

PACKAGE = "stackpress"

#: Locks of the presses that this launch has started; held until it ends.
_claims: list[TextIO] = []


def environment() -> list[Action]:
    """Return what completes the environment; what the user has set stays."""
    return [
        SetEnvironmentVariable(name, os.environ.get(name, value))
        for name, value in launch_support.ros_defaults().items()
    ]


def graph_arguments() -> list[Action]:
    """Return the arguments of every launch file that starts the graph."""
    return [
        DeclareLaunchArgument(
            "profile",
            default_value=launch_support.DEFAULT_PROFILE,
            description="press profile: name in config/presses, or a file",
        ),
        DeclareLaunchArgument(
            "namespace", default_value=graph.DEFAULT_NAMESPACE, description="of the press"
        ),
        DeclareLaunchArgument(
            "output_directory",
            default_value="",
            description="absolute folder for the runs; empty: as in config/nodes.yaml",
        ),
    ]


def port_argument() -> Action:
    """Return the argument that names the serial port of a real press."""
    return DeclareLaunchArgument(
        "port", default_value="", description="serial port; empty: as in the profile"
    )


def simulator_arguments() -> list[Action]:
    """Return the arguments of the simulated press."""
    return [
        DeclareLaunchArgument(
            "sim_config",
            default_value=str(launch_support.simulator_config()),
            description="constants of the simulated press",
        )
    ]


def run_arguments() -> list[Action]:
    """Return the arguments of one run."""
    return [
        DeclareLaunchArgument(
            "recipe",
            default_value=launch_support.DEFAULT_RECIPE,
            description="name of a recipe, or an absolute path",
        ),
        DeclareLaunchArgument(
            "parameters",
            default_value="",
            description="recipe parameters: 'name=value; name=value', with units",
        ),
        DeclareLaunchArgument("cell", default_value="cell_1", description="name of the cell"),
    ]


def watching() -> list[Action]:
    """Return rviz and rqt with our layouts, each if its argument is true."""
    flags = [
        DeclareLaunchArgument(
            name, default_value="false", choices=["true", "false"], description=f"start {name} too"
        )
        for name in ("rviz", "rqt")
    ]
    model = Node(
        package="robot_state_publisher",
        executable="robot_state_publisher",
        namespace=LaunchConfiguration("namespace"),
        parameters=[{"robot_description": launch_support.press_model().read_text()}],
        condition=IfCondition(LaunchConfiguration("rviz")),
    )
    rviz = Node(
        package="rviz2",
        executable="rviz2",
        arguments=["-d", str(config("rviz", "press.rviz"))],
        condition=IfCondition(LaunchConfiguration("rviz")),
    )
    rqt = ExecuteProcess(
        cmd=["rqt", "--perspective-file", str(config("rqt", "press.perspective"))],
        condition=IfCondition(LaunchConfiguration("rqt")),
    )
    return [*flags, model, rviz, rqt]


def real_press() -> Action:
    """Return the nodes of a press on its serial port."""
    return OpaqueFunction(function=lambda context: _nodes(context, _given(context, "port")))


def simulated_press() -> Action:
    """Return the simulated press and the nodes that drive it."""
    return OpaqueFunction(function=_simulated_press)


def run_on_real_press() -> Action:
    """Return the client that runs the recipe; the launch ends with it."""
    return OpaqueFunction(function=_run_on_real_press)


def run_with_robot() -> Action:
    """Return the simulated robot that makes one cell; the launch ends with it."""
    return OpaqueFunction(function=_run_with_robot)


def _given(context: LaunchContext, name: str) -> str:
    return str(context.launch_configurations.get(name, ""))


def _nodes(context: LaunchContext, port: str) -> list[Action]:
    arguments = {
        "profile": str(launch_support.profile_path(_given(context, "profile"))),
        "port": port,
        "output_directory": _given(context, "output_directory"),
    }
    return [
        Node(
            package=PACKAGE,
            executable=node.name,
            name=node.name,
            namespace=_given(context, "namespace"),
            parameters=[
                str(launch_support.parameter_file()),
                launch_support.node_parameters(node, arguments),
            ],
            output="screen",
        )
        for node in graph.NODES
    ]


def _files(context: LaunchContext) -> SimulatorFiles:
    folder = runtime_folder(domain_of(os.environ), _given(context, "namespace"))
    return SimulatorFiles.within(folder)


def _simulated_press(context: LaunchContext) -> list[Action]:
    files = _files(context)
    _claims.append(claim(files.link.parent))
    simulator = ExecuteProcess(
        cmd=[
            ExecutableInPackage(launch_support.SIMULATOR_EXECUTABLE, PACKAGE),
            *files.arguments(Path(_given(context, "sim_config"))),
        ],
        name=launch_support.SIMULATOR_EXECUTABLE,
        output="screen",
        on_exit=Shutdown(reason="the simulated press has ended"),
    )
    return [simulator, *_nodes(context, str(files.link))]


def _run_on_real_press(context: LaunchContext) -> list[Action]:
    command = [ExecutableInPackage("stackpress", PACKAGE), "run", _given(context, "recipe")]
    return _client("stackpress_run", [*command, "--prepare"], context)


def _run_with_robot(context: LaunchContext) -> list[Action]:
    command = [ExecutableInPackage(launch_support.ROBOT_EXECUTABLE, PACKAGE)]
    words = ["--recipe", _given(context, "recipe"), "--world", str(_files(context).world)]
    return _client(launch_support.ROBOT_EXECUTABLE, [*command, *words, "--prepare"], context)


def _client(name: str, command: list[object], context: LaunchContext) -> list[Action]:
    command += ["--namespace", _given(context, "namespace"), "--cell", _given(context, "cell")]
    if _given(context, "output_directory"):
        command += ["--output", _given(context, "output_directory")]
    words = [word for word in _given(context, "parameters").split(";") if word.strip()]
    for key, value in parse_settings(words).items():
        command += ["--set", f"{key}={value}"]
    client = ExecuteProcess(cmd=command, name=name, output="screen")
    return [client, RegisterEventHandler(OnProcessExit(target_action=client, on_exit=_end))]


def _end(event: ProcessExited, context: LaunchContext) -> Action:
    if event.returncode == ExitCode.OK:
        return Shutdown(reason="the run PASSED")
    # launch ends the programs and exits with 1 after an error, and after nothing else.
    raise RuntimeError(f"the run ended with exit code {event.returncode}")
