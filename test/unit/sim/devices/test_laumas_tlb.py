"""The manuals' quirks of the Laumas TLB."""

import math

import pytest

from stackpress_py.sim.devices.laumas_tlb import LaumasTlb, Settings
from unit.sim.devices.master import Master, RefusedError, bit

TARE, ZERO, GROSS, SAVE = 7, 8, 9, 99


class Cell:
    def __init__(self, force: float = 0.0) -> None:
        self.force = force

    def __call__(self) -> float:
        return self.force


def connected(cell: Cell, **settings: object) -> Master:
    one = Master(LaumasTlb(Settings(**settings), cell))  # type: ignore[arg-type]
    one.wait(1.0)
    return one


def test_magnitudes_and_their_signs() -> None:
    cell = Cell(-1234.0)
    master = connected(cell)
    status, *weights = master.read(6, 8)
    assert weights[:4] == [0, 1234, 0, 1234]
    assert bit(status, 7) and bit(status, 8) and not bit(status, 9)
    cell.force = 1234.0
    master.wait(1.0)
    status, *weights = master.read(6, 8)
    assert weights[:6] == [0, 1234] * 3
    assert not (bit(status, 7) or bit(status, 8) or bit(status, 9))


@pytest.mark.parametrize(
    ("division", "display", "code", "raw"),
    [
        (1.0, "N", 0x0406, 123),
        (0.1, "N", 0x0409, 1235),
        (0.05, "kg", 0x000A, 12345),
        (5.0, "t", 0x0204, 125),
    ],
)
def test_whole_numbers_without_their_point(
    division: float, display: str, code: int, raw: int
) -> None:
    master = connected(Cell(123.46), division=division, display=display)
    assert (master.word(13), master.long(7)) == (code, raw)


def test_kilograms_are_9_80665_newtons() -> None:
    assert connected(Cell(980.665), unit_n=9.80665, division=0.1).long(7) == 1000


def test_32_registers_at_most() -> None:
    master = connected(Cell())
    assert len(master.read(0, 24)) == 24
    with pytest.raises(RefusedError, match="exception 3"):
        master.read(0, 33)
    with pytest.raises(RefusedError, match="exception 1"):
        master.write_one(5, TARE)


def test_tare_and_back_to_gross() -> None:
    cell = Cell(500.0)
    master = connected(cell)
    master.write(5, TARE)
    cell.force = 480.0
    master.wait(1.0)
    status = master.word(6)
    assert (master.long(7), master.long(9)) == (480, 20)
    assert bit(status, 8) and bit(status, 10) and not bit(status, 7)
    master.write(5, GROSS)
    assert master.long(9) == 480 and not bit(master.word(6), 10)


def test_zero_only_near_the_first_zero() -> None:
    cell = Cell(200.0)
    master = connected(cell)
    master.write(5, ZERO)
    assert master.long(7) == 0 and bit(master.word(6), 12)
    cell.force = 600.0
    master.wait(0.5)
    master.write(5, ZERO)
    assert master.long(7) == 400


def test_standstill() -> None:
    cell = Cell(10.0)
    master = connected(cell)
    assert bit(master.word(6), 11)
    cell.force = 50.0
    master.wait(0.1)
    assert not bit(master.word(6), 11)


def test_too_much() -> None:
    cell = Cell(20_008.0)
    master = connected(cell)
    assert not bit(master.word(6), 2)
    cell.force = 20_010.0
    master.wait(0.1)
    assert bit(master.word(6), 2) and not bit(master.word(6), 3)
    cell.force = 22_001.0
    master.wait(0.1)
    assert bit(master.word(6), 3)


def test_a_lost_cell() -> None:
    cell = Cell(100.0)
    master = connected(cell)
    cell.force = math.nan
    master.wait(0.1)
    assert bit(master.word(6), 0) and not bit(master.word(6), 11)
    assert master.long(7) == 100, "the last weight stands"


def test_set_points_wear_the_memory_when_saved_and_changed() -> None:
    master = connected(Cell())
    for _ in range(3):
        master.write_long(18, 1500)
        master.write(5, SAVE)
    assert master.device.truth()["wear"] == 1
    master.write_long(18, 1600, 1700)
    assert master.device.truth()["wear"] == 1
    master.write(5, SAVE)
    assert master.device.truth()["wear"] == 3
    assert master.long(20) == 1700


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(RefusedError, match="exception 3"):
        connected(Cell()).write(5, 55)


def test_a_division_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="'division' must be one of"):
        LaumasTlb(Settings(division=0.3), Cell())
