"""One press on its bus: opened, identified, asked once a cycle, opened again after it was lost."""

import math
from dataclasses import dataclass
from typing import Protocol

from stackpress_py.devices import modbus
from stackpress_py.devices.errors import DeviceError, PortError, ReplyError
from stackpress_py.devices.identity import wrong_identity
from stackpress_py.devices.press_map import SAFE, PressCommand, PressMap, Reading
from stackpress_py.devices.profile import PressProfile
from stackpress_py.devices.rtu import LineTiming, RtuMaster
from stackpress_py.devices.serial_port import LineSettings, SerialPort

#: Attempts to write the safe command before the press's own watchdog has to act.
SAFE_ATTEMPTS = 3
#: Exchanges that must have failed one after the other before the press counts as lost.
LEAST_FAILURES = 3
#: Attempts to read the identity when the bus is opened: the first answer may meet old bytes.
OPEN_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Cycle:
    """What came of one bus cycle.

    Attributes:
        reading: what the press measures; None: it did not answer.
        problem: why not, one sentence; empty: it did.
        lost: it did not answer for longer than single errors last.
        reconnected: this is the first answer since the bus was opened or the press was lost.
        latency: s from the first byte sent to the last received; NaN without an answer.
    """

    reading: Reading | None
    problem: str = ""
    lost: bool = False
    reconnected: bool = False
    latency: float = math.nan


class Port(Protocol):
    """What a press needs of its port, besides sending and receiving."""

    @property
    def path(self) -> str:
        """Name for messages."""

    @property
    def is_open(self) -> bool:
        """True until it is closed or lost."""

    def open(self) -> None:
        """Open it; raise PortError if that cannot be."""

    def close(self) -> None:
        """Close it."""


class Press:
    """A press with one Modbus link.

    Args:
        profile: of the press.
        port: closed.
        master: that speaks through the port.
    """

    def __init__(self, profile: PressProfile, port: Port, master: RtuMaster) -> None:
        self._profile = profile
        self._port = port
        self._master = master
        self._map = PressMap(profile)
        self._heartbeat = 0
        self._sequence: int | None = None
        self._identified = False
        self._answered = -math.inf
        self._failures = 0
        self._next_opening = -math.inf
        self._fresh = False

    # ---- connection ------------------------------------------------------------------------------

    def open(self) -> None:
        """Open the port and make sure that it is the profile's press.

        Raises:
            DeviceError: it is not, or it does not answer; the port is closed again.
        """
        try:
            self._port.open()
            for attempt in range(1, OPEN_ATTEMPTS + 1):
                try:
                    self._identify()
                    return
                except (PortError, TimeoutError, ReplyError):
                    if attempt == OPEN_ATTEMPTS:
                        raise
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Close the port."""
        self._identified = False
        self._port.close()

    def _identify(self) -> None:
        """Read the identity; a device of another kind raises a plain DeviceError."""
        identity, read = self._profile.identity, self._profile.read
        words = self._read(identity.address, identity.count)
        block = self._read(read.address, read.count)
        problem = wrong_identity(self._profile, words) or self._map.wrong_version(block)
        if problem:
            raise DeviceError(f"{self._port.path}: {problem}")
        self._identified = self._fresh = True
        self._sequence = None

    def _read(self, address: int, count: int) -> tuple[int, ...]:
        return modbus.registers(self._master.transact(modbus.read_registers(address, count)))

    # ---- cycle -----------------------------------------------------------------------------------

    def cycle(self, command: PressCommand, now: float) -> Cycle:
        """Write a command and read the press, in one transaction.

        A press that was lost is opened and identified again first, and then gets the safe command
        in place of this one: nobody knows what it was meant for.

        Args:
            command: what the press shall do.
            now: s, monotonic.

        Raises:
            ValueError: the command is beyond what the press takes.
        """
        try:
            if not self._identified:
                self._reopen(now)
            words = self._exchange(SAFE if self._fresh else command)
        except DeviceError as error:
            return self._failed(str(error), now)
        reconnected, self._fresh = self._fresh, False
        self._answered, self._failures = now, 0
        reading = self._map.decode(words)
        return Cycle(reading, "", False, reconnected, self._master.latency)

    def make_safe(self) -> bool:
        """Switch motion and heating off on the wire; return True if the press has confirmed it."""
        if not self._port.is_open:
            return False
        for _ in range(SAFE_ATTEMPTS):
            try:
                self._exchange(SAFE)
                return True
            except PortError:
                return False
            except DeviceError:
                continue
        return False

    def _exchange(self, command: PressCommand) -> tuple[int, ...]:
        self._heartbeat = (self._heartbeat + 1) & 0xFFFF
        read, write = self._profile.read, self._profile.write
        words = self._map.encode(command, self._heartbeat)
        request = modbus.read_write_registers(read.address, read.count, write.address, words)
        answer = modbus.registers(self._master.transact(request))
        problem = self._why_not_fresh(answer) or self._map.wrong_version(answer)
        if problem:
            self._master.distrust()
            raise ReplyError(f"{self._port.path}: {problem}")
        return answer

    def _why_not_fresh(self, words: tuple[int, ...]) -> str:
        """Return why these registers are not the press's present ones; empty: they are."""
        reading = self._map.decode(words)
        before, self._sequence = self._sequence, reading.sequence
        if reading.heartbeat_echo not in (None, self._heartbeat):
            return (
                f"the press repeats heartbeat {reading.heartbeat_echo} instead of"
                f" {self._heartbeat}: an old answer, or its program stands still"
            )
        if before is not None and reading.sequence == before:
            return "the press's sequence number stands still: its program does"
        return ""

    def _reopen(self, now: float) -> None:
        if not self._port.is_open:
            if now < self._next_opening:
                raise PortError(f"the port {self._port.path} is closed")
            self._next_opening = now + self._profile.link.reopen_every
            self._port.open()
        self._identify()

    def _failed(self, problem: str, now: float) -> Cycle:
        self._failures += 1
        # One failure after a long time says that this computer slept, not that the press is gone.
        silent = now - self._answered > self._profile.link.lost_after
        lost = not self._port.is_open or (silent and self._failures >= LEAST_FAILURES)
        if lost:
            self._identified = False
        return Cycle(None, problem, lost)


def connect(profile: PressProfile, port_path: str = "") -> Press:
    """Return the press on a serial port, not yet opened; an empty path is the profile's port."""
    link = profile.link
    settings = LineSettings(link.baud, link.parity, link.stop_bits)
    port = SerialPort(port_path or link.port, settings)
    timing = LineTiming(settings.character, link.reply_latency)
    return Press(profile, port, RtuMaster(port, link.unit, timing))
