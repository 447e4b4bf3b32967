"""The record of one run while it is being written: bag, journal and manifest in its folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stackpress_py.record import cdr, manifest
from stackpress_py.record.journal import Entry, Journal, iso_time, json_object
from stackpress_py.record.manifest import Manifest
from stackpress_py.record.mcap_writer import BagWriter, RawMessage
from stackpress_py.record.rosbag2 import Topic
from stackpress_py.record.run_folder import RunFolder
from stackpress_py.record.schema import Schema

#: Bytes that a failing disk may leave waiting in memory; messages beyond are counted as lost.
LARGEST_BACKLOG = 256e6

SEVERITIES = ("DEBUG", "INFO", "WARNING", "ERROR")
RUN_EVENT = "stackpress/msg/RunEvent"
MACHINE_STATE = "stackpress/msg/MachineState"
#: What of a MachineState makes an entry of the journal when it changes.
_MACHINE_FIELDS = (
    "state", "mode", "reason", "run_id", "cell_id", "locked", "lock_owner", "robot_may_enter"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Graph:
    """What there is to record.

    Attributes:
        topics: to be recorded.
        schemas: of their types, by full name.
        state_names: names of the machine's states by number, for the journal.
        press: profile and calibration, for the manifest.
    """

    topics: Sequence[Topic]
    schemas: Mapping[str, Schema]
    state_names: Mapping[int, str]
    press: Mapping[str, Any]


class Recorder:
    """Writes the record of one run from its begin to its end.

    Args:
        folder: of the run, empty.
        graph: what there is to record.
        order: the sequencer's JSON object: recipe as run, parameters, cell id.
        now: s since the epoch.

    Raises:
        OSError: the disk refused.
    """

    def __init__(
        self, folder: RunFolder, graph: Graph, order: Mapping[str, Any], now: float
    ) -> None:
        self.folder = folder
        self.lost = 0
        self._schemas = {topic.name: graph.schemas[topic.type] for topic in graph.topics}
        self._state_names = graph.state_names
        self._machine: dict[str, Any] = {}
        self._manifest = Manifest(
            run_id=folder.run_id,
            cell_id=str(order.get("cell_id", "")),
            order=order,
            press=graph.press,
            versions=manifest.versions(),
            started=iso_time(now),
        )
        self._outcome: Mapping[str, Any] | None = None
        folder.recipe.write_text(str(order.get("recipe_text", "")), encoding="utf-8")
        self._journal = Journal(folder.journal)
        self._note(now, "INFO", "record.begin", f"Record of run {folder.run_id} opened.")
        self._journal.commit()
        self._bag = BagWriter(folder.bag, folder.run_id, graph.topics, graph.schemas)
        self._manifest.write(folder.manifest)

    @property
    def messages(self) -> int:
        """Messages taken so far."""
        return sum(self._bag.counts.values())

    def add(self, message: RawMessage) -> None:
        """Take one message of the graph."""
        if self._bag.pending > LARGEST_BACKLOG:
            self.lost += 1
            return
        self._bag.add(message)
        schema = self._schemas[message.topic]
        if schema.name == RUN_EVENT:
            self._note_event(cdr.decode(schema, message.data))
        elif schema.name == MACHINE_STATE:
            self._note_machine(cdr.decode(schema, message.data))

    def commit(self) -> None:
        """Wait until everything taken so far is on the disk.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        self._bag.commit()
        self._journal.commit()

    def finish(self, outcome: Mapping[str, Any], now: float) -> None:
        """Complete the record.

        Args:
            outcome: verdict, reason, requested and reached for each phase.
            now: s since the epoch.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        if self._outcome is None:
            self._outcome = outcome
            verdict = outcome.get("verdict", "no verdict")
            text = f"Record closed with {self.messages} messages: {verdict}."
            self._note(now, "INFO", "record.end", text, {"lost": self.lost})
        self._bag.finish()
        self._journal.commit()
        self._manifest = replace(
            self._manifest,
            stopped=iso_time(now),
            outcome=self._outcome,
            messages=dict(self._bag.counts),
            lost=self.lost,
        )
        self._manifest.write(self.folder.manifest)

    def close(self) -> None:
        """Close the files as they stand on the disk."""
        self._bag.close()
        self._journal.close()

    def _note(
        self,
        now: float,
        severity: str,
        code: str,
        text: str,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self._journal.add(Entry(now, "data_logger", severity, code, text, data or {}))

    def _note_event(self, event: Mapping[str, Any]) -> None:
        self._journal.add(
            Entry(
                cdr.stamp_of(event),
                event["header"]["frame_id"],
                SEVERITIES[min(event["severity"], len(SEVERITIES) - 1)],
                event["code"],
                event["text"],
                json_object(event["data"]),
            )
        )

    def _note_machine(self, state: Mapping[str, Any]) -> None:
        now = {name: state[name] for name in _MACHINE_FIELDS}
        if now == self._machine:
            return
        self._machine = now
        name = self._state_names.get(state["state"], str(state["state"]))
        reason = f": {state['reason']}" if state["reason"] else ""
        text = f"The machine is {name}{reason}"
        source = state["header"]["frame_id"] or "recipe_sequencer"
        self._journal.add(Entry(cdr.stamp_of(state), source, "DEBUG", "machine_state", text, now))
