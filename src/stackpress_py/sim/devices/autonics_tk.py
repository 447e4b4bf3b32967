"""Autonics TK temperature controller: values by function 04 with their own decimal point, settings by 03/06/16.

Sourced: all addresses and the bits of 03EEh (communication manual of the series, p. 17 to 19), no broadcast, the
holding registers 0000h to 0003h and 0032h (the same group of the KPN series and a public driver), coil 0: 0 run, 1
stop. Unverified: 31000 for an open sensor, which reads beyond the groups are refused.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import (
    READ,
    READ_COILS,
    READ_INPUT_BITS,
    READ_INPUTS,
    WRITE,
    WRITE_COIL,
    WRITE_ONE,
    Manners,
    ModbusDevice,
)
from .points import Kind, Order, Parameter, Point, constant, one_of, shown, within
from .regulator import Regulator
from .settings import ControllerSettings, number, whole
from .tables import Flag

SAMPLE = 0.05
MANNERS = Manners(
    (READ_COILS, READ_INPUT_BITS, READ, READ_INPUTS, WRITE_COIL, WRITE_ONE, WRITE), most_read=125
)
OPEN = 31000
CELSIUS_BIT, OUT_1, MAN = 0, 3, 11


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is configured.

    Attributes:
        decimals: places behind the point.
        set_point_c: set-point at the start.
    """

    decimals: int = whole(1, 0, 1)
    set_point_c: float = number(0.0, -273.0, 3e3)


class AutonicsTk(ModbusDevice):
    """One instrument with its heater."""

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._settings = settings
        self._loop = Regulator(settings, temperature, SAMPLE)
        self._set_point = Parameter(settings.set_point_c, settings.lowest_c, settings.highest_c)
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
        """Return output and set-point."""
        return {"output": self.output, "set_point": self._set_point.value}

    def _set_stopped(self, on: float) -> None:
        self._loop.off = bool(on)

    def _set_manual(self, on: float) -> None:
        self._loop.manual = self._loop.output if on else None

    def _put_hand(self, percent: float) -> None:
        if self._loop.manual is not None:
            self._loop.manual = percent / 100.0

    def _counts(self) -> float:
        unknown = self._loop.broken or math.isnan(self._loop.measured)
        return OPEN if unknown else self._loop.measured * 10.0**self._settings.decimals

    def _lamps(self) -> dict[int, bool]:
        return {
            CELSIUS_BIT: True,
            OUT_1: self._loop.output > 0.0,
            MAN: self._loop.manual is not None,
        }

    def _lamp(self, bit: int) -> Callable[[], bool]:
        return lambda: self._lamps().get(bit, False)

    def _map(self) -> None:
        scale, loop = 10.0**self._settings.decimals, self._loop
        self.inputs.add(
            shown(0x03E8, self._counts),
            shown(0x03E9, lambda: self._settings.decimals),
            constant(0x03EA, 0),
            shown(0x03EB, self._set_point.get, scale=scale),
            shown(0x03EC, lambda: 1000.0 * loop.output),
            constant(0x03ED, 0),
            shown(0x03EE, lambda: sum(on << bit for bit, on in self._lamps().items()), Kind.U16),
            constant(0x03EF, 0),
        )
        stopped = Order(self._set_stopped, one_of(0, 1), lambda: loop.off)
        manual = Order(self._set_manual, one_of(0, 1), lambda: loop.manual is not None)
        hand = Order(self._put_hand, within(0.0, 100.0), lambda: 100.0 * loop.output)
        self.holding.add(
            Point(0x0000, self._set_point, scale=scale),
            Point(0x0001, hand, scale=10.0),
            constant(0x0002, 0),
            Point(0x0003, manual),
            Point(0x0032, stopped),
            Point(0x0033, Parameter(0, 0, 3)),
        )
        self.coils.add(Flag(0, lambda: loop.off, self._set_stopped), Flag(1))
        self.input_bits.add(*(Flag(bit, self._lamp(bit)) for bit in range(14)))
