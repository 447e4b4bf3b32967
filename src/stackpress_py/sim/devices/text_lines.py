"""Lines of text out of the bytes that a device receives: a frame of the wire may hold half a line, or several."""

#: Bytes that a device keeps of a line whose end does not come.
LONGEST = 256


class LineBuffer:
    """Bytes on their way to lines."""

    def __init__(self, end: bytes) -> None:
        self._end = end
        self._bytes = b""

    def lines(self, data: bytes) -> list[bytes]:
        """Return the lines that ``data`` completes, without their ends."""
        *lines, rest = (self._bytes + data).split(self._end)
        self._bytes = rest[-LONGEST:]
        return lines
