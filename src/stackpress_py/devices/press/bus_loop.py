"""One bus of a press: its port, its devices, each asked in its turn.

A device that is silent costs one time-out now and then, never the turn of the others. It has to be
identified again before it counts, and gets what makes it harmless first.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from stackpress_py.devices.bus.errors import (
    DeviceError,
    NeverSilentError,
    NoReplyError,
    PortError,
    ReplyError,
)
from stackpress_py.devices.device.device import HARMLESS, Device, Wish

#: Exchanges that must have failed one after the other before a device counts as lost.
LEAST_FAILURES = 3
#: Attempts to identify a device when the bus is opened: the first answer may meet old bytes.
OPEN_ATTEMPTS = 3
#: s for which a device is asked to become harmless before its own watchdog has to act; and the
#: fewest and most attempts in it.
TIME_TO_SAFETY, LEAST_ATTEMPTS, MOST_ATTEMPTS = 0.5, 2, 10
#: s by which a sequence of writes may put off the values of a device.
LONGEST_SEQUENCE = 0.2
#: A lost device is asked so seldom that its time-outs take this share of the bus at most.
SHARE_OF_LOST = 0.1


class Port(Protocol):
    """What a bus needs of its port, besides sending and receiving."""

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


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What is known of a device; replaced as a whole, so that other threads may read it.

    Attributes:
        values: of the last good answer, SI.
        answered: s, when it came; -inf: never.
        problem: why the last exchange failed; empty: it did not.
        lost: it has not answered for longer than single errors last.
        connections: how often it was identified and has answered since.
        confirmed: the wish that it has confirmed last.
        not_taken: one sentence for each point that does not hold what was written.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    answered: float = -math.inf
    problem: str = ""
    lost: bool = True
    connections: int = 0
    confirmed: Wish = HARMLESS
    not_taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What the devices of a press shall do.

    Attributes:
        wishes: by the names of the devices; without one a device is made harmless.
        connections: how often each device had been found when that was wished.
        time: s, when.
    """

    wishes: Mapping[str, Wish]
    connections: Mapping[str, int]
    time: float


class AskedDevice:
    """A device with its turn on the bus.

    Args:
        device: it.
        every: s between two questions; 0: each cycle of the bus.
        lost_after: s of silence after which it counts as lost.

    Attributes:
        device, every: as given.
        state: what is known of it.
    """

    def __init__(self, device: Device, every: float, lost_after: float) -> None:
        self.device = device
        self.every = every
        self.state = DeviceState()
        self._lost_after = lost_after
        self._failures = 0
        self._due = -math.inf

    @property
    def longest_turn(self) -> float:
        """Time that a question may take, with a sequence of writes before it, s."""
        kind = self.device.profile
        steps = max(len(kind.enable), len(kind.safe))
        return kind.timing.reply_latency + min(
            2 * steps * kind.timing.reply_latency, LONGEST_SEQUENCE
        )

    def due(self, now: float) -> bool:
        """Return True if it is its turn; the tolerance is for sums of periods that are not exact."""
        return now >= self._due - 1e-6

    def ask(self, wish: Wish, now: float) -> None:
        """Have one exchange, identify the device first if needed.

        Raises:
            PortError, NeverSilentError: the bus cannot be used; the state tells it too.
        """
        device, was_fresh = self.device, False
        try:
            if not device.identified:
                device.identify(now)
            was_fresh = device.was_fresh
            values, refused = self._exchange(wish, now)
        except PortError as error:
            self.fail(str(error), now, True)
            raise
        except DeviceError as error:
            self.fail(str(error), now, False)
            if isinstance(error, NeverSilentError):
                raise
            return
        self._failures = 0
        self._due = now + self.every if self.every else -math.inf
        self.state = DeviceState(
            values=values,
            answered=now,
            lost=False,
            connections=self.state.connections + was_fresh,
            confirmed=device.confirmed,
            not_taken=(*refused, *device.not_taken.values()),
        )

    def _exchange(self, wish: Wish, now: float) -> tuple[Mapping[str, float], tuple[str, ...]]:
        """Return the values, and why the wish was refused if it was: then it is harmless."""
        try:
            return self.device.exchange(wish, now), ()
        except ValueError as error:
            return self.device.exchange(HARMLESS, now), (f"{self.device.name}: {error}",)

    def fail(self, problem: str, now: float, port_gone: bool) -> None:
        """Note an exchange that failed."""
        self._failures += 1
        self.device.doubt()
        before = self.state
        # One failure after a long time says that this computer slept, not that the device is gone.
        silent = now - before.answered > self._lost_after
        if self.every:
            self._due = now + self.every
        lost = port_gone or not self.device.identified
        if silent and self._failures >= LEAST_FAILURES:
            lost = True
        if lost:
            self.device.lose()
            timeout = 2.0 * self.device.profile.timing.reply_latency
            self._due = now + max(self.every, timeout / SHARE_OF_LOST)
        self.state = DeviceState(
            values=before.values,
            answered=before.answered,
            problem=problem,
            lost=lost,
            connections=before.connections,
            not_taken=before.not_taken,
        )

    def retry_at_once(self) -> None:
        """Note that the bus is open again."""
        self._due = -math.inf


