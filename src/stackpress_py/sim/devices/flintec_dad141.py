"""Flintec DAD 141.1 weight transmitter: the same weights as floats and as whole numbers, and in short blocks.

Sourced: technical manual "Modbus communication" of the DAD 141.1, revision 2.3: weights at 2000h to 202Bh, the
qualifier 2060h with its bits, the bit commands at 2061h, the blocks 3300h and 3500h. Unverified: the bits of the device
status 2030h (always 0 here), what is shown while the cell is lost (the ADC's end and over range).
"""

from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import READ, READ_INPUTS, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Point, constant, shown
from .scale import Scale
from .settings import ScaleSettings

MANNERS = Manners((READ, READ_INPUTS, WRITE_ONE, WRITE), most_read=125)
UNDER_RANGE, OVER_RANGE, STEADY, TARED = 0x0001, 0x0002, 0x0010, 0x0020
RESET_ZERO, SET_ZERO, RESET_TARE, SET_TARE, RESET_PEAK = 0x01, 0x02, 0x04, 0x08, 0x10
FULL_ADC = 8_388_607


@dataclass(frozen=True, slots=True)
class Settings(ScaleSettings):
    """How the instrument is configured."""


class FlintecDad141(ModbusDevice):
    """One transmitter with its load cell."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._scale = Scale(settings, force)
        self.inputs = self.holding
        self._map()

    def advance(self, now: float) -> None:
        """Weigh up to now."""
        self.now = now
        self._scale.advance(now)

    def truth(self) -> dict[str, object]:
        """Return the weighing."""
        return self._scale.truth()

    def _act(self, value: float) -> None:
        scale, order = self._scale, int(value)
        if order & RESET_ZERO:
            scale.reset_zero()
        if order & SET_ZERO and scale.stable:
            scale.set_zero()
        if order & RESET_TARE:
            scale.tare = 0.0
        if order & SET_TARE and scale.stable:
            scale.set_tare()
        if order & RESET_PEAK:
            scale.peak = scale.gross

    def _qualifier(self) -> float:
        scale = self._scale
        marks = {
            UNDER_RANGE: scale.gross < -scale.capacity,
            OVER_RANGE: scale.broken or scale.gross > scale.capacity,
            STEADY: scale.stable,
            TARED: scale.tare != 0.0,
        }
        return sum(mark for mark, on in marks.items() if on)

    def _adc(self) -> float:
        share = self._scale.raw / self._scale.capacity
        return FULL_ADC if self._scale.broken else 0.5 * FULL_ADC * share

    def _map(self) -> None:
        scale = self._scale
        weights: dict[int, Callable[[], float]] = {
            0x00: lambda: scale.rounded(scale.gross),
            0x02: lambda: scale.rounded(scale.net),
            0x08: lambda: scale.rounded(scale.average),
        }
        whole = 10.0**scale.decimals
        for offset, read in weights.items():
            self.holding.add(shown(0x2000 + offset, read, Kind.F32))
            self.holding.add(shown(0x2020 + offset, read, Kind.I32, whole))
        for block, kind, counts in ((0x3300, Kind.I32, whole), (0x3500, Kind.F32, 1.0)):
            self.holding.add(
                shown(block, weights[0x00], kind, counts),
                shown(block + 2, weights[0x02], kind, counts),
                shown(block + 4, self._qualifier, Kind.U16),
            )
        self.holding.add(
            shown(0x202A, self._adc, Kind.I32),
            constant(0x202E, 230, Kind.U32),
            constant(0x2030, 0, Kind.I32),
            constant(0x2034, 1410001, Kind.U32),
            shown(0x2060, self._qualifier, Kind.U16),
            Point(0x2061, Order(self._act), Kind.U16),
        )
