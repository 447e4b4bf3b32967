"""Complete the bag of a run whose recording ended without warning: power cut, kill -9.

Such a file holds whole chunks and at most one torn record behind them. Everything whole is copied
into a new file with an index, which then takes the place of the old one.

``python -m stackpress_py.record.recovery RUN_FOLDER``
"""

import fcntl
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mcap.records import Channel, McapRecord, Message
from mcap.records import Schema as SchemaRecord
from mcap.stream_reader import StreamReader
from mcap.writer import MCAP0_MAGIC

from stackpress_py.record import rosbag2
from stackpress_py.record.mcap_writer import BagWriter, RawMessage
from stackpress_py.record.run_folder import RecordError, RunFolder
from stackpress_py.record.schema import Schema

#: Messages between two commits of the new file: bounds the memory that recovery takes.
_BATCH = 20_000


def whole_records(path: Path) -> Iterator[McapRecord]:
    """Yield the records of an MCAP file up to its end, or to the first that is damaged."""
    with path.open("rb") as file:
        try:
            yield from StreamReader(file, validate_crcs=True).records
        except Exception:  # damaged bytes raise whatever the library stumbles over
            return


def is_complete(path: Path) -> bool:
    """Return whether an MCAP file was closed properly."""
    size = len(MCAP0_MAGIC)
    with path.open("rb") as file:
        if file.seek(0, 2) < 2 * size:
            return False
        file.seek(-size, 2)
        return file.read() == MCAP0_MAGIC


def recover(folder: RunFolder) -> int:
    """Complete the bag of a run if it is not; return how many files were rewritten.

    Raises:
        RecordError: the run is being recorded at this moment, or the disk refuses.
    """
    broken = [path for path in folder.mcap_files() if not is_complete(path)]
    try:
        for path in broken:
            with _nobody_writes(path):
                _rewrite(path)
    except OSError as error:
        raise RecordError(f"the bag of {folder.path} cannot be completed: {error}") from error
    return len(broken)


@contextmanager
def _nobody_writes(path: Path) -> Iterator[None]:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecordError(f"{path} is being written at this moment") from None
        yield


def _rewrite(path: Path) -> None:
    draft = path.parent / "recovery"
    shutil.rmtree(draft, ignore_errors=True)
    name = path.stem.removesuffix("_0")
    schemas: dict[int, Schema] = {}
    channels: dict[int, rosbag2.Topic] = {}
    writer: BagWriter | None = None
    for count, record in enumerate(whole_records(path)):
        if isinstance(record, SchemaRecord):
            schemas[record.id] = Schema(record.name, record.data.decode())
        elif isinstance(record, Channel):
            _note_channel(record, schemas, channels)
        elif isinstance(record, Message):
            if writer is None:
                writer = _writer(draft, name, schemas, channels)
            topic = channels[record.channel_id].name
            writer.add(RawMessage(topic, record.data, record.log_time, record.publish_time))
            if count % _BATCH == 0:
                writer.commit()
    writer = writer or _writer(draft, name, schemas, channels)
    writer.finish()
    writer.close()
    for file in (path.name, rosbag2.METADATA_FILE):
        (draft / file).replace(path.parent / file)
    draft.rmdir()


def _note_channel(
    record: Channel, schemas: dict[int, Schema], channels: dict[int, rosbag2.Topic]
) -> None:
    known = schemas[record.schema_id]
    type_hash = record.metadata.get("topic_type_hash", "")
    schemas[record.schema_id] = Schema(known.name, known.text, type_hash)
    channels[record.id] = rosbag2.topic_of(record.topic, known.name, record.metadata)


def _writer(
    draft: Path, name: str, schemas: dict[int, Schema], channels: dict[int, rosbag2.Topic]
) -> BagWriter:
    by_name = {schema.name: schema for schema in schemas.values()}
    return BagWriter(draft, name, list(channels.values()), by_name)


def main() -> int:
    """Complete the bag of the run folder named on the command line."""
    try:
        count = recover(RunFolder(Path(sys.argv[1]).resolve()))
    except (RecordError, IndexError) as error:
        print(
            f"recovery: {error if isinstance(error, RecordError) else 'name a run folder'}",
            file=sys.stderr,
        )
        return 1
    print(f"{count} files completed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
