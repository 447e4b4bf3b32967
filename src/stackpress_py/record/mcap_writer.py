"""The messages of a run as an MCAP file, profile ``ros2``, in a folder that rosbag2 opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mcap.well_known import MessageEncoding, Profile, SchemaEncoding
from mcap.writer import CompressionType, Writer

from stackpress_py.record import rosbag2
from stackpress_py.record.append_file import AppendFile, replace_file, sync_directory
from stackpress_py.record.rosbag2 import BagSummary, Topic
from stackpress_py.record.schema import Schema

#: Bytes of messages in a chunk before compression; a commit closes the chunk in any case.
CHUNK_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as it came from the graph.

    Attributes:
        topic: absolute name.
        data: serialised, with its encapsulation header.
        log_time: ns since the epoch at which it was received.
        publish_time: ns since the epoch at which it was published.
    """

    topic: str
    data: bytes
    log_time: int
    publish_time: int


class BagWriter:
    """Writes one bag: an MCAP file and its ``metadata.yaml``.

    What was added before a :meth:`commit` that returned is on the disk as whole chunks and survives
    a power cut; a file that was not closed lacks only its index (see
    :mod:`stackpress_py.record.recovery`).

    Args:
        folder: of the bag; must not exist.
        name: of the bag; the file is ``<name>_0.mcap``, as rosbag2 calls it.
        topics: every topic that messages will come from.
        schemas: of their types, by full name.
    """

    def __init__(
        self, folder: Path, name: str, topics: Sequence[Topic], schemas: Mapping[str, Schema]
    ) -> None:
        folder.mkdir()
        self._folder = folder
        self._file_name = f"{name}_0.mcap"
        self._topics = tuple(topics)
        self._schemas = schemas
        self._file = AppendFile(folder / self._file_name)
        self._writer = Writer(self._file, CHUNK_SIZE, CompressionType.ZSTD)  # type: ignore[arg-type]
        self._writer.start(Profile.ROS2, "stackpress")
        self._channels = self._register()
        self._counts = dict.fromkeys(self._channels, 0)
        self._first: int | None = None
        self._last = 0
        self._finished = False
        self._write_metadata()
        self.commit()
        sync_directory(folder)

    @property
    def counts(self) -> Mapping[str, int]:
        """Messages taken so far, by topic."""
        return self._counts

    @property
    def pending(self) -> int:
        """Bytes that the disk has refused so far."""
        return self._file.pending

    def add(self, message: RawMessage) -> None:
        """Take one message.

        Raises:
            KeyError: the topic is not one of the bag's.
        """
        self._writer.add_message(
            self._channels[message.topic], message.log_time, message.data, message.publish_time
        )
        self._counts[message.topic] += 1
        self._first = (
            message.log_time if self._first is None else min(self._first, message.log_time)
        )
        self._last = max(self._last, message.log_time)

    def commit(self) -> None:
        """Close the chunk in progress and wait until everything is on the disk.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        if not self._finished:
            self._writer.flush()
        self._file.commit()

    def finish(self) -> None:
        """Write the index and the metadata.

        Raises:
            OSError: the disk refused; nothing is lost and the call may be repeated.
        """
        if not self._finished:
            self._writer.finish()
            self._finished = True
        self._file.commit()
        self._write_metadata()

    def close(self) -> None:
        """Close the file as it stands on the disk."""
        self._file.close()

    def _register(self) -> dict[str, int]:
        ids = {
            name: self._writer.register_schema(name, SchemaEncoding.ROS2, schema.text.encode())
            for name, schema in self._schemas.items()
        }
        return {
            topic.name: self._writer.register_channel(
                topic.name,
                MessageEncoding.CDR,
                ids[topic.type],
                rosbag2.channel_metadata(topic, self._schemas[topic.type].type_hash),
            )
            for topic in self._topics
        }

    def _write_metadata(self) -> None:
        first = self._last if self._first is None else self._first
        summary = BagSummary(self._file_name, first, self._last - first, self._counts)
        hashes = {name: schema.type_hash for name, schema in self._schemas.items()}
        text = rosbag2.metadata(summary, self._topics, hashes)
        replace_file(self._folder / rosbag2.METADATA_FILE, text)