class BusLoop:
    """One bus.

    Args:
        name: in the press profile.
        port: closed.
        devices: on it.
        reopen_every: s between two attempts to open a port that is missing.
        life_of_wishes: s for which wishes hold: whoever gives them may hang.
        latency: returns the s from the first byte sent to the last received of the last answer.

    Attributes:
        name, devices: as given.
    """

    def __init__(
        self,
        name: str,
        port: Port,
        devices: Sequence[AskedDevice],
        reopen_every: float,
        life_of_wishes: float,
        latency: Callable[[], float],
    ) -> None:
        self.name = name
        self.devices = tuple(devices)
        self._port = port
        self._reopen_every = reopen_every
        self._latency = latency
        self._next_opening = -math.inf
        self._life_of_wishes = life_of_wishes
        self._given = Given({}, {}, -math.inf)

    @property
    def port(self) -> str:
        """Name of the port, for messages."""
        return self._port.path

    @property
    def latency(self) -> float:
        """Seconds from the first byte sent to the last received of the last answer."""
        return self._latency()

    @property
    def states(self) -> dict[str, DeviceState]:
        """What is known of the devices, by their names."""
        return {asked.device.name: asked.state for asked in self.devices}

    def open(self, now: float) -> None:
        """Open the port and make sure that every device is the profile's.

        Raises:
            DeviceError: one is not, or does not answer; the port is closed again.
        """
        try:
            self._port.open()
            for asked in self.devices:
                self._identify(asked.device, now)
        except (NoReplyError, ReplyError) as error:
            self.close()
            raise type(error)(f"{self._port.path}: {error}") from error
        except PortError:
            self.close()
            raise
        except DeviceError as error:
            self.close()
            raise DeviceError(f"{self._port.path}: {error}") from error

    @staticmethod
    def _identify(device: Device, now: float) -> None:
        for attempt in range(1, OPEN_ATTEMPTS + 1):
            try:
                device.identify(now)
                return
            except (PortError, TimeoutError, ReplyError):
                if attempt == OPEN_ATTEMPTS:
                    raise

    def close(self) -> None:
        """Close the port."""
        for asked in self.devices:
            asked.device.lose()
            asked.retry_at_once()
        self._port.close()

    def give(self, given: "Given") -> None:
        """Tell what the devices shall do from now on."""
        self._given = given

    def step(self, now: float) -> None:
        """Ask every device whose turn it is; what came of it stands in its state."""
        if not self._port.is_open and not self._reopen(now):
            return
        for place, asked in enumerate(self.devices):
            if not asked.due(now):
                continue
            try:
                asked.ask(self._wish(asked, now), now)
            except PortError as error:
                self._all_fail(str(error), now)
                return
            except NeverSilentError as error:
                # Nobody else is understood either: to listen for each of them would take too long.
                for other in self.devices[place + 1 :]:
                    other.fail(str(error), now, False)
                return

    def _wish(self, asked: AskedDevice, now: float) -> Wish:
        """Return what a device shall do; what was wished before it was found is no longer valid."""
        given, name = self._given, asked.device.name
        stale = now - given.time > self._life_of_wishes
        if stale or given.connections.get(name) != asked.state.connections:
            return HARMLESS
        return given.wishes.get(name, HARMLESS)

    def _reopen(self, now: float) -> bool:
        problem = f"the port {self._port.path} is closed"
        if now >= self._next_opening:
            self._next_opening = now + self._reopen_every
            try:
                self._port.open()
            except PortError as error:
                problem = str(error)
            else:
                for asked in self.devices:
                    asked.retry_at_once()
                return True
        self._all_fail(problem, now)
        return False

    def _all_fail(self, problem: str, now: float) -> None:
        for asked in self.devices:
            asked.fail(problem, now, True)

    def make_harmless(self) -> str:
        """Make every device harmless on the wire; return who has not confirmed it and why, or empty."""
        problems = {
            asked.device.name: self._why_not_harmless(asked.device) for asked in self.devices
        }
        return "; ".join(f"{name} ({problem})" for name, problem in problems.items() if problem)

    def _why_not_harmless(self, device: Device) -> str:
        problem = f"the port {self._port.path} is closed"
        # One that was not heard before will not be heard now: it must not keep the others waiting.
        for _ in range(_attempts(device) if device.identified else 1):
            if not self._port.is_open:
                break
            try:
                device.make_harmless()
            except DeviceError as error:
                problem = str(error)
                continue
            return ""
        return problem


def _attempts(device: Device) -> int:
    """Return how often a device is asked to become harmless: one that fails takes three latencies."""
    attempts = round(TIME_TO_SAFETY / (3.0 * device.profile.timing.reply_latency))
    return max(LEAST_ATTEMPTS, min(MOST_ATTEMPTS, attempts))
