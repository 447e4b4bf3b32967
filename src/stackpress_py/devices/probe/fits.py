"""Which of the profiles that come with Stackpress fit a device that answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from stackpress_py.devices.bus.errors import NoReplyError, RefusedError, ReplyError
from stackpress_py.devices.device.links import Link
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.probe.questions import groups
from stackpress_py.devices.probe.read_only import ReadOnlyWire
from stackpress_py.devices.probe.snapshot import Judge
from stackpress_py.devices.probe.suspicions import all_zero, passes


class Grade(IntEnum):
    """How well a profile fits.

    Attributes:
        POSSIBLE: the device has all its registers, but something in them is strange.
        LIKELY: it has all its registers, and what is in them can be true.
        SURE: it says of itself that it is the profile's device.
    """

    POSSIBLE = 1
    LIKELY = 2
    SURE = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """One profile that fits.

    Attributes:
        profile: of the device.
        grade: how well it fits.
        values: that could be read.
        remark: what is strange; empty: nothing.
    """

    profile: DeviceProfile
    grade: Grade
    values: int
    remark: str


def fits(
    profiles: Iterable[DeviceProfile], protocol: str, unit: int, wire: ReadOnlyWire
) -> tuple[Fit, ...]:
    """Return the profiles that fit a device, best first.

    Args:
        profiles: to try.
        protocol: that the device speaks.
        unit: its address.
        wire: to it, open.

    Raises:
        PortError: the port is gone.
    """
    found = (fit(profile, unit, wire) for profile in profiles if profile.protocol == protocol)
    return tuple(sorted((each for each in found if each is not None), key=_rank, reverse=True))


def _rank(each: Fit) -> tuple[Grade, int]:
    return each.grade, each.values


def fit(profile: DeviceProfile, unit: int, wire: ReadOnlyWire) -> Fit | None:
    """Return how well a profile fits a device; None: it does not.

    Args:
        profile: to try.
        unit: address of the device.
        wire: to it, open.

    Raises:
        PortError: the port is gone.
    """
    link = wire.link(profile, unit)
    raws: dict[str, Raw] = {}
    try:
        for names in groups(profile):
            raws.update(_read(link, names, again=profile.protocol == "ascii"))
    except (RefusedError, NoReplyError, ReplyError):
        return None
    return judged(profile, raws)


def _read(link: Link, names: frozenset[str], again: bool) -> dict[str, Raw]:
    """Read points; ``again``: what another profile has asked may stand before the first line."""
    try:
        return link.read(names)
    except (NoReplyError, ReplyError):
        if not again:
            raise
        return link.read(names)


def judged(profile: DeviceProfile, raws: dict[str, Raw]) -> Fit | None:
    """Return how well a profile fits what was read with it, completely; None: it does not."""
    judge = Judge(profile)
    texts = [
        passes(check, profile, judge.decoder, raws)
        for check in profile.checks
        if check.text is not None
    ]
    if not all(texts) or all_zero(profile, raws):
        return None
    found = judge.snapshot(profile.device, 0, raws).findings
    # What to do about it belongs to the reading of this one device.
    wrong = [finding.text.partition(": ")[0] for finding in found if finding.wrong]
    grade = Grade.POSSIBLE if wrong else Grade.LIKELY
    return Fit(profile, Grade.SURE if texts else grade, len(raws), wrong[0] if wrong else "")
