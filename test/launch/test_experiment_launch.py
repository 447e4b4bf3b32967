"""experiment.launch.py, under the real launch."""

from launch_runner import needs_launch, run_description


@needs_launch
def test_experiment_launch() -> None:
    run_description("experiment")
