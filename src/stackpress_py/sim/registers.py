"""The register image of the reference press: what stands at which address (docs/reference_press_plc.md)."""

import math
import struct

from .modbus_slave import RefusalError
from .plc import Plc, tenths

READ_BLOCK = range(0, 20)
WRITE_BLOCK = range(100, 108)
IDENTITY_BLOCK = range(200, 224)
MAP_VERSION = 1
DEVICE = b"STACKPRESS-REF-1"
FULL_POWER = 10_000

ILLEGAL_ADDRESS = 2
ILLEGAL_VALUE = 3


class Registers:
    """The PLC's tables as registers of 16 bits."""

    def __init__(self, plc: Plc) -> None:
        self._plc = plc

    def read(self, address: int, count: int) -> list[int]:
        """Return registers of one table.

        Raises:
            RefusalError: exception 02, not all addresses lie in one table.
        """
        wanted = range(address, address + count)
        for block, image in (
            (READ_BLOCK, self._state),
            (WRITE_BLOCK, self._orders),
            (IDENTITY_BLOCK, self._identity),
        ):
            if _inside(wanted, block):
                return image()[wanted.start - block.start : wanted.stop - block.start]
        raise RefusalError(ILLEGAL_ADDRESS)

    def check_read(self, address: int, count: int) -> None:
        """Check that :meth:`read` would answer.

        Raises:
            RefusalError: exception 02.
        """
        wanted = range(address, address + count)
        if not any(_inside(wanted, block) for block in (READ_BLOCK, WRITE_BLOCK, IDENTITY_BLOCK)):
            raise RefusalError(ILLEGAL_ADDRESS)

    def write(self, address: int, values: list[int]) -> None:
        """Write registers of the write table; a bad value leaves all of them as they were.

        Raises:
            RefusalError: exception 02, an address outside the table; exception 03, a bad value.
        """
        wanted = range(address, address + len(values))
        if not _inside(wanted, WRITE_BLOCK):
            raise RefusalError(ILLEGAL_ADDRESS)
        image = self._orders()
        image[wanted.start - WRITE_BLOCK.start : wanted.stop - WRITE_BLOCK.start] = values
        velocity = _to_float(image[2], image[3])
        powers = (_signed(image[4]), _signed(image[5]))
        fastest = self._plc.plant.config.press.velocity_limit_mm_s
        if not abs(velocity) <= _as_float32(fastest) or max(map(abs, powers)) > FULL_POWER:
            raise RefusalError(ILLEGAL_VALUE)
        if any(image[6:8]):
            raise RefusalError(ILLEGAL_VALUE)
        plc = self._plc
        plc.velocity = velocity * 1e-3
        plc.powers = (powers[0] / FULL_POWER, powers[1] / FULL_POWER)
        if WRITE_BLOCK[0] in wanted:
            plc.beat(image[0])
        plc.order(image[1])

    # ---- images ----------------------------------------------------------------------------------

    def _state(self) -> list[int]:
        plc = self._plc
        seen = plc.plant.sense()
        heat = plc.plant.thermal
        return [
            plc.echo,
            plc.scans & 0xFFFF,
            self._status(),
            plc.faults,
            *_from_float(seen.force_high),
            *_from_float(seen.force_low),
            *_from_float(seen.position * 1e3),
            *_from_float(seen.velocity * 1e3),
            tenths(seen.upper_temperature) & 0xFFFF,
            tenths(seen.lower_temperature) & 0xFFFF,
            tenths(seen.frame_temperature) & 0xFFFF,
            round(heat.upper.output * FULL_POWER) & 0xFFFF,
            round(heat.lower.output * FULL_POWER) & 0xFFFF,
            min(0xFFFF, math.ceil(plc.watchdog_left * 1e3 - 1e-6)),
            0,
            MAP_VERSION,
        ]

    def _status(self) -> int:
        plc, plant = self._plc, self._plc.plant
        bits = (
            not plc.faults,
            plc.motion_enabled,
            plant.moving,
            plc.guard_closed,
            plc.estop_closed,
            plc.at_open_end,
            plc.at_closed_end,
            plant.has_sample,
            plc.locked,
            plc.heating_enabled,
        )
        return sum(1 << number for number, is_set in enumerate(bits) if is_set)

    def _orders(self) -> list[int]:
        plc = self._plc
        powers = (round(power * FULL_POWER) & 0xFFFF for power in plc.powers)
        return [plc.heartbeat, plc.command_word, *_from_float(plc.velocity * 1e3), *powers, 0, 0]

    def _identity(self) -> list[int]:
        c = self._plc.plant.config
        numbers = (
            c.press.force_limit_kn * 1e3,
            c.force_high.range_n,
            c.force_low.range_n,
            c.press.travel_mm,
            c.press.velocity_limit_mm_s,
            c.surroundings.temperature_limit_c,
            c.upper_platen.heater_power_w,
        )
        words = [*struct.unpack(">8H", DEVICE), c.plc.watchdog_ms, c.plc.scan_ms]
        for number in numbers:
            words += _from_float(number)
        return words


def _inside(wanted: range, block: range) -> bool:
    return block.start <= wanted.start and wanted.stop <= block.stop


def _from_float(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def _to_float(high: int, low: int) -> float:
    value: float = struct.unpack(">f", struct.pack(">2H", high, low))[0]
    return value


def _as_float32(value: float) -> float:
    return _to_float(*_from_float(value))


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
