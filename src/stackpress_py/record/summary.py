"""What a run came to, in words: verdict, title, and what to know before reading the numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from stackpress_py.record.journal import epoch_time
from stackpress_py.record.phases import Phase
from stackpress_py.record.reader import Run

VERDICTS = ("PASSED", "FAILED", "STOPPED", "ABORTED")
NO_VERDICT = "NO VERDICT"


@dataclass(frozen=True, slots=True)
class Summary:
    """A run in a few words.

    Attributes:
        verdict: one of :data:`VERDICTS`, or :data:`NO_VERDICT`.
        title: recipe and cell.
        details: run, time and press, one line.
        reason: one sentence about the verdict.
        problems: sentences about what is wrong with the record or contradicts it.
    """

    verdict: str
    title: str
    details: str
    reason: str
    problems: tuple[str, ...]


def summarise(run: Run, phases: Sequence[Phase]) -> Summary:
    """Return the run in a few words."""
    manifest = run.manifest
    outcome = manifest.outcome or {}
    verdict = str(outcome.get("verdict", ""))
    reason = str(outcome.get("reason", "")) or "the recording ended without an outcome"
    cell = f" · cell {manifest.cell_id}" if manifest.cell_id else ""
    start = datetime.fromtimestamp(epoch_time(manifest.started), timezone.utc)
    press = str(manifest.press.get("name", ""))
    parts = [manifest.run_id, f"{start:%Y-%m-%d %H:%M} UTC", press]
    return Summary(
        verdict=verdict if verdict in VERDICTS else NO_VERDICT,
        title=f"{manifest.order.get('recipe', 'run')}{cell}",
        details=" · ".join(part for part in parts if part),
        reason=reason[:1].upper() + reason[1:],
        problems=tuple(_problems(run, phases, verdict)),
    )


def _problems(run: Run, phases: Sequence[Phase], verdict: str) -> Iterator[str]:
    if run.manifest.outcome is None:
        yield "The recording ended without warning; at most its last second is missing."
    if not run.complete:
        yield "The bag has no index, because it was not closed."
    if run.journal.problem:
        yield f"The journal is not to be trusted: {run.journal.problem}."
    if run.manifest.lost:
        yield f"{run.manifest.lost} messages could not be recorded."
    if not len(run.press.time):
        yield "The bag holds no measurement of the press."
    for phase in phases:
        for difference in phase.differences:
            yield f"Phase '{phase.name}': {difference}."
    if verdict == "PASSED" and any(phase.outcome != "PASSED" for phase in phases):
        yield "The verdict is PASSED although a phase is not."
