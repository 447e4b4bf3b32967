"""All that a device tells at one moment, and what is wrong with it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stackpress_py.devices.bus.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.bus.rtu_frames import SHORTEST_FRAME
from stackpress_py.devices.device.decoding import Decoder, Raws
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import AibusPoint, ModbusPoint
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.probe.questions import LONG_WAIT, groups, patient
from stackpress_py.devices.probe.read_only import ReadOnlyWire
from stackpress_py.devices.probe.suspicions import Finding, findings
from stackpress_py.devices.probe.unknowns import Explainer

#: Requests in a row without an answer after which a device that has not answered any is absent.
SILENCES = 2


@dataclass(frozen=True, slots=True)
class PointReading:
    """One point.

    Attributes:
        name: of the point.
        point: of the profile.
        raw: as the device gives it; None: it could not be read.
        value: in SI; NaN: not known, or a text.
        bits: named bits that are set.
        unknown: why the value is not known; empty: it is, or was not read.
        problem: why it could not be read; empty: it was.
        latency: s that the answer took; 0: not measured.
    """

    name: str
    point: Point
    raw: Raw | None
    value: float
    bits: tuple[str, ...]
    unknown: str
    problem: str
    latency: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One device at one moment.

    Attributes:
        name: of the device.
        profile: of the device.
        unit: its address.
        readings: of its readable points.
        findings: what there is to look at, besides what the readings say.
    """

    name: str
    profile: DeviceProfile
    unit: int
    readings: tuple[PointReading, ...]
    findings: tuple[Finding, ...]

    @property
    def fine(self) -> bool:
        """Everything was read and known, and nothing is wrong."""
        read = all(not reading.problem and not reading.unknown for reading in self.readings)
        return read and not any(finding.wrong for finding in self.findings)


@dataclass(slots=True)
class _Round:
    """What the requests of one round gave."""

    raws: dict[str, Raw] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    latencies: dict[str, float] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    answered: bool = False
    silences: int = 0


class DeviceReader:
    """Read all readable points of a device.

    Args:
        name: of the device, for messages.
        profile: of the device.
        unit: its address.
        wire: to it, open.
    """

    def __init__(self, name: str, profile: DeviceProfile, unit: int, wire: ReadOnlyWire) -> None:
        self.name = name
        self.profile = profile
        self.unit = unit
        self._wire = wire
        self._link = wire.link(profile, unit)
        self._groups = groups(profile)
        self._judge = Judge(profile)

    def read(self) -> Snapshot:
        """Return all that the device tells now.

        Raises:
            NoReplyError: it does not answer at all.
            PortError: the port is gone.
        """
        heard = _Round()
        for names in self._groups:
            self._read(names, heard)
        if not heard.raws:
            heard.findings.append(
                Finding(
                    f"the device answers, and refuses all that {self.profile.device} has: it is"
                    " another one; find out which with a search of this port"
                )
            )
        judged = self._judge.snapshot(self.name, self.unit, heard.raws)
        readings = tuple(
            replace(
                reading,
                unknown="" if reading.name in heard.problems else reading.unknown,
                problem=heard.problems.get(reading.name, ""),
                latency=heard.latencies.get(reading.name, 0.0),
            )
            for reading in judged.readings
        )
        return replace(judged, readings=readings, findings=(*heard.findings, *judged.findings))

    def _read(self, names: frozenset[str], heard: _Round) -> None:
        try:
            self._ask(names, heard)
            heard.answered = True
        except RefusedError as error:
            heard.answered = True
            if len(names) > 1:
                self._read_alone(names, heard)
            else:
                heard.problems[min(names)] = f"{error}{_where(self.profile, min(names))}"
        except NoReplyError as error:
            heard.silences += 1
            if not heard.answered and heard.silences >= min(SILENCES, len(self._groups)):
                raise
            heard.problems.update(dict.fromkeys(names, str(error)))
        except ReplyError as error:
            heard.problems.update(dict.fromkeys(names, str(error)))

    def _read_alone(self, names: frozenset[str], heard: _Round) -> None:
        """Find out which point of a request is refused."""
        for name in sorted(names):
            self._read(frozenset((name,)), heard)
        if not any(name in heard.problems for name in names):
            heard.findings.append(
                Finding(
                    f"{', '.join(sorted(names))}: refused in one request and given one by one; make"
                    " `bridge` or `most_read` of the profile smaller"
                )
            )

    def _ask(self, names: frozenset[str], heard: _Round) -> None:
        try:
            raws = self._link.read(names)
        except ReplyError:
            # Once is a glitch.
            raws = self._link.read(names)
        except NoReplyError:
            self._wait_longer(heard)
            raws = self._link.read(names)
        heard.raws.update(raws)
        heard.latencies.update(dict.fromkeys(names, self._wire.latency))

    def _wait_longer(self, heard: _Round) -> None:
        """Find out whether the device is only slow; if so, be patient from now on."""
        tap = self._wire.tap
        tap.forget()
        while tap.read(LONG_WAIT):
            pass
        if len(tap.heard) < SHORTEST_FRAME:
            return
        self._link = self._wire.link(patient(self.profile, LONG_WAIT), self.unit)
        allowed = self.profile.timing.reply_latency
        heard.findings.append(
            Finding(
                f"the device answers later than the {1e3 * allowed:g} ms of the profile: make its"
                " `reply_latency` longer, or the delay in the device's menu shorter"
            )
        )


class Judge:
    """What raw values of a device mean, and what is wrong with them; pure.

    Args:
        profile: of the device.
    """

    def __init__(self, profile: DeviceProfile) -> None:
        self._profile = profile
        self._points = {n: p for n, p in profile.all_points().items() if p.read}
        numbers = [name for name, point in self._points.items() if not point.is_text]
        bits = [f"{name}.{bit}" for name, point in self._points.items() for bit in point.bits]
        self._decoder = Decoder(profile, (*numbers, *bits))
        self._explainer = Explainer(profile, self._decoder)

    @property
    def decoder(self) -> Decoder:
        """Of all readable values."""
        return self._decoder

    def snapshot(self, name: str, unit: int, raws: Raws) -> Snapshot:
        """Return what raw values mean; what is not among them is not known."""
        values = self._decoder.values(raws)
        readings = tuple(self._reading(point, raws, values) for point in self._points)
        found = findings(self._profile, self._decoder, raws, values)
        return Snapshot(name, self._profile, unit, readings, found)

    def _reading(self, name: str, raws: Raws, values: Mapping[str, float]) -> PointReading:
        point = self._points[name]
        bits = tuple(bit for bit in point.bits if values[f"{name}.{bit}"] == 1.0)
        unknown = self._explainer.why_unknown(name, raws)
        value = values.get(name, math.nan)
        return PointReading(name, point, raws.get(name), value, bits, unknown, "", 0.0)


def _where(profile: DeviceProfile, name: str) -> str:
    """Return where a point lies, for a message."""
    point = profile.all_points()[name]
    if isinstance(point, ModbusPoint):
        kind = "bit" if point.is_bit else "register"
        return f", at {point.table} {kind} {point.address} ({point.address:04X}h)"
    if isinstance(point, AibusPoint) and point.parameter is not None:
        return f", at parameter {point.parameter:02X}h"
    return ""
