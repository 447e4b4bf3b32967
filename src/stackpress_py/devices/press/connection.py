"""One press on its buses: opened, identified, asked once a cycle, found again after it was lost.

The bus of the cycle is served by the caller's thread, every other bus by one of its own: a slow or
silent device never delays the force.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.cyclic import CyclicThread
from stackpress_py.devices.press.bus_loop import BusLoop, DeviceState, Given
from stackpress_py.devices.press.command import SAFE, Levels, PressCommand
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import Reading
from stackpress_py.devices.press.wires import bus_loops
from stackpress_py.devices.press.wiring import Wiring

#: Values of a device that is asked now and then are known for so many of its periods.
PERIODS_KNOWN = 3.0
#: s that the threads of all other buses may take together to end.
END_TIMEOUT = 1.5
#: s of failing cycles after which the press is blind: nobody judges what a command does. A pause of
#: this computer is no failing cycle.
BLIND_AFTER = 0.1


@dataclass(frozen=True, slots=True)
class Cycle:
    """What came of one cycle.

    Attributes:
        reading: what the press measures; None: a device of the cycle did not answer.
        problem: why not, one sentence; empty: they did.
        lost: one did not answer for longer than single errors last.
        found: devices that have answered for the first time since the start, or since their loss.
        confirmed: levels that the devices have confirmed.
        latency: s from the first byte sent to the last received; NaN without an answer.
    """

    reading: Reading | None
    problem: str = ""
    lost: bool = False
    found: tuple[str, ...] = ()
    confirmed: Levels = field(default_factory=Levels)
    latency: float = math.nan


class Press:
    """A press.

    Args:
        profile: of the press.
        loops: its buses, closed; that of the cycle first.
        threads: the other buses have threads of their own; False: they are served in the cycle, for
            tests in virtual time.

    Attributes:
        loops: as given.
    """

    def __init__(self, profile: PressProfile, loops: list[BusLoop], threads: bool = True) -> None:
        self._profile = profile
        self._wiring = Wiring(profile)
        self.loops = tuple(loops)
        self._lead, self._others = self.loops[0], self.loops[1:]
        self._threaded = threads
        self._threads: list[CyclicThread] = []
        self._not_safe: list[str] = []
        self._connections: dict[str, int] = {}
        self._connected = False
        self._failing_since = math.inf

    @property
    def states(self) -> Mapping[str, DeviceState]:
        """What is known of each device, by its name."""
        found: dict[str, DeviceState] = {}
        for loop in self.loops:
            found |= loop.states
        return found

    @property
    def writes(self) -> Mapping[str, int]:
        """How often each point was written since the start, by ``device.point``: memories wear."""
        return {
            f"{asked.device.name}.{name}": count
            for loop in self.loops
            for asked in loop.devices
            for name, count in asked.device.writes.items()
        }

    @property
    def fault_names(self) -> tuple[str, ...]:
        """Names of all faults that the devices can report."""
        return self._wiring.fault_names

    # ---- connection ------------------------------------------------------------------------------

    def open(self, now: float) -> None:
        """Open the buses and make sure that every device is the profile's.

        Args:
            now: s, monotonic.

        Raises:
            DeviceError: one is not, or does not answer; all ports are closed again.
        """
        try:
            for loop in self.loops:
                loop.open(now)
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """End the threads and close the ports."""
        self._end_threads()
        for loop in self.loops:
            loop.close()
        self._connected = False

    def make_safe(self) -> str:
        """Switch everything off on the wires; return who has not confirmed it, or empty.

        The bus of the cycle goes first: the others may have to wait for a device that is silent.
        """
        self._not_safe = []
        threaded = bool(self._threads)
        self._make_harmless(self._lead)
        self._end_threads()
        for loop in () if threaded else self._others:
            self._make_harmless(loop)
        return "; ".join(self._not_safe)

    def _make_harmless(self, loop: BusLoop) -> None:
        failed = loop.make_harmless()
        if failed:
            self._not_safe.append(failed)

    def _start_threads(self, now: float) -> None:
        if self._threads or not self._threaded:
            return
        for loop in self._others:
            loop.step(now)  # what has not been asked yet would count as missing
            self._threads.append(self._thread(loop))
        for thread in self._threads:
            thread.start()

    def _thread(self, loop: BusLoop) -> CyclicThread:
        periods = [asked.every for asked in loop.devices if asked.every]
        return CyclicThread(
            f"bus {loop.name}", min(periods), loop.step, lambda: self._make_harmless(loop)
        )

    def _end_threads(self) -> None:
        threads, self._threads = self._threads, []
        for thread in threads:
            thread.request_stop()
        deadline = time.monotonic() + END_TIMEOUT
        for thread in threads:
            if not thread.stop(max(0.0, deadline - time.monotonic())):
                self._not_safe.append(f"{thread.name}, which hangs")

    # ---- cycle -----------------------------------------------------------------------------------

    def cycle(self, command: PressCommand, now: float) -> Cycle:
        """Write a command and read the press.

        A device that was lost is identified again first, and then gets what makes it harmless in
        place of the command: nobody knows what that was meant for.

        Args:
            command: what the press shall do.
            now: s, monotonic.

        Raises:
            ValueError: the command is beyond the press's limits.
        """
        self._start_threads(now)
        sees = self._connected and now - self._failing_since <= BLIND_AFTER
        wishes = self._wiring.wishes(command if sees else SAFE)
        given = Given(wishes, self._connections, now)
        for loop in self.loops:
            loop.give(given)
        self._lead.step(now)
        for loop in () if self._threaded else self._others:
            loop.step(now)
        self._raise_from_threads()
        return self._result(now)

    def _raise_from_threads(self) -> None:
        for thread in self._threads:
            if thread.error is not None:
                raise thread.error

    def _result(self, now: float) -> Cycle:
        states = self.states
        cycle = [asked.state for asked in self._lead.devices if not asked.every]
        problems = [state.problem for state in cycle if state.problem]
        if problems:
            self._failing_since = min(self._failing_since, now)
            lost = any(state.lost for state in cycle)
            if lost:
                self._connected = False
            return Cycle(None, f"{self._lead.port}: {problems[0]}", lost)
        values = self._known(states, now)
        found = self._found(states)
        if found and (problem := self._wiring.why_weaker(values)):
            self._connected = False
            self._connections.clear()
            return Cycle(None, f"{self._lead.port}: {problem}", True)
        self._connected, self._failing_since = True, math.inf
        not_taken = tuple(text for state in states.values() for text in state.not_taken)
        confirmed = self._wiring.confirmed({n: state.confirmed for n, state in states.items()})
        reading = self._wiring.reading(values, self._missing(states, values), not_taken)
        return Cycle(reading, "", False, found, confirmed, self._lead.latency)

    def _found(self, states: Mapping[str, DeviceState]) -> tuple[str, ...]:
        """Return the devices that have been found since the last good cycle."""
        before = self._connections
        self._connections = {name: state.connections for name, state in states.items()}
        return tuple(n for n, count in self._connections.items() if count != before.get(n, 0))

    def _known(
        self, states: Mapping[str, DeviceState], now: float
    ) -> dict[str, Mapping[str, float]]:
        """Return the values that are known now: stale ones are not."""
        found: dict[str, Mapping[str, float]] = {}
        for loop in self.loops:
            for asked in loop.devices:
                state = states[asked.device.name]
                if now - state.answered <= PERIODS_KNOWN * asked.every + asked.longest_turn:
                    found[asked.device.name] = state.values
        return found

    @staticmethod
    def _missing(
        states: Mapping[str, DeviceState], values: Mapping[str, Mapping[str, float]]
    ) -> tuple[str, ...]:
        return tuple(
            f"{name} is not heard: {state.problem or 'it has not been asked'}"
            for name, state in states.items()
            if name not in values
        )


def connect(profile: PressProfile, ports: Mapping[str, str] | None = None) -> Press:
    """Return a press on its real ports, not yet opened.

    Args:
        profile: of the press.
        ports: by the names of buses, instead of the profile's.
    """
    return Press(profile, bus_loops(profile, ports or {}))
