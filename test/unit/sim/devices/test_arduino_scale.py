"""The simulated Arduino scale: lines that nobody asks for."""

import math

import pytest

from stackpress_py.sim.devices.arduino_scale import ArduinoScale, Settings

PLAIN = Settings()
NEWTONS = Settings(unit_n=1.0, counts_per_unit=1000.0, decimals=1, line="number")


def listen(device: ArduinoScale, begin: int, end: int) -> list[tuple[float, bytes]]:
    """Return what comes in each millisecond from ``begin`` to ``end``, ms, and when, s."""
    seen = []
    for millisecond in range(begin, end):
        data = device.emit(millisecond / 1000.0)
        if data:
            seen.append((millisecond / 1000.0, data))
    return seen


@pytest.mark.parametrize("rate", [10, 80])
def test_a_line_for_each_conversion(rate: int) -> None:
    device = ArduinoScale(Settings(rate=str(rate)), lambda: 9.80665 * 12.5)
    seen = listen(device, 0, 1000)
    assert len(seen) == rate
    assert {data for _, data in seen[1:]} == {b"12.50 kg\r\n"}
    times = [when for when, _ in seen]
    assert times == pytest.approx([number / rate for number in range(rate)], abs=1.1e-3)


def test_the_next_word_is_announced() -> None:
    device = ArduinoScale(Settings(rate="80"), lambda: 0.0)
    assert device.next_word(0.0) == 0.0
    device.emit(0.0)
    assert device.next_word(0.0) == 0.0125


def test_the_first_line_has_lost_its_begin() -> None:
    device = ArduinoScale(PLAIN, lambda: 9.80665 * 12.5)
    assert device.emit(0.0) == b" kg\r\n"
    assert device.emit(0.1) == b"12.50 kg\r\n"


def test_a_cut_line_may_look_like_another_number() -> None:
    device = ArduinoScale(NEWTONS, lambda: -5234.6)
    assert device.emit(0.0) == b"4.6\r\n"


def test_it_hears_nothing() -> None:
    assert ArduinoScale(PLAIN, lambda: 0.0).answer(b"SI\r\n", 0.0) is None


def test_opening_the_port_restarts_the_board() -> None:
    device = ArduinoScale(NEWTONS, lambda: 500.0)
    device.emit(3.0)
    device.switches()["restart"](True)
    assert device.next_word(3.05) == 3.05
    seen = listen(device, 3050, 3700)
    assert seen[0] == (3.05, b"HX711 ready\r\n")
    assert seen[1][1] == b"500.0\r\n", "whole"
    assert seen[1][0] == pytest.approx(3.45, abs=1.1e-3)
    assert len(seen) == 4


@pytest.mark.parametrize(("force", "text"), [(1e6, b"8388.6\r\n"), (-1e6, b"-8388.6\r\n")])
def test_an_overload_stays_at_the_end_of_the_24_bits(force: float, text: bytes) -> None:
    device = ArduinoScale(NEWTONS, lambda: force)
    device.emit(0.0)
    assert device.emit(0.1) == text


def test_a_broken_wire_looks_like_a_large_force() -> None:
    device = ArduinoScale(NEWTONS, lambda: math.nan)
    device.emit(0.0)
    assert device.emit(0.1) == b"8388.6\r\n"


def test_a_missing_calibration_prints_nan() -> None:
    device = ArduinoScale(NEWTONS, lambda: 10.0)
    device.emit(0.0)
    device.switches()["uncalibrated"](True)
    assert device.emit(0.1) == b"nan\r\n"


def test_text_around_the_number() -> None:
    device = ArduinoScale(Settings(unit_n=1.0, line="with name"), lambda: 2.5)
    device.emit(0.0)
    assert device.emit(0.1) == b"Weight: 2.50 kg\r\n"
