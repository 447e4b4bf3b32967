"""A Modbus slave driven by its tables: which functions it knows, how much it reads at once, what it refuses.

Source: MODBUS Application Protocol V1.1b3 (functions 01 to 06, 08, 15, 16, 23 and the order of the checks: function,
count, addresses, value).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from ..modbus_slave import BROADCAST, ERROR, ILLEGAL_FUNCTION, ILLEGAL_VALUE, RefusalError, crc
from .device import SimulatedDevice
from .tables import Bank, Bits

READ_COILS, READ_INPUT_BITS, READ, READ_INPUTS = 0x01, 0x02, 0x03, 0x04
WRITE_COIL, WRITE_ONE, DIAGNOSE, WRITE_COILS, WRITE, READ_WRITE = 0x05, 0x06, 0x08, 0x0F, 0x10, 0x17
WRITES = (WRITE_COIL, WRITE_ONE, WRITE_COILS, WRITE, READ_WRITE)
ON, OFF = 0xFF00, 0x0000
FAILURE = 4
RETURN_QUERY = 0
SHORTEST_FRAME, LONGEST_FRAME = 4, 256


@dataclass(frozen=True, slots=True)
class Manners:
    """What a device admits.

    Attributes:
        functions: the codes it knows; others are answered with exception 1.
        most_read, most_written: registers in one request.
        most_bits: bits in one request.
        too_many: exception for more than that.
        broadcast: writes to unit 0 are done, without a reply.
    """

    functions: tuple[int, ...]
    most_read: int = 125
    most_written: int = 123
    most_bits: int = 2000
    too_many: int = ILLEGAL_VALUE
    broadcast: bool = False


class ModbusDevice(SimulatedDevice):
    """A slave with four tables; a device fills them, and overrides :meth:`permit`, :meth:`written`, :meth:`advance`.

    Attributes:
        unit: its number on the line, 1 to 247.
        holding, inputs: registers of functions 03/06/16/23 and of 04; the same table where a device does not tell
            them apart.
        coils, input_bits: bits of functions 01/05/15 and of 02.
        now: s, the time of the last call.
    """

    def __init__(self, unit: int, manners: Manners) -> None:
        self.unit = unit
        self.manners = manners
        self.holding = Bank()
        self.inputs = Bank()
        self.coils = Bits()
        self.input_bits = Bits()
        self.now = 0.0
        self._functions: dict[int, Callable[[int, bytes], bytes]] = {
            READ_COILS: self._read_bits,
            READ_INPUT_BITS: self._read_bits,
            READ: self._read,
            READ_INPUTS: self._read,
            WRITE_COIL: self._write_coil,
            WRITE_ONE: self._write_one,
            DIAGNOSE: self._diagnose,
            WRITE_COILS: self._write_coils,
            WRITE: self._write,
            READ_WRITE: self._read_write,
        }

    # ---- what a device overrides -----------------------------------------------------------------

    def permit(self, function: int, address: int, values: list[int]) -> None:
        """Raise RefusalError where the device's state does not admit a request; ``values`` are empty for a read."""

    def written(self, function: int, address: int, count: int) -> bool:
        """Act on a block that was written; return whether the device replies to it."""
        return True

    # ---- frames ----------------------------------------------------------------------------------

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the reply to an RTU frame; None where a slave is silent."""
        if not SHORTEST_FRAME <= len(frame) <= LONGEST_FRAME or crc(frame[:-2]) != frame[-2:]:
            return None
        unit, function = frame[0], frame[1]
        broadcast = unit == BROADCAST and self.manners.broadcast and function in WRITES
        if unit != self.unit and not broadcast:
            return None
        self.advance(now)
        self.now = now
        reply = self._reply(function, frame[2:-2])
        if reply is None or broadcast:
            return None
        whole = bytes((self.unit,)) + reply
        return whole + crc(whole)

    def _reply(self, function: int, body: bytes) -> bytes | None:
        try:
            serve = self._functions.get(function)
            if serve is None or function not in self.manners.functions:
                raise RefusalError(ILLEGAL_FUNCTION)
            return bytes((function,)) + serve(function, body)
        except RefusalError as refusal:
            return bytes((function | ERROR, refusal.code))
        except _SilentError:
            return None

    # ---- functions -------------------------------------------------------------------------------

    def _read(self, function: int, body: bytes) -> bytes:
        address, count = _pair(body)
        self._check(count, self.manners.most_read)
        bank = self.holding if function == READ else self.inputs
        self.permit(function, address, [])
        return _packed(bank.read(address, count))

    def _write_one(self, function: int, body: bytes) -> bytes:
        address, value = _pair(body)
        self._put(function, address, [value])
        return body

    def _write(self, function: int, body: bytes) -> bytes:
        address, values = self._values(body)
        self._put(function, address, values)
        return body[:4]

    def _read_write(self, function: int, body: bytes) -> bytes:
        """Write first, then read; nothing is written if the read would be refused."""
        address, count = _pair(body[:4])
        self._check(count, self.manners.most_read)
        written, values = self._values(body[4:])
        self.holding.read(address, count)
        self._put(function, written, values)
        return _packed(self.holding.read(address, count))

    def _read_bits(self, function: int, body: bytes) -> bytes:
        address, count = _pair(body)
        self._check(count, self.manners.most_bits)
        bits = self.coils if function == READ_COILS else self.input_bits
        self.permit(function, address, [])
        data = bytearray((count + 7) // 8)
        for index, bit in enumerate(bits.read(address, count)):
            data[index // 8] |= bit << index % 8
        return bytes((len(data),)) + bytes(data)

    def _write_coil(self, function: int, body: bytes) -> bytes:
        address, value = _pair(body)
        if value not in (ON, OFF):
            raise RefusalError(ILLEGAL_VALUE)
        self._put_bits(function, address, [value == ON])
        return body

    def _write_coils(self, function: int, body: bytes) -> bytes:
        if len(body) < 6:
            raise RefusalError(ILLEGAL_VALUE)
        address, count, size = struct.unpack(">HHB", body[:5])
        self._check(count, self.manners.most_bits)
        if size != (count + 7) // 8 or len(body) != 5 + size:
            raise RefusalError(ILLEGAL_VALUE)
        bits = [bool(body[5 + index // 8] >> index % 8 & 1) for index in range(count)]
        self._put_bits(function, address, bits)
        return body[:4]

    def _diagnose(self, function: int, body: bytes) -> bytes:
        code, _ = _pair(body)
        if code != RETURN_QUERY:
            raise RefusalError(ILLEGAL_FUNCTION)
        return body

    # ---- steps of functions ----------------------------------------------------------------------

    def _put(self, function: int, address: int, values: list[int]) -> None:
        self.permit(function, address, values)
        self.holding.write(address, values)
        self._tell(function, address, len(values))

    def _put_bits(self, function: int, address: int, values: list[bool]) -> None:
        self.permit(function, address, [int(value) for value in values])
        self.coils.write(address, values)
        self._tell(function, address, len(values))

    def _tell(self, function: int, address: int, count: int) -> None:
        if not self.written(function, address, count):
            raise _SilentError

    def _check(self, count: int, most: int) -> None:
        if count < 1:
            raise RefusalError(ILLEGAL_VALUE)
        if count > most:
            raise RefusalError(self.manners.too_many)

    def _values(self, body: bytes) -> tuple[int, list[int]]:
        if len(body) < 5:
            raise RefusalError(ILLEGAL_VALUE)
        address, count, size = struct.unpack(">HHB", body[:5])
        self._check(count, self.manners.most_written)
        if size != 2 * count or len(body) != 5 + size:
            raise RefusalError(ILLEGAL_VALUE)
        return address, list(struct.unpack(f">{count}H", body[5:]))


class _SilentError(Exception):
    """The request is done, but the device does not reply to it."""


def _pair(body: bytes) -> tuple[int, int]:
    if len(body) != 4:
        raise RefusalError(ILLEGAL_VALUE)
    first, second = struct.unpack(">2H", body)
    return first, second


def _packed(values: list[int]) -> bytes:
    return struct.pack(f">B{len(values)}H", 2 * len(values), *values)
