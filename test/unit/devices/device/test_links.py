"""The way of a device over each kind of bus: the requests, and what is taken from the answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import ReplyError
from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.links import AibusLink, AsciiLink, ModbusLink
from stackpress_py.devices.device.links.ascii import sum64
from stackpress_py.devices.device.profile import AibusProfile, AsciiProfile, ModbusProfile

HEAD = {
    "device": "device",
    "description": "of this test",
    "verification": {"level": "simulated", "source": "this test"},
    "timing": {"reply_latency": "70 ms", "silence": "5 ms"},
}
PATIENCE = Patience(0.07, 0.005)


# ---- Modbus ------------------------------------------------------------------------------------------


class Master:
    """A Modbus master that keeps the requests and gives prepared answers."""

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.sent: list[str] = []
        self.distrusted = False

    def transact(self, unit: int, request: modbus.Request, patience: Patience) -> bytes:
        assert (unit, patience) == (7, PATIENCE)
        self.sent.append(request.pdu.hex(" "))
        return self.answers.pop(0)

    def distrust(self) -> None:
        self.distrusted = True


CYCLIC = {"when": "cycle"}
CHANGE = {"when": "change"}


def modbus_link(master: Master, **rules: object) -> ModbusLink:
    profile = ModbusProfile.model_validate(
        {
            **HEAD,
            "protocol": "modbus",
            "modbus": {"functions": (1, 3, 4, 5, 6, 15, 16, 23), **rules},
            "points": {
                "high": {"address": 0, "type": "f32"},
                "low": {"address": 2, "type": "i32", "word_order": "low_first"},
                "name": {"address": 4, "type": "text", "length": 2},
                "input": {"address": 0, "table": "input"},
                "coil_a": {"address": 8, "table": "coil", "write": CHANGE},
                "coil_b": {"address": 9, "table": "coil", "write": CHANGE},
                "word": {"address": 20, "type": "i16", "write": CYCLIC},
                "double": {"address": 21, "type": "f32", "write": CYCLIC},
                "alone": {"address": 23, "write_function": 16, "write": CHANGE},
            },
        }
    )
    return ModbusLink(master, 7, profile)


def test_values_are_taken_from_their_own_registers() -> None:
    master = Master("01 01 02", "03 0C 42F6E979 FB2DFFFF 53540000", "04 02 0005")
    link = modbus_link(master)
    found = link.read(frozenset(("high", "low", "name", "input", "coil_a", "coil_b")))
    assert found == {
        "high": pytest.approx(123.456, abs=1e-4),
        "low": -1235,
        "name": "ST",
        "input": 5,
        "coil_a": 0,
        "coil_b": 1,
    }
    assert sorted(master.sent) == ["01 00 08 00 02", "03 00 00 00 06", "04 00 00 00 01"]


def test_a_value_is_written_with_the_function_that_fits() -> None:
    master = Master(*["06"] * 6)
    link = modbus_link(master)
    link.write({"word": -2})
    link.write({"double": 123.456})
    link.write({"alone": 3})
    link.write({"coil_a": 1})
    link.write({"coil_a": 1, "coil_b": 0})
    link.write({"word": -2, "double": 0.5})
    assert master.sent == [
        "06 00 14 ff fe",
        "10 00 15 00 02 04 42 f6 e9 79",
        "10 00 17 00 01 02 00 03",
        "05 00 08 ff 00",
        "0f 00 08 00 02 01 01",
        "10 00 14 00 03 06 ff fe 3f 00 00 00",
    ]


def test_an_exchange_is_one_request_where_the_device_has_it() -> None:
    master = Master("17 04 42F6E979", "01 01 01")
    link = modbus_link(master, exchange=True)
    found = link.exchange({"word": 1, "double": 0.5}, frozenset(("high", "coil_a")))
    assert found == {"high": pytest.approx(123.456, abs=1e-4), "coil_a": 1}
    assert master.sent == ["17 00 00 00 02 00 14 00 03 06 00 01 3f 00 00 00", "01 00 08 00 01"]


def test_an_exchange_is_a_write_and_a_read_where_it_is_not() -> None:
    master = Master("10", "03 04 42F6E979")
    modbus_link(master).exchange({"word": 1, "double": 0.5}, frozenset(("high",)))
    assert master.sent == ["10 00 14 00 03 06 00 01 3f 00 00 00", "03 00 00 00 02"]


def test_a_device_with_one_set_of_bits_is_read_with_02() -> None:
    """Delta's bits are read with function 02 and written with 05."""
    profile = ModbusProfile.model_validate(
        {
            **HEAD,
            "protocol": "modbus",
            "modbus": {"functions": (2, 5)},
            "points": {"run": {"address": 0x814, "table": "coil", "write": CHANGE}},
        }
    )
    master = Master("02 01 01", "05")
    link = ModbusLink(master, 7, profile)
    assert link.read(frozenset(("run",))) == {"run": 1}
    link.write({"run": 0})
    assert master.sent == ["02 08 14 00 01", "05 08 14 00 00"]


