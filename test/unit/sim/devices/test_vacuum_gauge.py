"""The simulated vacuum gauge: the published telegrams first."""

import math

import pytest

from stackpress_py.sim.devices.vacuum_gauge import (
    Settings,
    VacuumGauge,
    check_character,
    encoded_pressure,
)

PLAIN = Settings()
COMBINED = Settings(model="VSM207", lowest_mbar=5e-10)


def telegram(text: str) -> bytes:
    """Return a telegram with its check character, computed here once more."""
    return text.encode("ascii") + bytes((64 + sum(text.encode("ascii")) % 64,)) + b"\r"


@pytest.mark.parametrize(
    ("request_", "reply", "settings"),
    [
        (b"001M^\r", b"001M982122V\r", PLAIN),
        (b"001Te\r", b"001TVSM207t\r", COMBINED),
        (b"001IZ\r", b"001I1K\r", COMBINED),
        (b"001i0j\r", b"001NO_DEF\\\r", PLAIN),
        (b"001Uf\r", b"001U000000F\r", PLAIN),
    ],
    ids=["pressure", "kind", "cathode", "no cathode", "unit"],
)
def test_published_telegrams(request_: bytes, reply: bytes, settings: Settings) -> None:
    assert VacuumGauge(settings, lambda: 98210.0).answer(request_, 0.0) == reply


@pytest.mark.parametrize(
    ("text", "character"), [("001M", "^"), ("001T", "e"), ("001M982122", "V"), ("001NO_DEF", "\\")]
)
def test_check_characters(text: str, character: str) -> None:
    assert check_character(text) == character


@pytest.mark.parametrize(
    ("mbar", "text"),
    [
        (982.1, "982122"),
        (1000.0, "100023"),
        (1.0, "100020"),
        (9.9996, "100021"),
        (1.234e-3, "123417"),
        (5.0e-10, "500010"),
    ],
)
def test_pressures(mbar: float, text: str) -> None:
    assert encoded_pressure(mbar) == text


@pytest.mark.parametrize(
    "frame", [b"002M_\r", b"001M_\r", b"001M\r", b"\r", b"1M-\r", b"001\xcd^\r"]
)
def test_silent_for_others_and_for_a_wrong_check_character(frame: bytes) -> None:
    assert VacuumGauge(PLAIN, lambda: 1e5).answer(frame, 0.0) is None


def test_several_gauges_on_a_line_answer_each_for_itself() -> None:
    gauges = [VacuumGauge(Settings(unit=address), lambda: 1e5) for address in (1, 2)]
    replies = [gauge.answer(telegram("002M"), 0.0) for gauge in gauges]
    assert replies == [None, telegram("002M100023")]


def test_the_pressure_stays_in_mbar_when_the_display_does_not() -> None:
    gauge = VacuumGauge(PLAIN, lambda: 100.0)
    assert gauge.answer(telegram("001u000001"), 0.0) == telegram("001u000001")
    assert gauge.answer(telegram("001U"), 0.0) == telegram("001U000001")
    assert gauge.answer(telegram("001M"), 0.0) == telegram("001M100020")


def test_a_display_unit_that_does_not_exist() -> None:
    gauge = VacuumGauge(PLAIN, lambda: 100.0)
    assert gauge.answer(telegram("001u000009"), 0.0) == telegram("001_RANGE")
    assert gauge.answer(telegram("001U"), 0.0) == telegram("001U000000")


def test_a_command_that_does_not_exist() -> None:
    assert VacuumGauge(PLAIN, lambda: 1.0).answer(telegram("001Q"), 0.0) == telegram("001NO_DEF")


@pytest.mark.parametrize(("pascal", "text"), [(1e-6, "100016"), (2e5, "120023"), (0.0, "100016")])
def test_the_value_stays_at_the_ends_of_the_range(pascal: float, text: str) -> None:
    gauge = VacuumGauge(PLAIN, lambda: pascal)
    assert gauge.answer(telegram("001M"), 0.0) == telegram(f"001M{text}")


def test_a_broken_filament_has_no_pressure() -> None:
    gauge = VacuumGauge(PLAIN, lambda: math.nan)
    assert gauge.answer(telegram("001M"), 0.0) == telegram("001ERROR1")


def test_the_cathode_is_switched() -> None:
    gauge = VacuumGauge(COMBINED, lambda: 1.0)
    assert gauge.answer(telegram("001i0"), 0.0) == telegram("001i0")
    assert gauge.truth() == {"cathode": False}
    assert gauge.answer(telegram("001I"), 0.0) == telegram("001I0")
    assert gauge.answer(telegram("001i7"), 0.0) == telegram("001_RANGE")


def test_half_a_telegram_waits_for_its_end() -> None:
    gauge = VacuumGauge(PLAIN, lambda: 1e5)
    assert gauge.answer(b"001", 0.0) is None
    assert gauge.answer(b"M^\r", 0.0) == telegram("001M100023")
