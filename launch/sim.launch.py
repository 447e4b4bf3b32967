"""The graph with the simulated press: ``ros2 launch stackpress sim.launch.py``."""

from launch import LaunchDescription

from stackpress_py import launch_actions


def generate_launch_description():
    return LaunchDescription(
        [
            *launch_actions.environment(),
            *launch_actions.graph_arguments(),
            *launch_actions.simulator_arguments(),
            launch_actions.simulated_press(),
            *launch_actions.watching(),
        ]
    )
