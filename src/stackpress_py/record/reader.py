"""Read a run's record back: signals as arrays over time, and what happened."""

import math
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
COMMAND_FIELDS = ("mode", "velocity", "pump", "valve")
STACK_FIELDS = (
    "height", "height_uncertainty", "height_loss", "density", "density_uncertainty",
    "densification_rate", "densification_rate_uncertainty", "heckel_slope",
    "heckel_slope_uncertainty", "heckel_intercept", "heckel_intercept_uncertainty",
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

    def where(self, mask: NDArray[np.bool_]) -> "Signals":
        """Return the part for which a mask is true."""
        return Signals(self.time[mask], {name: v[mask] for name, v in self.values.items()})

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
        command: ActuatorCommand.
        stack: StackState.
        pressure, upper_platen, lower_platen: LoopState of each loop; Pa, degC.
        events: RunEvent messages in order, decoded.
        complete: the bag was closed properly.
    """

    folder: RunFolder
    manifest: Manifest
    journal: Reading
    press: Signals
    command: Signals
    stack: Signals
    pressure: Signals
    upper_platen: Signals
    lower_platen: Signals
    events: Sequence[Mapping[str, Any]]
    complete: bool


def read(path: Path) -> Run:
    """Return the record in a run's folder; a bag that was not closed is read as far as it is whole.

    Raises:
        RecordError: the folder is not a run's, or a message in it is not what its schema says.
    """
    folder = RunFolder(path.resolve())
    found = manifest.read(folder.manifest)
    files = folder.mcap_files()
    signals = {name: _Collector(fields) for name, fields in _SIGNALS.items()}
    try:
        events = _read_messages(files, signals)
        made = {name: collector.signals() for name, collector in signals.items()}
    except cdr.CdrError as error:
        raise RecordError(f"the bag of {folder.path} does not fit its schema: {error}") from error
    return Run(
        folder=folder,
        manifest=found,
        journal=_journal(folder.journal),
        press=made["state"],
        command=made["actuator_command"],
        stack=made["stack"],
        pressure=made["loops/pressure"],
        upper_platen=made["loops/upper_platen"],
        lower_platen=made["loops/lower_platen"],
        events=events,
        complete=bool(files) and all(recovery.is_complete(file) for file in files),
    )


_EVENTS = "run_event"
_SIGNALS = {
    "state": PRESS_FIELDS,
    "actuator_command": COMMAND_FIELDS,
    "stack": STACK_FIELDS,
    "loops/pressure": LOOP_FIELDS,
    "loops/upper_platen": LOOP_FIELDS,
    "loops/lower_platen": LOOP_FIELDS,
}
#: Messages that are kept as bytes before they become numbers: bounds the memory that a long run takes.
_BATCH = 50_000


class _Collector:
    """Turns the messages of one topic into signals, batch by batch."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._names = (*STAMP, *fields)
        self._schema: Schema | None = None
        self._waiting: list[bytes] = []
        self._parts: list[dict[str, Array]] = []

    def add(self, schema: Schema, data: bytes) -> None:
        """Take one message."""
        self._schema = schema
        self._waiting.append(data)
        if len(self._waiting) >= _BATCH:
            self._convert()

    def signals(self) -> Signals:
        """Return everything taken so far, ordered by the messages' stamps."""
        self._convert()
        if not self._parts:
            return Signals(np.empty(0), {name: np.empty(0) for name in self._fields})
        found = {n: np.concatenate([part[n] for part in self._parts]) for n in self._names}
        time = found[STAMP[0]] + found[STAMP[1]] * 1e-9
        order = np.argsort(time, kind="stable")
        return Signals(time[order], {name: found[name][order] for name in self._fields})

    def _convert(self) -> None:
        if self._schema is None or not self._waiting:
            return
        found = cdr.columns(self._schema, self._waiting, self._names)
        self._parts.append({name: found[name].astype(np.float64) for name in self._names})
        self._waiting.clear()


def _read_messages(
    files: Iterable[Path], signals: Mapping[str, _Collector]
) -> list[dict[str, Any]]:
    """Feed the collectors of the topics whose names end like theirs; return the run events."""
    events = []
    for file in files:
        schemas: dict[int, Schema] = {}
        channels: dict[int, tuple[str, Schema]] = {}
        for record in recovery.whole_records(file):
            if isinstance(record, Message):
                name, schema = channels[record.channel_id]
                if name in signals:
                    signals[name].add(schema, record.data)
                elif name == _EVENTS:
                    events.append(cdr.decode(schema, record.data))
            elif isinstance(record, SchemaRecord):
                schemas[record.id] = Schema(record.name, record.data.decode())
            elif isinstance(record, Channel):
                channels[record.id] = (_relative(record.topic), schemas[record.schema_id])
    return events


def _relative(topic: str) -> str:
    """Return the name of a topic within its press's namespace."""
    for name in (*_SIGNALS, _EVENTS):
        if topic.endswith(f"/{name}"):
            return name
    return topic


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


def die_area(run: Run) -> float:
    """Return the area that the force acts on, m^2; NaN: unknown."""
    given = run.manifest.order.get("die_area")
    return float(given) if isinstance(given, (int, float)) else area(run)
