"""The manual's quirks of the Watlow EZ-ZONE PM."""

import math

import pytest

from stackpress_py.sim.devices.watlow_ezzone_pm import Settings, WatlowEzzonePm
from unit.sim.devices.master import Master, RefusedError


class Oven:
    def __init__(self) -> None:
        self.temperature = 100.0

    def __call__(self) -> float:
        return self.temperature


@pytest.fixture
def oven() -> Oven:
    return Oven()


@pytest.fixture
def master(oven: Oven) -> Master:
    one = Master(WatlowEzzonePm(Settings(set_point_c=200.0), oven))
    one.wait(0.5)
    return one


def test_as_delivered_the_low_word_comes_first_and_degrees_are_fahrenheit(master: Master) -> None:
    assert master.real(360, low_first=True) == 212.0
    # 212.0 is 4354 0000
    assert master.read(360, 2) == [0x0000, 0x4354]
    assert master.real(2160, low_first=True) == pytest.approx(392.0)


def test_celsius_is_chosen_at_2490(master: Master) -> None:
    assert master.read(2490, 2) == [30, 0]
    master.write(2490, 15, 0)
    assert master.real(360, low_first=True) == 100.0
    assert master.real(2160, low_first=True) == pytest.approx(200.0)
    master.write_real(2160, 150.0, low_first=True)
    assert master.device.truth()["set_point"] == 150.0
    master.write_one(2490, 30)
    assert master.real(2160, low_first=True) == pytest.approx(302.0)


def test_a_set_point_in_fahrenheit(master: Master) -> None:
    master.write_real(2160, 302.0, low_first=True)
    assert master.device.truth()["set_point"] == pytest.approx(150.0)
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_real(2160, 900.0, low_first=True)


def test_the_high_word_can_come_first(oven: Oven) -> None:
    master = Master(WatlowEzzonePm(Settings(words="high_first"), oven))
    master.wait(0.5)
    assert master.real(360) == 212.0
    master.write(2488, 0, 1331)
    assert master.real(360, low_first=True) == 212.0


def test_modes(master: Master) -> None:
    assert master.read(1880, 2) == [10, 0]
    assert master.real(1904, low_first=True) == 100.0
    master.write_one(1880, 62)
    master.wait(0.2)
    assert master.real(1904, low_first=True) == 0.0
    master.write_real(2162, 37.5, low_first=True)
    master.write_one(1880, 54)
    master.wait(0.2)
    assert master.real(1904, low_first=True) == 37.5
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_one(1880, 11)


def test_an_open_sensor(master: Master, oven: Oven) -> None:
    assert master.word(362) == 61
    oven.temperature = math.nan
    master.wait(0.2)
    assert master.word(362) == 65
    assert master.real(1904, low_first=True) == 0.0
    assert master.real(360, low_first=True) == 212.0, "the last value stands"


def test_the_assembly_gathers_what_pointers_name(master: Master) -> None:
    assert master.read(40, 6) == [1880, 1881, 2160, 2161, 2162, 2163]
    assert master.read(200, 4) == [*master.read(1880, 2), *master.read(2160, 2)]
    master.write(46, 360, 361)
    assert master.read(200, 8)[6:] == [0x0000, 0x4354]
    assert master.read(278, 2) == [0, 0]


def test_the_memory_wears_unless_told_to_forget(master: Master) -> None:
    master.write_real(2160, 300.0, low_first=True)
    assert master.device.truth()["wear"] == {"2160": 1}
    master.write_one(2494, 59)
    master.write_real(2160, 310.0, low_first=True)
    assert master.device.truth()["wear"] == {"2160": 1}
