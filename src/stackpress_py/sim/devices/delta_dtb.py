"""Delta DTA/DTB temperature controller: few functions, small requests, a write enable and error values in the reading.

Sourced: 02, 03, 05 and 06 only, at most 16 bits and 8 words, 1000h and 1001h in tenths and refreshed every 0.4 s, the
error values 8002h, 8003h, 8004h, 8006h, 8007h, 1005h, 1009h to 100Bh, 1012h, 1013h, 1024h, 1025h, 102Fh and the bits
0810h to 0814h (instruction sheets of the series). Unverified: how a write is answered while writing is not enabled
(``disabled``), how long initialising takes, that 0803h shows alarm 1, that the addresses up to 1013h which are not
named here can be read (they show 0).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..modbus_slave import RefusalError
from .modbus_device import (
    FAILURE,
    READ,
    READ_INPUT_BITS,
    WRITE_COIL,
    WRITE_ONE,
    Manners,
    ModbusDevice,
)
from .points import Kind, Order, Parameter, Point, constant, shown, within
from .regulator import Regulator
from .settings import ControllerSettings, choice, number
from .tables import Flag

#: s between two refreshes of the reading.
REFRESH = 0.4
MANNERS = Manners(
    (READ_INPUT_BITS, READ, WRITE_COIL, WRITE_ONE), most_read=8, most_written=1, most_bits=16
)
ENABLE = 0x0810
INITIALISING, OPEN, INPUT_ERROR, CONVERTER_ERROR, MEMORY_ERROR = (
    0x8002, 0x8003, 0x8004, 0x8006, 0x8007,
)  # fmt: skip
PID, MANUAL = 0, 2
#: Sensor type, cycles, offsets and the like.
UNNAMED = (0x1004, 0x1006, 0x1007, 0x1008, *range(0x100C, 0x1012))


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is configured.

    Attributes:
        set_point_c: set-point at the start.
        start_s: s after switching on in which it is initialising.
        disabled: how it takes a write while writing is not enabled: exception 4, or the usual reply without doing it.
    """

    set_point_c: float = number(0.0, -273.0, 3e3)
    start_s: float = number(0.0, 0.0, 60.0)
    disabled: str = choice("refused", "ignored")


class DeltaDtb(ModbusDevice):
    """One instrument with its heater."""

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._settings = settings
        self._loop = Regulator(settings, temperature, REFRESH)
        span = (settings.lowest_c, settings.highest_c)
        self._set_point = Parameter(settings.set_point_c, *span)
        self._alarm = (Parameter(settings.highest_c, *span), Parameter(settings.lowest_c, *span))
        self._enabled = Flag(ENABLE)
        self._running = Flag(0x0814, act=self._set_running)
        self._running.on = True
        self._control = PID
        self._hand = 0.0
        self._broken_part = 0
        self._map()

    @property
    def output(self) -> float:
        """Share of the heater's power, 0 to 1."""
        return self._loop.output

    def advance(self, now: float) -> None:
        """Control up to now."""
        self.now = now
        self._loop.off = not self._running.on or self._error() != 0
        self._loop.advance(now, lambda seconds: self._set_point.value)

    def truth(self) -> dict[str, object]:
        """Return output and set-point."""
        return {"output": self.output, "set_point": self._set_point.value}

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return the failures of its parts."""
        return {
            "converter": lambda on: self._break(CONVERTER_ERROR, on),
            "memory": lambda on: self._break(MEMORY_ERROR, on),
        }

    def permit(self, function: int, address: int, values: list[int]) -> None:
        """Refuse writing until it is enabled."""
        if values and address != ENABLE and not self._enabled.on and self._refuses:
            raise RefusalError(FAILURE)

    # ---- writing ---------------------------------------------------------------------------------

    @property
    def _refuses(self) -> bool:
        return self._settings.disabled == "refused"

    def _guarded(self, quantity: Parameter) -> Order:
        """Return a quantity that a write reaches only while writing is enabled."""

        def put(value: float) -> None:
            if self._enabled.on:
                quantity.put(value)

        return Order(put, quantity.check, quantity.get)

    def _set_running(self, on: bool) -> None:
        if not self._enabled.on:
            self._running.on = not on

    def _put_control(self, value: float) -> None:
        if self._enabled.on:
            self._control = int(value)
            self._loop.manual = self._hand if value == MANUAL else None

    def _put_hand(self, percent: float) -> None:
        if self._enabled.on and self._control == MANUAL:
            self._loop.manual = self._hand = percent / 100.0

    def _break(self, code: int, on: bool) -> None:
        self._broken_part = code if on else 0

    # ---- the map ---------------------------------------------------------------------------------

    def _error(self) -> int:
        s, value = self._settings, self._loop.measured
        if self._broken_part:
            return self._broken_part
        if self.now < s.start_s:
            return INITIALISING
        if self._loop.broken or math.isnan(value):
            return OPEN
        return 0 if s.lowest_c <= value <= s.highest_c else INPUT_ERROR

    def _shown_value(self) -> float:
        error = self._error()
        return error if error else round(self._loop.measured * 10.0) & 0xFFFF

    def _map(self) -> None:
        loop = self._loop
        control = Order(self._put_control, within(0, 3), lambda: self._control)
        hand = Order(self._put_hand, within(0.0, 100.0), lambda: 100.0 * loop.output)
        self.holding.add(
            shown(0x1000, self._shown_value, Kind.U16),
            Point(0x1001, self._guarded(self._set_point), scale=10.0),
            constant(0x1002, self._settings.highest_c * 10.0, Kind.I16),
            constant(0x1003, self._settings.lowest_c * 10.0, Kind.I16),
            Point(0x1005, control),
            shown(0x1009, lambda: loop.band, scale=10.0),
            shown(0x100A, lambda: loop.integral),
            shown(0x100B, lambda: loop.derivative),
            Point(0x1012, hand, scale=10.0),
            constant(0x1013, 0),
            Point(0x1024, self._guarded(self._alarm[0]), scale=10.0),
            Point(0x1025, self._guarded(self._alarm[1]), scale=10.0),
            constant(0x102F, 0x0120),
            *(constant(address, 0) for address in UNNAMED),
        )
        alarm = Flag(0x0803, read=lambda: loop.measured > self._alarm[0].value)
        degrees, point, tuning = Flag(0x0811), Flag(0x0812), Flag(0x0813)
        degrees.on = point.on = True
        flags = (alarm, self._enabled, degrees, point, tuning, self._running)
        self.coils.add(*flags)
        self.input_bits = self.coils
