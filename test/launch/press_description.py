"""press.launch.py brings a press up on the port that it is given."""

import os
import unittest
from pathlib import Path

import launch_testing
from launch import LaunchDescription
from launch.actions import ExecuteProcess, IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.substitutions import ExecutableInPackage

from stackpress_py import launch_support
from stackpress_py.launch_support import SimulatorFiles
from stackpress_py.paths import share_directory


def generate_test_description():
    files = SimulatorFiles.within(Path(os.environ["STACKPRESS_TEST_FOLDER"]))
    # It stands for the real press: a program that launch knows nothing of, on a serial port.
    press = ExecuteProcess(
        cmd=[
            ExecutableInPackage(launch_support.SIMULATOR_EXECUTABLE, "stackpress"),
            *files.arguments(launch_support.simulator_config()),
        ]
    )
    graph = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(share_directory() / "launch" / "press.launch.py")),
        launch_arguments={"port": str(files.link), "namespace": "/press_2"}.items(),
    )
    return LaunchDescription([press, graph, launch_testing.actions.ReadyToTest()])


class TestGraph(unittest.TestCase):
    def test_all_nodes_become_active_in_their_namespace(self, proc_output):
        proc_output.assertWaitFor("[press_2.supervisor]", timeout=30, stream="stderr")
        proc_output.assertWaitFor("all 5 nodes are active", timeout=30, stream="stderr")


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    def test_every_program_exits_with_zero(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)
