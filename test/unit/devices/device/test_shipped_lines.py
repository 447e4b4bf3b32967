"""Profiles of devices that speak in lines of text, line by line."""

import math

import pytest

from stackpress_py.devices.bus.errors import ReplyError
from stackpress_py.devices.device.device import Wish
from unit.devices.device.bus_fakes import Rig

KILOGRAM = 9.80665


@pytest.mark.parametrize(
    ("line", "newtons"),
    [
        ("S S     100.00 g", 0.1 * KILOGRAM),
        ("S D      12.50 kg", 12.5 * KILOGRAM),
        ("S S      -1.25 kg", -1.25 * KILOGRAM),
        ("SI S      12.50 kg", 12.5 * KILOGRAM),
    ],
)
def test_a_balance_tells_weight_and_unit(line: str, newtons: float) -> None:
    rig = Rig("mt_sics", "force", "status.dynamic")
    rig.identified(("SI\r\n", "S S       0.00 kg\r\n"))
    found = rig.exchanged(("SI\r\n", line + "\r\n"))
    assert found["force"] == pytest.approx(newtons)
    assert found["status.dynamic"] == float("S D" in line)


@pytest.mark.parametrize(
    ("line", "bit"), [("S +", "overload"), ("S -", "underload"), ("S I", "busy")]
)
def test_a_balance_without_a_weight_knows_no_force(line: str, bit: str) -> None:
    rig = Rig("mt_sics", "force", f"status.{bit}")
    rig.identified(("SI\r\n", "S S       0.00 kg\r\n"))
    found = rig.exchanged(("SI\r\n", line + "\r\n"))
    assert math.isnan(found["force"])
    assert found[f"status.{bit}"] == 1.0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ES", "the device answers 'ES': it does not know the command"),
        ("EL", "it cannot do that now"),
        ("S S      12.50 lb", "not what is awaited"),
        ("S S      12,50 kg", "not what is awaited"),
        ("S S      12.50 kg?", "not what is awaited"),
    ],
)
def test_another_answer_of_a_balance_is_no_weight(line: str, message: str) -> None:
    rig = Rig("mt_sics", "force")
    rig.identified(("SI\r\n", "S S       0.00 kg\r\n"))
    with pytest.raises(ReplyError, match=message):
        rig.exchanged(("SI\r\n", line + "\r\n"))


def test_the_newest_whole_line_of_a_microcontroller_counts() -> None:
    rig = Rig("arduino_scale", "force")
    rig.line.inject(b".345 kg\r\n12.345 kg\r\n")
    rig.device.identify(0.0)
    rig.line.inject(b"1.000 kg\r\n500.0 g\r\n-2.5 N\r\n")
    rig.line.time += 0.1
    assert rig.device.exchange(Wish(), 0.0)["force"] == -2.5
    rig.line.inject(b"500.0 g\r\n")
    assert rig.device.exchange(Wish(), 0.0)["force"] == pytest.approx(0.5 * KILOGRAM)


@pytest.mark.parametrize("line", ["12345", "12.345 lb", "nan kg", "1.2.3 kg", ""])
def test_a_line_that_does_not_say_what_it_means_is_no_force(line: str) -> None:
    rig = Rig("arduino_scale", "force")
    rig.line.inject(b".345 kg\r\n12.345 kg\r\n")
    rig.device.identify(0.0)
    rig.line.inject(line.encode() + b"\r\n")
    with pytest.raises(ReplyError, match="not what is awaited"):
        rig.device.exchange(Wish(), 0.0)


def test_the_published_frames_of_a_vacuum_gauge() -> None:
    """Published: 001M^ is answered by 001M982122V, 982.1 mbar."""
    rig = Rig("thyracont_smartline", "pressure")
    rig.identified(("001M^\r", "001M982122V\r"))
    found = rig.exchanged(("001M^\r", "001M982122V\r"))
    assert found["pressure"] == pytest.approx(98210.0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("001M982122W\r", "has a wrong checksum"),
        ("001M982123V\r", "has a wrong checksum"),
        ("001NO_DEF\\\r", "the device answers '001NO_DEF': it does not know the command"),
        ("002M982122W\r", "not what is awaited"),
    ],
)
def test_a_garbled_pressure_is_none(answer: str, message: str) -> None:
    rig = Rig("thyracont_smartline", "pressure")
    rig.identified(("001M^\r", "001M982122V\r"))
    with pytest.raises(ReplyError, match=message):
        rig.exchanged(("001M^\r", answer))
