"""The profile of a device that speaks in lines of text."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from stackpress_py.devices.device.base_profile import BaseProfile
from stackpress_py.devices.device.fields import Name
from stackpress_py.devices.device.point import Point
from stackpress_py.devices.device.points import AsciiPoint
from stackpress_py.documents import Document


class Query(Document):
    """One question of a line-oriented device.

    Attributes:
        send: text that is sent; empty: the device sends its lines unasked.
        pattern: regular expression that a right answer matches from begin to end; named groups hold
            the values.
        refused: other answers that the device is known to give, with what they mean.
        checksum: sum64: before the end of each line, both ways, stands one character more: 64 + the
            sum of all before it, modulo 64. It is no part of ``send`` and ``pattern``.
    """

    send: str = ""
    pattern: str
    refused: dict[str, str] = Field(default_factory=dict)
    checksum: Literal["sum64"] | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """Named groups of the pattern."""
        return tuple(re.compile(self.pattern).groupindex)

    @model_validator(mode="after")
    def _patterns(self) -> "Query":
        for text in (self.pattern, *self.refused):
            try:
                re.compile(text.encode("ascii"))
            except (re.error, UnicodeEncodeError) as error:
                raise ValueError(f"'{text}' is no regular expression: {error}") from None
        if any(re.compile(text).groupindex for text in self.refused):
            raise ValueError("`refused` holds no values: leave (?P<...>) out of it")
        return self


class AsciiProfile(BaseProfile):
    """A device that speaks in lines of text.

    Attributes:
        terminator: end of a line, both ways.
        queries: what it can be asked.
    """

    protocol: Literal["ascii"]
    terminator: str = Field(default="\r\n", min_length=1, max_length=4)
    queries: dict[Name, Query] = Field(min_length=1)
    points: dict[Name, AsciiPoint] = Field(min_length=1)

    def all_points(self) -> Mapping[str, Point]:
        """Return the points by their names."""
        return self.points

    @model_validator(mode="after")
    def _groups(self) -> "AsciiProfile":
        for name, point in self.points.items():
            query = self.queries.get(point.query)
            if query is None:
                known = ", ".join(self.queries)
                raise ValueError(f"points.{name}: no query '{point.query}'; there are {known}")
            for group in point.groups:
                if group not in query.groups:
                    raise ValueError(
                        f"points.{name}: the pattern of '{point.query}' has no group"
                        f" (?P<{group}>...)"
                    )
        return self
