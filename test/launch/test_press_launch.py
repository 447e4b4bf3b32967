"""press.launch.py, under the real launch."""

import pytest

from launch_runner import needs_launch, run_description


@pytest.mark.timeout(150)
@needs_launch
def test_press_launch() -> None:
    run_description("press")
