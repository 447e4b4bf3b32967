"""Which registers go into one request; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from stackpress_py.devices.bus.modbus import MOST_WRITTEN_WITH_READ
from stackpress_py.devices.device.modbus_rules import ModbusRules
from stackpress_py.devices.device.points import ModbusPoint
from stackpress_py.devices.device.words import Table


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring registers, or bits, of one table.

    Attributes:
        table: as of :class:`ModbusPoint`.
        address: of the first.
        count: how many.
        names: points in it.
    """

    table: Table
    address: int
    count: int
    names: tuple[str, ...]

    @property
    def end(self) -> int:
        """Address behind the last."""
        return self.address + self.count


def read_blocks(
    names: Iterable[str], points: Mapping[str, ModbusPoint], rules: ModbusRules
) -> tuple[Block, ...]:
    """Return the fewest requests that read these points, within what the device allows."""

    def joins(block: Block, point: ModbusPoint) -> bool:
        most, bridge = (rules.most_bits, 0) if point.is_bit else (rules.most_read, rules.bridge)
        return point.address <= block.end + bridge and _joint_count(block, point) <= most

    return _blocks(names, points, joins)


def write_blocks(
    names: Iterable[str], points: Mapping[str, ModbusPoint], rules: ModbusRules
) -> tuple[Block, ...]:
    """Return the fewest requests that write these points and nothing else."""

    def joins(block: Block, point: ModbusPoint) -> bool:
        many = 15 if point.is_bit else 16
        alone = (points[block.names[0]].write_function, point.write_function)
        if many not in rules.functions or any(function in (5, 6) for function in alone):
            return False
        most = rules.most_bits if point.is_bit else rules.most_written
        return point.address == block.end and _joint_count(block, point) <= most

    return _blocks(names, points, joins)


def exchange_blocks(
    names: Iterable[str], points: Mapping[str, ModbusPoint], rules: ModbusRules
) -> tuple[Block, ...]:
    """Return the stretches of registers that these points fill, to be written with function 23."""
    most = min(rules.most_written, MOST_WRITTEN_WITH_READ)

    def joins(block: Block, point: ModbusPoint) -> bool:
        return point.address == block.end and _joint_count(block, point) <= most

    return _blocks(names, points, joins)


def _joint_count(block: Block, point: ModbusPoint) -> int:
    return max(block.end, point.address + point.size) - block.address


def _blocks(
    names: Iterable[str],
    points: Mapping[str, ModbusPoint],
    joins: Callable[[Block, ModbusPoint], bool],
) -> tuple[Block, ...]:
    ordered = sorted(names, key=lambda name: (points[name].table, points[name].address))
    blocks: list[Block] = []
    for name in ordered:
        point = points[name]
        last = blocks[-1] if blocks else None
        if last is not None and last.table == point.table and joins(last, point):
            count = _joint_count(last, point)
            blocks[-1] = Block(last.table, last.address, count, (*last.names, name))
        else:
            blocks.append(Block(point.table, point.address, point.size, (name,)))
    return tuple(blocks)


def overlapping(names: Sequence[str], points: Mapping[str, ModbusPoint]) -> str:
    """Return which two written points share a register; empty: none do."""
    taken: dict[tuple[str, int], str] = {}
    for name in names:
        point = points[name]
        for address in range(point.address, point.address + point.size):
            other = taken.setdefault((point.table, address), name)
            if other != name:
                return f"{other} and {name} both lie in {address}"
    return ""
