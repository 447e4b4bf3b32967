"""The accounts of one phase, made again from the recorded messages as the sequencer kept them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from stackpress_py.account import (
    AVERAGING,
    Approach,
    HoldAccount,
    HoldOutcome,
    LowPressure,
    LowPressureWatch,
    Wear,
    WearAccount,
    Working,
    farthest,
    working,
)
from stackpress_py.record import reader
from stackpress_py.record.reader import Array, Run, Signals


@dataclass(frozen=True, slots=True)
class Target:
    """What a phase asks of one quantity: value, half-width of its band, s that count as reached."""

    value: float
    tolerance: float
    settling: float


class Accounts:
    """The accounts of one phase, fed as the sequencer feeds its own: pressure, then temperature.

    Attributes:
        pressure, temperature: None: no such target.
        settled: s since the epoch at which the pressure had settled and its hold began; infinite: never.
        uncertainty: Pa, largest of the pressure since then, or in the whole phase if it never settled.
        wear: what the actuator had to do.
        low_pressure: None: the phase has no alarm.

    Args:
        run: that it was in.
        order: what the phase was asked.
        begin: s since the epoch; NaN: it never began.
        end: s since the epoch.
    """

    def __init__(self, run: Run, order: Mapping[str, Any], begin: float, end: float) -> None:
        self.pressure: HoldOutcome | None = None
        self.temperature: HoldOutcome | None = None
        self.settled = math.inf
        self.uncertainty = math.nan
        self.wear = Wear()
        self._alarm = _alarm(order)
        if math.isnan(begin):
            return
        # A cycle that the press did not answer is a missing sample, not a bad one: how long a gap
        # may be is for the account to say.
        press = run.press.between(begin, end)
        # With a tripped interlock the machine has left the phase.
        press = press.where((press["connected"] == 1.0) & (press["interlocks"] == 0.0))
        asked = _target(order, "pressure")
        if asked is not None:
            self._press(asked, press, reader.die_area(run))
        asked = _target(order, "temperature")
        if asked is not None:
            self._heat(asked, press if self.pressure is None else press.between(self.settled, end))
        self.wear = _wear(press, run.command)

    @property
    def low_pressure(self) -> LowPressure | None:
        """Account of the alarm."""
        return None if self._alarm is None else self._alarm.outcome

    def _press(self, asked: Target, press: Signals, area: float) -> None:
        value = press["force"] / area
        account = _account(asked, value, AVERAGING)
        for now, found in _after_the_order(press.time, value):
            account.update(found, now)
            if self._alarm is not None and account.reached:
                self._alarm.update(account.average, now)
        self.pressure = account.result()
        self.settled = _settled_at(press.time, self.pressure, asked)
        held = press if math.isinf(self.settled) else press.between(self.settled, math.inf)
        known = held["force_uncertainty"][np.isfinite(held["force_uncertainty"])]
        self.uncertainty = float(known.max() / area) if known.size else math.nan

    def _heat(self, asked: Target, press: Signals) -> None:
        upper, lower = press["upper_platen_temperature"], press["lower_platen_temperature"]
        account = _account(asked, (upper + lower) / 2.0, 0.0)
        for now, found in _after_the_order(press.time, _farthest(asked.value, upper, lower)):
            account.update(found, now)
        self.temperature = account.result()


def _settled_at(time: Array, made: HoldOutcome, asked: Target) -> float:
    """Return when the quantity had settled and its hold began, s since the epoch; infinite: never."""
    if not made.reached:
        return math.inf
    # A microsecond less, because sums of decimal seconds are not exact.
    return float(time[1]) + made.time_to_reach + asked.settling - 1e-6


def _account(asked: Target, start: Array, averaging: float) -> HoldAccount:
    """Return an account that is not fed yet; ``start[0]`` tells the side of the approach."""
    approach = Approach.to(asked.value, start[0]) if len(start) else Approach.FROM_BELOW
    return HoldAccount(asked.value, asked.tolerance, asked.settling, approach, averaging)


def _after_the_order(time: Array, values: Array) -> Iterator[tuple[float, float]]:
    """Yield times and values; the sample at the begin is the one that the order answered, the account's is the next."""
    return zip(time[1:].tolist(), values[1:].tolist(), strict=True)


def _wear(press: Signals, command: Signals) -> Wear:
    """Return what the actuator had to do; each sample goes with the last command before it."""
    at = np.searchsorted(command.time, press.time, side="right") - 1
    given = [command[name].tolist() for name in reader.COMMAND_FIELDS]
    done = [
        Working.NOTHING
        if i < 0
        else working(int(given[0][i]), given[1][i], given[2][i], given[3][i])
        for i in at.tolist()
    ]
    if not done:
        return Wear()
    times, positions = press.time.tolist(), press["position"].tolist()
    account = WearAccount(done[0], positions[0])
    for now, position, doing in zip(times[1:], positions[1:], done[1:], strict=True):
        account.update(position, doing, now)
    return account.outcome


def _farthest(target: float, upper: Array, lower: Array) -> Array:
    pairs = zip(upper.tolist(), lower.tolist(), strict=True)
    return np.array([farthest(target, a, b) for a, b in pairs])


def _target(order: Mapping[str, Any], quantity: str) -> Target | None:
    asked = order.get(quantity)
    if not isinstance(asked, Mapping):
        return None
    return Target(asked["target"], asked["tolerance"], float(order.get("settling", 0.0)))


def _alarm(order: Mapping[str, Any]) -> LowPressureWatch | None:
    asked = order.get("alarm")
    return LowPressureWatch(asked["below"], asked["after"]) if isinstance(asked, Mapping) else None
