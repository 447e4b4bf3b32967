"""Values behind the registers of a simulated Modbus device, and how they lie in one or two registers."""

import math
import struct
from collections.abc import Callable
from enum import Enum

from ..modbus_slave import ILLEGAL_VALUE, RefusalError

ILLEGAL_ADDRESS = 2


class Kind(Enum):
    """How a value lies in registers: the format of ``struct``, most significant byte first."""

    U16 = ">H"
    I16 = ">h"
    U32 = ">I"
    I32 = ">i"
    F32 = ">f"

    @property
    def registers(self) -> int:
        """Count of registers."""
        return struct.calcsize(self.value) // 2

    def words(self, value: float) -> list[int]:
        """Return the registers, high word first; a whole number beyond the format stays at its end."""
        if self is Kind.F32:
            data = struct.pack(self.value, value)
        else:
            low, high = _RANGES[self]
            data = struct.pack(self.value, min(high, max(low, round(value))))
        return list(struct.unpack(f">{self.registers}H", data))

    def number(self, words: list[int]) -> float:
        """Return the value of registers, high word first."""
        value: float = struct.unpack(self.value, struct.pack(f">{len(words)}H", *words))[0]
        return value


_RANGES = {
    Kind.U16: (0, 0xFFFF),
    Kind.I16: (-0x8000, 0x7FFF),
    Kind.U32: (0, 0xFFFF_FFFF),
    Kind.I32: (-0x8000_0000, 0x7FFF_FFFF),
}


class Quantity:
    """A value in the device's own unit; this one can be neither read nor written."""

    def get(self) -> float:
        """Return the value of now."""
        raise RefusalError(ILLEGAL_ADDRESS)

    def check(self, value: float) -> None:
        """Raise RefusalError if :meth:`put` would refuse."""
        raise RefusalError(ILLEGAL_ADDRESS)

    def put(self, value: float) -> None:
        """Take a checked value."""
        raise NotImplementedError


class Reading(Quantity):
    """A value that the device computes; writing is refused (exception 2)."""

    def __init__(self, read: Callable[[], float]) -> None:
        self._read = read

    def get(self) -> float:
        """Return the value of now."""
        return self._read()


class Parameter(Quantity):
    """A value that the device keeps, however many registers show it.

    Attributes:
        value: in the device's own unit.
        low, high: what the master may write.
        writes: how often it was written to a memory that wears.
        wears: writing goes to such a memory (EEPROM, flash).
    """

    def __init__(
        self,
        value: float,
        low: float = -math.inf,
        high: float = math.inf,
        wears: bool = False,
    ) -> None:
        self.value = value
        self.low, self.high = low, high
        self.writes = 0
        self.wears = wears

    def get(self) -> float:
        """Return what is kept."""
        return self.value

    def check(self, value: float) -> None:
        """Refuse (exception 3) what is beyond the bounds or no number."""
        if not self.low <= value <= self.high:
            raise RefusalError(ILLEGAL_VALUE)

    def put(self, value: float) -> None:
        """Keep a checked value."""
        self.value = value
        self.writes += self.wears


class Order(Quantity):
    """A value whose writing makes the device act; ``read`` is what reading shows, without it reading is refused."""

    def __init__(
        self,
        act: Callable[[float], None],
        check: Callable[[float], None] = lambda value: None,
        read: Callable[[], float] | None = None,
    ) -> None:
        self._act = act
        self._check = check
        self._read = read

    def get(self) -> float:
        """Return what the device shows."""
        return super().get() if self._read is None else self._read()

    def check(self, value: float) -> None:
        """Let the device refuse."""
        self._check(value)

    def put(self, value: float) -> None:
        """Act on it."""
        self._act(value)


class Point:
    """A quantity at an address: ``scale`` counts of the registers are one unit of the quantity."""

    def __init__(
        self,
        address: int,
        quantity: Quantity,
        kind: Kind = Kind.I16,
        scale: Callable[[], float] | float = 1.0,
    ) -> None:
        self.address = address
        self.quantity = quantity
        self.kind = kind
        self._scale = scale

    def get(self) -> float:
        """Return the quantity in counts."""
        return self.quantity.get() * self._counts()

    def check(self, value: float) -> None:
        """Raise RefusalError if the quantity refuses these counts."""
        self.quantity.check(value / self._counts())

    def put(self, value: float) -> None:
        """Write these counts."""
        self.quantity.put(value / self._counts())

    def _counts(self) -> float:
        return self._scale() if callable(self._scale) else self._scale


def shown(
    address: int,
    read: Callable[[], float],
    kind: Kind = Kind.I16,
    scale: Callable[[], float] | float = 1.0,
) -> Point:
    """Return a point that can only be read."""
    return Point(address, Reading(read), kind, scale)


def constant(address: int, value: float, kind: Kind = Kind.U16) -> Point:
    """Return a point that always shows the same."""
    return Point(address, Reading(lambda: value), kind)


def within(low: float, high: float) -> Callable[[float], None]:
    """Return a check that refuses (exception 3) what is not within both ends."""
    return Parameter(low, low, high).check


def one_of(*values: float) -> Callable[[float], None]:
    """Return a check that refuses (exception 3) all but these values."""

    def check(value: float) -> None:
        if value not in values:
            raise RefusalError(ILLEGAL_VALUE)

    return check
