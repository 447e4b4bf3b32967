"""A measurement on a real press: snapshots of its station become what is seen, orders become commands.

It refuses to begin while anything is wrong, takes the zeros itself, and ends when an interlock trips, the guard opens
or the press falls silent. The station's interlocks and limits act as in the driver.
"""

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

from stackpress_py.devices.guard.interlocks import in_words
from stackpress_py.devices.guard.station import Snapshot, Station
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import Reading
from stackpress_py.tune.guard import LONGEST_GAP
from stackpress_py.tune.trial import Order, Seen, Trial

T = TypeVar("T")

#: s for which the press is watched beyond the window of the zeros before they are taken.
WATCHED_LONGER = 0.5
ENDED_BY_USER = "ended by the user"


@dataclass(frozen=True, slots=True)
class Row:
    """One cycle: what was seen, and what was ordered then."""

    seen: Seen
    order: Order


class _State(Enum):
    WATCHING = auto()
    RUNNING = auto()
    ENDED = auto()


class Session(Generic[T]):
    """One trial on one press.

    Args:
        profile: of the press.
        station: its bus is open.
        trial: not begun.
        clock: s, monotonic.
        wall: s, of the clock of the commands' stamps.

    Attributes:
        rows: every cycle so far.
    """

    def __init__(
        self,
        profile: PressProfile,
        station: Station,
        trial: Trial[T],
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._profile = profile
        self._station = station
        self._trial = trial
        self._clock = clock
        self._wall = wall
        self._state = _State.WATCHING
        self._begin = self._heard = math.nan
        self._stop = threading.Event()
        self._problem = ""
        self.rows: list[Row] = []

    @property
    def ended(self) -> bool:
        """Nothing more is to be done."""
        return self._state is _State.ENDED

    @property
    def problem(self) -> str:
        """Why it has not ended well, one sentence; empty: it has, or goes on."""
        return self._problem or self._trial.problem

    @property
    def result(self) -> T | None:
        """What was found, even if the press could not be opened afterwards; None: nothing."""
        return self._trial.result

    def request_stop(self) -> None:
        """End the measurement: the press is led to safety. Any thread may call it."""
        self._stop.set()

    def step(self, now: float) -> None:
        """Have one cycle of the bus.

        Args:
            now: s, monotonic.
        """
        snapshot = self._station.step(now, self._wall())
        if self._state is _State.ENDED:
            return
        if math.isnan(self._begin):
            self._begin = self._heard = now
        reading = snapshot.reading
        if reading is None:
            self._silent(snapshot, now)
            return
        self._heard = now
        seen = self._seen(snapshot, reading)
        if self._state is _State.WATCHING:
            self._watch(snapshot, reading, now)
        else:
            self._run(snapshot, reading, seen)

    def _silent(self, snapshot: Snapshot, now: float) -> None:
        # Answers that get lost are no more than a pause: it may be as long.
        if now - self._heard > LONGEST_GAP:
            self._end(f"the press does not answer: {snapshot.problem}")

    def _end(self, problem: str = "") -> None:
        """Stand still: what is commanded has been withdrawn, and is off at the next cycle."""
        self._problem = problem
        self._state = _State.ENDED
        self._command(Order())

    # ---- before ----------------------------------------------------------------------------------

    def _watch(self, snapshot: Snapshot, reading: Reading, now: float) -> None:
        if self._stop.is_set():
            self._end(f"{ENDED_BY_USER} before anything moved")
            return
        problem = "; ".join(why_not_ready(snapshot, reading))
        watched = now - self._begin
        if not problem and watched > self._profile.tare.window + WATCHED_LONGER:
            problem, _ = self._station.tare()
            if not problem:
                self._state = _State.RUNNING
                return
        if problem and watched > self._profile.tare.window + WATCHED_LONGER:
            self._end(problem)

    # ---- meanwhile -------------------------------------------------------------------------------

    def _run(self, snapshot: Snapshot, reading: Reading, seen: Seen) -> None:
        if snapshot.interlocks:
            causes = [note.text for note in snapshot.notes if note.code == "interlock.trip"]
            self._trial.stop(" ".join(causes) or in_words(int(snapshot.interlocks)), stand=True)
        elif not reading.guard_closed or reading.ram_locked:
            why = "the guard was opened" if not reading.guard_closed else "the ram was locked"
            self._trial.stop(why, stand=True)
        elif self._stop.is_set():
            self._trial.stop(ENDED_BY_USER)
        order = self._trial.step(seen)
        self.rows.append(Row(seen, order))
        self._command(order)
        if self._trial.ended:
            self._end()

    def _command(self, order: Order) -> None:
        wall, now = self._wall(), self._clock()
        self._station.offer_motion(order.motion, wall, wall, now)
        self._station.offer_heat(order.heat, wall, wall, now)

    def _seen(self, snapshot: Snapshot, reading: Reading) -> Seen:
        force = snapshot.force
        return Seen(
            time=self._clock(),
            force=math.nan if force is None else force.force,
            sensors=() if force is None else force.sensors,
            position=reading.position,
            upper=reading.upper_temperature,
            lower=reading.lower_temperature,
            frame=reading.frame_temperature,
            at_open_limit=reading.at_open_limit,
        )


def why_not_ready(snapshot: Snapshot, reading: Reading) -> Iterator[str]:
    """Yield what stands in the way of a measurement, one sentence each."""
    if snapshot.interlocks:
        yield f"an interlock has tripped: {in_words(int(snapshot.interlocks))}"
    if reading.faults:
        yield f"the press reports {', '.join(reading.faults)}: put it right, and reset it"
    if not reading.estop_released:
        yield "the emergency-stop chain is open"
    if not reading.guard_closed:
        yield "the guard is open: close it"
    if reading.ram_locked:
        yield "the ram is locked"
    yield from reading.missing
