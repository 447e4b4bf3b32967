"""One run: what is asked, what is written down about it, and how it ended."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import Enum

from stackpress_py.machine.phase import PhaseOutcome
from stackpress_py.machine.procedure import Procedure, RunVerdict
from stackpress_py.machine.slots import StartRecordOrder, StopRecordOrder
from stackpress_py.recipes.loading import ControlRecipe

_LONGEST_PART = 40
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is to be run.

    Attributes:
        run_id: identity, and name of the run's folder.
        control: the recipe with its parameters.
        cell_id: cell in the press.
        output_directory: absolute; empty: the logger's own.
        expected: s that each phase should take.
    """

    run_id: str
    control: ControlRecipe
    cell_id: str
    output_directory: str
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended; fields as in the result of RunRecipe."""

    verdict: RunVerdict
    message: str
    run_id: str
    run_directory: str
    phases: tuple[PhaseOutcome, ...]


@dataclass(slots=True)
class Run:
    """A run in progress.

    Attributes:
        begun: the first phase has begun.
        end_verdict: what it will be, once the machine has come to rest; None: as the phases say.
        end_reason: one sentence.
    """

    request: RunRequest
    procedure: Procedure
    run_directory: str = ""
    begun: bool = False
    end_verdict: RunVerdict | None = None
    end_reason: str = ""

    @property
    def verdict(self) -> RunVerdict:
        """How the run ends."""
        return self.procedure.verdict() if self.end_verdict is None else self.end_verdict

    @property
    def message(self) -> str:
        """One sentence about the end."""
        if self.end_reason:
            return self.end_reason
        if self.verdict is RunVerdict.PASSED:
            return "every phase reached and held its targets"
        failed = [p for p in self.procedure.ended() if p.reason]
        return f"phase '{failed[0].name}': {failed[0].reason}" if failed else "a phase failed"

    def end(self) -> RunEnd:
        """Return the result."""
        if self.verdict is RunVerdict.REJECTED:
            return RunEnd(self.verdict, self.message, "", "", ())
        phases = self.procedure.outcomes("the run ended before")
        return RunEnd(self.verdict, self.message, self.request.run_id, self.run_directory, phases)

    def start_record(self) -> StartRecordOrder:
        """Return the request that opens the record."""
        request = self.request
        recipe = request.control.recipe
        manifest = {
            "recipe": recipe.recipe,
            "recipe_version": recipe.version,
            "recipe_text": request.control.text(),
            "parameters": dict(request.control.parameters),
            "cell_id": request.cell_id,
            "die_area": recipe.cell.die.area,
            "phases": [self._phase(index) for index in range(len(recipe.procedure))],
        }
        return StartRecordOrder(request.run_id, request.output_directory, _json(manifest))

    def stop_record(self) -> StopRecordOrder:
        """Return the request that closes the record."""
        outcome = {
            "verdict": self.verdict.name,
            "reason": self.message,
            "phases": [phase_object(phase) for phase in self.end().phases],
        }
        return StopRecordOrder(self.request.run_id, _json(outcome))

    def _phase(self, index: int) -> dict[str, object]:
        recipe = self.request.control.recipe
        phase = recipe.procedure[index]
        found: dict[str, object] = {
            "name": phase.phase,
            "hold": phase.hold,
            "settling": phase.settling,
            "timeout": phase.time_limit,
            "expected": self.request.expected[index],
            "safe_end": phase.safe_end.value,
            "on_violation": phase.on_violation.value,
        }
        pressure, heat = recipe.pressure_target(index), recipe.temperature_target(index)
        if pressure is not None:
            band = pressure.tolerance.around(pressure.target)
            found["pressure"] = {"target": pressure.target, "tolerance": band}
        if phase.alarm is not None:
            found["alarm"] = {"below": phase.alarm.below, "after": phase.alarm.after}
        if phase.until is not None:
            found["until"] = {"densification_below": phase.until.densification_below}
        if heat is not None:
            found["temperature"] = {"target": heat.target, "tolerance": heat.tolerance}
        return found


def make_run_id(utc: datetime, recipe: str, cell_id: str) -> str:
    """Return a run's identity such as ``20261123T211500Z_demo_c1``, fit for a folder."""
    parts = [utc.strftime("%Y%m%dT%H%M%SZ"), _safe(recipe), _safe(cell_id)]
    return "_".join(part for part in parts if part)


def _safe(text: str) -> str:
    return _NOT_IN_ID.sub("-", text).strip("-")[:_LONGEST_PART]


def phase_object(phase: PhaseOutcome) -> dict[str, object]:
    """Return a phase's outcome as plain data for JSON; numbers that are not known are None."""
    plain = _plain(asdict(phase))
    assert isinstance(plain, dict)
    plain["outcome"] = plain.pop("verdict")
    return plain


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.name
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json(value: object) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)
