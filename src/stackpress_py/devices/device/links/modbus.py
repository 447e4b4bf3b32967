"""The way of one Modbus device over its bus."""

from typing import Protocol

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.links.link import Numbers, patience
from stackpress_py.devices.device.plan import Block, exchange_blocks, read_blocks, write_blocks
from stackpress_py.devices.device.points import ModbusPoint
from stackpress_py.devices.device.profile import ModbusProfile
from stackpress_py.devices.device.words import Raw, WordOrder, decode, encode


class ModbusMaster(Protocol):
    """An RTU or TCP master."""

    def transact(self, unit: int, request: modbus.Request, patience: Patience) -> bytes:
        """Send a request and return its answer's PDU."""

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again."""


class ModbusLink:
    """One Modbus device.

    Args:
        master: of its bus.
        unit: its address.
        profile: of the device.
    """

    def __init__(self, master: ModbusMaster, unit: int, profile: ModbusProfile) -> None:
        self._master = master
        self._unit = unit
        self._profile = profile
        self._patience = patience(profile)
        self._reads: dict[frozenset[str], tuple[Block, ...]] = {}
        self._writes: dict[frozenset[str], tuple[Block, ...]] = {}
        self._exchanges: dict[frozenset[str], Block] = {}

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        """Return the raw values of points; one request for each block of neighbours."""
        found: dict[str, Raw] = {}
        for block in self._read_blocks(names):
            found.update(self._read_block(block))
        return found

    def write(self, numbers: Numbers) -> None:
        """Write raw numbers to points; neighbours in one request."""
        for block in self._write_blocks(frozenset(numbers)):
            self._transact(self._write_request(block, numbers))

    def exchange(self, numbers: Numbers, names: frozenset[str]) -> dict[str, Raw]:
        """Write points and read others; with function 23 the first registers in the same request."""
        blocks = self._read_blocks(names)
        first = next((block for block in blocks if block.table == "holding"), None)
        if first is None or not self._profile.modbus.exchange:
            self.write(numbers)
            return self.read(names)
        found = self._values(first, modbus.registers(self._transact(self._both(first, numbers))))
        for block in blocks:
            if block is not first:
                found.update(self._read_block(block))
        return found

    def distrust(self) -> None:
        """Listen until the bus is silent before speaking again: an answer was wrong."""
        self._master.distrust()

    def _transact(self, request: modbus.Request) -> bytes:
        return self._master.transact(self._unit, request, self._patience)

    def _both(self, block: Block, numbers: Numbers) -> modbus.Request:
        """Return the request that writes numbers and reads a block."""
        names = frozenset(numbers)
        if names not in self._exchanges:
            rules = self._profile.modbus
            (self._exchanges[names],) = exchange_blocks(names, self._profile.points, rules)
        target = self._exchanges[names]
        words = self._words(target, numbers)
        return modbus.read_write_registers(block.address, block.count, target.address, words)

    def _read_blocks(self, names: frozenset[str]) -> tuple[Block, ...]:
        if names not in self._reads:
            rules = self._profile.modbus
            self._reads[names] = read_blocks(names, self._profile.points, rules)
        return self._reads[names]

    def _write_blocks(self, names: frozenset[str]) -> tuple[Block, ...]:
        if names not in self._writes:
            rules = self._profile.modbus
            self._writes[names] = write_blocks(names, self._profile.points, rules)
        return self._writes[names]

    def _read_block(self, block: Block) -> dict[str, Raw]:
        if block.table == "coil" or block.table == "discrete":
            reader = self._profile.modbus.reader(block.table)
            table: modbus.BitTable = "coil" if reader == modbus.READ_COILS else "discrete"
            reply = self._transact(modbus.read_bits(block.address, block.count, table))
            return self._values(block, modbus.bits(reply, block.count))
        reply = self._transact(modbus.read_registers(block.address, block.count, block.table))
        return self._values(block, modbus.registers(reply))

    def _values(self, block: Block, words: tuple[int, ...]) -> dict[str, Raw]:
        found: dict[str, Raw] = {}
        for name in block.names:
            point = self._profile.points[name]
            begin = point.address - block.address
            own = words[begin : begin + point.size]
            found[name] = (
                int(own[0]) if point.is_bit else decode(own, point.type, self._order(point))
            )
        return found

    def _order(self, point: ModbusPoint) -> WordOrder:
        return point.word_order or self._profile.modbus.word_order

    def _write_request(self, block: Block, numbers: Numbers) -> modbus.Request:
        point = self._profile.points[block.names[0]]
        function = self._profile.write_functions(point)[0] if len(block.names) == 1 else 0
        if block.table == "coil":
            if function == modbus.WRITE_COIL:
                return modbus.write_bit(block.address, bool(numbers[block.names[0]]))
            return modbus.write_bits(block.address, [bool(numbers[name]) for name in block.names])
        words = self._words(block, numbers)
        if function == modbus.WRITE_REGISTER:
            return modbus.write_register(block.address, words[0])
        return modbus.write_registers(block.address, words)

    def _words(self, block: Block, numbers: Numbers) -> tuple[int, ...]:
        words: list[int] = []
        for name in block.names:
            point = self._profile.points[name]
            words += encode(numbers[name], point.type, self._order(point))
        return tuple(words)
