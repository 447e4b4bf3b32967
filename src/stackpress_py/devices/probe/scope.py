"""What a search covers, and in which order it is tried; pure.

A line has one setting, so all settings are tried with the first unit before the others are asked.
Profiles know the factory settings of their devices: these come first of all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.probe.questions import (
    LONG_WAIT,
    USUAL_WAIT,
    Question,
    any_aibus,
    any_modbus,
    known,
    listens,
)
from stackpress_py.devices.probe.read_only import Setting

PROTOCOLS = ("modbus", "aibus", "ascii")
#: Most usual first.
BAUDS = (9600, 19200, 115200, 38400, 57600, 4800, 2400, 230400)
#: 8N1 also reaches a device that is set to 8N2, and 8E1 one that is set to 8E2: a receiver looks at
#: the first stop bit only.
FRAMINGS = ("8N1", "8E1", "8O1")
AIBUS_BAUDS = (9600, 19200, 4800)
AIBUS_UNITS = range(1, 81)
#: 0 is everybody, whom nobody answers, and those above are reserved.
SERIAL_UNITS = range(1, 248)
#: A device with another parity is rarer than one with another baud rate.
_FRAMING_WEIGHT = 2
UNITS = tuple(range(1, 17))
#: A device that is no gateway mostly answers to one of these.
TCP_UNITS = (1, 255, 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search covers.

    Attributes:
        protocols: of PROTOCOLS.
        bauds, framings: of serial lines; empty: the usual ones.
        units: addresses, in their order.
        given_wait: s, longest time to the begin of an answer; None: the usual one.
        everything: go on after something has answered.
    """

    protocols: tuple[str, ...] = PROTOCOLS
    bauds: tuple[int, ...] = ()
    framings: tuple[str, ...] = ()
    units: tuple[int, ...] = UNITS
    given_wait: float | None = None
    everything: bool = False

    @property
    def wait(self) -> float:
        """Longest time to the begin of an answer on a serial line, s."""
        return USUAL_WAIT if self.given_wait is None else self.given_wait

    @property
    def tcp_wait(self) -> float:
        """The same over TCP, s: a gateway asks its device first."""
        return LONG_WAIT if self.given_wait is None else self.given_wait

    def settings(self) -> list[Setting]:
        """Return the settings of a line, most usual first."""
        return _in_order(self.bauds or BAUDS, self.framings or FRAMINGS)

    def allows(self, setting: Setting) -> bool:
        """Return True unless the user has excluded a setting."""
        baud = not self.bauds or setting.baud in self.bauds
        return baud and (not self.framings or setting.framing in self.framings)


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions at one setting.

    Attributes:
        setting: of the line.
        questions: in their order.
    """

    setting: Setting
    questions: tuple[Question, ...] = field(default=())


def batches(scope: Scope, profiles: Iterable[DeviceProfile]) -> list[Batch]:
    """Return all questions of a search, likeliest first."""
    profiles = tuple(profiles)
    units = tuple(unit for unit in scope.units if unit in SERIAL_UNITS)
    first, others = units[:1], units[1:]
    plan = [batch for unit in first for batch in _as_shipped(scope, profiles, unit)]
    plan += _everywhere(scope, profiles, first)
    plan += _everywhere(scope, (), others)
    return [batch for batch in plan if batch.questions]


def _as_shipped(scope: Scope, profiles: Iterable[DeviceProfile], unit: int) -> Iterator[Batch]:
    """Yield what finds a device of a known kind as it comes from its maker."""
    found: dict[Setting, list[Question]] = {}
    for profile in _asked(scope, profiles):
        for setting in _offers(profile)[:1]:
            if scope.allows(setting):
                found.setdefault(setting, []).append(known(profile, unit))
    usual = {setting: rank for rank, setting in enumerate(scope.settings())}
    for setting in sorted(found, key=lambda setting: usual.get(setting, len(usual))):
        yield Batch(setting, tuple(found[setting]))


def _everywhere(
    scope: Scope, profiles: Iterable[DeviceProfile], units: tuple[int, ...]
) -> Iterator[Batch]:
    """Yield questions to units at every setting."""
    texts = [profile for profile in _asked(scope, profiles) if profile.protocol == "ascii"]
    settings = scope.settings()
    for setting in settings:
        questions: list[Question] = []
        if "modbus" in scope.protocols:
            questions += [any_modbus(unit, scope.wait) for unit in units]
        if "aibus" in scope.protocols and _speaks_aibus(scope, setting):
            questions += [any_aibus(unit, scope.wait) for unit in units if unit in AIBUS_UNITS]
        questions += [known(profile, 0) for profile in texts if setting in _offers(profile)]
        yield Batch(setting, tuple(questions))


def _speaks_aibus(scope: Scope, setting: Setting) -> bool:
    bauds, framings = scope.bauds or AIBUS_BAUDS, scope.framings or ("8N1",)
    return setting.baud in bauds and setting.framing in framings


def _asked(scope: Scope, profiles: Iterable[DeviceProfile]) -> list[DeviceProfile]:
    return [
        profile
        for profile in profiles
        if profile.protocol in scope.protocols and not listens(profile)
    ]


def _offers(profile: DeviceProfile) -> list[Setting]:
    """Return the settings that a device knows, the factory's first."""
    if profile.line is None:
        return []
    return [
        Setting(baud, framing) for baud in profile.line.bauds for framing in profile.line.framings
    ]


def _in_order(bauds: Iterable[int], framings: Iterable[str]) -> list[Setting]:
    ranked = [
        (rank + _FRAMING_WEIGHT * other, rank, Setting(baud, framing))
        for rank, baud in enumerate(bauds)
        for other, framing in enumerate(framings)
    ]
    return [setting for *_, setting in sorted(ranked, key=lambda item: item[:2])]
