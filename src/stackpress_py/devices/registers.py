"""Values in Modbus registers: how a profile describes them; from raw words to SI and back."""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from pydantic import AfterValidator, Field

from stackpress_py.documents import Document
from stackpress_py.quantities import FRACTION, Kind, QuantityError, parse


class RegisterType(str, Enum):
    """How a value lies in its registers."""

    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"
    F32 = "f32"


class WordOrder(str, Enum):
    """Which word of a value with two registers comes first."""

    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"


_FORMATS: Mapping[RegisterType, str] = {
    RegisterType.U16: ">H",
    RegisterType.I16: ">h",
    RegisterType.U32: ">I",
    RegisterType.I32: ">i",
    RegisterType.F32: ">f",
}


class Register(Document):
    """One value of the device.

    Attributes:
        address: 0-based, of the first register.
        type: how the value lies in its registers.
        scale: one step of the raw value, in ``unit``.
        unit: as in "mm/s"; empty for a plain number.
        unknown: raw values by which the device says that it does not know.
        expected: the only raw value that is accepted; None: any.
    """

    address: int = Field(ge=0, le=0xFFFF)
    type: RegisterType
    scale: float = Field(default=1.0, gt=0.0)
    unit: str = ""
    unknown: tuple[int, ...] = ()
    expected: int | None = None

    @property
    def size(self) -> int:
        """Number of registers."""
        return struct.calcsize(_FORMATS[self.type]) // 2

    @property
    def addresses(self) -> range:
        """Addresses of its registers."""
        return range(self.address, self.address + self.size)


def measuring(kind: Kind) -> AfterValidator:
    """Return the check that a register's unit is one of a kind of quantity."""

    def check(register: Register) -> Register:
        try:
            _conversion(register.unit, kind)
        except QuantityError:
            raise ValueError(
                f"has the unit '{register.unit}', needs that of {kind.name}, as in '{kind.example}'"
            ) from None
        return register

    return AfterValidator(check)


def _conversion(unit: str, kind: Kind) -> tuple[float, float]:
    """Return factor and zero: SI value = number in the unit * factor + zero."""
    zero, one = (parse(f"{number} {unit}", kind) for number in (0, 1))
    return one - zero, zero


@dataclass(frozen=True, slots=True)
class Point:
    """A register compiled for a block: pure decoding and encoding.

    Attributes:
        offset: index of the first register in the block.
        size: number of registers.
        layout: struct format of the raw value.
        low_first: the low word comes first.
        factor, zero: SI value = raw * factor + zero.
        unknown: raw values that mean "not known".
    """

    offset: int
    size: int
    layout: str
    low_first: bool
    factor: float
    zero: float
    unknown: frozenset[int]

    @classmethod
    def of(cls, register: Register, begin: int, order: WordOrder, kind: Kind = FRACTION) -> "Point":
        """Compile a register of a block that begins at an address."""
        factor, zero = _conversion(register.unit, kind)
        return cls(
            offset=register.address - begin,
            size=register.size,
            layout=_FORMATS[register.type],
            low_first=order is WordOrder.LOW_FIRST,
            factor=register.scale * factor,
            zero=zero,
            unknown=frozenset(register.unknown),
        )

    def raw(self, words: Sequence[int]) -> float:
        """Return the number as it lies in the block's registers; an integer unless f32."""
        own = words[self.offset : self.offset + self.size]
        ordered = own[::-1] if self.low_first else own
        number: float = struct.unpack(self.layout, struct.pack(f">{self.size}H", *ordered))[0]
        return number

    def decode(self, words: Sequence[int]) -> float:
        """Return the value in SI; NaN if the device does not know it."""
        raw = self.raw(words)
        if raw in self.unknown or not math.isfinite(raw):
            return math.nan
        return raw * self.factor + self.zero

    def encode(self, value: float) -> tuple[int, ...]:
        """Return the registers of a value in SI.

        Raises:
            ValueError: it is not finite, or the register cannot hold it.
        """
        number = (value - self.zero) / self.factor
        if not math.isfinite(number):
            raise ValueError(f"{value} cannot be written to a register")
        return self.encode_raw(number if self.layout == ">f" else round(number))

    def encode_raw(self, number: float) -> tuple[int, ...]:
        """Return the registers of a number as it shall lie in them.

        Raises:
            ValueError: the registers cannot hold it.
        """
        try:
            packed = struct.pack(self.layout, number)
        except (struct.error, OverflowError):
            raise ValueError(f"{number} does not fit into {self.size} register(s)") from None
        words: tuple[int, ...] = struct.unpack(f">{self.size}H", packed)
        return words[::-1] if self.low_first else words
