"""What a device profile may say, and how a mistake in one is told."""

from pathlib import Path

import pytest

from stackpress_py.devices.device.profile import DeviceProfile, known_devices, load_device
from stackpress_py.documents import DocumentError

CONTROLLER = """\
device: controller
description: A temperature controller
protocol: modbus
verification: {level: simulated, source: this test}
line: {bauds: [9600], framings: [8N1, 8E1]}
timing: {reply_latency: 50 ms}
modbus: {functions: [1, 3, 5, 6, 16], most_read: 32}
checks:
  - {point: celsius, raw: 1, set: true, why: degrees Celsius}
setup:
  - {write: run, raw: 0}
enable:
  - {write: run, raw: 1, unless: status.running, until: [status.running]}
safe:
  - {write: run, raw: 0}
points:
  temperature: {address: 0x1000, type: i16, unit: degC, decimals: places, unknown: [0x8002],
                unknown_when: [status.broken]}
  places: {address: 0x1001, every: 5 s}
  target: {address: 0x1002, type: i16, unit: degC, decimals: places, write: {when: change}, maximum: 200}
  status: {address: 0x1003, bits: {running: 0, broken: 15}}
  celsius: {address: 1, table: coil, write: {when: change}}
  run: {address: 2, table: coil, read: false, write: {when: change}}
  name: {address: 0x2000, type: text, length: 4}
faults: [status.broken]
"""
INSTRUMENT = """\
device: instrument
description: An AIBUS instrument
protocol: aibus
verification: {level: simulated, source: this test}
timing: {reply_latency: 50 ms}
points:
  temperature: {answer: process_value, scale: 0.1, unit: degC, unknown_when: [alarm.open]}
  alarm: {answer: alarm, bits: {open: 4}}
  target: {parameter: 0, scale: 0.1, unit: degC, write: {when: change}}
"""
BALANCE = """\
device: balance
description: A balance
protocol: ascii
verification: {level: simulated, source: this test}
timing: {reply_latency: 50 ms}
queries:
  weight: {send: SI, pattern: 'S (?P<state>[SD]) (?P<value>\\d+) g', refused: {ES: what}}
points:
  force: {query: weight, unit: N}
  state: {query: weight, group: state, words: {S: 0, D: 1}, bits: {dynamic: 0}}
"""


def load_changed(folder: Path, text: str, old: str, new: str) -> DeviceProfile:
    assert old in text
    path = folder / "changed.yaml"
    path.write_text(text.replace(old, new, 1))
    return load_device(str(path))


def refused(folder: Path, text: str, old: str, new: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        load_changed(folder, text, old, new)
    assert all("changed.yaml line" in problem for problem in caught.value.problems)


@pytest.mark.parametrize("text", [CONTROLLER, INSTRUMENT, BALANCE])
def test_the_examples_are_right(tmp_path: Path, text: str) -> None:
    assert load_changed(tmp_path, text, "device:", "device:").device in text


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("protocol: modbus", "protocol: modbus_rtu", "protocol: found 'modbus_rtu', needs one of"),
        ("protocol: modbus\n", "", "protocol: is missing"),
        ("reply_latency: 50 ms", "reply_latency: 50", "needs a duration with unit"),
        ("[8N1, 8E1]", "[8N1, 7N1]", r"line.framings\[1\]: found '7N1'"),
        ("address: 0x1000", "address: 0x10000", "points.temperature.address: found '0x10000'"),
        ("address: 0x1000", "adress: 0x1000", "did you mean 'address'"),
        ("unit: degC, decimals: places, unknown: ", "unit: Grad, unknown: ", "unit 'Grad' is not"),
        ("type: i16, unit: degC, decimals: places, unknown:", "type: i61, unknown:", "type: found"),
        ("decimals: places, unknown:", "decimals: place, unknown:", "no point 'place'; it has"),
        ("unknown: [0x8002]", "unknown: [0x18002]", "98306 does not fit .* of type i16"),
        ("unknown_when: [status.broken]", "unknown_when: [status.open]", "no bit 'open'; it has"),
        (
            "unknown_when: [status.broken]",
            "unknown_when: [run]",
            "'run' of controller is written only",
        ),
        ("broken: 15", "broken: 16", "has no bit 16: its bits are 0 to 15"),
        ("address: 1, table: coil", "address: 1, table: discrete", "'discrete' cannot be written"),
        ("[1, 3, 5, 6, 16]", "[3, 5, 6, 16]", "is read with function 2, which is not"),
        ("[1, 3, 5, 6, 16]", "[1, 3, 6, 16]", "points.celsius: no function .* can write it"),
        ("most_read: 32", "most_read: 3", "points.name: is longer than `most_read`"),
        ("raw: 1, set: true", "set: true", "needs either `raw`, `among` or `text`"),
        (
            "{point: celsius, raw: 1,",
            "{point: status, raw: 1,",
            "checks: the point 'status' has no",
        ),
        (
            "raw: 1, unless",
            "raw: 2, unless",
            "enable: 'run' cannot be written: 2 is neither 0 nor 1",
        ),
        (
            "{write: run, raw: 0}\nenable",
            "{write: runs, raw: 0}\nenable",
            "setup: .* no point 'runs'",
        ),
        (
            "{write: run, raw: 0}\npoints",
            "{write: run, raw: 0, until: [status.running]}\npoints",
            "only a step of `enable` can wait",
        ),
        ("maximum: 200", "maximum: 200, minimum: 300", "minimum is above maximum"),
        ("faults: [status.broken]", "faults: [status.brokn]", "faults: .* no bit 'brokn'"),
        ("every: 5 s", "length: 2", "`length` is that of a text"),
        (
            "type: text, length: 4",
            "type: text, length: 4, bits: {a: 0}",
            "has no bits: it is a number or a text",
        ),
        ("read: false, write: {when: change}}", "read: false}", "is neither read nor written"),
        (
            "write: {when: change}, maximum",
            "write: {when: cycle, memory: eeprom}, maximum",
            "wears out",
        ),
        (
            "write: {when: change}, maximum",
            "write: {when: change, memory: eeprom}, maximum",
            "`interval` of at least 1 s",
        ),
        (
            "write: {when: change}, maximum",
            "field: [0, 3], write: {when: change}, maximum",
            "a part of a register cannot be written",
        ),
        ("bits: {running: 0, broken: 15}", "field: [4, 2]", r"write \[lowest, highest\]"),
    ],
)
def test_a_mistake_in_a_modbus_profile_is_told_in_one_sentence(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    refused(tmp_path, CONTROLLER, old, new, message)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        ("{when: change, together: pair}", "with `together: pair`"),
        ("{when: cycle}", "`exchange` needs the points with `when: cycle`"),
    ],
)
def test_what_must_go_into_one_request_must_lie_together(
    tmp_path: Path, write: str, message: str
) -> None:
    scattered = f"places: {{address: 0x1001, every: 5 s, write: {write}}}"
    text = CONTROLLER.replace("places: {address: 0x1001, every: 5 s}", scattered)
    if "cycle" in write:
        text = text.replace("[1, 3, 5, 6, 16]", "[1, 3, 5, 6, 16, 23], exchange: true")
    refused(
        tmp_path,
        text,
        "status: {address: 0x1003",
        f"last: {{address: 0x1004, write: {write}}}\n  status: {{address: 0x1003",
        message,
    )


