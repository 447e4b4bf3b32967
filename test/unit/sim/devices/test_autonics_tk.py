"""The communication manual's quirks of the Autonics TK."""

import math

import pytest

from stackpress_py.sim.devices.autonics_tk import AutonicsTk, Settings
from stackpress_py.sim.modbus_slave import crc
from unit.sim.devices.master import Master, RefusedError, bit


class Oven:
    def __init__(self) -> None:
        self.temperature = 25.0

    def __call__(self) -> float:
        return self.temperature


@pytest.fixture
def oven() -> Oven:
    return Oven()


@pytest.fixture
def master(oven: Oven) -> Master:
    one = Master(AutonicsTk(Settings(set_point_c=80.0), oven))
    one.wait(0.5)
    return one


def test_values_are_input_registers_with_their_point(master: Master) -> None:
    assert master.read(0x03E8, 6, function=4) == [250, 1, 0, 800, 1000, 0]
    with pytest.raises(RefusedError, match="exception 2"):
        master.word(0x03E8, function=3)


def test_without_decimals(oven: Oven) -> None:
    master = Master(AutonicsTk(Settings(decimals=0, set_point_c=80.0), oven))
    master.wait(0.5)
    assert master.read(0x03E8, 4, function=4) == [25, 0, 0, 80]
    assert master.word(0x0000) == 80


def test_run_is_zero_and_stop_is_one(master: Master) -> None:
    assert master.bits(0) == [False] and master.word(0x0032) == 0
    master.coil(0, True)
    master.wait(0.2)
    assert master.word(0x03EC, function=4) == 0
    assert master.word(0x0032) == 1
    master.write_one(0x0032, 0)
    master.wait(0.2)
    assert master.bits(0) == [False] and master.word(0x03EC, function=4) == 1000


def test_settings_are_written_with_06_and_16(master: Master) -> None:
    master.write_one(0x0000, 900)
    assert master.word(0x03EB, function=4) == 900
    master.write(0x0000, 910)
    assert master.word(0x03EB, function=4) == 910
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_one(0x0000, 4001)


def test_by_hand(master: Master) -> None:
    master.write_one(0x0003, 1)
    master.write_one(0x0001, 250)
    master.wait(0.2)
    assert master.word(0x03EC, function=4) == 250
    lamps = master.word(0x03EE, function=4)
    assert bit(lamps, 0) and bit(lamps, 3) and bit(lamps, 11)
    assert master.bits(0, 14, function=2)[11]


def test_an_open_sensor(master: Master, oven: Oven) -> None:
    oven.temperature = math.nan
    master.wait(0.2)
    assert master.word(0x03E8, function=4) == 31000
    assert master.word(0x03EC, function=4) == 0


def test_broadcasts_are_ignored(master: Master) -> None:
    frame = bytes.fromhex("00 06 0000 0001")
    assert master.device.answer(frame + crc(frame), master.now) is None
    assert master.word(0x0000) == 800
