"""Requested versus reached of each phase, made again from the messages, beside what was told.

The sequencer kept its accounts while the run was on; here the same accounts (:class:`HoldAccount`)
are fed with the recorded measurements. Where the two differ, both are shown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stackpress_py.account import Approach, HoldAccount, HoldOutcome, farthest
from stackpress_py.record import reader
from stackpress_py.record.cdr import stamp_of
from stackpress_py.record.journal import json_object
from stackpress_py.record.reader import Array, Run, Signals

#: Share of the tolerance by which two accounts of the same value may differ.
_SAME_VALUE = 0.02
#: s by which two accounts of the same time may differ: a few bus cycles.
_SAME_TIME = 0.2
_TIMES = frozenset({"time_to_reach", "duration", "time_in_tolerance"})
_COMPARED = ("peak", "overshoot", "mean", "minimum", "maximum", "worst_deviation", *sorted(_TIMES))


@dataclass(frozen=True, slots=True)
class Target:
    """What a phase asks of one quantity: value, half-width of its band, s that count as reached."""

    value: float
    tolerance: float
    settling: float


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of the run.

    Attributes:
        name: as in the recipe.
        outcome: as told: "PASSED", "FAILED", "INTERRUPTED", "SKIPPED"; empty: nothing was told.
        reason: as told.
        begin, end: s since the epoch; NaN: it never began.
        pressure, temperature: accounts made from the recorded messages; None: no such target.
        settled: s since the epoch at which the pressure had settled and its hold began; infinite:
            never.
        uncertainty: largest expanded uncertainty of the pressure since then, Pa, k = 2; where it
            never settled, in the whole phase.
        differences: sentences about what was told and is not confirmed by the messages.
    """

    name: str
    outcome: str
    reason: str
    begin: float
    end: float
    pressure: HoldOutcome | None
    temperature: HoldOutcome | None
    settled: float
    uncertainty: float
    differences: tuple[str, ...]

    @property
    def duration(self) -> float:
        """Seconds; NaN: it never began."""
        return self.end - self.begin


def phases(run: Run) -> tuple[Phase, ...]:
    """Return every phase of a run, in order."""
    told = (run.manifest.outcome or {}).get("phases", [])
    asked = run.manifest.order.get("phases", [])
    windows = _windows(run, len(asked), told)
    return tuple(
        _phase(run, order, told[index] if index < len(told) else {}, windows[index])
        for index, order in enumerate(asked)
    )


def die_area(run: Run) -> float:
    """Return the area that the force acts on, m^2; NaN: unknown."""
    given = run.manifest.order.get("die_area")
    return float(given) if isinstance(given, (int, float)) else reader.area(run)


