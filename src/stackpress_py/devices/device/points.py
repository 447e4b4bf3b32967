"""The points of a device by protocol: where a value lies, and how."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stackpress_py.devices.bus.aibus_frames import LEAST_VALUE, MOST_VALUE
from stackpress_py.devices.device.fields import Address, Integer, Name
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.words import (
    FLOATS,
    RegisterType,
    Table,
    WordOrder,
    as_read,
    encode,
    size,
)


class ModbusPoint(Point):
    """One value in Modbus registers or bits.

    Attributes:
        address: 0-based, of the first register or bit, as on the wire.
        table: holding registers (03), input registers (04), coils (01) or discrete inputs (02).
        type: how the value lies in its registers; coils and discrete inputs have none.
        length: registers of a text.
        word_order: of a value with several registers; None: that of the device.
        write_function: 5, 6, 15 or 16; None: the device's usual one.
    """

    address: Address
    table: Table = "holding"
    type: RegisterType = RegisterType.U16
    length: int = Field(default=1, ge=1, le=64)
    word_order: WordOrder | None = None
    write_function: Literal[5, 6, 15, 16] | None = None

    @property
    def size(self) -> int:
        """Number of registers or bits."""
        return 1 if self.is_bit else size(self.type, self.length)

    @property
    def is_bit(self) -> bool:
        """The point is a coil or a discrete input."""
        return self.table in ("coil", "discrete")

    @property
    def is_text(self) -> bool:
        """The point holds a text."""
        return self.type is RegisterType.TEXT

    @property
    def is_float(self) -> bool:
        """The raw value is no whole number."""
        return self.type in FLOATS

    @property
    def width(self) -> int | None:
        """Bits of the raw value; None: it is no pattern of bits."""
        return None if self.is_bit or self.is_float or self.is_text else 16 * self.size

    def as_read(self, number: int | float) -> int | float:
        """Return a raw number as it is read: manuals print a negative one as 8002h."""
        return as_read(number, self.type)

    def why_not_raw(self, number: int | float) -> str:
        """Return why a raw number cannot be written; empty: it can."""
        if self.is_bit:
            return "" if number in (0, 1) else f"{number} is neither 0 nor 1"
        try:
            encode(self.as_read(number), self.type, WordOrder.HIGH_FIRST)
        except ValueError as error:
            return str(error)
        return ""

    @model_validator(mode="after")
    def _place(self) -> "ModbusPoint":
        if self.write is not None and self.table in ("input", "discrete"):
            raise ValueError(f"the table '{self.table}' cannot be written")
        if self.write is not None and self.is_text:
            raise ValueError("a text cannot be written")
        if self.is_bit and (self.type is not RegisterType.U16 or self.length != 1):
            raise ValueError(f"the table '{self.table}' holds single bits: leave `type` out")
        if self.length != 1 and not self.is_text:
            raise ValueError("`length` is that of a text: give `type: text`, or leave it out")
        numbers = (*self.unknown, *(() if self.equals is None else (self.equals,)))
        for number in numbers:
            if self.field is None and (problem := self.why_not_raw(number)):
                raise ValueError(problem)
        if self.address + self.size > 0x10000:
            raise ValueError("lies beyond address 65535")
        return self


class AibusPoint(Point):
    """One value of an AIBUS instrument: a parameter, or what every answer tells.

    Attributes:
        parameter: code of the parameter; None: it is not one.
        answer: part of every answer; None: it is a parameter.
    """

    parameter: Annotated[Integer, Field(ge=0, le=255)] | None = None
    answer: Literal["process_value", "set_point", "output", "alarm"] | None = None

    @property
    def width(self) -> int | None:
        """Bits of the raw value; None: it is no pattern of bits."""
        return 8 if self.answer in ("output", "alarm") else 16

    def as_read(self, number: int | float) -> int | float:
        """Return a raw number as it is read: manuals print a negative one as 8002h."""
        return as_read(number, RegisterType.I16)

    def why_not_raw(self, number: int | float) -> str:
        """Return why a raw number cannot be written; empty: it can."""
        possible = isinstance(number, int) and LEAST_VALUE <= self.as_read(number) <= MOST_VALUE
        return "" if possible else f"{number} is no parameter's value"

    @model_validator(mode="after")
    def _place(self) -> "AibusPoint":
        if (self.parameter is None) == (self.answer is None):
            raise ValueError("needs either `parameter` or `answer`")
        if self.write is not None and self.parameter is None:
            raise ValueError("only a parameter can be written")
        if self.write is not None and self.write.together is not None:
            raise ValueError("parameters are written one by one: leave `together` out")
        return self


class AsciiPoint(Point):
    """One value in the answer to a query; a group that is not in the line says that it is not known.

    Attributes:
        query: name of the query.
        group: named group of the query's pattern that holds the value.
        exponent: named group with a power of ten that the number is multiplied by.
        words: numbers by the words that stand for them; None: the group is a number.
        text: the group is a text.
    """

    query: Name
    group: Name = "value"
    exponent: Name | None = None
    words: dict[str, int] | None = None
    text: bool = False

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups of the query's pattern that it is made of."""
        return (self.group,) if self.exponent is None else (self.group, self.exponent)

    @property
    def width(self) -> int | None:
        """Bits of the raw value; None: it is no pattern of bits."""
        return None if self.words is None else 64

    @property
    def is_text(self) -> bool:
        """The point holds a text."""
        return self.text

    @property
    def is_float(self) -> bool:
        """The raw value is no whole number."""
        return self.words is None and not self.text

    @model_validator(mode="after")
    def _read_only(self) -> "AsciiPoint":
        if self.write is not None:
            raise ValueError("a value of a line-oriented device cannot be written")
        if self.exponent is not None and (self.text or self.words is not None):
            raise ValueError("only a number has an `exponent`")
        return self
