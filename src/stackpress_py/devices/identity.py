"""Whether the device on the bus is the press that the profile describes; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stackpress_py.devices.profile import PressProfile
from stackpress_py.devices.registers import Point, Register
from stackpress_py.quantities import (
    DURATION,
    FORCE,
    LENGTH,
    TEMPERATURE,
    VELOCITY,
    Kind,
    format_quantity,
)


def wrong_identity(profile: PressProfile, words: Sequence[int]) -> str:
    """Return why a device with this identity block is not the profile's press; empty: it is."""
    expected = profile.identity.device
    text = b"".join(word.to_bytes(2, "big") for word in words)
    if not text.startswith(expected.encode("ascii", "replace")):
        found = text[: len(expected)].decode("ascii", "replace").strip("\0 ")
        return (
            f"the device says that it is '{found}', and profile {profile.press} is for"
            f" '{expected}': choose the profile of this press"
        )
    for rule in _rules(profile):
        problem = rule.problem(words)
        if problem:
            return f"{problem}: correct profile {profile.press}"
    return ""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A number that the device tells of itself must not contradict the profile's.

    Attributes:
        name: of the number.
        point: where the device tells it.
        ours: the profile's.
        kind: of quantity.
        sign: 1 if the device's number must be at least ours, -1 if at most.
    """

    name: str
    point: Point
    ours: float
    kind: Kind
    sign: int

    def problem(self, words: Sequence[int]) -> str:
        """Return one sentence if there is a contradiction."""
        own = self.point.decode(words)
        if self.sign * (own - self.ours) >= -1e-6 * abs(self.ours):
            return ""
        relation = "more" if self.sign > 0 else "less"
        return (
            f"the press's own {self.name} is {format_quantity(own, self.kind)}, and the profile"
            f" says {relation}, {format_quantity(self.ours, self.kind)}"
        )


def _rules(profile: PressProfile) -> Iterator[_Rule]:
    identity, limits, trips = profile.identity, profile.limits, profile.trips
    table: tuple[tuple[str, Register | None, float, Kind, int], ...] = (
        ("force limit", identity.force_limit, trips.force, FORCE, 1),
        ("travel", identity.travel, limits.travel, LENGTH, 1),
        ("velocity limit", identity.velocity_limit, limits.velocity, VELOCITY, 1),
        ("temperature limit", identity.temperature_limit, trips.temperature, TEMPERATURE, 1),
        ("watchdog time", identity.watchdog_time, profile.watchdogs.device, DURATION, -1),
    )
    for name, register, ours, kind, sign in table:
        if register is not None:
            point = Point.of(register, identity.address, profile.link.word_order, kind)
            yield _Rule(name, point, ours, kind, sign)
