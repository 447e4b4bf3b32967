"""The bag: what was put in comes out of every reader, and rosbag2's metadata tells the truth."""

import math
import resource
import signal
from collections import Counter
from pathlib import Path

import pytest
import yaml

from stackpress_py.record import run_folder
from stackpress_py.record.mcap_writer import BagWriter
from stackpress_py.record.recorder import Recorder
from unit.record import readers, synthetic


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.record(tmp_path_factory.mktemp("record"))


def test_mcap_returns_every_byte(run: Path) -> None:
    given = Counter((m.topic, m.log_time, m.data) for m in synthetic.messages())
    assert Counter(readers.by_mcap(run)) == given


def test_rosbags_and_mcap_ros2_return_the_same_values(run: Path) -> None:
    mine = {s.time: s for s in synthetic.samples()}
    for read in (readers.by_rosbags, readers.by_mcap_ros2):
        every = [m for topic, _, m in read(run) if topic == "/press/state"]
        states = [m for m in every if m.connected]
        assert all(math.isnan(m.force) for m in every if not m.connected)
        assert len(states) == len(mine)
        for state in states:
            sample = mine[state.header.stamp.sec + round(state.header.stamp.nanosec * 1e-9, 6)]
            assert state.force == sample.pressure * synthetic.AREA
            assert state.upper_platen_temperature == sample.upper
            assert state.header.frame_id == "toy"
            assert len(state.force_sensors) == 2
            assert math.isnan(state.force_sensors[1])
        events = [m for topic, _, m in read(run) if topic == "/press/run_event"]
        assert [e.code for e in events] == ["phase.begin"] * 4


def test_metadata_tells_what_is_in_the_file(run: Path) -> None:
    text = (run / "bag" / "metadata.yaml").read_text()
    found = yaml.safe_load(text)["rosbag2_bagfile_information"]
    messages = synthetic.messages()
    counts = Counter(m.topic for m in messages)
    times = [m.log_time for m in messages]
    assert found["version"] == 9
    assert found["storage_identifier"] == "mcap"
    assert found["message_count"] == len(messages)
    assert found["starting_time"]["nanoseconds_since_epoch"] == min(times)
    assert found["duration"]["nanoseconds"] == max(times) - min(times)
    assert (run / "bag" / found["relative_file_paths"][0]).is_file()
    for entry in found["topics_with_message_count"]:
        topic = entry["topic_metadata"]
        assert entry["message_count"] == counts[topic["name"]]
        assert topic["type_description_hash"].startswith("RIHS01_")
    latched = {
        t["topic_metadata"]["name"]: t["topic_metadata"]["offered_qos_profiles"][0]["durability"]
        for t in found["topics_with_message_count"]
    }
    assert latched["/press/run_event"] == "transient_local"
    assert latched["/press/state"] == "volatile"


def test_a_disk_that_refuses_loses_nothing(tmp_path: Path) -> None:
    """Files must not grow beyond a limit for a while, as on a full disk; then they may again."""
    messages = synthetic.messages()[:4000]
    recorder = Recorder(
        run_folder.create(tmp_path / "runs", "run_1", 0.0),
        synthetic.graph(tmp_path),
        synthetic.ORDER,
        0.0,
    )
    for message in messages[:1000]:
        recorder.add(message)
    recorder.commit()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    (file,) = recorder.folder.mcap_files()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 5000, hard))
        refused = 0
        for index, message in enumerate(messages[1000:3000]):
            recorder.add(message)
            if index % 200 == 199:
                with pytest.raises(OSError, match="File too large"):
                    recorder.commit()
                refused += 1
        with pytest.raises(OSError, match="File too large"):
            recorder.finish({"verdict": "PASSED"}, 1.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert refused == 10
    recorder.finish({"verdict": "PASSED"}, 1.0)
    recorder.close()
    given = Counter((m.topic, m.log_time, m.data) for m in messages[:3000])
    assert Counter(readers.by_mcap(recorder.folder.path)) == given
    assert recorder.lost == 0


def test_an_unknown_topic_is_refused(tmp_path: Path) -> None:
    graph = synthetic.graph(tmp_path)
    bag = BagWriter(tmp_path / "bag", "x", graph.topics[1:], graph.schemas)
    with pytest.raises(KeyError):
        bag.add(synthetic.messages()[0])
    bag.close()
