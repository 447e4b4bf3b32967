"""CDR and schemas: what rosbags serialises is decoded to the same values."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.record import cdr, schema
from stackpress_py.record.schema import Schema, SchemaError
from unit.record import synthetic

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NUMBER = st.floats(allow_nan=True)


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return synthetic.shares(tmp_path_factory.mktemp("share"))


@pytest.fixture(scope="module")
def press_state(shares: list[Path]) -> Schema:
    return schema.load("stackpress/msg/PressState", shares)


def press_message(frame: str, sensors: list[float], force: float, cycle: int) -> bytes:
    return synthetic.message(
        "stackpress/msg/PressState", 1.8e9, frame, force=force, cycle=cycle, connected=True,
        force_sensors=np.array(sensors), interlocks=cycle % 2**32,
    )  # fmt: skip


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@settings(deadline=None)
@given(TEXT, st.lists(NUMBER, max_size=4), NUMBER, st.integers(0, 2**64 - 1))
def test_a_message_is_decoded(
    press_state: Schema, frame: str, sensors: list[float], force: float, cycle: int
) -> None:
    found = cdr.decode(press_state, press_message(frame, sensors, force, cycle))
    assert found["header"]["frame_id"] == frame
    assert found["cycle"] == cycle
    assert same(found["force"], force)
    assert all(same(a, b) for a, b in zip(found["force_sensors"], sensors, strict=True))
    assert found["interlocks"] == cycle % 2**32
    assert found["connected"] is True


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, st.lists(NUMBER, max_size=3), NUMBER), max_size=12))
def test_columns_are_the_messages_one_by_one(
    press_state: Schema, rows: list[tuple[str, list[float], float]]
) -> None:
    """Strings and sequences of any length between the values do not move them."""
    messages = [press_message(*row, cycle=index) for index, row in enumerate(rows)]
    found = cdr.columns(press_state, messages, ("cycle", "force", "header.stamp.sec", "interlocks"))
    assert found["cycle"].tolist() == list(range(len(rows)))
    assert found["interlocks"].tolist() == list(range(len(rows)))
    assert all(same(a, row[2]) for a, row in zip(found["force"].tolist(), rows, strict=True))
    assert set(found["header.stamp.sec"].tolist()) <= {1_800_000_000}


def test_nested_messages_are_decoded(shares: list[Path]) -> None:
    types = synthetic.typestore().types
    array = types["diagnostic_msgs/msg/DiagnosticArray"]
    status = types["diagnostic_msgs/msg/DiagnosticStatus"]
    pair = types["diagnostic_msgs/msg/KeyValue"]
    stamp = types["builtin_interfaces/msg/Time"](5, 7)
    header = types["std_msgs/msg/Header"](stamp, "x")
    statuses = [
        status(level=2, name="driver", message="bad", hardware_id="", values=[pair("a", "1")]),
        status(level=0, name="", message="", hardware_id="h", values=[]),
    ]
    data = synthetic.typestore().serialize_cdr(
        array(header, statuses), "diagnostic_msgs/msg/DiagnosticArray"
    )
    loaded = schema.load("diagnostic_msgs/msg/DiagnosticArray", shares)
    found = cdr.decode(loaded, bytes(data))
    assert found["header"] == {"stamp": {"sec": 5, "nanosec": 7}, "frame_id": "x"}
    first, second = found["status"]
    assert (first["level"], first["name"], first["values"]) == (
        2, "driver", [{"key": "a", "value": "1"}],
    )  # fmt: skip
    assert (second["hardware_id"], second["values"]) == ("h", [])


@settings(deadline=None)
@given(cut=st.integers(4, 200))
def test_a_torn_message_is_one_error(press_state: Schema, cut: int) -> None:
    data = press_message("frame", [1.0, 2.0], 3.0, 4)
    with pytest.raises(cdr.CdrError, match="PressState"):
        cdr.decode(press_state, data[: min(cut, len(data) - 1)])


def test_every_message_of_ours_has_a_schema(shares: list[Path]) -> None:
    for file in synthetic.FOLDER.glob("*.msg"):
        loaded = schema.load(f"stackpress/msg/{file.stem}", shares)
        assert [f.name for f in loaded.types[loaded.name]] == [
            name for name, _ in synthetic.typestore().get_msgdef(loaded.name).fields
        ]
        assert file.read_text() in loaded.text


def test_fields_constants_arrays_and_defaults(tmp_path: Path) -> None:
    folder = tmp_path / "pkg" / "msg"
    folder.mkdir(parents=True)
    (folder / "A.msg").write_text(
        "# comment\nuint8 ONE = 1\nstring NAME='#1'\nfloat64[3] a 1.0  # three\n"
        "string<=5[<=4] b\nB[] c\nint32 d 5\npkg/B e\n"
    )
    (folder / "B.msg").write_text("bool x\n")
    loaded = schema.load("pkg/msg/A", [tmp_path])
    assert [(f.name, f.type, f.length) for f in loaded.types["pkg/msg/A"]] == [
        ("a", "float64", 3), ("b", "string", -1), ("c", "pkg/msg/B", -1),
        ("d", "int32", None), ("e", "pkg/msg/B", None),
    ]  # fmt: skip
    assert loaded.text.count("MSG: pkg/B\n") == 1


def test_a_missing_definition_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"definition of pkg/msg/A .* install pkg"):
        schema.load("pkg/msg/A", [tmp_path])
    (tmp_path / "pkg" / "msg").mkdir(parents=True)
    (tmp_path / "pkg" / "msg" / "A.msg").write_text("float64 é\n")
    with pytest.raises(SchemaError, match="is not a field"):
        schema.load("pkg/msg/A", [tmp_path])
