"""Seneca Z-SG and Z-SG2 strain gauge converter: net weight as a float whose words can be swapped.

Sourced: functions 03, 06 and 16, net weight at 40064, 40003 and 40052 to 40055 (manuals of the Z-SG and Z-SG2), the
bits of 40078 (Z-SG2), words that the -L models can swap; which of them comes first as delivered the manual says twice,
and differently: in words the high one, in its formula the low one. Unverified: the command register 40080 and its
numbers 49914 (tare until switched off) and 49594 (tare kept in flash), the identity, what is shown while the cell is
lost (full scale).
"""

from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import READ, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, constant, one_of, shown
from .scale import Scale
from .settings import ScaleSettings, choice

MANNERS = Manners((READ, WRITE_ONE, WRITE), most_read=125)
TARE_IN_RAM, TARE_IN_FLASH = 49914, 49594
ABOVE_THRESHOLD, FULL_SCALE, NEGATIVE, STABLE = 0, 1, 2, 4
UNITS = {"N": 5, "kg": 0, "g": 1}


@dataclass(frozen=True, slots=True)
class Settings(ScaleSettings):
    """How the instrument is configured.

    Attributes:
        words: order of the two registers of a float.
        display: unit of the weights.
    """

    words: str = choice("high_first", "low_first")
    display: str = choice("N", "kg", "g")


class SenecaZsg(ModbusDevice):
    """One converter with its load cell."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._scale = Scale(settings, force)
        self._threshold = Parameter(settings.capacity, wears=True)
        self._delta = Parameter(1.0, 0.0, settings.capacity, wears=True)
        self._wear = 0
        self.holding.low_word_first = settings.words == "low_first"
        self._map(UNITS[settings.display] << 8)

    def advance(self, now: float) -> None:
        """Weigh up to now."""
        self.now = now
        self._scale.advance(now)

    def truth(self) -> dict[str, object]:
        """Return the weighing, and the writes of the memory."""
        wear = self._wear + self._threshold.writes + self._delta.writes
        return {**self._scale.truth(), "wear": wear}

    def _act(self, value: float) -> None:
        if not self._scale.broken:
            self._scale.set_tare()
            self._wear += value == TARE_IN_FLASH

    def _net(self) -> float:
        scale = self._scale
        return scale.capacity if scale.broken else scale.net

    def _status(self) -> float:
        scale = self._scale
        bits = {
            ABOVE_THRESHOLD: scale.stable and scale.net > self._threshold.value,
            FULL_SCALE: scale.broken or scale.gross >= scale.capacity,
            NEGATIVE: scale.net < 0.0,
            STABLE: scale.stable,
        }
        return sum(on << bit for bit, on in bits.items())

    def _map(self, unit: int) -> None:
        self.holding.add(
            constant(0, 0x2A),
            constant(1, 0x0100),
            constant(2, unit),
            Point(51, self._threshold, Kind.F32),
            Point(53, self._delta, Kind.F32),
            shown(63, self._net, Kind.F32),
            shown(77, self._status, Kind.U16),
            Point(79, Order(self._act, one_of(TARE_IN_RAM, TARE_IN_FLASH)), Kind.U16),
        )
