"""A master without a wire or a clock: it asks a simulated device and checks the frame of each reply."""

import struct

from stackpress_py.sim.devices.device import SimulatedDevice
from stackpress_py.sim.modbus_slave import crc


class RefusedError(Exception):
    """The device has answered with an exception."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Master:
    """Asks one device; ``now`` is the time of the next request, s."""

    def __init__(self, device: SimulatedDevice, unit: int = 1) -> None:
        self.device = device
        self.unit = unit
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass in steps, as a running program does."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.01)
            self.device.advance(self.now)

    def frame(self, body: bytes) -> bytes | None:
        """Send unit, function and data; return the same of the reply, or None for silence."""
        request = bytes((self.unit,)) + body
        reply = self.device.answer(request + crc(request), self.now)
        if reply is None:
            return None
        assert reply[0] == self.unit and crc(reply[:-2]) == reply[-2:]
        return reply[1:-2]

    def ask(self, function: int, data: bytes) -> bytes:
        """Return the data of the reply."""
        reply = self.frame(bytes((function,)) + data)
        assert reply is not None, "the device is silent"
        if reply[0] == function | 0x80:
            raise RefusedError(reply[1])
        assert reply[0] == function
        return reply[1:]

    def read(self, address: int, count: int = 1, function: int = 3) -> list[int]:
        """Return registers."""
        data = self.ask(function, struct.pack(">HH", address, count))
        assert data[0] == 2 * count == len(data) - 1
        return list(struct.unpack(f">{count}H", data[1:]))

    def word(self, address: int, function: int = 3) -> int:
        """Return one register."""
        return self.read(address, 1, function)[0]

    def signed(self, address: int, function: int = 3) -> int:
        """Return one register with sign."""
        value = self.word(address, function)
        return value - 0x10000 if value & 0x8000 else value

    def long(self, address: int, function: int = 3) -> int:
        """Return a whole number with sign of two registers, high word first."""
        registers = self.read(address, 2, function)
        return int(struct.unpack(">i", struct.pack(">2H", *registers))[0])

    def real(self, address: int, low_first: bool = False, function: int = 3) -> float:
        """Return a float of two registers."""
        registers = self.read(address, 2, function)
        if low_first:
            registers.reverse()
        return float(struct.unpack(">f", struct.pack(">2H", *registers))[0])

    def write(self, address: int, *values: int) -> None:
        """Write registers with function 16."""
        words = [value & 0xFFFF for value in values]
        head = struct.pack(">HHB", address, len(words), 2 * len(words))
        echo = self.ask(16, head + struct.pack(f">{len(words)}H", *words))
        assert echo == head[:4]

    def write_one(self, address: int, value: int) -> None:
        """Write a register with function 06."""
        data = struct.pack(">HH", address, value & 0xFFFF)
        assert self.ask(6, data) == data

    def write_long(self, address: int, *values: int) -> None:
        """Write whole numbers of two registers each, high word first."""
        words = struct.unpack(f">{2 * len(values)}H", struct.pack(f">{len(values)}i", *values))
        self.write(address, *words)

    def write_real(self, address: int, value: float, low_first: bool = False) -> None:
        """Write a float."""
        words = struct.unpack(">2H", struct.pack(">f", value))
        self.write(address, *(reversed(words) if low_first else words))

    def coil(self, address: int, on: bool) -> None:
        """Write a coil with function 05."""
        data = struct.pack(">HH", address, 0xFF00 if on else 0)
        assert self.ask(5, data) == data

    def bits(self, address: int, count: int = 1, function: int = 1) -> list[bool]:
        """Return bits."""
        data = self.ask(function, struct.pack(">HH", address, count))
        assert data[0] == (count + 7) // 8 == len(data) - 1
        return [bool(data[1 + index // 8] >> index % 8 & 1) for index in range(count)]


def bit(word: int, number: int) -> bool:
    """Return a bit of a register."""
    return bool(word >> number & 1)
