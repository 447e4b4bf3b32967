"""What rosbag2 (ROS 2 Jazzy) wants beside an MCAP file: ``metadata.yaml`` and the topics' QoS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

METADATA_FILE = "metadata.yaml"
VERSION = 9
#: rosbag2's 'no limit' for a duration: RMW_DURATION_INFINITE.
_INFINITE = {"sec": 9223372036, "nsec": 854775807}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic to be recorded.

    Attributes:
        name: absolute.
        type: full name, "stackpress/msg/PressState".
        latched: late subscribers get the last messages (TRANSIENT_LOCAL).
        depth: of the publisher's history.
    """

    name: str
    type: str
    latched: bool = False
    depth: int = 10


@dataclass(frozen=True, slots=True)
class BagSummary:
    """What a bag holds.

    Attributes:
        file: name of the MCAP file.
        begin: ns since the epoch, of the first message.
        duration: ns to the last message.
        counts: messages by topic.
    """

    file: str
    begin: int
    duration: int
    counts: Mapping[str, int]


def channel_metadata(topic: Topic, type_hash: str) -> dict[str, str]:
    """Return the metadata of an MCAP channel, as rosbag2 writes and reads it."""
    qos = yaml.safe_dump(_qos(topic), sort_keys=False)
    return {"offered_qos_profiles": qos, "topic_type_hash": type_hash}


def topic_of(name: str, type_name: str, channel: Mapping[str, str]) -> Topic:
    """Return the topic of an MCAP channel; ``channel`` is its metadata."""
    profiles = yaml.safe_load(channel.get("offered_qos_profiles", ""))
    if not profiles:
        return Topic(name, type_name)
    latched = profiles[0]["durability"] == "transient_local"
    return Topic(name, type_name, latched, profiles[0]["depth"])


def metadata(summary: BagSummary, topics: Sequence[Topic], hashes: Mapping[str, str]) -> str:
    """Return the text of ``metadata.yaml``; ``hashes`` are the type hashes by type."""
    count = sum(summary.counts.values())
    start = {"nanoseconds_since_epoch": summary.begin}
    duration = {"nanoseconds": summary.duration}
    file = {
        "path": summary.file,
        "starting_time": dict(start),
        "duration": dict(duration),
        "message_count": count,
    }
    information = {
        "version": VERSION,
        "storage_identifier": "mcap",
        "duration": duration,
        "starting_time": start,
        "message_count": count,
        "topics_with_message_count": [
            _topic(topic, summary.counts.get(topic.name, 0), hashes.get(topic.type, ""))
            for topic in topics
        ],
        "compression_format": "",
        "compression_mode": "",
        "relative_file_paths": [summary.file],
        "files": [file],
        "custom_data": {"recorder": "stackpress"},
        "ros_distro": "jazzy",
    }
    return yaml.safe_dump({"rosbag2_bagfile_information": information}, sort_keys=False)


def _topic(topic: Topic, count: int, type_hash: str) -> dict[str, Any]:
    return {
        "topic_metadata": {
            "name": topic.name,
            "type": topic.type,
            "serialization_format": "cdr",
            "offered_qos_profiles": _qos(topic),
            "type_description_hash": type_hash,
        },
        "message_count": count,
    }


def _qos(topic: Topic) -> list[dict[str, Any]]:
    return [
        {
            "history": "keep_last",
            "depth": topic.depth,
            "reliability": "reliable",
            "durability": "transient_local" if topic.latched else "volatile",
            "deadline": dict(_INFINITE),
            "lifespan": dict(_INFINITE),
            "liveliness": "automatic",
            "liveliness_lease_duration": dict(_INFINITE),
            "avoid_ros_namespace_conventions": False,
        }
    ]
