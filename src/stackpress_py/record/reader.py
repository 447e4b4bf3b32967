"""Read a run's record back: signals as arrays over time, and what happened."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mcap.records import Channel, Message
from mcap.records import Schema as SchemaRecord
from numpy.typing import NDArray

from stackpress_py.record import cdr, journal, manifest, recovery
from stackpress_py.record.journal import Reading
from stackpress_py.record.manifest import Manifest
from stackpress_py.record.run_folder import RecordError, RunFolder
from stackpress_py.record.schema import Schema

Array = NDArray[np.float64]

STAMP = ("header.stamp.sec", "header.stamp.nanosec")
PRESS_FIELDS = (
    "force", "force_uncertainty", "position", "velocity", "upper_platen_temperature",
    "lower_platen_temperature", "frame_temperature", "interlocks", "connected",
)  # fmt: skip
LOOP_FIELDS = ("stage", "target", "setpoint", "value", "tolerance", "output")


@dataclass(frozen=True, slots=True)
class Signals:
    """Values of one topic over time.

    Attributes:
        time: s since the epoch, of the messages' stamps, ascending.
        values: by field, as long as ``time``.
    """

    time: Array
    values: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        """Return one field's values."""
        return self.values[name]

    def between(self, begin: float, end: float) -> "Signals":
        """Return the part with begin <= time <= end, s since the epoch."""
        first = np.searchsorted(self.time, begin, side="left")
        part = slice(int(first), int(np.searchsorted(self.time, end, side="right")))
        return Signals(self.time[part], {name: v[part] for name, v in self.values.items()})


@dataclass(frozen=True, slots=True)
class Run:
    """A run's record.

    Attributes:
        folder: where it lies.
        manifest: what was run.
        journal: what happened.
        press: PressState.
        pressure, upper_platen, lower_platen: LoopState of each loop; Pa, degC.
        events: RunEvent messages in order, decoded.
        complete: the bag was closed properly.
    """

    folder: RunFolder
    manifest: Manifest
    journal: Reading
    press: Signals
    pressure: Signals
    upper_platen: Signals
    lower_platen: Signals
    events: Sequence[Mapping[str, Any]]
    complete: bool


@dataclass(frozen=True, slots=True)
class RawTopic:
    """The messages of one topic as recorded, in the order of the file."""

    schema: Schema
    messages: Sequence[bytes]


def read(path: Path) -> Run:
    """Return the record in a run's folder; a bag that was not closed is read as far as it is whole.

    Raises:
        RecordError: the folder is not a run's, or a message in it is not what its schema says.
    """
    folder = RunFolder(path.resolve())
    found = manifest.read(folder.manifest)
    files = folder.mcap_files()
    topics = raw_topics(files)
    try:
        loops = [_signals(_ending(topics, f"/loops/{name}"), LOOP_FIELDS) for name in _LOOPS]
        return Run(
            folder=folder,
            manifest=found,
            journal=_journal(folder.journal),
            press=_signals(_ending(topics, "/state"), PRESS_FIELDS),
            pressure=loops[0],
            upper_platen=loops[1],
            lower_platen=loops[2],
            events=_events(_ending(topics, "/run_event")),
            complete=bool(files) and all(recovery.is_complete(file) for file in files),
        )
    except cdr.CdrError as error:
        raise RecordError(
            f"the bag of {folder.path} does not fit its own schema: {error}"
        ) from error


_LOOPS = ("pressure", "upper_platen", "lower_platen")


def raw_topics(files: Iterable[Path]) -> dict[str, RawTopic]:
    """Return the messages in MCAP files by topic."""
    schemas: dict[int, Schema] = {}
    channels: dict[int, tuple[str, Schema]] = {}
    messages: defaultdict[str, list[bytes]] = defaultdict(list)
    types: dict[str, Schema] = {}
    for file in files:
        for record in recovery.whole_records(file):
            if isinstance(record, Message):
                messages[channels[record.channel_id][0]].append(record.data)
            elif isinstance(record, SchemaRecord):
                schemas[record.id] = Schema(record.name, record.data.decode())
            elif isinstance(record, Channel):
                channels[record.id] = (record.topic, schemas[record.schema_id])
                types[record.topic] = schemas[record.schema_id]
    return {topic: RawTopic(schema, messages[topic]) for topic, schema in types.items()}


def _ending(topics: Mapping[str, RawTopic], name: str) -> RawTopic | None:
    return next((raw for topic, raw in topics.items() if topic.endswith(name)), None)


def _signals(raw: RawTopic | None, names: Sequence[str]) -> Signals:
    if raw is None or not raw.messages:
        return Signals(np.empty(0), {name: np.empty(0) for name in names})
    found = cdr.columns(raw.schema, raw.messages, (*STAMP, *names))
    time = found[STAMP[0]] + found[STAMP[1]] * 1e-9
    order = np.argsort(time, kind="stable")
    return Signals(time[order], {name: found[name][order].astype(np.float64) for name in names})


def _events(raw: RawTopic | None) -> list[dict[str, Any]]:
    return [] if raw is None else [cdr.decode(raw.schema, data) for data in raw.messages]


def _journal(path: Path) -> Reading:
    try:
        return journal.read(path)
    except OSError as error:
        return Reading((), f"{path.name} cannot be read: {error.strerror}")


def area(run: Run) -> float:
    """Return the die's area in m^2, as force over pressure in the record; NaN if there is none."""
    at = np.searchsorted(run.press.time, run.pressure.time)
    at = np.minimum(at, max(0, len(run.press.time) - 1))
    if not len(run.press.time) or not len(at):
        return math.nan
    same = np.abs(run.press.time[at] - run.pressure.time) < 1e-6
    force, pressure = run.press["force"][at], run.pressure["value"]
    good = same & (np.abs(force) > 1.0) & np.isfinite(pressure) & (pressure != 0.0)
    return float(np.median(force[good] / pressure[good])) if good.any() else math.nan
