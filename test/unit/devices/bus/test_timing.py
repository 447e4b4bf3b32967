"""A bus's thread asks the system for waits that end on time."""

import threading
from pathlib import Path

import pytest

from stackpress_py.devices.bus.timing import wake_on_time


def test_only_the_calling_thread_wakes_on_time() -> None:
    def slack() -> int:
        """Allowed lateness of the calling thread's waits, ns."""
        return int(Path(f"/proc/{threading.get_native_id()}/timerslack_ns").read_text())

    try:
        before = slack()
    except OSError:
        pytest.skip("this system tells no timer slack")
    found: list[int] = []

    def run() -> None:
        wake_on_time()
        found.append(slack())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [1]
    assert slack() == before