def _windows(run: Run, count: int, told: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Return begin and end of each phase, as told, else as the events in the record say."""
    begun = {}
    for event in run.events:
        if event["code"] == "phase.begin" and event["run_id"] in ("", run.manifest.run_id):
            begun[_index(event["data"])] = stamp_of(event)
    last = float(run.press.time[-1]) if len(run.press.time) else math.nan
    result = []
    for index in range(count):
        begin = told[index].get("begin") if index < len(told) else begun.get(index)
        if begin is None:
            result.append((math.nan, math.nan))
        elif index < len(told):
            result.append((begin, begin + (told[index].get("duration") or 0.0)))
        else:
            result.append((begin, begun.get(index + 1, last)))
    return result


def _index(data: str) -> int:
    found = json_object(data).get("index")
    return found if isinstance(found, int) else -1


def _phase(
    run: Run, order: Mapping[str, Any], told: Mapping[str, Any], window: tuple[float, float]
) -> Phase:
    begin, end = window
    made = _Accounts(run, order, begin, end)
    differences = [
        *_differences("pressure", made.pressure, told.get("pressure"), told),
        *_differences("temperature", made.temperature, told.get("temperature"), told),
    ]
    return Phase(
        name=str(order.get("name", "")),
        outcome=str(told.get("outcome", "")),
        reason=str(told.get("reason", "")),
        begin=begin,
        end=end,
        pressure=made.pressure,
        temperature=made.temperature,
        settled=made.settled,
        uncertainty=made.uncertainty,
        differences=tuple(differences),
    )


class _Accounts:
    """The accounts of one phase, fed as the sequencer feeds its own: pressure, then temperature."""

    def __init__(self, run: Run, order: Mapping[str, Any], begin: float, end: float) -> None:
        self.pressure: HoldOutcome | None = None
        self.temperature: HoldOutcome | None = None
        self.settled = math.inf
        self.uncertainty = math.nan
        if math.isnan(begin):
            return
        # A cycle that the press did not answer is a missing sample, not a bad one: how long a gap
        # may be is for the account to say.
        press = run.press.between(begin, end)
        # With a tripped interlock the machine has left the phase.
        press = press.where((press["connected"] == 1.0) & (press["interlocks"] == 0.0))
        asked = _target(order, "pressure")
        if asked is not None:
            self._press(asked, press, die_area(run))
        asked = _target(order, "temperature")
        if asked is not None:
            self._heat(asked, press if self.pressure is None else press.between(self.settled, end))

    def _press(self, asked: Target, press: Signals, area: float) -> None:
        value = press["force"] / area
        self.pressure = _feed(asked, press.time, value, value).result()
        self.settled = _settled_at(press.time, self.pressure, asked)
        held = press if math.isinf(self.settled) else press.between(self.settled, math.inf)
        known = held["force_uncertainty"][np.isfinite(held["force_uncertainty"])]
        self.uncertainty = float(known.max() / area) if known.size else math.nan

    def _heat(self, asked: Target, press: Signals) -> None:
        upper, lower = press["upper_platen_temperature"], press["lower_platen_temperature"]
        counting = _farthest(asked.value, upper, lower)
        self.temperature = _feed(asked, press.time, counting, (upper + lower) / 2.0).result()


def _settled_at(time: Array, made: HoldOutcome, asked: Target) -> float:
    """Return when the quantity had settled and its hold began, s since the epoch; infinite: never."""
    if not made.reached:
        return math.inf
    # A microsecond less, because sums of decimal seconds are not exact.
    return float(time[1]) + made.time_to_reach + asked.settling - 1e-6


def _feed(asked: Target, time: Array, values: Array, start: Array) -> HoldAccount:
    """Return the account of the values; ``start[0]`` tells the side of the approach."""
    approach = Approach.to(asked.value, start[0]) if len(start) else Approach.FROM_BELOW
    account = HoldAccount(asked.value, asked.tolerance, asked.settling, approach)
    # The sample at the begin is the one that the order answered; the account begins with the next.
    for now, value in zip(time[1:].tolist(), values[1:].tolist(), strict=True):
        account.update(value, now)
    return account


def _farthest(target: float, upper: Array, lower: Array) -> Array:
    pairs = zip(upper.tolist(), lower.tolist(), strict=True)
    return np.array([farthest(target, a, b) for a, b in pairs])


def _target(order: Mapping[str, Any], quantity: str) -> Target | None:
    asked = order.get(quantity)
    if not isinstance(asked, Mapping):
        return None
    return Target(asked["target"], asked["tolerance"], float(order.get("settling", 0.0)))


def _differences(
    quantity: str, made: HoldOutcome | None, told: Any, phase: Mapping[str, Any]
) -> list[str]:
    if made is None:
        return []
    if told is None:
        passed = phase.get("outcome") == "PASSED"
        return [f"no {quantity} was told for a phase that PASSED"] if passed else []
    result = []
    if made.reached != told.get("reached"):
        words = {True: "reached", False: "not reached", None: "nothing"}
        said = words[told.get("reached")]
        result.append(f"{quantity}: told was {said}, the messages say {words[made.reached]}")
    values = asdict(made)
    for name in _COMPARED:
        if not _same(name, told.get(name), values[name], made.tolerance):
            pair = _pair(quantity, name, told.get(name), values[name])
            result.append(f"{quantity} {name.replace('_', ' ')}: {pair}")
    if phase.get("outcome") == "PASSED" and made.worst_deviation > made.tolerance:
        result.append(f"the {quantity} left its tolerance in a phase that PASSED")
    return result


def _pair(quantity: str, name: str, said: float | None, found: float) -> str:
    scale, unit = (1e-6, "MPa") if quantity == "pressure" else (1.0, "°C")
    if name in _TIMES:
        scale, unit = 1.0, "s"
    told = "nothing" if said is None else f"{said * scale:.6g} {unit}"
    return f"told was {told}, the messages say {found * scale:.6g} {unit}"


def _same(name: str, said: float | None, found: float, tolerance: float) -> bool:
    if said is None or math.isnan(found):
        return said is None and math.isnan(found)
    allowed = _SAME_TIME if name in _TIMES else _SAME_VALUE * tolerance
    return abs(said - found) <= allowed
