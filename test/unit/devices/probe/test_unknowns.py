"""Why a value is not known: always told, and only then."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.probe.snapshot import Judge, PointReading
from unit.devices.probe.instrument import FINE, PROFILE

JUDGE = Judge(PROFILE)


def readings(raws: dict[str, Raw]) -> dict[str, PointReading]:
    return {each.name: each for each in JUDGE.snapshot("one", 1, raws).readings}


@pytest.mark.parametrize(
    ("changes", "point", "why"),
    [
        ({"status": 1}, "temperature", "status.broken is set"),
        ({"temperature": math.nan}, "temperature", "the device gives no number (NaN)"),
        ({"oven": -32765}, "oven", "the device gives 8003h, which stands for no value"),
        ({"mode": 3}, "pressure", "mode is 3, and the value holds only with 1 or 2"),
        ({"decimals": 12}, "raw_force", "its number of decimals, decimals, is 12"),
        ({"division": 7}, "weight", "its scale is not known: division is 7"),
    ],
)
def test_the_reason_is_told(changes: dict[str, Raw], point: str, why: str) -> None:
    found = readings({**FINE, **changes})
    assert found[point].unknown == why
    assert math.isnan(found[point].value)
    assert not JUDGE.snapshot("one", 1, {**FINE, **changes}).fine


@pytest.mark.parametrize(
    ("missing", "point", "why"),
    [
        ("status", "temperature", "status.broken is not known"),
        ("status", "raw_force", "its sign, status.negative, is not known"),
        ("mode", "pressure", "mode is not known, and the value holds only with 1 or 2"),
        ("decimals", "raw_force", "its number of decimals, decimals, is not known"),
        ("division", "weight", "its scale is not known: division is not known"),
        ("oven", "oven", "it could not be read"),
    ],
)
def test_what_a_value_needs_must_be_known_too(missing: str, point: str, why: str) -> None:
    raws: dict[str, Raw] = {name: raw for name, raw in FINE.items() if name != missing}
    assert readings(raws)[point].unknown == why


def test_known_values_have_no_reason() -> None:
    found = readings(dict(FINE))
    assert [each.name for each in found.values() if each.unknown] == []
    assert found["raw_force"].value == pytest.approx(12.34)
    assert found["weight"].value == pytest.approx(5.5 * 9.80665)
    assert found["pressure"].value == pytest.approx(3.5e5)


@given(
    st.fixed_dictionaries(
        {
            "temperature": st.sampled_from((25.0, math.nan, math.inf)),
            "oven": st.sampled_from((0, 251, -32765)),
            "raw_force": st.integers(0, 0xFFFF),
            "decimals": st.integers(0, 20),
            "weight": st.integers(0, 0xFFFF_FFFF),
            "division": st.integers(0, 0xFFFF),
            "pressure": st.sampled_from((0.0, 1e-38, -math.inf)),
            "mode": st.integers(0, 4),
            "status": st.integers(0, 7),
        }
    ),
    st.sets(st.sampled_from(sorted(FINE)), max_size=4),
)
def test_a_reason_is_told_if_and_only_if_the_value_is_unknown(
    changes: dict[str, Raw], missing: set[str]
) -> None:
    raws = {name: raw for name, raw in {**FINE, **changes}.items() if name not in missing}
    for name, reading in readings(raws).items():
        if not reading.point.is_text:
            assert bool(reading.unknown) is math.isnan(reading.value), name
