"""From raw numbers to SI and back: every type and scale, and nothing that is not known."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.device.decoding import Decoder
from stackpress_py.devices.device.profile import ModbusProfile
from stackpress_py.devices.device.words import (
    Raw,
    RegisterType,
    WordOrder,
    as_read,
    decode,
    encode,
    size,
)

HIGH, LOW = WordOrder.HIGH_FIRST, WordOrder.LOW_FIRST
INTEGERS = {
    RegisterType.U16: (0, 2**16 - 1),
    RegisterType.I16: (-(2**15), 2**15 - 1),
    RegisterType.U32: (0, 2**32 - 1),
    RegisterType.I32: (-(2**31), 2**31 - 1),
    RegisterType.U64: (0, 2**64 - 1),
    RegisterType.I64: (-(2**63), 2**63 - 1),
}
integer_types = st.sampled_from(sorted(INTEGERS))
orders = st.sampled_from([HIGH, LOW])


def profile_of(points: dict[str, Any]) -> ModbusProfile:
    return ModbusProfile.model_validate(
        {
            "device": "device",
            "description": "of this test",
            "protocol": "modbus",
            "verification": {"level": "simulated", "source": "this test"},
            "timing": {"reply_latency": "10 ms"},
            "modbus": {"functions": (3, 6, 16)},
            "points": points,
        }
    )


def value_of(points: dict[str, Any], raws: dict[str, Raw], path: str = "value") -> float:
    return Decoder(profile_of(points), [path]).values(raws)[path]


# ---- registers ---------------------------------------------------------------------------------------


@given(st.data(), integer_types, orders)
def test_a_whole_number_comes_back_from_its_registers(
    data: st.DataObject, kind: RegisterType, order: WordOrder
) -> None:
    number = data.draw(st.integers(*INTEGERS[kind]))
    words = encode(number, kind, order)
    assert len(words) == size(kind)
    assert decode(words, kind, order) == number
    if len(words) > 1:
        other = HIGH if order is LOW else LOW
        assert encode(number, kind, other) == words[::-1]


@given(st.floats(allow_nan=False), orders)
def test_a_double_comes_back_from_its_registers(number: float, order: WordOrder) -> None:
    assert decode(encode(number, RegisterType.F64, order), RegisterType.F64, order) == number


@given(st.floats(width=32, allow_nan=False), orders)
def test_a_float_comes_back_from_its_registers(number: float, order: WordOrder) -> None:
    assert decode(encode(number, RegisterType.F32, order), RegisterType.F32, order) == number


def test_words_have_the_order_that_manuals_print() -> None:
    assert encode(123.456, RegisterType.F32, HIGH) == (0x42F6, 0xE979)
    assert decode((0xE979, 0x42F6), RegisterType.F32, LOW) == pytest.approx(123.456, abs=1e-5)
    assert decode((0xFFFF, 0xFB2D), RegisterType.I32, HIGH) == -1235
    assert decode((0x5354, 0x4B20, 0x0041, 0x4200), RegisterType.TEXT, HIGH) == "STK"


@given(st.data(), integer_types)
def test_a_number_beyond_its_registers_is_refused(data: st.DataObject, kind: RegisterType) -> None:
    low, high = INTEGERS[kind]
    beyond = st.one_of(st.integers(max_value=low - 1), st.integers(min_value=high + 1))
    with pytest.raises(ValueError, match=f"does not fit into a register of type {kind.value}"):
        encode(data.draw(beyond), kind, HIGH)


@pytest.mark.parametrize("number", [1e39, -1e39])
def test_a_number_beyond_single_precision_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode(number, RegisterType.F32, HIGH)


@given(st.data(), integer_types)
def test_a_pattern_of_bits_is_read_as_its_register_reads_it(
    data: st.DataObject, kind: RegisterType
) -> None:
    number = data.draw(st.integers(*INTEGERS[kind]))
    pattern = number % (1 << 16 * size(kind))
    assert as_read(pattern, kind) == number
    assert as_read(number, kind) == number


# ---- scales ------------------------------------------------------------------------------------------

SCALED: dict[str, dict[str, Any]] = {
    "value": {
        "address": 0,
        "type": "i32",
        "scale": 0.5,
        "unit": "degF",
        "decimals": "places",
        "factors": {"by": "code", "table": {"0": 1.0, "7": 0.1}},
        "write": {"when": "change"},
    },
    "places": {"address": 2, "field": (0, 2)},
    "code": {"address": 2, "field": (4, 7)},
}


@given(st.integers(-(10**8), 10**8), st.integers(0, 3), st.sampled_from([0, 7]))
def test_what_is_written_is_what_is_read(raw: int, places: int, code: int) -> None:
    decoder = Decoder(profile_of(SCALED), ["value"])
    told: dict[str, Raw] = {"places": places | code << 4, "code": places | code << 4}
    value = decoder.values({"value": raw, **told})["value"]
    fahrenheit = raw * 0.5 * 10.0**-places * (0.1 if code else 1.0)
    assert value == pytest.approx((fahrenheit - 32.0) * 5.0 / 9.0, abs=1e-6)
    assert decoder.encode("value", value, told) == raw


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.sampled_from(["mm", "kgf", "degC", "%"]))
def test_floats_of_any_unit_are_written_as_they_are_read(
    number: float, scale: float, unit: str
) -> None:
    points = {
        "value": {
            "address": 0,
            "type": "f64",
            "scale": scale,
            "unit": unit,
            "write": {"when": "change"},
        }
    }
    decoder = Decoder(profile_of(points), ["value"])
    value = decoder.values({"value": number})["value"]
    assert decoder.encode("value", value, {}) == pytest.approx(number, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0.2001, r"value: 200.1 mm cannot be written; allowed are -10 to 200 mm"),
        (-0.0101, r"allowed are -10 to 200 mm"),
        (math.nan, "value: nan cannot be written"),
        (math.inf, "value: inf cannot be written"),
    ],
)
def test_what_may_not_be_written_is_refused_and_not_clipped(value: float, message: str) -> None:
    points = {
        "value": {
            "address": 0,
            "type": "i16",
            "scale": 0.1,
            "unit": "mm",
            "write": {"when": "change"},
            "minimum": -10.0,
            "maximum": 200.0,
        }
    }
    decoder = Decoder(profile_of(points), [])
    assert decoder.encode("value", 0.2, {}) == 2000
    assert decoder.encode("value", -0.01, {}) == -100
    with pytest.raises(ValueError, match=message):
        decoder.encode("value", value, {})


def test_nothing_is_written_in_an_unknown_scale() -> None:
    decoder = Decoder(profile_of(SCALED), [])
    for told in ({}, {"places": 1}, {"places": 0x30, "code": 0x30}):
        with pytest.raises(ValueError, match="cannot be written"):
            decoder.encode("value", 25.0, told)


# ---- what is not known -------------------------------------------------------------------------------

GUARDED: dict[str, dict[str, Any]] = {
    "value": {
        "address": 0,
        "type": "i16",
        "unit": "N",
        "unknown": (0x8003, 32767),
        "unknown_when": ("status.broken", "failed"),
        "known_when": {"quality": (0, 2)},
        "negative_when": "status.negative",
        "decimals": "places",
    },
    "status": {"address": 1, "bits": {"broken": 0, "negative": 3}},
    "failed": {"address": 2},
    "quality": {"address": 3},
    "places": {"address": 4},
}
GOOD: dict[str, Raw] = {"value": 1234, "status": 0, "failed": 0, "quality": 2, "places": 1}


def test_a_vouched_value_is_known_with_its_sign() -> None:
    assert value_of(GUARDED, GOOD) == pytest.approx(123.4)
    assert value_of(GUARDED, {**GOOD, "status": 8}) == pytest.approx(-123.4)


@pytest.mark.parametrize(
    "change",
    [
        {"value": -32765},  # 8003h, as a signed register tells it
        {"value": 32767},
        {"status": 1},
        {"status": 9},
        {"failed": 1},
        {"quality": 1},
        {"places": 10},
        {"places": -1},
        {"value": "text"},
    ],
)
def test_a_value_is_unknown_when_the_device_says_so(change: dict[str, Raw]) -> None:
    assert math.isnan(value_of(GUARDED, {**GOOD, **change}))


@given(st.sets(st.sampled_from(sorted(GOOD)), min_size=1))
def test_a_value_is_unknown_when_anything_that_it_needs_is_missing(missing: set[str]) -> None:
    raws = {name: raw for name, raw in GOOD.items() if name not in missing}
    assert math.isnan(value_of(GUARDED, raws))


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_float_that_is_no_number_is_unknown(raw: float) -> None:
    assert math.isnan(value_of({"value": {"address": 0, "type": "f32"}}, {"value": raw}))


@given(st.integers(0, 0xFFFF), st.integers(0, 15))
def test_a_bit_is_itself_and_nothing_else(raw: int, place: int) -> None:
    points = {"value": {"address": 0, "bits": {"bit": place}}}
    assert value_of(points, {"value": raw}, "value.bit") == float(raw >> place & 1)
    assert math.isnan(value_of(points, {}, "value.bit"))


@given(st.integers(0, 0xFFFF))
def test_a_field_is_its_own_bits(raw: int) -> None:
    points = {"value": {"address": 0, "field": (8, 15)}, "other": {"address": 0, "field": (0, 7)}}
    assert value_of(points, {"value": raw}) == raw // 256
    assert value_of(points, {"other": raw}, "other") == raw % 256


def test_the_only_right_value_is_told_when_another_comes() -> None:
    points = {
        "unit_code": {"address": 0, "field": (8, 15), "equals": 0},
        "version": {"address": 1, "type": "i16", "equals": 0xFFFF},
    }
    decoder = Decoder(profile_of(points), [])
    assert decoder.why_wrong({"unit_code": 0x00FF, "version": -1}) == ""
    assert decoder.why_wrong({}) == ""
    assert "unit_code is 3, and this profile is for 0" in decoder.why_wrong({"unit_code": 0x0300})
    assert "version is 2, and this profile is for -1" in decoder.why_wrong({"version": 2})
