"""Run a launch_testing description as ``launch_test`` does, in a process and domain of its own."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from stackpress_py.cli import environment

#: Modules inside the packages: a folder that happens to be called launch is not ROS's launch.
NEEDED = ("launch.actions", "launch_ros.actions", "launch_testing.launch_test")


def _missing(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is None
    except ModuleNotFoundError:
        return True


MISSING = [module.partition(".")[0] for module in NEEDED if _missing(module)]

needs_launch = pytest.mark.skipif(
    bool(MISSING), reason=f"not importable here, they come with ROS: {', '.join(MISSING)}"
)


def run_description(name: str, timeout: float = 120.0) -> None:
    """Run the tests of ``NAME_description.py``; fail with its output."""
    file = Path(__file__).parent / "launch" / f"{name}_description.py"
    code = "import sys; from launch_testing.launch_test import main; sys.exit(main())"
    with environment.free_domain() as domain, tempfile.TemporaryDirectory() as folder:
        variables = environment.completed(os.environ, domain)
        variables |= {"XDG_RUNTIME_DIR": folder, "ROS_LOG_DIR": folder, "ROS_HOME": folder}
        # An environment without a sourced setup file is in no prefix path.
        prefixes = [sys.prefix, *variables.get("AMENT_PREFIX_PATH", "").split(os.pathsep)]
        variables["AMENT_PREFIX_PATH"] = os.pathsep.join(filter(None, prefixes))
        variables["STACKPRESS_TEST_FOLDER"] = folder
        done = subprocess.run(
            [sys.executable, "-c", code, str(file)],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
        )
    assert done.returncode == 0, done.stdout
