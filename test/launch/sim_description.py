"""sim.launch.py brings a simulated press up, and all of it ends cleanly."""

import unittest

import launch_testing
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from stackpress_py.paths import share_directory


def generate_test_description():
    file = share_directory() / "launch" / "sim.launch.py"
    press = IncludeLaunchDescription(PythonLaunchDescriptionSource(str(file)))
    return LaunchDescription([press, launch_testing.actions.ReadyToTest()])


class TestGraph(unittest.TestCase):
    def test_all_nodes_become_active(self, proc_output):
        proc_output.assertWaitFor("all 5 nodes are active", timeout=30, stream="stderr")


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    def test_every_program_exits_with_zero(self, proc_info):
        self.assertEqual(len(proc_info.process_names()), 7)
        launch_testing.asserts.assertExitCodes(proc_info)
