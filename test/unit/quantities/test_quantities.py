"""Quantities with units: read, refused and written back."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from stackpress_py import quantities as q


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("74 MPa", q.PRESSURE, 74e6),
        ("74MPa", q.PRESSURE, 74e6),
        (" 0.5 bar ", q.PRESSURE, 5e4),
        ("1 psi", q.PRESSURE, 6894.757293168361),
        ("5 K/min", q.TEMPERATURE_RATE, 5 / 60),
        ("5 degC/min", q.TEMPERATURE_RATE, 5 / 60),
        ("5 °C/min", q.TEMPERATURE_RATE, 5 / 60),
        ("3 min", q.DURATION, 180.0),
        ("1.5 h", q.DURATION, 5400.0),
        ("12 mm", q.LENGTH, 0.012),
        ("12 µm", q.LENGTH, 12e-6),
        ("12 μm", q.LENGTH, 12e-6),
        ("113 mm²", q.AREA, 113e-6),
        ("113 mm^2", q.AREA, 113e-6),
        ("1 %", q.FRACTION, 0.01),
        ("50 ppm", q.FRACTION, 5e-5),
        (0.02, q.FRACTION, 0.02),
        (1, q.FRACTION, 1.0),
        ("80 degC", q.TEMPERATURE, 80.0),
        ("80 °C", q.TEMPERATURE, 80.0),
        ("353.15 K", q.TEMPERATURE, 80.0),
        ("176 degF", q.TEMPERATURE, 80.0),
        ("2 K", q.TEMPERATURE_DIFFERENCE, 2.0),
        ("50 kN/mm", q.STIFFNESS, 5e7),
        ("12 ppm/K", q.EXPANSION, 12e-6),
        ("1.2e-5 1/K", q.EXPANSION, 12e-6),
        ("12 um/m/K", q.EXPANSION, 12e-6),
        ("2 kN/s", q.FORCE_RATE, 2000.0),
        ("1.64 g/cm^3", q.DENSITY, 1640.0),
        ("0.6 %/min", q.CHANGE_RATE, 1e-4),
        ("-1.5e1 N", q.FORCE, -15.0),
        ("5 N*m", q.ENERGY, 5.0),
    ],
)
def test_is_read(text: object, kind: q.Kind, value: float) -> None:
    assert q.parse(text, kind) == pytest.approx(value, rel=1e-12, abs=1e-11)


@pytest.mark.parametrize(
    ("found", "kind", "words"),
    [
        ("74", q.PRESSURE, "found '74', needs a pressure with unit such as '74 MPa'"),
        (74, q.PRESSURE, "found '74', needs a pressure with unit such as '74 MPa'"),
        (True, q.FRACTION, "found 'True'"),
        (None, q.PRESSURE, "found 'None'"),
        ("", q.PRESSURE, "found ''"),
        ("2 degC", q.TEMPERATURE_DIFFERENCE, "needs a temperature difference with unit"),
        ("-300 degC", q.TEMPERATURE, "below absolute zero"),
        ("1e999 MPa", q.PRESSURE, "not finite"),
        ("nan MPa", q.PRESSURE, "found 'nan MPa'"),
        ("inf MPa", q.PRESSURE, "found 'inf MPa'"),
        (math.nan, q.FRACTION, "not finite"),
        ("1,5 MPa", q.PRESSURE, "write a decimal point"),
        ("9**9**9 Pa", q.PRESSURE, "found"),
        ("5 mpa", q.PRESSURE, "unit 'mpa' is not known"),
        ("5 furlong", q.LENGTH, "unit 'furlong' is not known"),
        ("5 m", q.PRESSURE, "needs a pressure"),
        ("5 Pa", q.PRESSURE_RATE, "needs a pressure rate"),
        ("5 delta_degC", q.TEMPERATURE_DIFFERENCE, "needs a temperature difference"),
        ("1 MPa min", q.PRESSURE, "needs a pressure"),
        ("٧ MPa", q.PRESSURE, "needs a pressure"),
        ("1\x00 MPa", q.PRESSURE, "1\\x00 MPa"),
        ("7" * 1000, q.PRESSURE, "needs a pressure"),
    ],
)
def test_is_refused_with_a_sentence(found: object, kind: q.Kind, words: str) -> None:
    with pytest.raises(q.QuantityError, match="needs|write") as refusal:
        q.parse(found, kind)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (7.4e7, q.PRESSURE, "74 MPa"),
        (73958312.123, q.PRESSURE, "73.9583 MPa"),
        (200.0, q.PRESSURE, "200 Pa"),
        (180.0, q.DURATION, "3 min"),
        (130.0, q.DURATION, "130 s"),
        (0.5, q.DURATION, "500 ms"),
        (0.0, q.DURATION, "0 s"),
        (5 / 60, q.TEMPERATURE_RATE, "5 K/min"),
        (80.0, q.TEMPERATURE, "80 degC"),
        (-5.0, q.TEMPERATURE, "-5 degC"),
        (0.01, q.FRACTION, "1 %"),
        (0.0, q.FRACTION, "0 %"),
        (0.012, q.LENGTH, "12 mm"),
        (math.nan, q.PRESSURE, "-"),
    ],
)
def test_is_written_with_the_unit_that_makes_it_short(
    value: float, kind: q.Kind, text: str
) -> None:
    assert q.format_quantity(value, kind) == text


@given(
    st.sampled_from(q.KINDS),
    st.floats(-273.0, 1e12, allow_subnormal=False),
)
def test_what_is_written_is_read_back(kind: q.Kind, value: float) -> None:
    text = q.format_quantity(value, kind, digits=None)
    assert q.parse(text, kind) == value


@given(st.text(max_size=80), st.sampled_from(q.KINDS))
def test_any_text_is_read_or_refused(text: str, kind: q.Kind) -> None:
    try:
        assert math.isfinite(q.parse(text, kind))
    except q.QuantityError as refusal:
        assert "\n" not in str(refusal)


@given(
    st.floats(allow_nan=False),
    st.text("kMmunPaNsKJWHz%°Cdeg/*^·² 1234-", max_size=20),
    st.sampled_from(q.KINDS),
)
def test_any_unit_is_known_or_refused(number: float, unit: str, kind: q.Kind) -> None:
    with contextlib.suppress(q.QuantityError):
        assert math.isfinite(q.parse(f"{number} {unit}", kind))


class _Model(BaseModel):
    pressure: q.Pressure = Field(gt=0)
    rest: q.Duration = 2.0


def test_a_model_takes_text_and_gives_it_back() -> None:
    model = _Model.model_validate({"pressure": "74 MPa"})
    assert model.pressure == 74e6
    assert model.model_dump(mode="json") == {"pressure": "74 MPa", "rest": "2 s"}
    assert _Model.model_json_schema()["properties"]["pressure"]["type"] == "string"


@pytest.mark.parametrize("found", [74e6, "-1 MPa", "0 Pa", "1 K"])
def test_a_model_refuses_what_is_no_positive_pressure(found: object) -> None:
    with pytest.raises(ValidationError):
        _Model.model_validate({"pressure": found})


def test_named_formatters() -> None:
    assert q.format_force(8369.2) == "8.3692 kN"
    assert q.format_length(0.0123) == "12.3 mm"
    assert q.format_temperature(79.9512, 3) == "80 degC"
    assert q.format_duration(600.0) == "10 min"
    assert q.format_pressure(1e6) == "1 MPa"
