"""experiment.launch.py makes one cell with the simulated robot, and ends by itself."""

import os
import unittest
from pathlib import Path

import launch_testing
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

from stackpress_py.launch_support import ROBOT_EXECUTABLE
from stackpress_py.paths import share_directory

RECIPE = Path(__file__).parent.parent / "graph" / "short_recipe.yaml"


def generate_test_description():
    arguments = {
        "recipe": str(RECIPE),
        "parameters": "pressure=20 MPa; hold=1 s",
        "output_directory": os.environ["STACKPRESS_TEST_FOLDER"],
    }
    experiment = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(share_directory() / "launch" / "experiment.launch.py")),
        launch_arguments=arguments.items(),
    )
    return LaunchDescription([experiment, launch_testing.actions.ReadyToTest()])


class TestRun(unittest.TestCase):
    def test_the_robot_reports_the_verdict_and_ends(self, proc_output, proc_info):
        proc_output.assertWaitFor("verdict     PASSED", timeout=90, stream="stdout")
        proc_info.assertWaitForShutdown(process=ROBOT_EXECUTABLE, timeout=60)


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    def test_every_program_exits_with_zero(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)
