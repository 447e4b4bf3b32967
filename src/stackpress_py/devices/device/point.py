"""What every point of a device has: what its value means, and how it may be written."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stackpress_py.devices.device.fields import Bit, Integer, Name, ValuePath
from stackpress_py.documents import Document
from stackpress_py.quantities import Duration, QuantityError, kind_of_unit


class Write(Document):
    """How a point may be written.

    Attributes:
        when: in every cycle, or only when the value has changed.
        interval: shortest time between two writes; later values wait, the newest wins.
        memory: where the device keeps what is written; eeprom wears out.
        endurance: writes that the memory survives, as the manual says.
        step: smaller changes are not written, in the point's ``unit``.
        verify: after a change the point is read back and must hold what was written.
        together: points with the same name here are written in one request when one has changed.
        after_enable: writing it begins an action, such as a movement to it: it is written only
            while the device may act, after its ``enable`` sequence; else before that sequence.
        rest: raw value that is written when nobody asks for another; None: 0, but a point that is
            written ``together`` with others must be asked for with them.
    """

    when: Literal["cycle", "change"]
    interval: Duration = Field(default=0.0, ge=0.0)
    memory: Literal["ram", "eeprom"] = "ram"
    endurance: int | None = Field(default=None, gt=0)
    step: float = Field(default=0.0, ge=0.0)
    verify: bool = True
    together: Name | None = None
    after_enable: bool = False
    rest: Integer | None = None

    @model_validator(mode="after")
    def _wear(self) -> "Write":
        if self.memory == "eeprom" and (self.when == "cycle" or self.interval < 1.0):
            raise ValueError(
                "an eeprom wears out: write it `when: change`, with an `interval` of at least 1 s"
            )
        return self


class Factors(Document):
    """A scale that the device tells by a code, such as the division of a weighing indicator.

    Attributes:
        by: point that holds the code.
        table: factor by code (raw).
    """

    by: Name
    table: dict[str, Annotated[float, Field(gt=0.0)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes(self) -> "Factors":
        for code in self.table:
            if not code.lstrip("-").isdecimal():
                raise ValueError(f"the code '{code}' is no whole number")
        return self


class Point(Document):
    """One value of a device.

    Attributes:
        unit: as in "mm/s"; empty for a plain number.
        scale: one step of the raw value, in ``unit``.
        field: lowest and highest bit of the raw value that belong to this point; None: all.
        decimals: point that holds the number of decimals of the raw value.
        factors: scale that the device tells by a code.
        unit_factors: unit that the device tells by a code: the size of each in ``unit``.
        negative_when: the raw value is a magnitude; this bit says that it is negative.
        unknown: raw values by which the device says that it does not know.
        unknown_when: bits by which the device says so.
        known_when: raw values of other points with which it knows; with any other it does not.
        equals: the only raw value that is accepted; another one refuses the whole answer.
        bits: names of single bits of the raw value.
        every: how often the point is read; None: in every cycle of its device.
        read: the device tells the value.
        write: how it may be written; None: it may not.
        minimum, maximum: what may be written, in ``unit``.
    """

    unit: str = ""
    scale: float = Field(default=1.0, gt=0.0)
    field: tuple[Bit, Bit] | None = None
    decimals: Name | None = None
    factors: Factors | None = None
    unit_factors: Factors | None = None
    negative_when: ValuePath | None = None
    unknown: tuple[Integer, ...] = ()
    unknown_when: tuple[ValuePath, ...] = ()
    known_when: dict[Name, tuple[Integer, ...]] = Field(default_factory=dict)
    equals: Integer | None = None
    bits: dict[Name, Bit] = Field(default_factory=dict)
    every: Duration | None = Field(default=None, gt=0.0)
    read: bool = True
    write: Write | None = None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Paths of the values without which this one means nothing."""
        names = [self.decimals, *(factors.by for factors in self.all_factors), self.negative_when]
        return (*(name for name in names if name), *self.unknown_when, *self.known_when)

    @property
    def all_factors(self) -> tuple[Factors, ...]:
        """What the device tells by codes of its scale, multiplied with each other."""
        return tuple(found for found in (self.factors, self.unit_factors) if found is not None)

    @property
    def is_text(self) -> bool:
        """The point holds a text."""
        return False

    @property
    def is_float(self) -> bool:
        """The raw value is no whole number."""
        return False

    @property
    def width(self) -> int | None:
        """Bits of the raw value; None: it is no pattern of bits."""
        return None

    def as_read(self, number: int | float) -> int | float:
        """Return a raw number as it is read: manuals print a negative one as 8002h."""
        return number

    def why_not_raw(self, number: int | float) -> str:
        """Return why a raw number cannot be written; empty: it can."""
        return ""

    @model_validator(mode="after")
    def _meaning(self) -> "Point":
        if not self.read and self.write is None:
            raise ValueError("is neither read nor written: give `write`, or leave `read` out")
        if self.field is not None and self.field[0] > self.field[1]:
            raise ValueError("field has its highest bit first; write [lowest, highest]")
        try:
            kind_of_unit(self.unit)
        except QuantityError as error:
            raise ValueError(f"unit: {error}") from None
        if self.write is not None and self.field is not None:
            raise ValueError("a part of a register cannot be written: leave `field` out")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
        return self

    @model_validator(mode="after")
    def _bits_fit(self) -> "Point":
        """Refuse bits that the raw value does not have: they would never be set."""
        highest = max((*self.bits.values(), *(self.field or ())), default=None)
        if highest is not None and self.width is None:
            raise ValueError("has no bits: it is a number or a text")
        if highest is not None and self.width is not None and highest >= self.width:
            raise ValueError(f"has no bit {highest}: its bits are 0 to {self.width - 1}")
        return self
