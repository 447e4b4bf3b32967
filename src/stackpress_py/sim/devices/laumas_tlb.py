"""Laumas TLB/TLB4/TLU/W100 weight transmitter: magnitudes in the registers, their signs in the status.

Sourced: the list of registers, at most 32 in one request, functions 03 and 16, 100 000 writes of the memory, which does
not write what it holds already (TLU and TLB4 manuals); the bits of the status, magnitudes as whole numbers without
their decimal point (LCB manual, the same family); command 8 (public driver), 99 and 101 (manuals). Unverified: command
7, 9 and 130, the codes of division and unit in 40014, how far zero may be set, that registers keep their last value
while the cell is lost, functions 04 and 06.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import READ, WRITE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, constant, one_of, shown
from .scale import Scale
from .settings import ScaleSettings, choice, number

MANNERS = Manners((READ, WRITE), most_read=32, most_written=32)
TARE, ZERO, GROSS, SAVE = 7, 8, 9, 99
IDLE = 0
CELL_ERROR, OVER_MAXIMUM, OVER_RANGE, NEGATIVE, NET_SHOWN, STABLE, ZERO_BAND = (
    0,
    2,
    3,
    7,
    10,
    11,
    12,
)
OVERLOAD_DIVISIONS = 9
OVERLOAD_SHARE = 1.1
#: Low byte of 40014, by division; high byte by unit.
DIVISIONS = (
    100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001,
    0.0005, 0.0002, 0.0001,
)  # fmt: skip
UNITS = {"kg": 0, "g": 1, "t": 2, "lb": 3, "N": 4, "bar": 6}


@dataclass(frozen=True, slots=True)
class Settings(ScaleSettings):
    """How the instrument is configured.

    Attributes:
        display: unit of the display.
        zero_range: units around the first zero within which it may be set by command.
    """

    display: str = choice("N", "kg", "g", "t", "lb", "bar")
    zero_range: float = number(300.0, 0.0, 1e6)


class LaumasTlb(ModbusDevice):
    """One transmitter with its load cell."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        if settings.division not in DIVISIONS:
            allowed = ", ".join(f"{each:g}" for each in DIVISIONS)
            raise ValueError(f"'division' must be one of {allowed}, found {settings.division:g}")
        self._settings = settings
        self._scale = Scale(settings, force)
        self._net_shown = False
        self._command = IDLE
        self._set_points = [Parameter(0, 0, 999_999) for _ in range(6)]
        self._saved = [0.0] * 6
        self._wear = 0
        self._map()

    def advance(self, now: float) -> None:
        """Weigh up to now."""
        self.now = now
        self._scale.advance(now)

    def truth(self) -> dict[str, object]:
        """Return the weighing, and the writes of the memory."""
        return {**self._scale.truth(), "wear": self._wear}

    # ---- commands --------------------------------------------------------------------------------

    def _act(self, value: float) -> None:
        self._command = int(value)
        scale = self._scale
        if value == TARE and not scale.broken:
            scale.set_tare()
            self._net_shown = True
        elif value == ZERO and not scale.broken and abs(scale.raw) <= self._settings.zero_range:
            scale.set_zero()
        elif value == GROSS:
            scale.tare, self._net_shown = 0.0, False
        elif value == SAVE:
            self._save()

    def _save(self) -> None:
        fresh = [each.value for each in self._set_points]
        self._wear += sum(new != old for new, old in zip(fresh, self._saved, strict=True))
        self._saved = fresh

    # ---- the map ---------------------------------------------------------------------------------

    def _status(self) -> float:
        scale = self._scale
        signs = (scale.gross, scale.net, scale.peak)
        bits = {
            CELL_ERROR: scale.broken,
            OVER_MAXIMUM: scale.gross > scale.capacity + OVERLOAD_DIVISIONS * scale.division,
            OVER_RANGE: scale.gross > OVERLOAD_SHARE * scale.capacity,
            **{NEGATIVE + n: scale.rounded(each) < 0.0 for n, each in enumerate(signs)},
            NET_SHOWN: self._net_shown,
            STABLE: scale.stable,
            ZERO_BAND: abs(scale.gross) <= 0.25 * scale.division,
        }
        return sum(on << bit for bit, on in bits.items())

    def _map(self) -> None:
        scale = self._scale
        code = DIVISIONS.index(self._settings.division) | UNITS[self._settings.display] << 8
        identity = (0x0103, 21, 2024, 1, 1)
        command = Order(self._act, one_of(IDLE, TARE, ZERO, GROSS, SAVE), lambda: self._command)
        self.holding.add(
            *(constant(address, value) for address, value in enumerate(identity)),
            Point(5, command, Kind.U16),
            shown(6, self._status, Kind.U16),
            shown(7, lambda: abs(scale.counts(scale.gross)), Kind.U32),
            shown(9, lambda: abs(scale.counts(scale.net)), Kind.U32),
            shown(11, lambda: abs(scale.counts(scale.peak)), Kind.U32),
            constant(13, code),
            constant(14, 0, Kind.U32),
            constant(16, 0),
            constant(17, 0),
            *(Point(18 + 2 * n, self._set_points[n], Kind.U32) for n in range(3)),
            *(Point(38 + 2 * n, self._set_points[3 + n], Kind.U32) for n in range(3)),
        )
