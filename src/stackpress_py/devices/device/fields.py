"""Small types of the device profiles: names, numbers as manuals print them, paths of values."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

_HEX = re.compile(r"-?0x[0-9A-Fa-f]{1,16}")


def _number(found: object) -> object:
    """Take hexadecimal text, as manuals print it."""
    if isinstance(found, str) and _HEX.fullmatch(found):
        return int(found, 16)
    return found


#: A whole number, decimal or ``0x`` hexadecimal.
Integer = Annotated[int, BeforeValidator(_number)]
#: Address of a register, coil or parameter, 0-based as on the wire.
Address = Annotated[int, BeforeValidator(_number), Field(ge=0, le=0xFFFF)]
Bit = Annotated[int, Field(ge=0, le=63)]
#: A value of the device: ``point``, or ``point.bit`` for a named bit of it.
ValuePath = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$", max_length=81)]


def point_of(path: str) -> str:
    """Return the point that a path leads to."""
    return path.partition(".")[0]
