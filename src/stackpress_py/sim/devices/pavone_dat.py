"""Pavone DAT 400/700/1400 weight transmitter: whole numbers with sign, most significant word first.

Sourced: the list of registers and commands 1, 2, 3 and 20h, the bits of the status (manuals of the DAT 400, 700 and
1400), the decimals' register (DAT 1400 p. 67), unit FFh in Modbus TCP. Unverified: that register number 1 is address 0
on the wire (``first`` shifts it), that commands wait for a stable weight, what the registers show while the cell is
lost, most registers in one request.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import READ, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, constant, one_of, shown
from .scale import Scale
from .settings import ScaleSettings, number, whole

MANNERS = Manners((READ, WRITE_ONE, WRITE), most_read=32, most_written=32)
ZERO, TARE, RESET_PEAK, SAVE = 0x01, 0x02, 0x03, 0x20
NONE = 0
ZERO_CENTRE, STABLE, IN_ZERO_BAND, TARED, UNDERLOAD, OVERLOAD, OFF_RANGE, UNSAVED = (
    0, 1, 2, 3, 4, 5, 6, 9,
)  # fmt: skip
#: Divisions beyond the capacity at which overload is told.
OVERLOAD_DIVISIONS = 9
BEYOND = 999_999
#: Number of the register that holds the decimals.
DECIMALS = 1102


@dataclass(frozen=True, slots=True)
class Settings(ScaleSettings):
    """How the instrument is configured.

    Attributes:
        first: address on the wire of register number 1.
        zero_band: divisions.
    """

    first: int = whole(0, 0, 1)
    zero_band: float = number(10.0, 0.0, 1e3)


class PavoneDat(ModbusDevice):
    """One transmitter with its load cell."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._settings = settings
        self._scale = Scale(settings, force)
        self._set_points = [Parameter(0) for _ in range(2)]
        self._saved = [0.0, 0.0]
        self._data = Parameter(0)
        self._wear = 0
        self._map()

    def advance(self, now: float) -> None:
        """Weigh up to now."""
        self.now = now
        self._scale.advance(now)

    def truth(self) -> dict[str, object]:
        """Return the weighing, and the writes of the memory."""
        return {**self._scale.truth(), "wear": self._wear}

    def _act(self, value: float) -> None:
        scale = self._scale
        settled = scale.stable and not scale.broken
        if value == ZERO and settled:
            scale.set_zero()
        elif value == TARE and settled:
            scale.set_tare()
        elif value == RESET_PEAK:
            scale.peak = scale.gross
        elif value == SAVE:
            self._wear += len(self._saved)
            self._saved = [each.value for each in self._set_points]

    def _status(self) -> float:
        scale, limit = self._scale, self._scale.capacity
        limit += OVERLOAD_DIVISIONS * scale.division
        bits = {
            ZERO_CENTRE: abs(scale.gross) <= 0.25 * scale.division,
            STABLE: scale.stable,
            IN_ZERO_BAND: abs(scale.gross) <= self._settings.zero_band * scale.division,
            TARED: scale.tare != 0.0,
            UNDERLOAD: scale.gross < -limit,
            OVERLOAD: scale.gross > limit,
            OFF_RANGE: scale.broken,
            UNSAVED: self._saved != [each.value for each in self._set_points],
        }
        return sum(on << bit for bit, on in bits.items())

    def _weight(self, value: float) -> int:
        return BEYOND if self._scale.broken else self._scale.counts(value)

    def _map(self) -> None:
        # The manual numbers registers from 1.
        at = self._settings.first - 1
        scale = self._scale
        command = Order(self._act, one_of(NONE, ZERO, TARE, RESET_PEAK, SAVE), lambda: NONE)
        self.holding.add(
            shown(at + 1, self._status, Kind.U16),
            shown(at + 2, lambda: self._weight(scale.gross), Kind.I32),
            shown(at + 4, lambda: self._weight(scale.net), Kind.I32),
            shown(at + 6, lambda: self._weight(scale.peak), Kind.I32),
            constant(at + 8, 0),
            constant(at + 9, 0),
            constant(at + DECIMALS, scale.decimals),
            Point(at + 201, self._set_points[0], Kind.I32),
            Point(at + 203, self._set_points[1], Kind.I32),
            Point(at + 501, self._data, Kind.I32),
            Point(at + 503, command, Kind.U16),
        )
