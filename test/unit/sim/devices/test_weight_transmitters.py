"""The manuals' quirks of Pavone DAT, Flintec DAD 141.1 and Seneca Z-SG."""

import math

import pytest

from stackpress_py.sim.devices import flintec_dad141, pavone_dat, seneca_zsg
from unit.sim.devices.master import Master, RefusedError, bit


class Cell:
    def __init__(self, force: float = 0.0) -> None:
        self.force = force

    def __call__(self) -> float:
        return self.force


def pavone(cell: Cell, **settings: float) -> Master:
    one = Master(pavone_dat.PavoneDat(pavone_dat.Settings(**settings), cell))  # type: ignore[arg-type]
    one.wait(1.0)
    return one


def flintec(cell: Cell, **settings: float) -> Master:
    one = Master(flintec_dad141.FlintecDad141(flintec_dad141.Settings(**settings), cell))  # type: ignore[arg-type]
    one.wait(1.0)
    return one


def seneca(cell: Cell, **settings: object) -> Master:
    one = Master(seneca_zsg.SenecaZsg(seneca_zsg.Settings(**settings), cell))  # type: ignore[arg-type]
    one.wait(1.0)
    return one


# ---- Pavone --------------------------------------------------------------------------------------


def test_pavone_has_signs_and_the_high_word_first() -> None:
    master = pavone(Cell(-70_000.0), capacity=100_000.0)
    assert master.read(1, 2) == [0xFFFE, 0xEE90]
    assert (master.long(1), master.long(3), master.long(5)) == (-70_000, -70_000, 0)


def test_pavone_may_count_its_registers_from_1() -> None:
    master = pavone(Cell(1234.0), first=1)
    assert master.long(2) == 1234
    with pytest.raises(RefusedError, match="exception 2"):
        master.word(0)


def test_pavone_commands() -> None:
    cell = Cell(50.0)
    master = pavone(cell)
    master.write(502, 1)
    assert master.long(1) == 0 and bit(master.word(0), 0) and bit(master.word(0), 2)
    cell.force = 250.0
    master.wait(1.0)
    master.write_one(502, 2)
    assert (master.long(1), master.long(3)) == (200, 0) and bit(master.word(0), 3)
    cell.force = 150.0
    master.wait(1.0)
    assert master.long(5) == 200
    master.write(502, 3)
    assert master.long(5) == 100
    with pytest.raises(RefusedError, match="exception 3"):
        master.write(502, 4)


def test_pavone_zeroes_only_at_rest() -> None:
    cell = Cell(50.0)
    master = pavone(cell)
    cell.force = 80.0
    master.wait(0.1)
    assert not bit(master.word(0), 1)
    master.write(502, 1)
    assert master.long(1) == 80


def test_pavone_remembers_what_is_not_saved() -> None:
    master = pavone(Cell())
    master.write_long(200, 1500)
    assert bit(master.word(0), 9) and master.device.truth()["wear"] == 0
    master.write(502, 0x20)
    assert not bit(master.word(0), 9) and master.device.truth()["wear"] == 2


@pytest.mark.parametrize(
    ("force", "number"), [(20_010.0, 5), (-20_010.0, 4), (math.nan, 6)]
)  # fmt: skip
def test_pavone_out_of_range(force: float, number: int) -> None:
    cell = Cell()
    master = pavone(cell)
    assert not any(bit(master.word(0), each) for each in (4, 5, 6))
    cell.force = force
    master.wait(0.1)
    assert [each for each in (4, 5, 6) if bit(master.word(0), each)] == [number]


# ---- Flintec -------------------------------------------------------------------------------------


def test_flintec_as_float_as_whole_and_in_a_block() -> None:
    master = flintec(Cell(-1234.5), division=0.1)
    assert master.real(0x2000) == pytest.approx(-1234.5, abs=1e-3)
    assert master.long(0x2020) == -12345
    assert master.real(0x2008) == pytest.approx(-1234.5, abs=1e-3)
    block = master.read(0x3300, 5)
    assert block[:2] == master.read(0x2020, 2) and block[4] == 0x0010
    assert master.read(0x3500, 5)[:2] == master.read(0x2000, 2)
    assert master.word(0x2000, function=4) == master.word(0x2000)


def test_flintec_bit_commands() -> None:
    cell = Cell(100.0)
    master = flintec(cell)
    master.write_one(0x2061, 0x08)
    assert master.real(0x2002) == 0.0 and master.word(0x2060) == 0x0030
    master.write_one(0x2061, 0x04)
    assert master.real(0x2002) == 100.0
    master.write_one(0x2061, 0x02)
    assert master.real(0x2000) == 0.0
    master.write_one(0x2061, 0x01)
    assert master.real(0x2000) == 100.0


@pytest.mark.parametrize(
    ("force", "qualifier"), [(20_001.0, 0x0002), (-20_001.0, 0x0001), (math.nan, 0x0002)]
)
def test_flintec_out_of_range(force: float, qualifier: int) -> None:
    cell = Cell()
    master = flintec(cell)
    cell.force = force
    master.wait(0.05)
    assert master.word(0x2060) == qualifier
    if math.isnan(force):
        assert master.long(0x202A) == 8_388_607


# ---- Seneca --------------------------------------------------------------------------------------


def test_seneca_net_weight_is_a_float_at_offset_63() -> None:
    cell = Cell(-12.5)
    master = seneca(cell)
    assert master.real(63) == -12.5
    assert bit(master.word(77), 2) and bit(master.word(77), 4)


def test_seneca_words_can_be_swapped() -> None:
    assert seneca(Cell(-12.5), words="low_first").real(63, low_first=True) == -12.5


def test_seneca_tares_into_ram_or_flash() -> None:
    cell = Cell(100.0)
    master = seneca(cell)
    master.write_one(79, 49914)
    assert master.real(63) == 0.0 and master.device.truth()["wear"] == 0
    master.write_one(79, 49594)
    assert master.device.truth()["wear"] == 1
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_one(79, 1)


def test_seneca_thresholds_are_kept_in_flash() -> None:
    cell = Cell(100.0)
    master = seneca(cell)
    assert not bit(master.word(77), 0)
    master.write_real(51, 50.0)
    assert bit(master.word(77), 0)
    assert master.device.truth()["wear"] == 1


@pytest.mark.parametrize("force", [20_000.0, math.nan])
def test_seneca_full_scale(force: float) -> None:
    cell = Cell()
    master = seneca(cell)
    assert not bit(master.word(77), 1)
    cell.force = force
    master.wait(0.05)
    assert bit(master.word(77), 1) and master.real(63) == 20_000.0
