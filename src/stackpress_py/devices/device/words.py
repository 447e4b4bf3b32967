"""Numbers and texts as they lie in 16-bit registers; pure."""

import struct
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Literal, TypeAlias

#: Holding or input registers, coils or discrete inputs.
Table: TypeAlias = Literal["holding", "input", "coil", "discrete"]
#: What a device says in one point, before units: a number, or a text.
Raw = int | float | str


class RegisterType(str, Enum):
    """How a value lies in its registers."""

    U16 = "u16"
    I16 = "i16"
    U32 = "u32"
    I32 = "i32"
    U64 = "u64"
    I64 = "i64"
    F32 = "f32"
    F64 = "f64"
    TEXT = "text"


class WordOrder(str, Enum):
    """Which word of a value with several registers comes first."""

    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"


_FORMATS: Mapping[RegisterType, str] = {
    RegisterType.U16: ">H",
    RegisterType.I16: ">h",
    RegisterType.U32: ">I",
    RegisterType.I32: ">i",
    RegisterType.U64: ">Q",
    RegisterType.I64: ">q",
    RegisterType.F32: ">f",
    RegisterType.F64: ">d",
}
FLOATS = (RegisterType.F32, RegisterType.F64)
_SIGNED = (RegisterType.I16, RegisterType.I32, RegisterType.I64)


def size(kind: RegisterType, length: int = 1) -> int:
    """Return the number of registers of a value; ``length`` is that of a text."""
    return length if kind is RegisterType.TEXT else struct.calcsize(_FORMATS[kind]) // 2


def decode(words: Sequence[int], kind: RegisterType, order: WordOrder) -> Raw:
    """Return the value of registers; a text ends at the first zero byte, without spaces around."""
    packed = struct.pack(f">{len(words)}H", *words)
    if kind is RegisterType.TEXT:
        return packed.split(b"\0")[0].decode("latin-1").strip()
    if order is WordOrder.LOW_FIRST:
        packed = struct.pack(f">{len(words)}H", *reversed(words))
    value: int | float = struct.unpack(_FORMATS[kind], packed)[0]
    return value


def as_read(number: int | float, kind: RegisterType) -> int | float:
    """Return a number as ``decode`` gives it: manuals print -32766 in a signed register as 8002h."""
    bits = 16 * size(kind)
    if kind in _SIGNED and 1 << bits - 1 <= number < 1 << bits:
        return number - (1 << bits)
    return number


def encode(number: float, kind: RegisterType, order: WordOrder) -> tuple[int, ...]:
    """Return the registers of a number.

    Raises:
        ValueError: they cannot hold it.
    """
    try:
        packed = struct.pack(_FORMATS[kind], number)
    except (KeyError, struct.error, OverflowError):
        raise ValueError(f"{number} does not fit into a register of type {kind.value}") from None
    words: tuple[int, ...] = struct.unpack(f">{len(packed) // 2}H", packed)
    return words[::-1] if order is WordOrder.LOW_FIRST else words
