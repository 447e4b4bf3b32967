"""The manual's quirks of the Omron E5_C."""

import math

import pytest

from stackpress_py.sim.devices.omron_e5c import OmronE5c, Settings
from unit.sim.devices.master import Master, RefusedError, bit

WRITING_ON, RUN, STOP, BACKUP, RAM, SAVE, RESET, AUTO, MANUAL = (
    0x0001, 0x0100, 0x0101, 0x0400, 0x0401, 0x0500, 0x0600, 0x0900, 0x0901,
)  # fmt: skip


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
    one = Master(OmronE5c(Settings(set_point_c=80.0), oven))
    one.wait(0.5)
    return one


def status(master: Master) -> int:
    return master.word(0x2406) | master.word(0x2407) << 16


def wear(master: Master) -> object:
    return master.device.truth()["wear"]


def test_values(master: Master) -> None:
    assert master.read(0x2000, 6) == [250, status(master) & 0xFFFF, 800, 0, 1000, 0]
    assert master.word(0x2410) == 1
    assert master.word(0x2103) == 800
    assert master.word(0x2A00) == 200


def test_writing_is_refused_with_4_until_it_is_switched_on(master: Master) -> None:
    for act in (
        lambda: master.write(0x2103, 900),
        lambda: master.write_one(0x2103, 900),
        lambda: master.write_one(0x0000, STOP),
    ):
        with pytest.raises(RefusedError, match="exception 4"):
            act()
    assert not bit(status(master), 25)
    master.write_one(0x0000, WRITING_ON)
    assert bit(status(master), 25)
    master.write(0x2103, 900)
    assert master.word(0x2103) == 900 and master.word(0x2002) == 900
    master.write_one(0x0000, 0x0000)
    with pytest.raises(RefusedError, match="exception 4"):
        master.write(0x2103, 800)


def test_stop_as_the_manual_has_it(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    request = bytes.fromhex("01 06 00 00 01 01 49 9A")
    assert master.device.answer(request, master.now) == request
    master.wait(0.2)
    assert bit(status(master), 24) and master.word(0x2004) == 0
    master.write_one(0xFFFF, RUN)
    master.wait(0.2)
    assert not bit(status(master), 24) and master.word(0x2004) == 1000


def test_backup_mode_wears_and_ram_mode_does_not(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    for value in (810, 820):
        master.write(0x2103, value)
    assert wear(master) == {"2103h": 2, "2104h": 0}
    master.write_one(0x0000, RAM)
    assert bit(status(master), 20)
    for value in range(900, 950):
        master.write(0x2103, value)
    assert wear(master) == {"2103h": 2, "2104h": 0}
    assert bit(status(master), 21)
    master.write_one(0x0000, SAVE)
    assert wear(master) == {"2103h": 3, "2104h": 1} and not bit(status(master), 21)


def test_going_back_to_backup_mode_saves(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    master.write_one(0x0000, RAM)
    master.write(0x2103, 900)
    master.write_one(0x0000, BACKUP)
    assert wear(master) == {"2103h": 1, "2104h": 1}
    assert not bit(status(master), 20)


def test_a_software_reset_is_not_answered(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    assert master.frame(bytes.fromhex("06 0000 0600")) is None
    assert not bit(status(master), 25)
    assert master.word(0x2103) == 800


def test_a_software_reset_forgets_what_stood_in_ram_alone(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    master.write(0x2103, 850)
    master.write_one(0x0000, RAM)
    master.write(0x2103, 900)
    assert master.frame(bytes.fromhex("06 0000 0600")) is None
    assert master.word(0x2103) == 850
    assert not bit(status(master), 20) and not bit(status(master), 21)
    assert wear(master) == {"2103h": 1, "2104h": 0}


def test_by_hand(master: Master) -> None:
    master.write_one(0x0000, WRITING_ON)
    master.write_one(0x0000, MANUAL)
    assert bit(status(master), 26)
    master.write(0x2103, 0)
    master.wait(0.5)
    assert master.word(0x2004) == 1000, "the output stays what it was"
    master.write_one(0x0000, AUTO)
    assert not bit(status(master), 26)


def test_an_input_error(master: Master, oven: Oven) -> None:
    oven.temperature = math.nan
    master.wait(0.2)
    assert bit(status(master), 6) and not bit(status(master), 8)
    assert master.word(0x2004) == 0


def test_alarm_1_is_a_deviation_above_the_set_point(master: Master, oven: Oven) -> None:
    master.write_one(0x0000, WRITING_ON)
    master.write(0x2104, 50)
    assert not bit(status(master), 12)
    oven.temperature = 85.2
    master.wait(0.2)
    assert bit(status(master), 12)


@pytest.mark.parametrize("operation", [0x0200, 0x7F00])
def test_an_operation_that_is_not_there(master: Master, operation: int) -> None:
    master.write_one(0x0000, WRITING_ON)
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_one(0x0000, operation)


def test_the_commands_cannot_be_read(master: Master) -> None:
    with pytest.raises(RefusedError, match="exception 2"):
        master.word(0x0000)
