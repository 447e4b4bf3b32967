"""Requested versus reached of each phase, made again from the messages, beside what was told.

The sequencer kept its accounts while the run was on; here the same accounts (:class:`HoldAccount`)
are fed with the recorded measurements. Where the two differ, both are shown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from stackpress_py.account import HoldOutcome, LowPressure, Wear
from stackpress_py.record.accounts import Accounts
from stackpress_py.record.cdr import stamp_of
from stackpress_py.record.journal import json_object
from stackpress_py.record.reader import Run, Signals

#: Share of the tolerance by which two accounts of the same value may differ.
_SAME_VALUE = 0.02
#: s by which two accounts of the same time may differ: a few bus cycles.
_SAME_TIME = 0.2
_TIMES = frozenset({"time_to_reach", "duration", "time_in_tolerance", "time_below", "time_above"})
_COMPARED = (
    "peak", "overshoot", "mean", "minimum", "maximum", "worst_deviation", "worst_average",
    *sorted(_TIMES),
)  # fmt: skip


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
        wear: what the actuator had to do, made from the messages.
        low_pressure: account of its alarm, likewise; None: it has none.
        stack: last StackState of the phase by field; empty: there is none.
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
    wear: Wear
    low_pressure: LowPressure | None
    stack: Mapping[str, float]
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
    made = Accounts(run, order, begin, end)
    differences = [
        *_differences("pressure", made.pressure, told.get("pressure"), told),
        *_differences("temperature", made.temperature, told.get("temperature"), told),
        *_alarm_differences(made.low_pressure, told.get("low_pressure")),
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
        wear=made.wear,
        low_pressure=made.low_pressure,
        stack=_last(run.stack.between(begin, end)),
        differences=tuple(differences),
    )


def _last(signals: Signals) -> Mapping[str, float]:
    if not len(signals.time):
        return {}
    return {name: float(values[-1]) for name, values in signals.values.items()}


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
        # What an older version did not tell contradicts nothing.
        if name in told and not _same(name, told.get(name), values[name], made.tolerance):
            pair = _pair(quantity, name, told.get(name), values[name])
            result.append(f"{quantity} {name.replace('_', ' ')}: {pair}")
    if phase.get("outcome") == "PASSED" and made.excursions:
        result.append(f"the {quantity} left its tolerance in a phase that PASSED")
    return result


def _alarm_differences(made: LowPressure | None, told: Any) -> list[str]:
    if made is None or not isinstance(told, Mapping) or told.get("alarms") == made.alarms:
        return []
    said = told.get("alarms")
    return [f"low-pressure alarms: told was {said}, the messages say {made.alarms}"]


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
