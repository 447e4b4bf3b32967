"""Bits of the simulated IAI controller by their Modbus address; see :mod:`iai_rcp` for their sources."""

from collections.abc import Callable, Iterable
from enum import IntEnum

from .points import Kind, Order, Point, constant, shown
from .tables import Bank, Bits, Flag

STATUS_BITS, CONTROL_BITS = 0x0100, 0x0400
STATUS_REGISTERS, CONTROL_REGISTERS = 0x9005, 0x0D00
#: Registers of status 1, 2 and E, and of control 1, 2 and E.
WORDS = 3


class State(IntEnum):
    """Bits that can be read."""

    EMERGENCY = 0x0100
    READY = 0x0102
    SERVO = 0x0103
    MISSED = 0x0104
    FAILURE = 0x0105
    PAUSED = 0x010A
    HOMED = 0x010B
    COMPLETE = 0x010C
    ENABLED = 0x0110
    TORQUE = 0x0113
    EMERGENCY_STOP = 0x0120
    HOMING = 0x0124
    PUSHING = 0x0125
    BY_MASTER = 0x0127
    MOVING = 0x012A


class Coil(IntEnum):
    """Bits that the master writes."""

    SERVO = 0x0403
    RESET = 0x0407
    PAUSE = 0x040A
    HOME = 0x040B
    JOG_PLUS = 0x0416
    JOG_MINUS = 0x0417
    BY_MASTER = 0x0427
    STOP = 0x042C


def word(bits: Iterable[int], first: int, index: int) -> int:
    """Return a register of bits; the lowest address is its highest bit."""
    places = (bit - first - 16 * index for bit in bits)
    return sum(1 << 15 - place for place in places if 0 <= place < 16)


def add_states(bank: Bank, coils: Bits, states: Callable[[], set[State]]) -> None:
    """Add the status registers, and the same as bits."""
    for index in range(WORDS):
        bank.add(shown(STATUS_REGISTERS + index, _word_reader(states, index), Kind.U16))
    for address in range(STATUS_BITS, STATUS_BITS + 16 * WORDS):
        coils.add(Flag(address, _bit_reader(states, address)))


def add_coils(bank: Bank, coils: Bits, held: set[int], put: Callable[[int, bool], None]) -> None:
    """Add the coils, and the same as control registers; ``put`` is called for each bit that is written."""
    for index in range(WORDS):
        first = CONTROL_BITS + 16 * index
        order = Order(_word_writer(put, first), read=_held_reader(held, index))
        bank.add(Point(CONTROL_REGISTERS + index, order, Kind.U16))
    for address in range(CONTROL_BITS, CONTROL_BITS + 16 * WORDS):
        coils.add(Flag(address, _held_bit_reader(held, address), _bit_writer(put, address)))


def add_unused(bank: Bank) -> None:
    """Add registers whose values mean nothing here: ports, zones, position numbers."""
    bank.add(*(constant(address, 0) for address in (0x9003, 0x9004, 0x9012, 0x9013, 0x9014)))


def _word_reader(states: Callable[[], set[State]], index: int) -> Callable[[], float]:
    return lambda: word(states(), STATUS_BITS, index)


def _bit_reader(states: Callable[[], set[State]], address: int) -> Callable[[], bool]:
    return lambda: address in states()


def _held_reader(held: set[int], index: int) -> Callable[[], float]:
    return lambda: word(held, CONTROL_BITS, index)


def _held_bit_reader(held: set[int], address: int) -> Callable[[], bool]:
    return lambda: address in held


def _bit_writer(put: Callable[[int, bool], None], address: int) -> Callable[[bool], None]:
    return lambda on: put(address, on)


def _word_writer(put: Callable[[int, bool], None], first: int) -> Callable[[float], None]:
    def write(value: float) -> None:
        for place in range(16):
            put(first + place, bool(int(value) >> 15 - place & 1))

    return write
