"""A thread that does one thing at absolute deadlines, and one last thing however it ends."""

import math
import threading
import time
from collections.abc import Callable

from stackpress_py.devices.bus.timing import wake_on_time


class CyclicThread:
    """Call ``step`` once a period.

    A step that takes longer than a period costs whole periods: the phase stays, nothing is made up.

    Args:
        name: of the thread.
        period: s.
        step: given monotonic s; an exception ends the thread.
        finish: called in the thread as the last thing, also after an exception.

    Attributes:
        error: the exception that ended the thread; None: there was none.
        missed: periods in which no step was made.
    """

    def __init__(
        self,
        name: str,
        period: float,
        step: Callable[[float], None],
        finish: Callable[[], None],
    ) -> None:
        self._period = period
        self._step = step
        self._finish = finish
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.error: Exception | None = None
        self.missed = 0

    @property
    def name(self) -> str:
        """As given."""
        return self._thread.name

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def request_stop(self) -> None:
        """Ask it to end after the step in progress; do not wait."""
        self._stop.set()

    def stop(self, timeout: float) -> bool:
        """End after the step in progress; return True if it has ended within ``timeout`` s."""
        self._stop.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        wake_on_time()
        try:
            self._loop()
        except Exception as error:
            self.error = error
        finally:
            self._finish()

    def _loop(self) -> None:
        deadline = time.monotonic()
        while not self._stop.is_set():
            self._step(time.monotonic())
            deadline += self._period
            late = time.monotonic() - deadline
            if late > 0.0:
                skipped = math.ceil(late / self._period)
                self.missed += skipped
                deadline += skipped * self._period
            self._stop.wait(max(0.0, deadline - time.monotonic()))
