"""Cutting a stream of characters into lines; pure."""

import re

from stackpress_py.devices.bus.errors import ReplyError

#: Characters of a line; more without an end is no line.
MOST_LINE = 256
#: XON and XOFF mean nothing here, and may come at any place.
FLOW_CONTROL = b"\x11\x13"
#: So much of a line is quoted in a message.
_QUOTED = 40
_PRINTABLE = re.compile(rb"[\t\x20-\x7f]*")


class LineSplitter:
    """Cut what comes into whole lines.

    A line is whole only if the end of the line before it was seen: until then, what comes may be the
    rest of a line whose begin was missed.

    Args:
        terminator: that ends each line.
        whole: what comes first is the begin of a line, for it is known that none is being sent.
    """

    def __init__(self, terminator: bytes, whole: bool = False) -> None:
        self._terminator = terminator
        self._partial = b""
        self._whole = whole

    @property
    def terminator(self) -> bytes:
        """Characters that end each line."""
        return self._terminator

    @property
    def partial(self) -> bytes:
        """Characters since the last line's end."""
        return self._partial

    def tear(self) -> None:
        """Take what comes next as the rest of a line: something may have been missed."""
        self._partial, self._whole = b"", False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the whole lines that end in a chunk, without their terminators."""
        *ended, self._partial = (self._partial + chunk.translate(None, FLOW_CONTROL)).split(
            self._terminator
        )
        if ended and not self._whole:
            del ended[0]
            self._whole = True
        return ended


def check_terminator(terminator: bytes) -> None:
    """Refuse a terminator that ends no line.

    Raises:
        ValueError: it is empty, or a flow control character.
    """
    if not terminator or terminator.translate(None, FLOW_CONTROL) != terminator:
        raise ValueError(f"{terminator!r} cannot end a line: name the character that does")


def matched(line: bytes, pattern: re.Pattern[bytes], path: str) -> re.Match[bytes]:
    """Return the match of a whole line.

    Raises:
        ReplyError: it does not match, or holds other characters than text has.
    """
    if not _PRINTABLE.fullmatch(line):
        raise ReplyError(
            f"what came from {path} is no text: {quoted(line)}; look at baud rate, parity, the"
            " line's end and noise"
        )
    match = pattern.fullmatch(line)
    if match is None:
        raise ReplyError(f"the line {quoted(line)} came from {path}, which is not what is awaited")
    return match


def endless(received: bytes, path: str) -> ReplyError:
    """Return the error of a line without an end."""
    return ReplyError(
        f"{len(received)} characters came from {path} without a line's end: {quoted(received)};"
        " look at baud rate, terminator and the time to wait"
    )


def quoted(line: bytes) -> str:
    """Return a line for a message."""
    return repr(line[:_QUOTED])[1:] + ("..." if len(line) > _QUOTED else "")
