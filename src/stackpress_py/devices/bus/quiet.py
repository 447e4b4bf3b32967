"""Silence on a line whose answers do not tell which question they belong to.

A late answer looks like the answer to the next question. So after anything that went wrong nobody
speaks until the line has been silent for the longest time that the device which was asked may take.
"""

from collections.abc import Callable

from stackpress_py.devices.bus.errors import NeverSilentError
from stackpress_py.devices.bus.rtu import BytePort
from stackpress_py.devices.bus.timing import Patience

#: s that the operating system may be late, or a USB adapter may hold bytes back.
SLACK = 0.01
#: s after which a line that is never silent is given up.
LONGEST_DRAIN = 1.0


class Quiet:
    """Wait until a line is ours.

    Args:
        port: must be open when :meth:`settle` is called.
        clock: monotonic s.
        ignored: characters that are always meaningless.
    """

    def __init__(self, port: BytePort, clock: Callable[[], float], ignored: bytes = b"") -> None:
        self._port = port
        self._clock = clock
        self._ignored = ignored
        self._trusted = False  # who knows what was spoken before we came
        self._latency: float | None = None
        self._since = clock()

    @property
    def since(self) -> float:
        """Time at which the last byte was read, s."""
        return self._since

    def heard(self) -> None:
        """Note that something has just been read."""
        self._since = self._clock()

    def trust(self) -> None:
        """Note that the answer is the right one: nothing else is to come."""
        self._trusted = True

    def distrust(self) -> None:
        """Let the line become silent before anybody speaks again."""
        self._trusted = False

    def settle(self, name: str, patience: Patience, gap: float, spare: int) -> None:
        """Wait until the line is ours, listening; from now on it is distrusted.

        Args:
            name: of the device that is to be asked, for messages.
            patience: of this device.
            gap: least silence between two frames of this protocol, s.
            spare: so many bytes on an idle line are a glitch and need no drain.

        Raises:
            NeverSilentError: the line is never silent.
            PortError: the port is gone.
        """
        gap = max(gap, patience.silence)
        # What is still to come is the answer of the device that was asked last.
        latency = patience.reply_latency if self._latency is None else self._latency
        trusted, self._trusted = self._trusted, False
        if not trusted:
            self.heard()  # whether it was silent until now is not known: the port may be a new one
        unasked, wait = 0, 0.0
        while True:
            unasked += self._listen(wait)
            if not trusted or unasked > spare:
                self._drain(name, latency + gap)
                trusted, unasked = True, 0
            wait = self._since + gap - self._clock()
            if wait <= 0.0:
                break
        self._latency = patience.reply_latency

    def _drain(self, name: str, silence: float) -> None:
        give_up = self._clock() + silence + LONGEST_DRAIN
        while (wait := self._since + silence - self._clock()) > 0.0:
            self._listen(wait)
            if self._clock() > give_up:
                raise NeverSilentError(
                    f"the line to {name} is never silent: look for noise, or another master"
                )

    def _listen(self, wait: float) -> int:
        """Return how many bytes came that are not to be ignored."""
        count = len(self._port.read(wait).translate(None, self._ignored))
        if count:
            self.heard()
        return count
