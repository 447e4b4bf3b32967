"""Three independent readers of a bag, reduced to the same plain answer."""

from pathlib import Path
from typing import Any

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.rosbag2 import Reader
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

#: (topic, log time in ns) of each message, in the order of the log times.
Stamps = list[tuple[str, int]]


def by_mcap(run: Path) -> list[tuple[str, int, bytes]]:
    """Read topic, log time and bytes with mcap, through the file's index."""
    (file,) = (run / "bag").glob("*.mcap")
    with file.open("rb") as stream:
        return [(c.topic, m.log_time, m.data) for _, c, m in make_reader(stream).iter_messages()]


def by_rosbags(run: Path) -> list[tuple[str, int, Any]]:
    """Read topic, log time and message with rosbags, from the folder and its own definitions."""
    store = get_typestore(Stores.ROS2_JAZZY)
    with Reader(run / "bag") as reader:
        for connection in reader.connections:
            store.register(get_types_from_msg(connection.msgdef.data, connection.msgtype))
        return [
            (connection.topic, time, store.deserialize_cdr(data, connection.msgtype))
            for connection, time, data in reader.messages()
        ]


def by_mcap_ros2(run: Path) -> list[tuple[str, int, Any]]:
    """Read topic, log time and message with mcap-ros2-support."""
    (file,) = (run / "bag").glob("*.mcap")
    with file.open("rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        return [(c.topic, m.log_time, d) for _, c, m, d in reader.iter_decoded_messages()]
