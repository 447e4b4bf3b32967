"""The instruction sheet's quirks of the Delta DTA/DTB."""

import math

import pytest

from stackpress_py.sim.devices.delta_dtb import DeltaDtb, Settings
from unit.sim.devices.master import Master, RefusedError


class Oven:
    def __init__(self) -> None:
        self.temperature = 25.0

    def __call__(self) -> float:
        return self.temperature


@pytest.fixture
def oven() -> Oven:
    return Oven()


def connected(oven: Oven, **settings: object) -> Master:
    one = Master(DeltaDtb(Settings(set_point_c=80.0, **settings), oven))  # type: ignore[arg-type]
    one.wait(0.5)
    return one


@pytest.fixture
def master(oven: Oven) -> Master:
    return connected(oven)


def test_values_in_tenths(master: Master) -> None:
    assert master.read(0x1000, 4) == [250, 800, 4000, 0x10000 - 500]
    assert master.word(0x1012) == 1000


def test_below_zero(master: Master, oven: Oven) -> None:
    oven.temperature = -12.3
    master.wait(0.5)
    assert master.signed(0x1000) == -123


def test_eight_words_and_sixteen_bits_at_most(master: Master) -> None:
    assert len(master.read(0x1000, 8)) == 8
    with pytest.raises(RefusedError, match="exception 3"):
        master.read(0x1000, 9)
    with pytest.raises(RefusedError, match="exception 3"):
        master.bits(0x0800, 17, function=2)


def test_there_is_no_function_16_nor_01_nor_04(master: Master) -> None:
    for act in (
        lambda: master.write(0x1001, 900),
        lambda: master.bits(0x0810, function=1),
        lambda: master.word(0x1000, function=4),
    ):
        with pytest.raises(RefusedError, match="exception 1"):
            act()


def test_the_value_is_refreshed_every_0_4_s(oven: Oven) -> None:
    master = connected(oven)  # the last sample was taken at 0.4 s
    oven.temperature = 30.0
    master.wait(0.25)
    assert master.word(0x1000) == 250
    master.wait(0.1)
    assert master.word(0x1000) == 300


def test_writing_must_be_enabled(master: Master) -> None:
    with pytest.raises(RefusedError, match="exception 4"):
        master.write_one(0x1001, 900)
    with pytest.raises(RefusedError, match="exception 4"):
        master.coil(0x0814, False)
    assert master.bits(0x0810, 5, function=2) == [False, True, True, False, True]
    master.coil(0x0810, True)
    master.write_one(0x1001, 900)
    assert master.word(0x1001) == 900
    master.coil(0x0814, False)
    master.wait(0.5)
    assert master.word(0x1012) == 0


def test_a_write_may_be_ignored_as_well(oven: Oven) -> None:
    master = connected(oven, disabled="ignored")
    master.write_one(0x1001, 900)
    master.coil(0x0814, False)
    master.write_one(0x1005, 2)
    assert master.word(0x1001) == 800
    assert master.bits(0x0814, function=2) == [True]
    assert master.word(0x1005) == 0


@pytest.mark.parametrize(
    ("temperature", "value"), [(math.nan, 0x8003), (401.0, 0x8004), (-51.0, 0x8004)]
)
def test_error_values(master: Master, oven: Oven, temperature: float, value: int) -> None:
    oven.temperature = temperature
    master.wait(0.9)
    assert master.word(0x1000) == value
    assert master.word(0x1012) == 0, "no heat without a value"


@pytest.mark.parametrize(("part", "value"), [("converter", 0x8006), ("memory", 0x8007)])
def test_broken_parts(master: Master, part: str, value: int) -> None:
    master.device.switches()[part](True)
    master.wait(0.5)
    assert master.word(0x1000) == value and master.word(0x1012) == 0
    master.device.switches()[part](False)
    assert master.word(0x1000) == 250


def test_it_initialises(oven: Oven) -> None:
    master = connected(oven, start_s=2.0)
    assert master.word(0x1000) == 0x8002
    master.wait(1.6)
    assert master.word(0x1000) == 250


def test_by_hand(master: Master) -> None:
    master.coil(0x0810, True)
    master.write_one(0x1012, 300)
    master.wait(0.5)
    assert master.word(0x1012) == 1000, "not while it controls"
    master.write_one(0x1005, 2)
    master.write_one(0x1012, 300)
    master.wait(0.5)
    assert master.word(0x1012) == 300


def test_a_set_point_out_of_range(master: Master) -> None:
    master.coil(0x0810, True)
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_one(0x1001, 4001)
