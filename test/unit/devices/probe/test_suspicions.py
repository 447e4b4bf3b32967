"""What looks wrong in a device's values: word order, units, identity."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.probe.snapshot import Judge
from stackpress_py.devices.probe.suspicions import Finding
from unit.devices.probe.instrument import FINE, PROFILE

JUDGE = Judge(PROFILE)


def findings(changes: dict[str, Raw] | None = None) -> tuple[Finding, ...]:
    return JUDGE.snapshot("one", 1, {**FINE, **(changes or {})}).findings


def only(changes: dict[str, Raw]) -> Finding:
    (found,) = findings(changes)
    return found


def swapped(value: float) -> float:
    """Return what a float reads as if its words are taken in the wrong order."""
    high, low = struct.unpack(">2H", struct.pack(">f", value))
    number: float = struct.unpack(">f", struct.pack(">2H", low, high))[0]
    return number


def test_nothing_is_found_in_values_that_can_be_true() -> None:
    assert findings() == ()
    assert JUDGE.snapshot("one", 1, FINE).fine


# ---- word order ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [25.0, 100.0, -12.5, 25.3, 1234.5, 0.25])
def test_a_float_with_its_words_exchanged_is_told(value: float) -> None:
    found = only({"pressure": swapped(value)})
    assert found.wrong
    assert f"the other way round it would be {value:.6g} bar" in found.text
    assert found.text.endswith("this looks like `word_order: low_first`")


def test_a_float_that_is_no_number_may_have_its_words_exchanged() -> None:
    nan = struct.unpack(">f", struct.pack(">2H", 0x7FC0, 0x41C8))[0]
    assert math.isnan(nan)
    assert "it would be 25.0624 bar" in "".join(each.text for each in findings({"pressure": nan}))


@given(st.floats(0.125, 400.0, width=32), st.sampled_from((-1.0, 1.0)))
def test_true_pressures_are_never_taken_for_exchanged_ones(value: float, sign: float) -> None:
    assert findings({"pressure": sign * value}) == ()


@given(st.integers(-0xFFFF, 0xFFFF))
def test_small_whole_numbers_are_never_taken_for_exchanged_ones(value: int) -> None:
    assert findings({"count": value}) == ()


@pytest.mark.parametrize("value", [1, 1234, -5, -300])
def test_a_whole_number_with_its_words_exchanged_is_told(value: int) -> None:
    high, low = struct.unpack(">2H", struct.pack(">i", value))
    (raw,) = struct.unpack(">i", struct.pack(">2H", low, high))
    assert f"the other way round it would be {value}:" in only({"count": raw}).text


# ---- units -----------------------------------------------------------------------------------------


def test_a_room_in_fahrenheit_is_a_question_not_a_fault() -> None:
    raws: dict[str, Raw] = {**FINE, "temperature": 77.0}
    del raws["unit_code"]
    (found,) = JUDGE.snapshot("one", 1, raws).findings
    assert not found.wrong
    assert "temperature is 77 degC" in found.text
    assert "(77 degF are 25 degC)" in found.text


def test_nobody_asks_where_the_device_has_said_celsius() -> None:
    assert findings({"temperature": 77.0}) == ()


def test_a_set_point_is_no_room() -> None:
    raws: dict[str, Raw] = {**FINE, "target": 77.0}
    del raws["unit_code"]
    assert JUDGE.snapshot("one", 1, raws).findings == ()


def test_another_unit_code_is_told_with_what_the_driver_does() -> None:
    text = only({"unit_code": 30}).text
    assert text.startswith("unit_code is 30 and should be 15 (degrees Celsius over the bus): ")
    assert "the driver sets it at its start" in text


def test_a_negative_number_read_as_unsigned_is_told() -> None:
    assert only({"level": 65531}).text == (
        "level reads 65531, beyond anything that a temperature can be here: as `type: i16` its raw"
        " value would be -5"
    )


# ---- identity --------------------------------------------------------------------------------------


def test_another_name_is_told() -> None:
    found = only({"name": "OTHER"})
    assert found.text == (
        "name is 'OTHER' and should be 'INSTR': choose another profile, or set the device up"
    )


def test_another_fixed_value_is_told() -> None:
    assert only({"division": 0x0301, "version": 0x0301}).text.startswith(
        "version is 3, and this profile is for 2:"
    )


def test_a_fault_of_the_device_is_told() -> None:
    assert only({"status": 4}).text == "the device reports the fault status.fault"


def test_all_zero_is_told() -> None:
    zeros: dict[str, Raw] = {n: 0 for n, raw in FINE.items() if not isinstance(raw, str)}
    texts = [each.text for each in JUDGE.snapshot("one", 1, zeros).findings]
    assert any(text.startswith("every value is 0:") for text in texts)