def test_an_exchange_that_the_device_cannot_do_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, CONTROLLER, "most_read: 32", "exchange: true", "needs function 23")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{parameter: 0, ", "{parameter: 256, ", "found '256', needs at most 255"),
        (
            "{parameter: 0, ",
            "{parameter: 0, answer: output, ",
            "needs either `parameter` or `answer`",
        ),
        ("bits: {open: 4}}", "write: {when: change}}", "only a parameter can be written"),
        ("{when: change}", "{when: change, together: pair}", "are written one by one"),
        ("{open: 4}", "{open: 8}", "has no bit 8: its bits are 0 to 7"),
        ("{when: change}", "{when: change, rest: 32001}", "'target' cannot be written: 32001"),
    ],
)
def test_a_mistake_in_an_aibus_profile_is_told_in_one_sentence(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    refused(tmp_path, INSTRUMENT, old, new, message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("force: {query: weight", "force: {query: wieght", "no query 'wieght'; there are weight"),
        ("(?P<value>", "(?P<weight>", r"of 'weight' has no group \(\?P<value>"),
        (r"(?P<value>\d+)", r"(?P<value>\d+", "is no regular expression"),
        ("{ES: what}", "{'E(?P<code>.)': what}", "`refused` holds no values"),
        ("unit: N}", "unit: N, write: {when: change}}", "line-oriented device cannot be written"),
        ("unit: N}", "unit: N, bits: {a: 0}}", "has no bits: it is a number or a text"),
        ("group: state, words", "group: state, exponent: value, words", "only a number has an"),
        ("unit: N}", "unit: N, exponent: power}", r"has no group \(\?P<power>"),
        ("unit: N}", "unit: N, factors: {by: state, table: {S: 1.0}}}", "'S' is no whole number"),
        ("unit: N}", "unit: N, factors: {by: state, table: {0: 0.0}}}", "needs more than 0"),
    ],
)
def test_a_mistake_in_a_profile_of_lines_is_told_in_one_sentence(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    refused(tmp_path, BALANCE, old, new, message)


def test_manuals_numbers_may_be_hexadecimal_and_unsigned(tmp_path: Path) -> None:
    profile = load_changed(tmp_path, CONTROLLER, "0x1000", "4096")
    temperature = profile.all_points()["temperature"]
    assert temperature.as_read(0x8002) == -32766
    assert temperature.as_read(-32766) == -32766
    assert profile.all_points()["status"].as_read(0x8002) == 0x8002


def test_even_parity_is_no_number(tmp_path: Path) -> None:
    """YAML reads 8E1 as eighty."""
    profile = load_changed(tmp_path, CONTROLLER, "[8N1, 8E1]", "[8E1, 8E2, 8N1]")
    assert profile.line is not None
    assert profile.line.framings == ("8E1", "8E2", "8N1")


def test_an_unknown_device_names_the_known_ones() -> None:
    with pytest.raises(DocumentError, match="no device profile 'euroterm'; there are: .*eurotherm"):
        load_device("euroterm")
    assert "eurotherm_3200" in known_devices()


def test_a_file_is_found_from_the_folder_of_the_press(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BALANCE)
    assert load_device("./mine.yaml", tmp_path).device == "balance"


def test_what_a_value_needs_is_read_with_it(tmp_path: Path) -> None:
    profile = load_changed(tmp_path, CONTROLLER, "device:", "device:")
    assert profile.closure(iter(["temperature"])) == {"temperature", "places", "status"}
    assert profile.closure(iter(["status.broken"])) == {"status"}
