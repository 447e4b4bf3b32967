"""A serial line in virtual time, and a PLC after docs/reference_press_plc.md at its other end."""

import struct
from collections import deque
from collections.abc import Callable, Sequence

from stackpress_py.devices.bus.errors import PortError

CHARACTER = 11 / 115200
REPLY_LATENCY = 0.02

#: What a slave does with a request: (s after the request's end, bytes) of everything that it sends.
Slave = Callable[[bytes], Sequence[tuple[float, bytes]]]


def crc(data: bytes) -> bytes:
    """CRC bit by bit, as the specification's appendix describes it: not the code under test."""
    register = 0xFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            carry, register = register & 1, register >> 1
            if carry:
                register ^= 0xA001
    return bytes((register & 0xFF, register >> 8))


def framed(body: bytes) -> bytes:
    return body + crc(body)


class FakeLine:
    """A port whose other end is a function; time passes only when somebody waits."""

    def __init__(self, slave: Slave) -> None:
        self.slave = slave
        self.time = 100.0
        self.sent: list[bytes] = []
        self.sent_at: list[float] = []
        self.is_open = False
        self.present = True
        self.path = "fake0"
        self._coming: deque[tuple[float, int]] = deque()

    def clock(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0.0
        self.time += seconds

    def open(self) -> None:
        if not self.present:
            raise PortError("the port fake0 cannot be opened: No such file or directory")
        self.is_open = True

    def close(self) -> None:
        self.is_open = False
        self._coming.clear()

    def unplug(self) -> None:
        self.present = False

    def inject(self, data: bytes, delay: float = 0.0) -> None:
        """Let bytes come from the line, whoever sends them."""
        begin = self.time + delay
        coming = [(begin + (i + 1) * CHARACTER, byte) for i, byte in enumerate(data)]
        self._coming = deque(sorted([*self._coming, *coming], key=lambda item: item[0]))

    def write(self, data: bytes) -> None:
        self._require()
        self.sent.append(data)
        self.sent_at.append(self.time)
        for delay, answer in self.slave(data):
            self.inject(answer, len(data) * CHARACTER + delay)

    def read(self, timeout: float) -> bytes:
        self._require()
        if not self._coming or self._coming[0][0] > self.time + timeout:
            self.time += max(1e-9, timeout)
            return b""
        self.time = max(self.time, self._coming[0][0])
        arrived = bytearray()
        while self._coming and self._coming[0][0] <= self.time:
            arrived.append(self._coming.popleft()[1])
        return bytes(arrived)

    def _require(self) -> None:
        if not self.present:
            self.close()
            raise PortError("the port fake0 was lost: Input/output error")
        if not self.is_open:
            raise PortError("the port fake0 is closed")


def f32(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def identity_words(device: bytes = b"STACKPRESS-REF-1") -> list[int]:
    words = list(struct.unpack(">8H", device.ljust(16)))
    words += [250, 1]
    for number in (25_000.0, 20_000.0, 500.0, 60.0, 10.0, 180.0, 800.0):
        words += f32(number)
    return words


class FakePlc:
    """The reference press's controller, without physics; tests set `words` and `status`."""

    def __init__(self) -> None:
        self.words = [0] * 20
        self.words[19] = 1
        self.identity = identity_words()
        self.status = {3, 4}
        self.fault_causes: set[int] = set()
        self.faults: set[int] = set()
        self.fixed: dict[int, int] = {}
        self.written: list[list[int]] = []
        self.locked = False
        self.frozen = False
        self.frozen_sequence = False
        self.silent = False
        self.lose_answers = 0
        self.latency = 0.002
        self._command = 0
        self.set_force(0.0)
        self.set_temperatures(25.0)

    def set_force(self, high: float, low: float | None = None) -> None:
        self.words[4:6] = f32(high)
        self.words[6:8] = f32(min(high, 550.0) if low is None else low)

    def set_position(self, millimetres: float) -> None:
        self.words[8:10] = f32(millimetres)

    def set_temperatures(self, celsius: float) -> None:
        self.words[12:15] = [round(celsius * 10)] * 3

    @property
    def velocity(self) -> float | None:
        """Set-point in mm/s if motion is enabled."""
        last = self.written[-1]
        return struct.unpack(">f", struct.pack(">2H", *last[2:4]))[0] if last[1] & 1 else None

    @property
    def edges(self) -> list[tuple[str, int]]:
        """Rising edges of reset, lock and unlock in what was written, with the write's number."""
        found, before = [], 0
        for number, block in enumerate(self.written):
            for bit, name in ((2, "reset"), (3, "lock"), (4, "unlock")):
                if block[1] >> bit & 1 and not before >> bit & 1:
                    found.append((name, number))
            before = block[1]
        return found

    def __call__(self, frame: bytes) -> list[tuple[float, bytes]]:
        assert crc(frame[:-2]) == frame[-2:]
        return self.reply(frame[:-2])

    def reply(self, body: bytes) -> list[tuple[float, bytes]]:
        """Answer a request without its CRC."""
        if self.silent or body[0] != 1:
            return []
        answer = self._answer(body[1:])
        if self.lose_answers:
            self.lose_answers -= 1
            return []
        return [(self.latency, framed(b"\x01" + answer))]

    def _answer(self, pdu: bytes) -> bytes:
        if pdu[0] == 3:
            address, count = struct.unpack(">HH", pdu[1:])
            return self._read(3, address, count)
        assert pdu[0] == 23
        address, count, write_address, write_count, size = struct.unpack(">HHHHB", pdu[1:10])
        assert (write_address, write_count, size) == (100, 8, 16)
        self._write(list(struct.unpack(">8H", pdu[10:])))
        return self._read(23, address, count)

    def _write(self, block: list[int]) -> None:
        before, self._command = self._command, block[1]
        rising = block[1] & ~before
        self.written.append(block)
        if rising & 4:
            self.faults &= self.fault_causes
        if rising & 8:
            self.locked = True
        elif rising & 16:
            self.locked = False
        if not self.frozen:
            self.words[0] = block[0]

    def _read(self, function: int, address: int, count: int) -> bytes:
        self.faults |= self.fault_causes
        if not self.frozen_sequence:
            self.words[1] = (self.words[1] + 17) & 0xFFFF
        status = self.status | ({8} if self.locked else set())
        if self._command & 1 and not self.locked and not self.faults:
            status = status | {1}
        self.words[2] = sum(1 << bit for bit in status)
        self.words[3] = sum(1 << bit for bit in self.faults)
        table = {**dict(enumerate(self.words)), **dict(enumerate(self.identity, 200)), **self.fixed}
        words = [table[number] for number in range(address, address + count)]
        return bytes((function, 2 * count)) + struct.pack(f">{count}H", *words)
