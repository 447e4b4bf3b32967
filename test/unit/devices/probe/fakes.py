"""A serial line with settings, in virtual time: a device hears only what is sent as it is set."""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from stackpress_py.devices.probe.read_only import Setting, Time
from stackpress_py.devices.probe.report import Found
from unit.devices.fakes import FakeLine, crc, framed

READS = (1, 2, 3, 4)
#: What a slave sends, as FakeLine takes it.
Sent = Sequence[tuple[float, bytes]]


@dataclass
class Slave:
    """A Modbus device with registers; it fails the test on anything that would write."""

    unit: int
    registers: Mapping[int, int] = field(default_factory=dict)
    latency: float = 0.005
    silent_elsewhere: bool = False
    functions: tuple[int, ...] = READS

    def __call__(self, frame: bytes) -> Sent:
        if len(frame) < 4 or crc(frame[:-2]) != frame[-2:]:
            return []
        assert frame[1] in READS, f"{frame.hex(' ')} writes"
        if frame[0] != self.unit:
            return []
        answer = self._answer(frame[1], *struct.unpack(">HH", frame[2:6]))
        return [(self.latency, framed(bytes((self.unit,)) + answer))] if answer else []

    def _answer(self, function: int, address: int, count: int) -> bytes:
        if function not in self.functions:
            return bytes((function | 0x80, 1))
        wanted = range(address, address + count)
        if not all(each in self.registers for each in wanted):
            return b"" if self.silent_elsewhere else bytes((function | 0x80, 2))
        if function in (1, 2):
            packed = sum(bool(self.registers[each]) << i for i, each in enumerate(wanted))
            data = packed.to_bytes((count + 7) // 8, "little")
        else:
            data = struct.pack(f">{count}H", *(self.registers[each] for each in wanted))
        return bytes((function, len(data))) + data


class ProbedLine(FakeLine):
    """A line that can be opened at any setting; who is set otherwise does not understand.

    Args:
        devices: what they do with a frame, by the setting that they are set to.
        echoes: the adapter gives back what it sends.
        garbles: a device at another baud rate answers with bytes that nobody understands.
    """

    def __init__(
        self,
        devices: Mapping[Setting, Sequence[Callable[[bytes], Sent]]],
        echoes: bool = False,
        garbles: bytes = b"",
    ) -> None:
        super().__init__(self._hear)
        self.devices = devices
        self.echoes = echoes
        self.garbles = garbles
        self.setting = Setting(300, "8N1")
        self.opened: list[Setting] = []

    @property
    def when(self) -> Time:
        return Time(self.clock, self.sleep)

    def opener(self, setting: Setting) -> "ProbedLine":
        """Set the line; it is one port, however often it is opened."""
        assert not self.is_open, "the port is still open at another setting"
        self.setting = setting
        self.opened.append(setting)
        return self

    def _hear(self, frame: bytes) -> Sent:
        sent = [(0.0, frame)] if self.echoes else []
        for device in self.devices.get(self.setting, ()):
            sent += device(frame)
        if self.garbles and self.setting not in self.devices:
            sent.append((0.004, self.garbles))
        return sent


class Talker(ProbedLine):
    """A line on which lines of text, or anything, come unasked, every 0.1 s.

    Args:
        setting: at which they can be understood.
        words: what comes.
        garbled: what is heard of it at other settings.
        delay: s after each opening until it begins.
    """

    def __init__(
        self, setting: Setting, words: bytes, garbled: bytes = b"", delay: float = 0.0
    ) -> None:
        super().__init__({})
        self.at = setting
        self.words = words
        self.garbled = garbled
        self.delay = delay

    def open(self) -> None:
        super().open()
        heard = self.words if self.setting == self.at else self.garbled
        for number in range(100):
            self.inject(heard, self.delay + 0.1 * number)


@dataclass
class Onlooker:
    """Notes what a search tells."""

    tried: list[str] = field(default_factory=list)
    seen: list[Found] = field(default_factory=list)

    def trying(self, what: str, done: int, total: int) -> None:
        self.tried.append(what)

    def found(self, found: Found) -> None:
        self.seen.append(found)


def words_of(kind: str, value: float) -> list[int]:
    """Return a number as registers, high word first; ``kind`` as in struct."""
    data = struct.pack(f">{kind}", value)
    return list(struct.unpack(f">{len(data) // 2}H", data))
