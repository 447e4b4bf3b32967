"""What a measurement shows while it goes on: each step as it begins, and on a terminal the latest values."""

import time
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TypeVar

from rich.console import Console

from stackpress_py.cli import text
from stackpress_py.cli.signals import stop_requests
from stackpress_py.devices.cyclic import CyclicThread
from stackpress_py.quantities import format_force, format_length
from stackpress_py.tune.session import Row, Session

T = TypeVar("T")

#: s between two looks at the measurement.
LOOK = 0.2
#: Requests to end after which the press is not opened any more, but stands at once.
IMPATIENT = 2


def print_lines(lines: Sequence[str], console: Console) -> None:
    """Print lines as they are."""
    for line in lines:
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def watch(session: Session[T], bus: CyclicThread, told: deque[str], console: Console) -> None:
    """Wait until a measurement has ended; Ctrl-C asks it to end, a second one leaves it at once.

    Args:
        session: stepped by the bus.
        bus: its thread.
        told: what is being done, from the thread.
        console: to show it on.
    """
    live = console.status("watching the press") if console.is_terminal else None
    step = "watching the press"
    with stop_requests() as stop, live or nullcontext():
        while not session.ended and bus.error is None:
            while told:
                step = told.popleft()
                print_lines([step], console)
            if stop.count:
                session.request_stop()
                step = "it is ended: the press opens"
            if stop.count >= IMPATIENT:
                return
            if live is not None and session.rows:
                live.update(f"{step}: {_values(session.rows[-1])}")
            time.sleep(LOOK)


def _values(row: Row) -> str:
    seen = row.seen
    values = [format_force(seen.force, 3), format_length(seen.position, 5)]
    platens = [text.temperature(value) for value in (seen.upper, seen.lower)]
    return ", ".join([*values, *platens])
