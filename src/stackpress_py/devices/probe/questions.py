"""What is asked of a device of which nothing is known, and of one whose profile is known; pure."""

from dataclasses import dataclass
from functools import lru_cache

from stackpress_py import documents
from stackpress_py.devices.device.plan import read_blocks
from stackpress_py.devices.device.profile import (
    AibusProfile,
    AsciiProfile,
    DeviceProfile,
    ModbusProfile,
)

#: s within which most devices begin their answer.
USUAL_WAIT = 0.1
#: s for those that were too late.
LONG_WAIT = 1.0

# An exception is an answer too, so any register will do.
_ANY_MODBUS = """
device: any
description: any device that speaks Modbus
protocol: modbus
verification: {{level: simulated, source: none}}
timing: {{reply_latency: {wait} s}}
modbus: {{functions: [3]}}
points:
  first: {{address: 0}}
"""

# Every answer of AIBUS tells the measured value.
_ANY_AIBUS = """
device: any
description: any instrument that speaks AIBUS
protocol: aibus
verification: {{level: simulated, source: none}}
timing: {{reply_latency: {wait} s}}
points:
  measured: {{answer: process_value}}
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One reading of one unit.

    Attributes:
        profile: of the device that may be there, or of any.
        unit: that is asked.
        names: points that are read.
    """

    profile: DeviceProfile
    unit: int
    names: frozenset[str]

    def patient(self) -> "Question":
        """Return the same question with a long wait."""
        return Question(patient(self.profile, LONG_WAIT), self.unit, self.names)


def any_modbus(unit: int, wait: float) -> Question:
    """Return a question that every Modbus device answers somehow.

    Args:
        unit: to ask.
        wait: s, longest time to the begin of an answer.
    """
    return Question(_any("modbus", wait), unit, frozenset(("first",)))


def any_aibus(unit: int, wait: float) -> Question:
    """Return a question that every AIBUS instrument answers; arguments as for :func:`any_modbus`."""
    return Question(_any("aibus", wait), unit, frozenset(("measured",)))


@lru_cache(maxsize=8)
def _any(protocol: str, wait: float) -> DeviceProfile:
    if protocol == "modbus":
        return documents.loads(_ANY_MODBUS.format(wait=wait), ModbusProfile)
    return documents.loads(_ANY_AIBUS.format(wait=wait), AibusProfile)


def known(profile: DeviceProfile, unit: int) -> Question:
    """Return the first question of a profile's readable points."""
    return Question(profile, unit, groups(profile)[0])


def groups(profile: DeviceProfile) -> tuple[frozenset[str], ...]:
    """Return the readable points of a profile, those of one request together."""
    names = [name for name, point in profile.all_points().items() if point.read]
    if isinstance(profile, ModbusProfile):
        blocks = read_blocks(names, profile.points, profile.modbus)
        return tuple(frozenset(block.names) for block in blocks)
    if isinstance(profile, AibusProfile):
        return _by_parameter(profile, names)
    queries = {profile.points[name].query: None for name in names}
    return tuple(
        frozenset(name for name in names if profile.points[name].query == query)
        for query in queries
    )


def _by_parameter(profile: AibusProfile, names: list[str]) -> tuple[frozenset[str], ...]:
    told = frozenset(name for name in names if profile.points[name].parameter is None)
    codes = {code: None for name in names if (code := profile.points[name].parameter) is not None}
    asked = tuple(
        frozenset(name for name in names if profile.points[name].parameter == code)
        for code in codes
    )
    return (told, *asked) if told else asked


def listens(profile: DeviceProfile) -> bool:
    """Return True for a device that sends its lines unasked, and hears nothing."""
    return isinstance(profile, AsciiProfile) and not all(
        profile.queries[point.query].send for point in profile.points.values()
    )


def patient(profile: DeviceProfile, wait: float) -> DeviceProfile:
    """Return a profile whose device may take at least so many seconds to answer."""
    wait = max(wait, profile.timing.reply_latency)
    timing = profile.timing.model_copy(update={"reply_latency": wait})
    return profile.model_copy(update={"timing": timing})
