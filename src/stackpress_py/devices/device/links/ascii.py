"""The way of one line-oriented device over its line."""

import math
import re
from typing import Protocol

from stackpress_py.devices.bus.errors import ReplyError
from stackpress_py.devices.bus.timing import Patience
from stackpress_py.devices.device.ascii_profile import Query
from stackpress_py.devices.device.links.link import Numbers, patience
from stackpress_py.devices.device.points import AsciiPoint
from stackpress_py.devices.device.profile import AsciiProfile
from stackpress_py.devices.device.words import Raw


class LineBus(Protocol):
    """A master of a line-oriented device."""

    def ask(
        self, command: bytes, pattern: "re.Pattern[bytes]", patience: Patience, terminator: bytes
    ) -> "re.Match[bytes]":
        """Send a command and return the answer's line."""

    def listen(
        self, pattern: "re.Pattern[bytes]", patience: Patience, terminator: bytes
    ) -> "re.Match[bytes]":
        """Return the newest line of a device that sends by itself."""

    def distrust(self) -> None:
        """Listen until the line is silent before speaking again."""


#: A line's checksum, as a pattern.
_CHECKSUM = rb"[@-\x7f]"


def sum64(text: bytes) -> bytes:
    """Return the character that closes a line with ``checksum: sum64``."""
    return bytes((64 + sum(text) % 64,))


class _Asker:
    """One question of a device.

    Args:
        query: of its profile.
        terminator: end of a line.
        patience: of the device.
    """

    def __init__(self, query: Query, terminator: bytes, patience: Patience) -> None:
        # A refusal is an answer too: it must not cost a time-out.
        self._refused = {re.compile(_bytes(text)): why for text, why in query.refused.items()}
        self._pattern = re.compile(_bytes(query.pattern))
        alternatives = b"|".join(b"(?:" + _bytes(t) + b")" for t in (query.pattern, *query.refused))
        closed = b"" if query.checksum is None else _CHECKSUM
        self._line = re.compile(b"(?:" + alternatives + b")" + closed)
        self._command = _bytes(query.send)
        self._checked = query.checksum is not None
        if self._checked and self._command:
            self._command += sum64(self._command)
        self._terminator = terminator
        self._patience = patience

    def ask(self, master: LineBus) -> "re.Match[bytes]":
        """Return the match of the pattern in the answer's line.

        Raises:
            ReplyError: the device refuses, or its line has a wrong checksum.
        """
        if self._command:
            found = master.ask(self._command, self._line, self._patience, self._terminator)
        else:
            found = master.listen(self._line, self._patience, self._terminator)
        line = found[0]
        if self._checked:
            if sum64(line[:-1]) != line[-1:]:
                master.distrust()
                raise ReplyError(f"the line '{line.decode('latin-1')}' has a wrong checksum")
            line = line[:-1]
        for pattern, why in self._refused.items():
            if pattern.fullmatch(line):
                raise ReplyError(f"the device answers '{line.decode('latin-1')}': {why}")
        match = self._pattern.fullmatch(line)
        if match is None:
            raise ReplyError(f"the line '{line.decode('latin-1')}' is not what is awaited")
        return match


def _bytes(text: str) -> bytes:
    return text.encode("ascii")


class AsciiLink:
    """One line-oriented device; it has a line of its own, and no address.

    Args:
        master: of its line.
        profile: of the device.
    """

    def __init__(self, master: LineBus, profile: AsciiProfile) -> None:
        self._master = master
        self._profile = profile
        terminator = _bytes(profile.terminator)
        self._askers = {
            name: _Asker(query, terminator, patience(profile))
            for name, query in profile.queries.items()
        }

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        """Return the raw values of points: one question for each query."""
        points = self._profile.points
        found: dict[str, Raw] = {}
        for query in sorted({points[name].query for name in names}):
            match = self._askers[query].ask(self._master)
            own = (name for name in names if points[name].query == query)
            found.update({name: _value(name, points[name], match) for name in own})
        return found

    def write(self, numbers: Numbers) -> None:
        """Refuse: nothing can be written.

        Raises:
            ValueError: always, unless there is nothing to write.
        """
        if numbers:
            raise ValueError("a line-oriented device takes no values")

    def exchange(self, numbers: Numbers, names: frozenset[str]) -> dict[str, Raw]:
        """Read points; there is nothing to write."""
        self.write(numbers)
        return self.read(names)

    def distrust(self) -> None:
        """Listen until the bus is silent before speaking again: an answer was wrong."""
        self._master.distrust()


def _value(name: str, point: AsciiPoint, match: "re.Match[bytes]") -> Raw:
    """Return what a line tells of a point; a group that is not in it: NaN."""
    if any(match[group] is None for group in point.groups):
        return "" if point.text else math.nan
    text = match[point.group].decode("ascii").strip()
    if point.text:
        return text
    if point.words is not None:
        if text not in point.words:
            raise ReplyError(f"{name}: the device says '{text}', which its profile does not know")
        return point.words[text]
    power = b"" if point.exponent is None else b"e" + match[point.exponent]
    try:
        # Some balances write the sign, a blank, and then the number.
        return float(text.replace(" ", "").encode("ascii") + power)
    except ValueError:
        raise ReplyError(f"{name}: the device says '{text}', which is no number") from None
