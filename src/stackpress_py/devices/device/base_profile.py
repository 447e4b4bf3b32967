"""What the device profiles of all protocols have in common."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from stackpress_py.devices.device.fields import Name, ValuePath, point_of
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.steps import Check, Heartbeat, Step
from stackpress_py.documents import Document
from stackpress_py.quantities import Duration

#: YAML takes the framings with even parity for numbers.
_READ_AS_NUMBERS = {80.0: "8E1", 800.0: "8E2"}


def _framing(found: object) -> object:
    return _READ_AS_NUMBERS.get(found, found) if isinstance(found, float) else found


Framing = Annotated[Literal["8N1", "8N2", "8E1", "8O1", "8E2", "8O2"], BeforeValidator(_framing)]


class Verification(Document):
    """How far a profile has been proved.

    Attributes:
        level: simulated: against our own simulator only; manual_faithful: after the maker's manual;
            interop_verified: with independent software; hardware_verified: on the device itself.
        source: where the registers and numbers come from.
    """

    level: Literal["simulated", "manual_faithful", "interop_verified", "hardware_verified"]
    source: str = Field(min_length=1)


class LineOffer(Document):
    """How the device may be set up on a serial line; the first of each is the factory setting."""

    bauds: tuple[Annotated[int, Field(ge=300, le=4_000_000)], ...] = Field(min_length=1)
    framings: tuple[Framing, ...] = Field(min_length=1)


class Timing(Document):
    """How fast the device is.

    Attributes:
        reply_latency: longest time from the end of a request to the begin of the answer.
        silence: shortest pause before a request, if it is longer than the protocol's.
        refresh: time in which the device renews its values; asking more often brings nothing new.
    """

    reply_latency: Duration = Field(gt=0.0, le=5.0)
    silence: Duration = Field(default=0.0, ge=0.0, le=1.0)
    refresh: Duration = Field(default=0.0, ge=0.0)


class BaseProfile(Document):
    """What all protocols have in common.

    Attributes:
        device: name of the profile.
        description: maker and type, in words.
        line: serial settings that the device knows; None: it has no serial line.
        checks: what it must say of itself at every connection.
        setup: what is written after each connection, before anything else.
        enable: what is written before the device may move or heat; `until` waits for what it does.
        safe: what is written to make it harmless: after each connection, and whenever action ends.
        faults: bits by which the device says that it has a fault.
        heartbeat: how both sides know that the other one lives.
    """

    device: Name
    description: str = Field(min_length=1)
    verification: Verification
    line: LineOffer | None = None
    timing: Timing
    checks: tuple[Check, ...] = ()
    setup: tuple[Step, ...] = ()
    enable: tuple[Step, ...] = ()
    safe: tuple[Step, ...] = ()
    faults: tuple[ValuePath, ...] = ()
    heartbeat: Heartbeat = Field(default_factory=Heartbeat)

    def all_points(self) -> Mapping[str, Point]:
        """Return the points by their names."""
        raise NotImplementedError

    def closure(self, paths: Iterator[str]) -> frozenset[str]:
        """Return the points that must be read for these values to mean something."""
        points = self.all_points()
        found: set[str] = set()
        waiting = [point_of(path) for path in paths]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += [point_of(path) for path in points[name].needs]
        return frozenset(found)

    @model_validator(mode="after")
    def _names(self) -> "BaseProfile":
        if any(step.until for step in (*self.setup, *self.safe)):
            raise ValueError("only a step of `enable` can wait for a bit with `until`")
        for place, path, reads in self._mentioned():
            problem = self.why_no_value(path) if reads else self._why_not_written(path)
            if problem:
                raise ValueError(f"{place}: {problem}")
        for place, name, raw in self._raws():
            if problem := self.all_points()[name].why_not_raw(raw):
                raise ValueError(f"{place}: '{name}' cannot be written: {problem}")
        return self

    def why_no_value(self, path: str) -> str:
        """Return why a path leads to no value that can be read; empty: it does."""
        points = self.all_points()
        name, _, bit = path.partition(".")
        if name not in points:
            return f"{self.device} has no point '{name}'; it has {', '.join(points)}"
        if not points[name].read:
            return f"the point '{name}' of {self.device} is written only"
        if bit and bit not in points[name].bits:
            known = ", ".join(points[name].bits) or "none"
            return f"the point '{name}' of {self.device} has no bit '{bit}'; it has {known}"
        return ""

    def _why_not_written(self, name: str) -> str:
        points = self.all_points()
        if name not in points:
            return f"{self.device} has no point '{name}'; it has {', '.join(points)}"
        return "" if points[name].write else f"the point '{name}' has no `write`"

    def _raws(self) -> Iterator[tuple[str, str, int | float]]:
        """Yield every raw number that is written: where, to which point, and the number."""
        for place, steps in self._sequences():
            yield from ((place, step.write, step.raw) for step in steps)
        for check in self.checks:
            if check.set and check.raw is not None:
                yield "checks", check.point, check.raw
        for name, point in self.all_points().items():
            if point.write is not None and point.write.rest is not None:
                yield f"points.{name}.write.rest", name, point.write.rest

    def _sequences(self) -> tuple[tuple[str, tuple[Step, ...]], ...]:
        return ("setup", self.setup), ("enable", self.enable), ("safe", self.safe)

    def _mentioned(self) -> Iterator[tuple[str, str, bool]]:
        """Yield every mention of a point: where, its path, and whether it is read or written."""
        for name, point in self.all_points().items():
            yield from ((f"points.{name}", path, True) for path in point.needs)
        for check in self.checks:
            yield "checks", check.point, True
            if check.set:
                yield "checks", check.point, False
        for place, steps in self._sequences():
            for step in steps:
                yield place, step.write, False
                if step.unless is not None:
                    yield place, step.unless, True
                yield from ((place, path, True) for path in step.until)
                if step.verify:
                    yield place, step.write, True
        yield from (("faults", path, True) for path in self.faults)
        beat = self.heartbeat
        if beat.write is not None:
            yield "heartbeat.write", beat.write, False
        for path in (beat.echo, beat.sequence):
            if path is not None:
                yield "heartbeat", path, True
