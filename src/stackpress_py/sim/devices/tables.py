"""The four tables of a simulated Modbus device: registers and bits by address."""

from collections.abc import Callable

from ..modbus_slave import RefusalError
from .points import ILLEGAL_ADDRESS, Point


class Bank:
    """A table of registers.

    Attributes:
        low_word_first: order of the two registers of a 32 bit value.
    """

    def __init__(self) -> None:
        self.low_word_first = False
        self._points: dict[int, Point] = {}
        self._places: dict[int, tuple[Point, int]] = {}

    def add(self, *points: Point) -> None:
        """Give points their registers; one that is there already is a mistake of the map."""
        for point in points:
            for offset in range(point.kind.registers):
                if point.address + offset in self._places:
                    raise ValueError(f"register {point.address + offset:#06x} stands twice")
                self._places[point.address + offset] = (point, offset)
            self._points[point.address] = point

    def addresses(self) -> list[int]:
        """Return the registers that there are."""
        return sorted(self._places)

    def read(self, address: int, count: int) -> list[int]:
        """Return registers.

        Raises:
            RefusalError: one of them does not exist or cannot be read.
        """
        words: dict[int, list[int]] = {}
        result = []
        for place in range(address, address + count):
            point, offset = self._place(place)
            if point.address not in words:
                words[point.address] = self._words(point)
            result.append(words[point.address][offset])
        return result

    def write(self, address: int, values: list[int]) -> None:
        """Write registers, all or none; half of a 32 bit value joins the half that is there.

        Raises:
            RefusalError: one of them does not exist, or its point refuses.
        """
        wanted: dict[int, list[int]] = {}
        end = address + len(values)
        for place, value in enumerate(values, start=address):
            point, offset = self._place(place)
            if point.address not in wanted:
                count = point.kind.registers
                whole = address <= point.address and point.address + count <= end
                wanted[point.address] = [0] * count if whole else self._words(point)
            wanted[point.address][offset] = value
        numbers = {each: self._number(self._points[each], wanted[each]) for each in wanted}
        for each, number in numbers.items():
            self._points[each].check(number)
        for each, number in numbers.items():
            self._points[each].put(number)

    def _place(self, address: int) -> tuple[Point, int]:
        place = self._places.get(address)
        if place is None:
            raise RefusalError(ILLEGAL_ADDRESS)
        return place

    def _words(self, point: Point) -> list[int]:
        words = point.kind.words(point.get())
        return words[::-1] if self.low_word_first else words

    def _number(self, point: Point, words: list[int]) -> float:
        return point.kind.number(words[::-1] if self.low_word_first else words)


class Flag:
    """A bit: stored, or what the device tells; ``act`` is called with each value written."""

    def __init__(
        self,
        address: int,
        read: Callable[[], bool] | None = None,
        act: Callable[[bool], None] | None = None,
    ) -> None:
        self.address = address
        self.on = False
        self.read_only = read is not None and act is None
        self._read = read
        self._act = act

    def get(self) -> bool:
        """Return the bit."""
        return self.on if self._read is None else self._read()

    def put(self, on: bool) -> None:
        """Write the bit."""
        self.on = on
        if self._act is not None:
            self._act(on)


class Bits:
    """A table of bits."""

    def __init__(self) -> None:
        self._flags: dict[int, Flag] = {}

    def add(self, *flags: Flag) -> None:
        """Give bits their addresses."""
        for flag in flags:
            if flag.address in self._flags:
                raise ValueError(f"bit {flag.address:#06x} stands twice")
            self._flags[flag.address] = flag

    def read(self, address: int, count: int) -> list[bool]:
        """Return bits.

        Raises:
            RefusalError: one of them does not exist.
        """
        return [self._flag(place).get() for place in range(address, address + count)]

    def write(self, address: int, values: list[bool]) -> None:
        """Write bits, all or none.

        Raises:
            RefusalError: one of them does not exist or is read-only.
        """
        flags = [self._flag(place) for place in range(address, address + len(values))]
        if any(flag.read_only for flag in flags):
            raise RefusalError(ILLEGAL_ADDRESS)
        for flag, value in zip(flags, values, strict=True):
            flag.put(value)

    def _flag(self, address: int) -> Flag:
        flag = self._flags.get(address)
        if flag is None:
            raise RefusalError(ILLEGAL_ADDRESS)
        return flag
