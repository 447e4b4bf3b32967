"""The graph with a real press: ``ros2 launch stackpress press.launch.py port:=/dev/ttyUSB0``."""

from launch import LaunchDescription

from stackpress_py import launch_actions


def generate_launch_description():
    return LaunchDescription(
        [
            *launch_actions.environment(),
            *launch_actions.graph_arguments(),
            launch_actions.port_argument(),
            launch_actions.real_press(),
            *launch_actions.watching(),
        ]
    )
