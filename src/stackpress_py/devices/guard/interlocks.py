"""The driver's interlocks: what trips, stays tripped until it is cleared by hand; pure.

Limits come from the profile alone. A trip can be cleared only when its cause is gone.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntFlag

from stackpress_py.devices.press.limits import Limits, Trips
from stackpress_py.quantities import (
    FORCE_RATE,
    TEMPERATURE,
    format_force,
    format_length,
    format_pressure,
    format_quantity,
)


class Interlock(IntFlag):
    """Bits of PressState.interlocks."""

    FORCE = 1
    FORCE_RATE = 2
    TRAVEL = 4
    TEMPERATURE = 8
    GUARD = 16
    ESTOP = 32
    SENSOR = 64
    DEVICE = 128
    BUS = 256
    PRESSURE = 512
    COMMAND = 1024
    READ_BACK = 2048


_WORDS = {
    Interlock.FORCE: "force beyond the limit",
    Interlock.FORCE_RATE: "force rose too fast",
    Interlock.TRAVEL: "ram beyond its travel",
    Interlock.TEMPERATURE: "a platen is too hot",
    Interlock.GUARD: "guard opened",
    Interlock.ESTOP: "emergency stop",
    Interlock.SENSOR: "a sensor failed",
    Interlock.DEVICE: "fault of the press's own controller",
    Interlock.BUS: "the bus was lost",
    Interlock.PRESSURE: "oil pressure beyond the limit",
    Interlock.COMMAND: "commands were missing",
    Interlock.READ_BACK: "a device does not hold what was written",
}


def in_words(interlocks: int) -> str:
    """Return what the bits mean, for people; empty: none is set."""
    return ", ".join(text for bit, text in _WORDS.items() if bit & interlocks)


def names(interlocks: Interlock) -> tuple[str, ...]:
    """Return the names of the bits that are set, in lower case."""
    return tuple(bit.name.lower() for bit in Interlock if bit & interlocks and bit.name)


@dataclass(frozen=True, slots=True)
class Observation:
    """What the interlocks judge, once a cycle; SI, degC.

    Attributes:
        connected: the press answered; if not, only ``lost`` is judged.
        lost: the press is silent for longer than single errors last.
        enabled: motion is enabled, by our command or by the press's word.
        velocity: m/s, commanded; 0: none.
        force: N; NaN: not known.
        beyond_range: every force sensor is saturated.
        temperatures: degC, of the platens that have a sensor.
        oil_pressure: Pa; NaN: not known, or there is none.
        broken: one sentence about each sensor that has failed.
        not_taken: one sentence for each value that was written and is not held.
        overdue: s for which a command that had been acting is missing.
        faults: names of the faults that the press's own controller reports.
    """

    connected: bool
    lost: bool = False
    enabled: bool = False
    velocity: float = 0.0
    force: float = 0.0
    beyond_range: bool = False
    position: float = 0.0
    oil_pressure: float = math.nan
    temperatures: Sequence[float] = ()
    guard_closed: bool = True
    estop_released: bool = True
    at_open_limit: bool = False
    at_closed_limit: bool = False
    broken: Sequence[str] = ()
    not_taken: Sequence[str] = ()
    overdue: float = 0.0
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Trip:
    """An interlock that has tripped: which, when (s, as given), why in one sentence."""

    interlock: Interlock
    time: float
    cause: str


@dataclass(slots=True)
class _Rule:
    """One cause: ``judge`` tells it in a sentence, ``patience`` is how long it must last (s)."""

    interlock: Interlock
    patience: float
    judge: Callable[[Observation], str]
    since: float = field(default=math.inf)
    cause: str = ""

    def step(self, observation: Observation, now: float) -> None:
        self.cause = self.judge(observation)
        self.since = min(self.since, now) if self.cause else math.inf

    def ripe(self, now: float) -> bool:
        # The tolerance is for sums of periods that are not exact.
        return now - self.since >= self.patience - 1e-6


class Interlocks:
    """Latched trips of one press.

    Args:
        limits, trips: from the profile.
    """

    def __init__(self, limits: Limits, trips: Trips) -> None:
        self._limits = limits
        self._trips = trips
        self._rise = _Rise(trips.force_rate_window)
        self._guard_mattered = False
        self._bus_mattered = False
        self._latched: dict[Interlock, Trip] = {}
        signal = trips.signal_time
        self._bus_rule = _Rule(Interlock.BUS, 0.0, self._judge_bus)
        self._rules = (
            _Rule(Interlock.FORCE, 0.0, self._judge_force),
            _Rule(Interlock.FORCE_RATE, 0.0, self._judge_force_rate),
            _Rule(Interlock.TRAVEL, signal, self._judge_travel),
            _Rule(Interlock.TEMPERATURE, trips.temperature_time, self._judge_temperature),
            _Rule(Interlock.GUARD, signal, self._judge_guard),
            _Rule(Interlock.ESTOP, 0.0, self._judge_estop),
            _Rule(Interlock.SENSOR, signal, lambda seen: "; ".join(seen.broken)),
            _Rule(Interlock.DEVICE, 0.0, self._judge_device),
            _Rule(Interlock.PRESSURE, 0.0, self._judge_pressure),
            _Rule(Interlock.COMMAND, 0.0, self._judge_command),
            _Rule(Interlock.READ_BACK, 0.0, lambda seen: "; ".join(seen.not_taken)),
        )

    @property
    def latched(self) -> Interlock:
        """Everything that has tripped and was not cleared."""
        result = Interlock(0)
        for interlock in self._latched:
            result |= interlock
        return result

    @property
    def trips(self) -> tuple[Trip, ...]:
        """The latched trips, oldest first."""
        return tuple(self._latched.values())

    def update(self, observation: Observation, now: float) -> tuple[Trip, ...]:
        """Judge one cycle (time in s) and return the new trips."""
        if observation.connected:
            self._rise.step(observation.force, now)
            if observation.guard_closed or observation.enabled:
                self._guard_mattered = observation.enabled
            self._bus_mattered = observation.enabled
            for rule in self._rules:
                rule.step(observation, now)
        else:
            self._rise.restart()
        self._bus_rule.step(observation, now)
        ripe = (*self._rules, self._bus_rule) if observation.connected else (self._bus_rule,)
        fresh = tuple(
            Trip(rule.interlock, now, rule.cause)
            for rule in ripe
            if rule.ripe(now) and rule.interlock not in self._latched
        )
        self._latched.update({trip.interlock: trip for trip in fresh})
        return fresh

    def clear(self) -> tuple[Trip, ...]:
        """Remove the trips whose cause was gone at the last update; return those that stay."""
        present = {
            rule.interlock: rule.cause for rule in (*self._rules, self._bus_rule) if rule.cause
        }
        self._latched = {
            interlock: Trip(interlock, trip.time, present[interlock])
            for interlock, trip in self._latched.items()
            if interlock in present
        }
        return self.trips

    # ---- causes ----------------------------------------------------------------------------------

    def _judge_force(self, seen: Observation) -> str:
        if seen.beyond_range:
            return "the force is beyond the range of every force sensor"
        if abs(seen.force) > self._trips.force:
            return f"the force is {_n(seen.force)}; the limit is {_n(self._trips.force)}"
        return ""

    def _judge_force_rate(self, seen: Observation) -> str:
        rate = self._rise.rate
        if rate > self._trips.force_rate:
            limit = format_quantity(self._trips.force_rate, FORCE_RATE, 4)
            return f"the force rose by {format_quantity(rate, FORCE_RATE, 4)}; the limit is {limit}"
        return ""

    def _judge_travel(self, seen: Observation) -> str:
        margin, travel = self._trips.travel_margin, self._limits.travel
        if (
            travel is not None
            and math.isfinite(seen.position)
            and not -margin <= seen.position <= travel + margin
        ):
            return (
                f"the ram is at {format_length(seen.position, 4)}; its travel is 0 mm to"
                f" {format_length(travel, 4)}"
            )
        if seen.at_closed_limit and seen.velocity > 0.0:
            return "the ram closes and is at the closed-end limit switch"
        if seen.at_open_limit and seen.velocity < 0.0:
            return "the ram opens and is at the open-end limit switch"
        return ""

    def _judge_temperature(self, seen: Observation) -> str:
        known = [value for value in seen.temperatures if math.isfinite(value)]
        hottest, trip = max(known, default=-math.inf), self._trips.temperature
        if trip is not None and hottest > trip:
            limit = format_quantity(trip, TEMPERATURE, 4)
            return f"a platen has {format_quantity(hottest, TEMPERATURE, 4)}; the limit is {limit}"
        return ""

    def _judge_guard(self, seen: Observation) -> str:
        opened = self._guard_mattered and not seen.guard_closed
        return "the guard was opened while the ram was enabled" if opened else ""

    def _judge_estop(self, seen: Observation) -> str:
        return "" if seen.estop_released else "the emergency-stop chain is open"

    def _judge_device(self, seen: Observation) -> str:
        return f"the press reports: {', '.join(seen.faults)}" if seen.faults else ""

    def _judge_pressure(self, seen: Observation) -> str:
        limit = self._trips.oil_pressure
        if limit is not None and seen.oil_pressure > limit:
            return (
                f"the oil pressure is {format_pressure(seen.oil_pressure, 4)}; the limit is"
                f" {format_pressure(limit, 4)}"
            )
        return ""

    def _judge_command(self, seen: Observation) -> str:
        if seen.overdue > self._trips.command_time:
            return f"commands have been missing for {seen.overdue:.1f} s in the middle of action"
        return ""

    def _judge_bus(self, seen: Observation) -> str:
        lost = self._bus_mattered and seen.lost and not seen.connected
        return "the bus was lost while the ram was enabled" if lost else ""


def _n(force: float) -> str:
    return format_force(force, 4)


class _Rise:
    """Steepest rise of the force over a window (s)."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._points: deque[tuple[float, float]] = deque()
        self.rate = 0.0

    def restart(self) -> None:
        """Forget what was seen."""
        self._points.clear()
        self.rate = 0.0

    def step(self, force: float, now: float) -> None:
        """Take one force (N)."""
        if not math.isfinite(force):
            self.restart()
            return
        self._points.append((now, force))
        while now - self._points[0][0] > self._window + 1e-6 and len(self._points) > 2:
            self._points.popleft()
        begin, first = self._points[0]
        long_enough = now - begin >= 0.5 * self._window
        self.rate = (force - first) / (now - begin) if long_enough else 0.0
