"""The manual's quirks of the Eurotherm 3200."""

import math
import struct

import pytest

from stackpress_py.sim.devices.eurotherm_3200 import Eurotherm3200, Settings
from unit.sim.devices.master import Master, RefusedError, bit


class Oven:
    def __init__(self, temperature: float = 25.0) -> None:
        self.temperature = temperature

    def __call__(self) -> float:
        return self.temperature


def connected(oven: Oven | None = None, **settings: float) -> Master:
    master = Master(Eurotherm3200(Settings(**settings), oven or Oven()))  # type: ignore[arg-type]
    master.wait(1.0)
    return master


def status(master: Master) -> int:
    return master.word(75)


def test_both_windows_show_the_same() -> None:
    master = connected(Oven(123.456), set_point_c=80.25, decimals=1)
    assert master.word(525) == 1
    assert master.word(1) == 1235
    assert master.real(32770) == pytest.approx(123.456, abs=1e-4)
    assert master.word(2) == 802 and master.real(32772) == 80.25
    assert master.word(5) == 802 and master.real(32778) == 80.25
    assert master.word(4) == 0 and master.real(32776) == 0.0


@pytest.mark.parametrize(("decimals", "counts"), [(0, 123), (1, 1235), (2, 12346)])
def test_the_point_of_the_integer_registers_is_at_525(decimals: int, counts: int) -> None:
    master = connected(Oven(123.456), decimals=decimals)
    assert (master.word(525), master.word(1)) == (decimals, counts)


def test_functions_03_and_04_read_the_same() -> None:
    master = connected()
    assert master.word(1, function=4) == master.word(1) == 250
    assert master.real(32770, function=4) == 25.0


def test_the_target_goes_into_the_selected_set_point_and_wears_it() -> None:
    master = connected()
    master.write_real(32772, 90.0)
    master.write_one(2, 910)
    master.write_one(15, 1)
    master.write_one(2, 400)
    assert (master.word(24), master.word(25)) == (910, 400)
    assert master.device.truth()["wear"] == {"24": 2, "25": 1}


def test_the_remote_set_point_wears_nothing() -> None:
    master = connected()
    master.write_one(276, 1)
    for value in range(50):
        master.write_real(32820, 60.0 + value)
    master.wait(0.2)
    assert master.real(32778) == 109.0
    assert master.device.truth()["wear"] == {"24": 0, "25": 0}


def test_a_remote_set_point_that_is_not_refreshed_fails() -> None:
    master = connected(set_point_c=40.0)
    master.write_one(276, 1)
    master.write_one(26, 1000)
    master.wait(4.9)
    assert not bit(status(master), 14) and master.word(5) == 1000
    master.wait(0.3)
    assert bit(status(master), 14)
    assert master.word(5) == 400
    master.write_one(26, 1010)
    master.wait(0.2)
    assert not bit(status(master), 14) and master.word(5) == 1010


def test_the_local_set_point_does_not_fail() -> None:
    master = connected(set_point_c=40.0)
    master.wait(20.0)
    assert not bit(status(master), 14) and master.word(5) == 400


@pytest.mark.parametrize(("unit", "seconds"), [(0, 60.0), (1, 3600.0), (2, 1.0)])
def test_the_set_point_ramps_in_the_unit_of_531(unit: int, seconds: float) -> None:
    master = connected(Oven(25.0), set_point_c=25.0)
    master.write_one(531, unit)
    master.write_real(32838, 0.5 * seconds)
    master.write_one(2, 300)
    master.wait(5.0)
    assert master.real(32778) == pytest.approx(27.5, abs=0.1)
    assert bit(status(master), 13)
    master.wait(6.0)
    assert master.real(32778) == 30.0 and not bit(status(master), 13)


def test_by_hand() -> None:
    master = connected(set_point_c=200.0)
    assert master.word(4) == 1000
    master.write_one(273, 1)
    assert bit(status(master), 4)
    master.wait(1.0)
    assert master.word(4) == 1000, "the change is without a bump"
    master.write_one(3, 125)
    master.wait(0.2)
    assert (master.word(4), master.real(32776)) == (125, 12.5)
    master.write_real(32774, 0.0)
    master.wait(0.2)
    assert master.word(4) == 0
    master.write_one(273, 0)
    master.wait(0.2)
    assert not bit(status(master), 4) and master.word(4) > 900


def test_a_broken_sensor() -> None:
    oven = Oven(25.0)
    master = connected(oven, set_point_c=200.0)
    oven.temperature = math.nan
    master.wait(0.2)
    assert bit(status(master), 5) and bit(status(master), 10)
    assert master.word(4) == 0 and master.real(32770) == 400.0
    oven.temperature = 25.0
    master.wait(0.2)
    assert not bit(status(master), 5)


def test_alarm_1() -> None:
    oven = Oven(25.0)
    master = connected(oven)
    master.write_one(13, 500)
    assert not bit(status(master), 0)
    oven.temperature = 50.2
    master.wait(0.2)
    assert bit(status(master), 0)


def test_times_are_milliseconds_in_the_float_window() -> None:
    master = connected(integral_s=120.0, derivative_s=10.0)
    assert (master.word(8), master.word(9)) == (120, 10)
    assert master.long(32768 + 16) == 120_000 and master.long(32768 + 18) == 10_000


@pytest.mark.parametrize(
    ("address", "value", "code"), [(2, 5000, 3), (276, 2, 3), (1, 100, 2), (75, 0, 2), (7, 0, 2)]
)
def test_refusals(address: int, value: int, code: int) -> None:
    master = connected()
    with pytest.raises(RefusedError, match=f"exception {code}"):
        master.write_one(address, value)


def test_a_transcript() -> None:
    """25.0 degC read and 80.5 degC written as a float, byte by byte."""
    master = connected()
    assert master.frame(bytes.fromhex("03 8002 0002")) == bytes.fromhex("03 04 41C80000")
    value = struct.pack(">f", 80.5)
    request = bytes.fromhex("10 8004 0002 04") + value
    assert master.frame(request) == bytes.fromhex("10 8004 0002")
    assert master.real(32772) == 80.5
