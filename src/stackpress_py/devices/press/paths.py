"""Paths of values in a press profile: ``device.point``, ``device.point.bit``, ``not ...``."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

_PART = r"[a-z][a-z0-9_]*"

#: A value that is read.
Signal = Annotated[str, Field(pattern=rf"^{_PART}\.{_PART}(\.{_PART})?$", max_length=130)]
#: A bit that is read; with ``not`` in front its opposite is meant.
Flag = Annotated[str, Field(pattern=rf"^(not )?{_PART}\.{_PART}(\.{_PART})?$", max_length=130)]
#: A value or a bit that is written.
Target = Signal


@dataclass(frozen=True, slots=True)
class Place:
    """A path taken apart.

    Attributes:
        device: name of the device in the press profile.
        path: of the value in the device, ``point`` or ``point.bit``.
        negated: the opposite is meant.
    """

    device: str
    path: str
    negated: bool = False


def place(text: str) -> Place:
    """Return a path taken apart."""
    bare = text.removeprefix("not ")
    device, _, path = bare.partition(".")
    return Place(device, path, bare != text)
