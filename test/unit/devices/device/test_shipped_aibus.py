"""Profile of the Yudian controllers, frame by frame after the maker's protocol."""

import math

import pytest

from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.device.device import Wish
from unit.devices.device.bus_fakes import Rig

HEAT_TO_80 = Wish({"target": 80.0}, active=True)


def asks(parameter: int) -> str:
    """The frame that reads a parameter of unit 1, by the protocol's own rule."""
    check = (parameter * 256 + 0x52 + 1) & 0xFFFF
    frame = bytes((0x81, 0x81, 0x52, parameter, 0, 0, check & 0xFF, check >> 8))
    return frame.decode("latin-1")


def writes(parameter: int, value: int) -> str:
    check = (parameter * 256 + 0x43 + value + 1) & 0xFFFF
    frame = bytes((0x81, 0x81, 0x43, parameter, value & 0xFF, value >> 8 & 0xFF))
    return (frame + bytes((check & 0xFF, check >> 8))).decode("latin-1")


def tells(measured: int, target: int, value: int, output: int = 0, alarm: int = 0) -> str:
    words = [measured & 0xFFFF, target, alarm * 256 + (output & 0xFF), value]
    words.append((sum(words) + 1) & 0xFFFF)
    return b"".join(word.to_bytes(2, "little") for word in words).decode("latin-1")


def test_the_frames_of_aibus_are_those_of_the_protocol() -> None:
    assert asks(0x0C).encode("latin-1") == bytes.fromhex("81 81 52 0C 00 00 53 0C")
    assert writes(0x00, 1000).encode("latin-1") == bytes.fromhex("81 81 43 00 E8 03 2C 04")


@pytest.mark.parametrize(
    ("places", "raw", "celsius"),
    [(1, 1000, 100.0), (129, 1000, 10.0), (0, 25, 25.0), (1, -5, -0.5)],
)
def test_a_yudian_tells_its_own_scale(places: int, raw: int, celsius: float) -> None:
    """The protocol's example: raw 1000 is 100.0 with dPt 1, and 10.0 with dPt 129."""
    rig = Rig("yudian_ai_v7", "temperature", "output")
    rig.identified(
        (asks(0x0C), tells(raw, 0, places)),
        (asks(0x0C), tells(raw, 0, places)),
        (asks(0x00), tells(raw, 0, 0)),
    )
    found = rig.exchanged(
        (asks(0x00), tells(raw, 0, 0)),  # it holds 0 already: no write
        (asks(0x00), tells(raw, 0, 0)),
        (asks(0x00), tells(raw, 0, 0, output=-20)),
    )
    assert found["temperature"] == pytest.approx(celsius)
    assert found["output"] == pytest.approx(-0.2)


def test_a_yudian_gets_its_set_point_in_its_own_scale_and_loses_it_in_the_end() -> None:
    rig = Rig("yudian_ai_v7", "temperature")
    rig.identified(
        (asks(0x0C), tells(250, 0, 129)),
        (asks(0x0C), tells(250, 0, 129)),
        (asks(0x00), tells(250, 900, 900)),
    )
    rig.exchanged(
        (asks(0x00), tells(250, 900, 900)),
        (asks(0x00), tells(250, 900, 900)),
        (writes(0x00, 0), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
    )
    rig.line.time += 2.0  # its memory wears out: not more often than that
    rig.exchanged(
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
        (writes(0x00, 8000), tells(250, 8000, 8000)),  # 80.00: one decimal, and tenths of it
        (asks(0x00), tells(250, 8000, 8000)),
        (asks(0x00), tells(250, 8000, 8000)),
        (asks(0x00), tells(250, 8000, 8000)),
        wish=HEAT_TO_80,
    )
    assert not rig.device.not_taken


def test_a_yudian_with_an_input_error_knows_no_temperature() -> None:
    rig = Rig("yudian_ai_v7", "temperature")
    rig.identified(
        (asks(0x0C), tells(250, 0, 1)),
        (asks(0x0C), tells(250, 0, 1)),
        (asks(0x00), tells(250, 0, 0)),
    )
    found = rig.exchanged(
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0, alarm=0x10)),
    )
    assert math.isnan(found["temperature"])
    assert found["alarm.input_error"] == 1.0


def identified(*paths: str) -> Rig:
    rig = Rig("yudian_ai", *paths)
    rig.identified(
        (asks(0x15), tells(250, 0, 5180)),
        (asks(0x15), tells(250, 0, 5180)),
        (asks(0x0C), tells(250, 0, 1)),
        (asks(0x0C), tells(250, 0, 1)),
        (asks(0x00), tells(250, 0, 0)),
    )
    return rig


def test_a_yudian_of_protocol_v8_is_run_and_stopped() -> None:
    rig = identified("temperature")
    rig.exchanged(
        (asks(0x1B), tells(250, 0, 0)),  # it runs
        (asks(0x1B), tells(250, 0, 0)),
        (writes(0x1B, 1), tells(250, 0, 1)),
        (asks(0x1B), tells(250, 0, 1)),
        (asks(0x1B), tells(250, 0, 1)),
        (asks(0x00), tells(250, 0, 0)),  # its set-point is 0 already
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
    )
    rig.exchanged(
        (asks(0x00), tells(250, 0, 0)),
        (asks(0x00), tells(250, 0, 0)),
        (writes(0x00, 800), tells(250, 800, 800)),
        (asks(0x1B), tells(250, 800, 1)),
        (asks(0x1B), tells(250, 800, 1)),
        (writes(0x1B, 0), tells(250, 800, 0)),
        (asks(0x1B), tells(250, 800, 0)),
        (asks(0x1B), tells(250, 800, 0)),
        (asks(0x00), tells(250, 800, 800)),
        (asks(0x00), tells(250, 800, 800)),  # read back
        (asks(0x00), tells(250, 800, 800)),
        wish=HEAT_TO_80,
    )
    assert not rig.device.not_taken


def test_a_yudian_of_another_generation_gets_nothing_written() -> None:
    """There 1Bh is the duration of a programme's segment."""
    rig = Rig("yudian_ai", "temperature")
    with pytest.raises(DeviceError, match=r"model is 808, .* needs 5160 or 5167 or 5180 or 5187"):
        rig.identified((asks(0x15), tells(250, 0, 808)), (asks(0x15), tells(250, 0, 808)))
