"""Which registers go into one request."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.device.modbus_rules import ModbusRules
from stackpress_py.devices.device.plan import (
    Block,
    exchange_blocks,
    overlapping,
    read_blocks,
    write_blocks,
)
from stackpress_py.devices.device.points import ModbusPoint


def rules(**changes: Any) -> ModbusRules:
    return ModbusRules.model_validate({"functions": (1, 2, 3, 4, 5, 6, 15, 16, 23), **changes})


def points(**addresses: tuple[str, int, str]) -> dict[str, ModbusPoint]:
    return {
        name: ModbusPoint.model_validate(
            {"table": table, "address": address, **({"type": kind} if kind else {})}
        )
        for name, (table, address, kind) in addresses.items()
    }


POINTS = points(
    a=("holding", 10, "f32"),
    b=("holding", 12, "u16"),
    c=("holding", 15, "i32"),
    d=("input", 10, "u16"),
    e=("coil", 16, ""),
    f=("coil", 17, ""),
    g=("holding", 12, "u16"),
)


def test_neighbours_are_read_together_and_tables_apart() -> None:
    assert read_blocks("fgedcba", POINTS, rules()) == (
        Block("coil", 16, 2, ("e", "f")),
        Block("holding", 10, 3, ("a", "g", "b")),
        Block("holding", 15, 2, ("c",)),
        Block("input", 10, 1, ("d",)),
    )


def test_a_gap_is_bridged_only_as_far_as_the_device_allows() -> None:
    assert read_blocks("abc", POINTS, rules(bridge=1))[0].count == 3
    assert read_blocks("abc", POINTS, rules(bridge=2)) == (Block("holding", 10, 7, tuple("abc")),)
    assert len(read_blocks("abc", POINTS, rules(bridge=2, most_read=6))) == 2
    assert len(read_blocks("ef", POINTS, rules(most_bits=1))) == 2


def test_what_is_written_leaves_no_gap_and_touches_nothing_else() -> None:
    assert [block.count for block in write_blocks("abc", POINTS, rules(bridge=2))] == [3, 2]
    assert [block.count for block in write_blocks("abc", POINTS, rules(most_written=2))] == [
        2,
        1,
        2,
    ]


def test_a_device_without_the_functions_for_many_is_written_one_by_one() -> None:
    assert len(write_blocks("ab", POINTS, rules(functions=(3, 6)))) == 2
    assert len(write_blocks("ef", POINTS, rules(functions=(1, 5, 16)))) == 2
    assert len(write_blocks("ef", POINTS, rules(functions=(1, 15)))) == 1


def test_a_point_with_a_function_of_its_own_is_written_alone() -> None:
    alone = dict(POINTS)
    alone["b"] = POINTS["b"].model_copy(update={"write_function": 6})
    assert len(write_blocks("ab", alone, rules())) == 2


def test_an_exchange_writes_one_stretch() -> None:
    assert exchange_blocks("ba", POINTS, rules(functions=(3, 23))) == (
        Block("holding", 10, 3, ("a", "b")),
    )
    assert len(exchange_blocks("abc", POINTS, rules())) == 2


def test_two_points_in_one_register_are_told() -> None:
    assert overlapping(["a", "b", "c"], POINTS) == ""
    assert overlapping(["b", "g"], POINTS) == "b and g both lie in 12"
    assert overlapping(["a", "d"], POINTS) == ""


KINDS = {"u16": 1, "i32": 2, "f64": 4}


@given(
    st.dictionaries(
        st.sampled_from("abcdefghij"),
        st.tuples(
            st.sampled_from(["holding", "input"]),
            st.integers(0, 60),
            st.sampled_from(sorted(KINDS)),
        ),
        min_size=1,
    ),
    st.integers(0, 8),
    st.integers(4, 20),
)
def test_every_point_is_read_whole_in_one_request_that_the_device_allows(
    places: dict[str, tuple[str, int, str]], bridge: int, most: int
) -> None:
    found = read_blocks(places, points(**places), rules(bridge=bridge, most_read=most))
    assert sorted(name for block in found for name in block.names) == sorted(places)
    for block in found:
        assert block.count <= most
        covered = set()
        for name in block.names:
            table, address, kind = places[name]
            assert table == block.table
            assert block.address <= address
            assert address + KINDS[kind] <= block.end
            covered.update(range(address, address + KINDS[kind]))
        assert {block.address, block.end - 1} <= covered
        ordered = sorted(covered)
        gaps = [after - before - 1 for before, after in zip(ordered, ordered[1:], strict=False)]
        assert max(gaps, default=0) <= bridge


def test_rules_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="needs function 23"):
        rules(functions=(3, 16), exchange=True)
