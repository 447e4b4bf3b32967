"""How far a run is: a live bar on a terminal, plain lines elsewhere."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from stackpress_py.cli import text
from stackpress_py.machine.by_hand import is_instruction

#: s between two plain lines while nothing changes.
LINE_PERIOD = 10.0


@dataclass(frozen=True, slots=True)
class RunView:
    """What is shown of a run's status; SI, or degC; NaN: unknown."""

    recipe: str
    phase: str
    phase_index: int
    phase_count: int
    step: str
    progress: float
    remaining: float
    pressure: float
    pressure_target: float
    temperature: float
    temperature_target: float

    @classmethod
    def from_status(cls, status: Any) -> "RunView":
        """Make it of a RunStatus message."""
        return cls(
            status.recipe,
            status.phase,
            status.phase_index,
            status.phase_count,
            status.step,
            status.progress,
            status.remaining,
            status.pressure,
            status.pressure_target,
            status.temperature,
            status.temperature_target,
        )


class RunDisplay(Protocol):
    """Shows the progress of one run."""

    def update(self, view: RunView) -> None:
        """Show the present status."""

    def say(self, line: str) -> None:
        """Show one line of text beside it."""


@contextmanager
def run_display(console: Console) -> Iterator[RunDisplay]:
    """Return a live bar on a terminal, else plain lines; the bar ends with the context."""
    if not console.is_terminal:
        yield PlainLines(console)
        return
    with Progress(
        TextColumn("{task.fields[phase]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[values]}"),
        console=console,
        refresh_per_second=5,
    ) as progress:
        yield LiveBar(progress)


class LiveBar:
    """A progress bar with phase, pressure, temperature and time left."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("", total=1.0, phase="waiting", values="")

    def update(self, view: RunView) -> None:
        """Show the present status."""
        done = view.progress if math.isfinite(view.progress) else 0.0
        self._progress.update(self._task, completed=done, phase=phase_text(view))
        self._progress.update(self._task, values=values_text(view))

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self._progress.console.print(line, markup=False, highlight=False)


class PlainLines:
    """One line at the beginning of each step, and one every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: tuple[int, str] | None = None
        self._next = 0.0

    def update(self, view: RunView) -> None:
        """Print a line if the step is new or the last line is old."""
        key, now = (view.phase_index, view.step), time.monotonic()
        if key == self._shown and now < self._next:
            return
        self._shown, self._next = key, now + LINE_PERIOD
        percent = f"{100.0 * view.progress:3.0f} %" if math.isfinite(view.progress) else "  ? %"
        self.say(f"{percent}  {phase_text(view)}  {values_text(view)}")

    def say(self, line: str) -> None:
        """Print a line."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def phase_text(view: RunView) -> str:
    """Return e.g. ``2/5 press: hold``."""
    if view.phase_count == 0:
        return view.recipe
    step = f": {view.step}" if view.step else ""
    return f"{view.phase_index + 1}/{view.phase_count} {view.phase}{step}"


def values_text(view: RunView) -> str:
    """Return pressure and temperature with their targets, and the time left.

    A person who moves the press also gets the difference to the target.
    """
    pressure = _with_target(
        text.pressure(view.pressure), text.pressure_band(view.pressure_target, 0.0)
    )
    if is_instruction(view.step) and math.isfinite(view.pressure_target):
        pressure += f" ({text.pressure_difference(view.pressure - view.pressure_target)})"
    temperature = _with_target(
        text.temperature(view.temperature), text.temperature_band(view.temperature_target, 0.0)
    )
    return f"{pressure}  {temperature}  {text.duration(view.remaining)} left"


def _with_target(value: str, target: str) -> str:
    return value if target == text.NOTHING else f"{value} → {target}"