# ---- AIBUS -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    process_value: int
    set_point: int
    output: int
    alarm: int
    value: int


class Instrument:
    """An AIBUS line whose answers come as if one of them was late."""

    def __init__(self, *values: int) -> None:
        self.values = list(values)
        self.asked: list[int] = []
        self.written: list[tuple[int, int]] = []
        self.distrusted = False

    def read(self, unit: int, parameter: int, patience: Patience) -> Answer:
        assert (unit, patience) == (7, PATIENCE)
        self.asked.append(parameter)
        return Answer(250, 800, -20, 3, self.values.pop(0))

    def write(self, unit: int, parameter: int, value: int, patience: Patience) -> Answer:
        assert (unit, patience) == (7, PATIENCE)
        self.written.append((parameter, value))
        return Answer(250, value, 0, 0, value)

    def distrust(self) -> None:
        self.distrusted = True


AIBUS = AibusProfile.model_validate(
    {
        **HEAD,
        "protocol": "aibus",
        "points": {
            "temperature": {"answer": "process_value"},
            "working": {"answer": "set_point"},
            "output": {"answer": "output"},
            "alarm": {"answer": "alarm"},
            "target": {"parameter": 0, "write": CHANGE},
            "places": {"parameter": 0x0C, "field": (0, 1)},
            "tenths": {"parameter": 0x0C, "field": (7, 7)},
        },
    }
)


def test_one_question_tells_all_that_every_answer_carries() -> None:
    line = Instrument(800)
    found = AibusLink(line, 7, AIBUS).read(frozenset(("temperature", "working", "output", "alarm")))
    assert found == {"temperature": 250, "working": 800, "output": -20, "alarm": 3}
    assert line.asked == [0]


def test_a_parameter_is_asked_for_twice_and_once_for_all_its_parts() -> None:
    line = Instrument(129, 129)
    found = AibusLink(line, 7, AIBUS).read(frozenset(("places", "tenths", "temperature")))
    assert found == {"places": 129, "tenths": 129, "temperature": 250}
    assert line.asked == [0x0C, 0x0C]


def test_a_late_answer_is_not_taken_for_the_number_of_decimals() -> None:
    line = Instrument(800, 1)
    with pytest.raises(ReplyError, match="told 800 and 1 for parameter 0Ch: one of them is a late"):
        AibusLink(line, 7, AIBUS).read(frozenset(("places",)))
    assert line.distrusted


def test_parameters_are_written_one_by_one() -> None:
    line = Instrument()
    link = AibusLink(line, 7, AIBUS)
    link.write({"target": 800})
    assert line.written == [(0, 800)]
    with pytest.raises(ValueError, match="temperature is no parameter"):
        link.write({"temperature": 1})


# ---- lines of text -----------------------------------------------------------------------------------


class Line:
    """A master of lines that gives prepared ones, if they match."""

    def __init__(self, *lines: bytes) -> None:
        self.lines = list(lines)
        self.asked: list[bytes] = []
        self.distrusted = False

    def ask(
        self, command: bytes, pattern: "re.Pattern[bytes]", patience: Patience, terminator: bytes
    ) -> "re.Match[bytes]":
        assert (patience, terminator) == (PATIENCE, b"\r")
        self.asked.append(command)
        return self._next(pattern)

    def listen(
        self, pattern: "re.Pattern[bytes]", patience: Patience, terminator: bytes
    ) -> "re.Match[bytes]":
        assert (patience, terminator) == (PATIENCE, b"\r")
        self.asked.append(b"")
        return self._next(pattern)

    def _next(self, pattern: "re.Pattern[bytes]") -> "re.Match[bytes]":
        match = pattern.fullmatch(self.lines.pop(0))
        if match is None:
            raise ReplyError("not what is awaited")
        return match

    def distrust(self) -> None:
        self.distrusted = True


