"""Omron E5CC/E5EC/E5AC/E5GC temperature controller, Modbus in two-byte mode.

Sourced: addresses of the values and the operation commands at 0000h and FFFFh (communications manual H175 and public
map code), the refusal of writes (exception 4) until communications writing is on, no reply to a software reset, the
bits of the status (manual of the E5AN, the same status). Unverified: that 2001h and 2406h show the lower and 2407h the
upper half of the status, most registers in one request, what the value is while the sensor is open (here the top of
the range), what a reset does to communications writing (off here) and to what stood in RAM alone (lost here), alarm 1
as an upper deviation.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..modbus_slave import ILLEGAL_VALUE, RefusalError
from .modbus_device import DIAGNOSE, FAILURE, READ, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, constant, shown
from .regulator import Regulator
from .settings import ControllerSettings, number, whole

SAMPLE = 0.05
MANNERS = Manners((READ, WRITE_ONE, WRITE, DIAGNOSE), most_read=104, most_written=103)
OPERATION_ADDRESSES = (0x0000, 0xFFFF)
WRITING, RUN_STOP, WRITE_MODE, SAVE, RESET, AUTO_MANUAL, LATCHES = 0, 1, 4, 5, 6, 9, 0x0C
INPUT_ERROR, HEATING, ALARM_1, RAM_MODE, UNSAVED, STOPPED, WRITABLE, BY_HAND = (
    6, 8, 12, 20, 21, 24, 25, 26,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is configured.

    Attributes:
        decimals: places behind the point, by the input type.
        set_point_c: set-point at the start.
    """

    decimals: int = whole(1, 0, 1)
    set_point_c: float = number(0.0, -273.0, 3e3)


class OmronE5c(ModbusDevice):
    """One instrument with its heater."""

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._settings = settings
        self._loop = Regulator(settings, temperature, SAMPLE)
        span = (settings.lowest_c, settings.highest_c)
        self._set_point = Parameter(settings.set_point_c, *span, wears=True)
        self._alarm = Parameter(0.0, -1999.0, 9999.0, wears=True)
        self._kept = self._settings_now()
        self._writable = False
        self._in_ram = False
        self._unsaved = False
        self._silent = False
        self._operations: dict[int, Callable[[int], None]] = {
            WRITING: self._set_writable,
            RUN_STOP: self._set_stopped,
            WRITE_MODE: self._set_ram,
            SAVE: self._save,
            RESET: self._restart,
            AUTO_MANUAL: self._set_manual,
            LATCHES: lambda argument: None,
        }
        self._map()

    @property
    def output(self) -> float:
        """Share of the heater's power, 0 to 1."""
        return self._loop.output

    def advance(self, now: float) -> None:
        """Control up to now."""
        self.now = now
        self._loop.advance(now, lambda seconds: self._set_point.value)

    def truth(self) -> dict[str, object]:
        """Return output, set-point and the writes of each parameter that wears."""
        wear = {"2103h": self._set_point.writes, "2104h": self._alarm.writes}
        return {"output": self.output, "set_point": self._set_point.value, "wear": wear}

    def permit(self, function: int, address: int, values: list[int]) -> None:
        """Refuse writing until it was switched on; only the command that does so is taken."""
        if not values:
            return
        operation = function == WRITE_ONE and address in OPERATION_ADDRESSES
        if not self._writable and not (operation and values[0] >> 8 == WRITING):
            raise RefusalError(FAILURE)

    def written(self, function: int, address: int, count: int) -> bool:
        """Return whether to reply: a reset device does not."""
        if address in OPERATION_ADDRESSES:
            return not self._silent
        if self._in_ram:
            self._unsaved = True
        else:
            self._kept = self._settings_now()
        return True

    # ---- operation commands ----------------------------------------------------------------------

    def _check_operation(self, value: float) -> None:
        self._silent = False
        if int(value) >> 8 not in self._operations:
            raise RefusalError(ILLEGAL_VALUE)

    def _operate(self, value: float) -> None:
        code, argument = divmod(int(value), 256)
        self._operations[code](argument)

    def _set_writable(self, argument: int) -> None:
        self._writable = bool(argument)

    def _set_stopped(self, argument: int) -> None:
        self._loop.off = bool(argument)

    def _set_ram(self, argument: int) -> None:
        self._in_ram = bool(argument)
        for parameter in (self._set_point, self._alarm):
            parameter.wears = not self._in_ram
        if not self._in_ram:
            self._save(0)

    def _save(self, argument: int) -> None:
        if self._unsaved:
            self._set_point.writes += 1
            self._alarm.writes += 1
        self._kept, self._unsaved = self._settings_now(), False

    def _restart(self, argument: int) -> None:
        """Start as after switching on: what stood in RAM alone is lost."""
        self._silent, self._writable, self._unsaved = True, False, False
        self._set_point.value, self._alarm.value = self._kept
        self._set_ram(0)
        self._loop.restart()

    def _settings_now(self) -> tuple[float, float]:
        return self._set_point.value, self._alarm.value

    def _set_manual(self, argument: int) -> None:
        self._loop.manual = self._loop.output if argument else None

    # ---- the map ---------------------------------------------------------------------------------

    def _measured(self) -> float:
        unknown = self._loop.broken or math.isnan(self._loop.measured)
        return self._settings.highest_c if unknown else self._loop.measured

    def _status(self) -> int:
        excess = self._measured() - self._set_point.value
        bits = {
            INPUT_ERROR: self._loop.broken,
            HEATING: self._loop.output > 0.0,
            ALARM_1: self._alarm.value > 0.0 and excess > self._alarm.value,
            RAM_MODE: self._in_ram,
            UNSAVED: self._unsaved,
            STOPPED: self._loop.off,
            WRITABLE: self._writable,
            BY_HAND: self._loop.manual is not None,
        }
        return sum(on << bit for bit, on in bits.items())

    def _map(self) -> None:
        scale, loop = 10.0**self._settings.decimals, self._loop
        for address in OPERATION_ADDRESSES:
            self.holding.add(Point(address, Order(self._operate, self._check_operation), Kind.U16))
        for address in (0x2001, 0x2406):
            self.holding.add(shown(address, lambda: self._status() & 0xFFFF, Kind.U16))
        self.holding.add(
            shown(0x2000, self._measured, scale=scale),
            shown(0x2002, self._set_point.get, scale=scale),
            constant(0x2003, 0),
            shown(0x2004, lambda: 1000.0 * loop.output),
            constant(0x2005, 0),
            Point(0x2103, self._set_point, scale=scale),
            Point(0x2104, self._alarm, scale=scale),
            shown(0x2407, lambda: self._status() >> 16, Kind.U16),
            shown(0x2410, lambda: self._settings.decimals),
            shown(0x2A00, lambda: loop.band, scale=10.0),
            shown(0x2A01, lambda: loop.integral),
            shown(0x2A02, lambda: loop.derivative),
        )
