"""A small controller of no maker: all four tables and every function, for masters to be tried on.

Holding registers 0 to 99 keep what is written. Input registers: 0 the measured value as a float, 2 a counter of
requests, 3 to 99 their own address. Coils 0 to 31 keep what is written, input bits 0 to 31 show the coils inverted.
"""

from collections.abc import Callable
from dataclasses import dataclass

from . import settings
from .modbus_device import (
    DIAGNOSE,
    READ,
    READ_COILS,
    READ_INPUT_BITS,
    READ_INPUTS,
    READ_WRITE,
    WRITE,
    WRITE_COIL,
    WRITE_COILS,
    WRITE_ONE,
    Manners,
    ModbusDevice,
)
from .points import Kind, Parameter, Point, constant, shown
from .tables import Flag

MANNERS = Manners(
    (
        READ_COILS, READ_INPUT_BITS, READ, READ_INPUTS, WRITE_COIL, WRITE_ONE, DIAGNOSE, WRITE_COILS,
        WRITE, READ_WRITE,
    ),
    broadcast=True,
)  # fmt: skip
REGISTERS = 100
BITS = 32


@dataclass(frozen=True, slots=True)
class Settings(settings.Settings):
    """Nothing to set up."""


class GenericPlc(ModbusDevice):
    """The controller."""

    def __init__(self, settings: Settings, value: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._requests = 0
        self.holding.add(*(Point(n, Parameter(0), Kind.U16) for n in range(REGISTERS)))
        self.inputs.add(
            shown(0, value, Kind.F32),
            shown(2, lambda: self._requests & 0xFFFF, Kind.U16),
            *(constant(n, n) for n in range(3, REGISTERS)),
        )
        coils = [Flag(n) for n in range(BITS)]
        self.coils.add(*coils)
        self.input_bits.add(*(Flag(coil.address, _inverted(coil)) for coil in coils))

    def permit(self, function: int, address: int, values: list[int]) -> None:
        """Count the request; all are admitted."""
        self._requests += 1


def _inverted(coil: Flag) -> Callable[[], bool]:
    return lambda: not coil.on
