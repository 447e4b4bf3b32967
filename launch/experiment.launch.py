"""One run from start to end: exit code 0 if and only if the run PASSED.

``ros2 launch stackpress experiment.launch.py recipe:=demo parameters:='cold_time=20 s'``. With
``simulated:=true`` (the default) a simulated robot loads and unloads a simulated press; without it
a person has laid the cell into the press before.
"""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, GroupAction
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration

from stackpress_py import launch_actions


def generate_launch_description():
    simulated = LaunchConfiguration("simulated")
    return LaunchDescription(
        [
            *launch_actions.environment(),
            DeclareLaunchArgument(
                "simulated",
                default_value="true",
                choices=["true", "false"],
                description="run on the simulated press, with a simulated robot",
            ),
            *launch_actions.run_arguments(),
            *launch_actions.graph_arguments(),
            *launch_actions.simulator_arguments(),
            launch_actions.port_argument(),
            GroupAction(
                [launch_actions.simulated_press(), launch_actions.run_with_robot()],
                condition=IfCondition(simulated),
            ),
            GroupAction(
                [launch_actions.real_press(), launch_actions.run_on_real_press()],
                condition=UnlessCondition(simulated),
            ),
        ]
    )
