"""Devices behind fake lines that expect certain bytes, and links without a line."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from stackpress_py.devices.bus.aibus import AibusMaster
from stackpress_py.devices.bus.ascii_line import LineMaster
from stackpress_py.devices.bus.errors import NoReplyError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.device.device import HARMLESS, Device, Wish
from stackpress_py.devices.device.links import AibusLink, AsciiLink, Link, ModbusLink
from stackpress_py.devices.device.profile import (
    AibusProfile,
    DeviceProfile,
    ModbusProfile,
    load_device,
)
from stackpress_py.devices.device.words import Raw
from unit.devices.fakes import CHARACTER, FakeLine, framed

#: To this unit the RTU master speaks only to find out whether the line gives back its own bytes.
NOBODY = 248
UNIT = 1

#: What is sent, and what is answered; for Modbus without the checksums, as hexadecimal digits.
Pair = tuple[str, str]


class Transcript:
    """The other end of a line: expects what is sent, and answers it."""

    def __init__(self, is_modbus: bool) -> None:
        self._is_modbus = is_modbus
        self._pairs: deque[tuple[bytes, bytes]] = deque()

    def __call__(self, frame: bytes) -> Sequence[tuple[float, bytes]]:
        if self._is_modbus and frame[0] == NOBODY:
            return []
        assert self._pairs, f"nothing more is expected, but {frame.hex(' ')} came"
        sent, answered = self._pairs.popleft()
        assert frame == sent, f"{frame.hex(' ')} came instead of {sent.hex(' ')}"
        return [(0.002, answered)] if answered else []

    def add(self, pairs: Sequence[Pair]) -> None:
        """Expect more."""
        for sent, answered in pairs:
            if self._is_modbus:
                frames = [bytes.fromhex(text) for text in (sent, answered)]
                self._pairs.append((framed(frames[0]), framed(frames[1]) if answered else b""))
            else:
                self._pairs.append((sent.encode("latin-1"), answered.encode("latin-1")))

    @property
    def is_over(self) -> bool:
        """Everything that was expected came."""
        return not self._pairs


class Rig:
    """A device of a profile that comes with Stackpress, at the other end of a fake line.

    Args:
        name: of the profile.
        paths: values that are wanted.
    """

    def __init__(self, name: str, *paths: str) -> None:
        profile = load_device(name)
        self._transcript = Transcript(isinstance(profile, ModbusProfile))
        self.line = FakeLine(self._transcript)
        self.line.open()
        self.device = Device("device", profile, self._link(profile), paths)

    def _link(self, profile: DeviceProfile) -> Link:
        line = self.line
        if isinstance(profile, ModbusProfile):
            rtu = RtuMaster(line, CHARACTER, line.clock, line.sleep)
            return ModbusLink(rtu, UNIT, profile)
        if isinstance(profile, AibusProfile):
            aibus = AibusMaster(line, CHARACTER, line.clock, line.sleep)
            return AibusLink(aibus, UNIT, profile)
        return AsciiLink(LineMaster(line, CHARACTER, line.clock, line.sleep), profile)

    @contextmanager
    def expects(self, *pairs: Pair) -> Iterator[None]:
        """Fail unless exactly this is sent meanwhile."""
        self._transcript.add(pairs)
        yield
        assert self._transcript.is_over, "not everything that was expected was sent"

    def identified(self, *pairs: Pair) -> None:
        """Identify the device: these frames are expected."""
        with self.expects(*pairs):
            self.device.identify(self.line.time)

    def exchanged(self, *pairs: Pair, wish: Wish = HARMLESS) -> dict[str, float]:
        """Have one exchange: these frames are expected."""
        with self.expects(*pairs):
            return self.device.exchange(wish, self.line.time)


class FakeLink:
    """A device as a dictionary of raw values; keeps what happened in order.

    Args:
        values: raw, by the names of points.

    Attributes:
        values: as given; what is written goes there.
        calls: "read a b" and "write a=1" in their order, points in alphabetical order.
        silent: it does not answer.
        deaf: points that keep their values though they are written.
    """

    def __init__(self, values: Mapping[str, Raw]) -> None:
        self.values = dict(values)
        self.calls: list[str] = []
        self.silent = False
        self.deaf: set[str] = set()
        self.distrusted = 0

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        self._note("read " + " ".join(sorted(names)))
        return {name: self.values[name] for name in names}

    def write(self, numbers: Mapping[str, int | float]) -> None:
        self._note("write " + " ".join(f"{name}={numbers[name]}" for name in sorted(numbers)))
        self.values.update({n: v for n, v in numbers.items() if n not in self.deaf})

    def exchange(self, numbers: Mapping[str, int | float], names: frozenset[str]) -> dict[str, Raw]:
        self.write(numbers)
        return self.read(names)

    def distrust(self) -> None:
        self.distrusted += 1

    def _note(self, call: str) -> None:
        if self.silent:
            raise NoReplyError("it does not answer")
        self.calls.append(call)

    @property
    def written(self) -> list[str]:
        """What was written since the last question."""
        found = [call.removeprefix("write ") for call in self.calls if call.startswith("write ")]
        self.calls.clear()
        return found
