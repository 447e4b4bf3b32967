"""Ctrl-C and SIGTERM as a wish that a command looks at, instead of an exception anywhere."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequests:
    """How often the user asked to stop, by SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        self.count += 1


@contextmanager
def stop_requests() -> Iterator[StopRequests]:
    """Count SIGINT and SIGTERM, instead of ending, for as long as the context lasts."""
    requests = StopRequests()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, requests.note) for number in numbers]
    try:
        yield requests
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
