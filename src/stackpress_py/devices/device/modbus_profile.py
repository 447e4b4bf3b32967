"""The profile of a device that speaks Modbus."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from stackpress_py.devices.device.base_profile import BaseProfile
from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.device.modbus_rules import ModbusRules
from stackpress_py.devices.device.plan import exchange_blocks, write_blocks
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import ModbusPoint


class ModbusProfile(BaseProfile):
    """A device that speaks Modbus, over a serial line or TCP."""

    protocol: Literal["modbus"]
    modbus: ModbusRules
    points: dict[Name, ModbusPoint] = Field(min_length=1)

    def all_points(self) -> Mapping[str, Point]:
        """Return the points by their names."""
        return self.points

    def cyclic(self) -> tuple[str, ...]:
        """Return the points that are written in every cycle."""
        points = self.points.items()
        return tuple(name for name, p in points if p.write is not None and p.write.when == "cycle")

    @model_validator(mode="after")
    def _functions(self) -> "ModbusProfile":
        known = self.modbus.functions
        for name, point in self.points.items():
            reader = self.modbus.reader(point.table)
            if point.read and reader not in known:
                raise ValueError(
                    f"points.{name}: the table '{point.table}' is read with function {reader}, which"
                    " is not among `functions`"
                )
            if point.write is not None and not self.write_functions(point):
                raise ValueError(f"points.{name}: no function among `functions` can write it")
            if point.size > min(self.modbus.most_read, 125):
                raise ValueError(f"points.{name}: is longer than `most_read` registers")
        return self

    @model_validator(mode="after")
    def _requests(self) -> "ModbusProfile":
        """Refuse points that are said to be written in one request, and cannot be."""
        blocks = exchange_blocks(self.cyclic(), self.points, self.modbus)
        if self.modbus.exchange and (len(blocks) != 1 or blocks[0].table != "holding"):
            raise ValueError(
                "`exchange` needs the points with `when: cycle` in holding registers one behind the"
                " other, without gaps"
            )
        groups: dict[str, list[str]] = {}
        for name, point in self.points.items():
            if point.write is not None and point.write.together is not None:
                groups.setdefault(point.write.together, []).append(name)
        for group, names in groups.items():
            if len(write_blocks(names, self.points, self.modbus)) != 1:
                raise ValueError(
                    f"the points with `together: {group}` ({', '.join(names)}) do not fit into one"
                    " request: they must lie one behind the other"
                )
        return self

    def write_functions(self, point: ModbusPoint) -> tuple[int, ...]:
        """Return the functions that can write a point alone, best first."""
        usual = (5, 15) if point.is_bit else (16,) if point.size > 1 else (6, 16)
        asked = point.write_function
        wanted: tuple[int, ...] = usual if asked is None else (asked,)
        possible = tuple(f for f in wanted if f in self.modbus.functions)
        return tuple(f for f in possible if point.size == 1 or f not in (5, 6))
