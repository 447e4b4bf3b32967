"""Values in registers, and the tables that hold them."""

import math

import pytest

from stackpress_py.sim.devices.points import (
    Kind,
    Order,
    Parameter,
    Point,
    constant,
    one_of,
    shown,
    within,
)
from stackpress_py.sim.devices.tables import Bank, Bits, Flag
from stackpress_py.sim.modbus_slave import RefusalError


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Kind.U16, 65535, [0xFFFF]),
        (Kind.I16, -1, [0xFFFF]),
        (Kind.U32, 0x12345678, [0x1234, 0x5678]),
        (Kind.I32, -2, [0xFFFF, 0xFFFE]),
        (Kind.F32, 1.0, [0x3F80, 0x0000]),
        # a display stays at its end
        (Kind.I16, 40000, [0x7FFF]),
        (Kind.U16, -3, [0]),
        (Kind.I32, 1e12, [0x7FFF, 0xFFFF]),
        # and shows whole numbers
        (Kind.I16, 2.6, [3]),
    ],
)
def test_words_of_a_value(kind: Kind, value: float, words: list[int]) -> None:
    assert kind.words(value) == words


def code(refused: pytest.ExceptionInfo[RefusalError]) -> int:
    return refused.value.code


def bank(*points: Point) -> Bank:
    one = Bank()
    one.add(*points)
    return one


def test_a_register_that_is_not_there_is_refused_with_2() -> None:
    one = bank(constant(10, 5))
    assert one.read(10, 1) == [5]
    for address, count in ((9, 1), (10, 2), (9, 2)):
        with pytest.raises(RefusalError) as refused:
            one.read(address, count)
        assert code(refused) == 2


def test_a_register_cannot_stand_twice() -> None:
    with pytest.raises(ValueError, match="0x000b stands twice"):
        bank(constant(10, 0, Kind.U32), constant(11, 0))


def test_any_part_of_a_long_value_can_be_read() -> None:
    one = bank(constant(10, 0x12345678, Kind.U32), constant(12, 7))
    assert one.read(11, 2) == [0x5678, 7]


def test_the_low_word_may_come_first() -> None:
    one = bank(Point(10, parameter := Parameter(0), Kind.F32))
    one.low_word_first = True
    one.write(10, [0x0000, 0x3F80])
    assert parameter.value == 1.0
    assert one.read(10, 2) == [0x0000, 0x3F80]


def test_half_a_value_joins_the_half_that_is_there() -> None:
    parameter = Parameter(0x00010002)
    bank(Point(10, parameter, Kind.U32)).write(11, [9])
    assert parameter.value == 0x00010009


def test_all_is_written_or_nothing() -> None:
    first, second = Parameter(1), Parameter(2, 0, 10)
    one = bank(Point(10, first), Point(11, second))
    with pytest.raises(RefusalError) as refused:
        one.write(10, [5, 11])
    assert code(refused) == 3 and (first.value, second.value) == (1, 2)
    with pytest.raises(RefusalError) as refused:
        one.write(11, [5, 6])
    assert code(refused) == 2 and second.value == 2
    one.write(10, [5, 6])
    assert (first.value, second.value) == (5, 6)


def test_no_number_is_refused() -> None:
    parameter = Parameter(1.0, 0.0, 10.0)
    with pytest.raises(RefusalError):
        bank(Point(0, parameter, Kind.F32)).write(0, [0x7FC0, 0])
    assert parameter.value == 1.0


def test_what_is_shown_cannot_be_written_and_an_order_not_read() -> None:
    acted: list[float] = []
    one = bank(shown(0, lambda: math.pi, Kind.F32), Point(2, Order(acted.append), Kind.U16))
    for act in (lambda: one.write(0, [0, 0]), lambda: one.read(2, 1)):
        with pytest.raises(RefusalError) as refused:
            act()
        assert code(refused) == 2
    one.write(2, [7])
    assert acted == [7]


def test_only_a_memory_that_wears_counts_its_writes() -> None:
    kept, volatile = Parameter(0, wears=True), Parameter(0)
    one = bank(Point(0, kept), Point(1, volatile))
    for value in (1, 1, 2):
        one.write(0, [value, value])
    assert (kept.writes, volatile.writes) == (3, 0)


def test_counts_of_a_unit() -> None:
    parameter = Parameter(12.5, -20.0, 20.0)
    one = bank(Point(0, parameter, scale=10.0))
    assert one.read(0, 1) == [125]
    one.write(0, [0x10000 - 200])
    assert parameter.value == -20.0
    with pytest.raises(RefusalError):
        one.write(0, [201])


@pytest.mark.parametrize(
    ("check", "good", "bad"), [(within(0, 3), 3, 3.1), (one_of(10, 54), 54, 11)]
)
def test_checks(check: Order, good: float, bad: float) -> None:
    assert callable(check)
    check(good)
    with pytest.raises(RefusalError):
        check(bad)


def test_bits_are_written_all_or_none() -> None:
    first, state, last = Flag(0), Flag(1, read=lambda: True), Flag(2)
    bits = Bits()
    bits.add(first, state, last)
    with pytest.raises(RefusalError):
        bits.write(0, [True, False, True])
    assert bits.read(0, 3) == [False, True, False]
    bits.write(2, [True])
    assert bits.read(0, 3) == [False, True, True]
    with pytest.raises(RefusalError):
        bits.read(2, 2)
    with pytest.raises(ValueError, match="stands twice"):
        bits.add(Flag(2))
