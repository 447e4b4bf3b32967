"""What is written to one device, when, and whether it holds it."""

import math
import struct
from collections import Counter
from collections.abc import Iterable, Mapping

from stackpress_py.devices.bus.errors import NotTakenError
from stackpress_py.devices.device.decoding import Decoder, Raws
from stackpress_py.devices.device.links import Link
from stackpress_py.devices.device.point import Write
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.steps import Step
from stackpress_py.devices.device.words import Raw

#: How often a written point may read differently before it counts as not taken.
MOST_DIFFERENT = 3
#: s between two looks at everything that was written: a device may have started anew unseen.
LOOK_AGAIN = 5.0


class Writer:
    """Write to one device.

    Args:
        name: of the device, for messages.
        profile: of this kind of device.
        link: over which it is reached.
        decoder: that knows its scales.

    Attributes:
        writes: how often each point was written.
        not_taken: one sentence for each point that does not hold what was written.
        heartbeat: that was given last.
    """

    def __init__(self, name: str, profile: DeviceProfile, link: Link, decoder: Decoder) -> None:
        self.writes: Counter[str] = Counter()
        self.not_taken: dict[str, str] = {}
        self.heartbeat = 0
        self._name = name
        self._profile = profile
        self._link = link
        self._decoder = decoder
        self._points = profile.all_points()
        self._rests = {
            name: point.write.rest or 0
            for name, point in self._points.items()
            if point.write is not None and point.write.when == "cycle"
        }
        self._written: dict[str, int | float] = {}
        self._written_at: dict[str, float] = {}
        self._unverified: dict[str, int] = {}
        self._looked_at = -math.inf

    def forget(self) -> None:
        """Take nothing for granted of what was written so far: it may hold something else now."""
        self._written.clear()
        self._unverified.clear()
        self.not_taken.clear()

    # ---- sequences -------------------------------------------------------------------------------

    def run(self, steps: Iterable[Step], now: float) -> str:
        """Write the steps of a sequence; return the bit that it waits for, or empty.

        Args:
            steps: in their order; none waits for an `interval`.
            now: s, monotonic.

        Raises:
            DeviceError: the device did not confirm, or does not hold what it confirmed.
        """
        for step in steps:
            if step.unless is None or not self._bit(step.unless):
                self._take(step, now)
            if awaited := next((path for path in step.until if not self._bit(path)), ""):
                return awaited
        return ""

    def _take(self, step: Step, now: float) -> None:
        raw = self._points[step.write].as_read(step.raw)
        if self._wears_for_nothing(step.write, raw):
            return
        self._link.write({step.write: raw})
        self.writes[step.write] += 1
        self._written_at[step.write] = now
        if step.verify and not same(found := self._read(step.write), raw):
            raise NotTakenError(self._why_different(step.write, found, raw))

    def _read(self, name: str) -> Raw:
        return self._link.read(frozenset((name,)))[name]

    def _bit(self, path: str) -> bool:
        name, _, bit = path.partition(".")
        raw = self._read(name)
        return isinstance(raw, int) and bool(
            raw >> self._points[name].bits[bit] & 1 if bit else raw
        )

    def _wears_for_nothing(self, name: str, number: int | float) -> bool:
        """Return True if the device holds a number already in a memory that wears out."""
        write = self._points[name].write
        worn = write is not None and write.memory == "eeprom" and self._points[name].read
        return worn and same(self._read(name), number)

    # ---- in every cycle --------------------------------------------------------------------------

    def cyclic(self, values: Mapping[str, float], raws: Raws) -> dict[str, int | float]:
        """Return what goes out in every cycle; what nobody wishes is at rest.

        Args:
            values: that are wished, SI, by their paths.
            raws: what the device tells of its scales.

        Raises:
            ValueError: a value is beyond what may be written.
        """
        numbers: dict[str, int | float] = dict(self._rests)
        for path, value in values.items():
            name, _, bit = path.partition(".")
            if name not in numbers:
                continue
            if bit:
                numbers[name] = int(numbers[name]) | self._decoder.bit_value(path, value != 0.0)
            else:
                numbers[name] = self._decoder.encode(name, value, raws)
        return numbers

    def beating(self, numbers: dict[str, int | float]) -> dict[str, int | float]:
        """Return what goes out in a cycle with the next heartbeat in it."""
        if self._profile.heartbeat.write is not None:
            self.heartbeat = (self.heartbeat + 1) & 0xFFFF
            numbers[self._profile.heartbeat.write] = self.heartbeat
        return numbers

    # ---- on a change -----------------------------------------------------------------------------

    def change(
        self, values: Mapping[str, float], raws: Raws, now: float, with_actions: bool
    ) -> None:
        """Write what is wished and not held yet.

        Args:
            values: that are wished, SI, by their paths.
            raws: what the device tells of its scales.
            now: s, monotonic.
            with_actions: the device is enabled; else what begins an action is left out.

        Raises:
            DeviceError: the device did not confirm.
            ValueError: a value is beyond what may be written.
        """
        wanted = self._wanted(values, raws, with_actions)
        changed = {
            name: number
            for name, number in wanted.items()
            if self._worth_a_write(name, number, raws, now)
        }
        for group in self._groups(changed):
            changed.update({name: n for name, n in wanted.items() if self._group(name) == group})
        if not changed:
            return
        self._link.write(changed)
        for name, number in changed.items():
            self.writes[name] += 1
            self._written[name], self._written_at[name] = number, now
            if self._is_verified(name):
                # A value that changes all the time must not put off the judgement.
                self._unverified.setdefault(name, 0)

    def _wanted(
        self, values: Mapping[str, float], raws: Raws, with_actions: bool
    ) -> dict[str, int | float]:
        numbers: dict[str, int | float] = {}
        for path, value in values.items():
            name, _, bit = path.partition(".")
            write = self._points[name].write
            if write is None or write.when != "change" or write.after_enable and not with_actions:
                continue
            if bit:
                numbers.setdefault(name, write.rest or 0)
                numbers[name] = int(numbers[name]) | self._decoder.bit_value(path, value != 0.0)
            else:
                numbers[name] = self._decoder.encode(name, value, raws)
        groups = self._groups(numbers)
        for name in self._points:
            if name not in numbers and self._group(name) in groups:
                numbers[name] = self._rest(name)
        return numbers

    def _rest(self, name: str) -> int | float:
        """Return what a point of a group gets that nobody asked for."""
        rest = self._write(name).rest
        if rest is None:
            raise ValueError(
                f"{self._name}: {name} is written together with other values: give it too"
            )
        return self._points[name].as_read(rest)

    def _write(self, name: str) -> Write:
        write = self._points[name].write
        if write is None:
            raise ValueError(f"{self._name}: {name} cannot be written")
        return write

    def _groups(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(self._group(name) for name in names) - {""}

    def _group(self, name: str) -> str:
        write = self._points[name].write
        return (write.together or "") if write is not None else ""

    def _worth_a_write(self, name: str, number: int | float, raws: Raws, now: float) -> bool:
        write = self._write(name)
        waits = now - self._written_at.get(name, -math.inf) < write.interval
        if name not in self._written:
            if write.memory == "eeprom" and waits:
                return False
            if self._wears_for_nothing(name, number):
                self._written[name] = number
            return name not in self._written
        if number == self._written[name] or waits:
            return False
        return abs(number - self._written[name]) >= self._decoder.raw_step(name, raws)

    # ---- read back -------------------------------------------------------------------------------

    def _is_verified(self, name: str) -> bool:
        return self._write(name).verify and self._points[name].read

    def doubt(self) -> None:
        """Look again at everything that was written: the device may have lost it."""
        for name in self._written:
            if self._is_verified(name):
                self._unverified.setdefault(name, 0)

    def verify(self, now: float) -> None:
        """Read back what was written, and all of it now and then; a difference is told when it stays.

        Args:
            now: s, monotonic.

        Raises:
            DeviceError: the device did not answer.
        """
        if now - self._looked_at >= LOOK_AGAIN:
            self._looked_at = now
            self.doubt()
        if not self._unverified:
            return
        found = self._link.read(frozenset(self._unverified))
        for name, times in list(self._unverified.items()):
            if same(found[name], self._written[name]):
                del self._unverified[name]
                self.not_taken.pop(name, None)
            elif times + 1 < MOST_DIFFERENT:
                self._unverified[name] = times + 1
            else:
                del self._unverified[name]
                self.not_taken[name] = self._why_different(name, found[name], self._written[name])

    def _why_different(self, name: str, found: Raw, written: float) -> str:
        return (
            f"{self._name}: {name} holds {found} after {written} was written: look for a lock or a"
            " limit on its front panel"
        )


def same(found: Raw, written: int | float) -> bool:
    """Return True if a number came back as it was written, single precision allowed."""
    if isinstance(found, str):
        return False
    if found == written or not isinstance(written, float):
        return found == written
    try:
        return struct.pack(">f", found) == struct.pack(">f", written)
    except OverflowError:
        return False