def ascii_link(line: Line) -> AsciiLink:
    profile = AsciiProfile.model_validate(
        {
            **HEAD,
            "protocol": "ascii",
            "terminator": "\r",
            "queries": {
                "weight": {
                    "send": "W",
                    "pattern": r"(?P<state>[SD])(?: (?P<value>[- 0-9.]+) (?P<unit>\w+))?",
                    "refused": {"E[0-9]": "it is busy"},
                },
                "pressure": {
                    "send": "P",
                    "pattern": r"P(?P<mantissa>\d+)/(?P<power>-?\d+)",
                    "refused": {"PX": "no sensor"},
                    "checksum": "sum64",
                },
                "stream": {"pattern": r"(?P<value>\d+)"},
            },
            "points": {
                "weight": {"query": "weight"},
                "unit": {"query": "weight", "group": "unit", "words": {"kg": 0, "g": 1}},
                "state": {"query": "weight", "group": "state", "text": True},
                "pressure": {"query": "pressure", "group": "mantissa", "exponent": "power"},
                "count": {"query": "stream"},
            },
        }
    )
    return AsciiLink(line, profile)


def read(names: Sequence[str], *lines: bytes) -> dict[str, object]:
    return dict(ascii_link(Line(*lines)).read(frozenset(names)))


def test_one_question_tells_all_that_its_line_holds() -> None:
    line = Line(b"S - 12.5 kg")
    assert ascii_link(line).read(frozenset(("weight", "unit", "state"))) == {
        "weight": -12.5,
        "unit": 0,
        "state": "S",
    }
    assert line.asked == [b"W"]


def test_a_group_that_is_not_in_the_line_is_not_known() -> None:
    found = read(["weight", "unit", "state"], b"D")
    assert found["state"] == "D"
    assert found["weight"] != found["weight"]
    assert found["unit"] != found["unit"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"E7", "the device answers 'E7': it is busy"),
        (b"S 12.5 lb", "unit: the device says 'lb', which its profile does not know"),
        (b"S 1.2.3 kg", "weight: the device says '1.2.3', which is no number"),
    ],
)
def test_an_answer_without_a_value_is_told(line: bytes, message: str) -> None:
    with pytest.raises(ReplyError, match=re.escape(message)):
        read(["weight", "unit"], line)


@given(st.integers(0, 9999), st.integers(-20, 20))
def test_a_number_with_its_power_of_ten(mantissa: int, power: int) -> None:
    body = f"P{mantissa}/{power}".encode()
    (found,) = read(["pressure"], body + sum64(body)).values()
    assert found == pytest.approx(mantissa * 10.0**power, rel=1e-12)


def test_a_checksum_is_sent_and_demanded() -> None:
    assert sum64(b"001M") == b"^"
    line = Line(b"P1/0" + sum64(b"P1/0"))
    ascii_link(line).read(frozenset(("pressure",)))
    assert line.asked == [b"P" + sum64(b"P")]


@given(st.integers(0, 3), st.integers(1, 255).filter(lambda change: change % 64))
def test_no_single_wrong_character_passes_a_checksum(place: int, change: int) -> None:
    body = bytearray(b"P1/0")
    closing = sum64(bytes(body))
    body[place] ^= change
    line = Line(bytes(body) + closing)
    with pytest.raises(ReplyError):
        ascii_link(line).read(frozenset(("pressure",)))


def test_a_wrong_checksum_lets_the_line_become_silent() -> None:
    line = Line(b"P1/0" + bytes([sum64(b"P1/0")[0] ^ 1]))
    with pytest.raises(ReplyError, match="has a wrong checksum"):
        ascii_link(line).read(frozenset(("pressure",)))
    assert line.distrusted


def test_a_refusal_has_a_checksum_too() -> None:
    with pytest.raises(ReplyError, match="the device answers 'PX': no sensor"):
        read(["pressure"], b"PX" + sum64(b"PX"))


def test_a_device_that_sends_by_itself_is_listened_to() -> None:
    line = Line(b"42")
    assert ascii_link(line).read(frozenset(("count",))) == {"count": 42.0}
    assert line.asked == [b""]


def test_a_device_of_lines_takes_no_values() -> None:
    link = ascii_link(Line(b"42"))
    assert link.exchange({}, frozenset(("count",))) == {"count": 42.0}
    with pytest.raises(ValueError, match="takes no values"):
        link.write({"count": 1})
