"""The search for devices on a serial line."""

import math
from collections.abc import Callable, Iterable

from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.probe.asker import Asker, Outcome
from stackpress_py.devices.probe.fits import fits
from stackpress_py.devices.probe.listening import Heard, frames, kind_of, last_line
from stackpress_py.devices.probe.questions import (
    LONG_WAIT,
    Question,
    any_aibus,
    any_modbus,
    listens,
)
from stackpress_py.devices.probe.read_only import REAL_TIME, Setting, Time, serial_wire
from stackpress_py.devices.probe.report import Found, ScanReport, Watcher
from stackpress_py.devices.probe.scope import AIBUS_UNITS, SERIAL_UNITS, Batch, Scope, batches
from stackpress_py.devices.probe.tap import Tapped

#: s that the line is listened to before anybody speaks. A board that starts anew when its port is
#: opened begins to speak after about 2 s.
LISTENING = 2.5
#: s of it that are enough where only answers are sought.
SHORT_LISTENING = 0.5
#: s without a byte after which a line counts as silent.
SILENCE = 0.5
#: Bytes after which it is judged first what is heard, and that are always enough for it.
FIRST_LOOK, ENOUGH = 16, 2048
#: Bytes of noise that are kept for the message.
_SAMPLE = 64


#: Returns a port, closed, for a setting of the line.
Opener = Callable[[Setting], Tapped]


class Scan:
    """Search a serial line.

    Args:
        opener: makes its port.
        scope: of the search.
        profiles: that are known.
        watcher: who looks on.
        when: clock.

    Attributes:
        report: what was found so far.
    """

    def __init__(
        self,
        opener: Opener,
        scope: Scope,
        profiles: Iterable[DeviceProfile],
        watcher: Watcher,
        when: Time = REAL_TIME,
    ) -> None:
        self.report = ScanReport()
        self._opener = opener
        self._scope = scope
        self._profiles = tuple(profiles)
        self._watcher = watcher
        self._when = when
        self._done, self._total = 0, 0

    def run(self) -> ScanReport:
        """Search and return what was found.

        Raises:
            PortError: the port cannot be opened, or is lost.
        """
        if self._hears_others():
            return self.report
        plan = batches(self._scope, self._profiles)
        self._total = sum(len(batch.questions) for batch in plan)
        for batch in plan:
            self._try(batch)
            if self.report.found and not self._scope.everything:
                break
        self.report.complete = True
        return self.report

    # ---- listening -------------------------------------------------------------------------------

    def _hears_others(self) -> bool:
        """Listen; return True if it is of no use to ask."""
        seconds = LISTENING if "ascii" in self._scope.protocols else SHORT_LISTENING
        for setting in self._scope.settings():
            self._watcher.trying(f"{setting}, listening", 0, 1)
            port = self._opener(setting)
            port.open()
            try:
                if self._hears(port, setting, seconds):
                    return self.report.heard is not Heard.NOTHING
            finally:
                port.close()
        return True

    def _hears(self, port: Tapped, setting: Setting, seconds: float) -> bool:
        """Listen at one setting; return True if it is known then what is on the line."""
        heard, silent = self._listen(port, seconds)
        kind = kind_of(heard)
        if kind is Heard.NOISE:
            self._note_noise(heard)
            # Something has started up, or the opening of the port was heard.
            kind = Heard.NOTHING if silent else kind
        self.report.heard, self.report.at = kind, setting
        if kind is Heard.MODBUS:
            self.report.masters = tuple(sorted({frame.unit for frame in frames(heard)}))
        elif kind is Heard.TEXT:
            self._hear_device(port, setting, heard)
        # What is nothing at one setting is nothing at the others.
        return kind is not Heard.NOISE

    def _listen(self, port: Tapped, seconds: float) -> tuple[bytes, bool]:
        """Return what comes until it is known what it is, and whether the line is silent then."""
        heard, last, judged = b"", -math.inf, FIRST_LOOK
        end = self._when.clock() + seconds
        while len(heard) < ENOUGH and (left := end - self._when.clock()) > 0.0:
            if chunk := port.read(left):
                heard, last = heard + chunk, self._when.clock()
            if len(heard) >= judged:
                if kind_of(heard) in (Heard.TEXT, Heard.MODBUS):
                    break
                judged *= 2
        return heard, self._when.clock() - last >= min(SILENCE, 0.5 * seconds)

    def _hear_device(self, port: Tapped, setting: Setting, heard: bytes) -> None:
        """Find the profiles of a device that sends lines of text."""
        profiles = [profile for profile in self._profiles if listens(profile)]
        wire = serial_wire(port, "ascii", setting, profiles, self._when)
        fitting = fits(profiles, "ascii", 0, wire)
        says = f"'{last_line(heard)}', unasked"
        self._note(Found("ascii", setting, None, 0.0, says, fitting))

    # ---- asking ----------------------------------------------------------------------------------

    def _try(self, batch: Batch) -> None:
        """Ask all questions of a batch, and the other units where one answers."""
        port = self._opener(batch.setting)
        port.open()
        try:
            asker = Asker(
                lambda protocol: serial_wire(
                    port, protocol, batch.setting, self._profiles, self._when
                )
            )
            for question in batch.questions:
                self._ask(question, batch.setting, asker)
            for unit in asker.late():
                self._ask(any_modbus(unit, LONG_WAIT), batch.setting, asker)
            self._ask_neighbours(batch, asker)
        finally:
            port.close()

    def _ask_neighbours(self, batch: Batch, asker: Asker) -> None:
        """Ask the other units at a setting at which one has answered."""
        here = [found for found in self.report.found if found.setting == batch.setting]
        asked = {(question.profile.protocol, question.unit) for question in batch.questions}
        for protocol, ask in (("modbus", any_modbus), ("aibus", any_aibus)):
            if not any(found.protocol == protocol for found in here):
                continue
            possible = AIBUS_UNITS if protocol == "aibus" else SERIAL_UNITS
            for unit in self._scope.units:
                if unit in possible and (protocol, unit) not in asked:
                    self._ask(ask(unit, self._scope.wait), batch.setting, asker)

    def _ask(self, question: Question, setting: Setting, asker: Asker) -> None:
        protocol = question.profile.protocol
        unit = None if protocol == "ascii" else question.unit
        self._done += 1
        if self._is_known(protocol, setting, unit):
            return
        self._watcher.trying(_what(question, setting), self._done, self._total)
        self.report.asked += 1
        reply = asker.ask(question)
        if reply.outcome is Outcome.ECHO:
            self.report.echoes += 1
        elif reply.outcome is Outcome.NOISE:
            self._note_noise(reply.noise)
        elif reply.outcome is Outcome.ANSWER:
            fitting = asker.fits(self._profiles, protocol, question.unit, reply.latency)
            self._note(Found(protocol, setting, unit, reply.latency, reply.says, fitting))

    def _is_known(self, protocol: str, setting: Setting, unit: int | None) -> bool:
        """Return True if this unit has answered at this setting."""
        return any(
            (found.protocol, found.setting, found.unit) == (protocol, setting, unit)
            for found in self.report.found
        )

    def _note(self, found: Found) -> None:
        self.report.found.append(found)
        self._watcher.found(found)

    def _note_noise(self, noise: bytes) -> None:
        self.report.noisy += 1
        self.report.noise = (self.report.noise + noise)[:_SAMPLE]


def _what(question: Question, setting: Setting) -> str:
    """Return what is asked, for the progress."""
    if question.profile.protocol == "ascii":
        return f"{setting}, {question.profile.device}"
    return f"{setting}, {question.profile.protocol} unit {question.unit}"
