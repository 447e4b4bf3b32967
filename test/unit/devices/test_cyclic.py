"""The bus thread: its phase, and its last act however it ends."""

import threading
import time

import pytest

from stackpress_py.devices.cyclic import CyclicThread

PERIOD = 0.01


class Work:
    """Counts steps; ends the wait of a test after some of them."""

    def __init__(self, steps: int, slow: dict[int, float] | None = None) -> None:
        self.times: list[float] = []
        self.finished_in: list[str] = []
        self.enough = threading.Event()
        self._steps = steps
        self._slow = slow or {}

    def step(self, now: float) -> None:
        self.times.append(now)
        time.sleep(self._slow.get(len(self.times), 0.0))
        if len(self.times) >= self._steps:
            self.enough.set()

    def finish(self) -> None:
        self.finished_in.append(threading.current_thread().name)


def run(work: Work) -> CyclicThread:
    thread = CyclicThread("bus", PERIOD, work.step, work.finish)
    thread.start()
    assert work.enough.wait(10.0)
    assert thread.stop(5.0)
    return thread


def test_steps_keep_their_phase_and_missed_periods_are_counted() -> None:
    work = Work(20, {5: 2.5 * PERIOD})
    thread = run(work)
    assert thread.missed >= 2
    assert thread.error is None
    # Each step comes at or after a whole number of periods from the first.
    for begin in work.times[1:]:
        phase = (begin - work.times[0]) / PERIOD
        assert phase - int(phase + 0.02) >= -0.02
    assert work.times[5] - work.times[4] >= 2.9 * PERIOD


def test_the_last_act_is_done_in_the_thread_itself() -> None:
    work = Work(3)
    run(work)
    assert work.finished_in == ["bus"]
    count = len(work.times)
    time.sleep(3 * PERIOD)
    assert len(work.times) == count


def test_the_last_act_is_done_after_an_exception_too() -> None:
    finished = threading.Event()

    def fail(now: float) -> None:
        raise RuntimeError("a bug")

    thread = CyclicThread("bus", PERIOD, fail, finished.set)
    thread.start()
    assert finished.wait(10.0)
    assert thread.stop(5.0)
    with pytest.raises(RuntimeError, match="a bug"):
        raise thread.error or AssertionError
