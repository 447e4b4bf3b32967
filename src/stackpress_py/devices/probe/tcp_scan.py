"""The search for devices behind one TCP connection."""

from collections.abc import Iterable
from dataclasses import replace

from stackpress_py.devices.bus.errors import PortError
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.probe.asker import Asker, Outcome
from stackpress_py.devices.probe.questions import any_modbus
from stackpress_py.devices.probe.read_only import REAL_TIME, Time, tcp_wire
from stackpress_py.devices.probe.report import Found, ScanReport, Watcher
from stackpress_py.devices.probe.scope import TCP_UNITS, Scope
from stackpress_py.devices.probe.tap import Tapped


class TcpScan:
    """Search the units behind a TCP connection.

    Args:
        port: closed.
        scope: of the search; its settings of serial lines mean nothing here.
        profiles: that are known.
        watcher: who looks on.
        when: clock.

    Attributes:
        report: what was found so far.
    """

    def __init__(
        self,
        port: Tapped,
        scope: Scope,
        profiles: Iterable[DeviceProfile],
        watcher: Watcher,
        when: Time = REAL_TIME,
    ) -> None:
        self.report = ScanReport()
        self._port = port
        self._scope = scope
        self._profiles = tuple(profiles)
        self._watcher = watcher
        self._wire = tcp_wire(port, when)
        self._asker = Asker(lambda protocol: self._wire)

    def run(self) -> ScanReport:
        """Search and return what was found.

        Raises:
            PortError: nobody takes the connection.
        """
        units = tuple(dict.fromkeys((*TCP_UNITS, *self._scope.units)))
        self._wire.tap.open()
        try:
            for number, unit in enumerate(units):
                self._watcher.trying(f"unit {unit}", number, len(units))
                self._ask(unit)
                if self._answers_to_all() and not self._scope.everything:
                    (first, *_) = self.report.found
                    self.report.found = [replace(first, says=f"{first.says}, whatever the unit")]
                    break
        finally:
            self._wire.tap.close()
        self.report.complete = True
        return self.report

    def _ask(self, unit: int) -> None:
        self.report.asked += 1
        # Some devices end the connection when another unit is asked.
        self._wire.tap.open()
        try:
            reply = self._asker.ask(any_modbus(unit, self._scope.tcp_wait))
            if reply.outcome is Outcome.ANSWER:
                fitting = self._asker.fits(self._profiles, "modbus", unit, reply.latency)
                found = Found("modbus", None, unit, reply.latency, reply.says, fitting)
                self.report.found.append(found)
                self._watcher.found(found)
        except PortError:
            self.report.ended += 1
            return
        if reply.outcome is Outcome.GATEWAY:
            self.report.behind_gateway += 1
        elif reply.outcome is Outcome.NOISE:
            self.report.noisy += 1

    def _answers_to_all(self) -> bool:
        """Return True for a single device: it does not look at the unit."""
        units = {found.unit for found in self.report.found}
        return units.issuperset(TCP_UNITS)
