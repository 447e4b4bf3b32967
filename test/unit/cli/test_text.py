"""Numbers as the terminal shows them."""

import math

import pytest

from stackpress_py.cli import text


@pytest.mark.parametrize(
    ("pascal", "shown"),
    [
        (74.0e6, "74.00 MPa"),
        (1.0e6, "1.000 MPa"),
        (389.0e6, "389.0 MPa"),
        (-100.0, "0.000 MPa"),
        (math.nan, "–"),
    ],
)
def test_pressure(pascal: float, shown: str) -> None:
    assert text.pressure(pascal) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (185.0, "3:05"),
        (3729.0, "1:02:09"),
        (math.nan, "–"),
        (math.inf, "–"),
        (-3.0, "0 s"),
    ],
)
def test_duration(seconds: float, shown: str) -> None:
    assert text.duration(seconds) == shown


def test_bands() -> None:
    assert text.pressure_band(74.0e6, 0.74e6) == "74 ± 0.74 MPa"
    assert text.temperature_band(120.0, 2.0) == "120 ± 2 °C"
    assert text.pressure_band(74.0e6, 0.0) == "74 MPa"
    assert text.temperature_band(math.nan, math.nan) == "–"
