"""ROS message definitions as text: found, parsed, and joined as MCAP wants them (``ros2msg``).

Source of the joined form: MCAP specification, appendix 'Schema Encodings', ros2msg.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PRIMITIVES = frozenset(
    [
        "bool",
        "byte",
        "char",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float32",
        "float64",
        "string",
        "wstring",
    ]
)
SEPARATOR = "=" * 80

#: Type, bound of a string, array, name; a default value may follow.
_FIELD = re.compile(
    r"^(?P<type>[\w/]+)(?:<=\d+)?(?P<array>\[(?:<=)?\d*\])?\s+(?P<name>[A-Za-z]\w*)"
)
_CONSTANT = re.compile(r"^[\w/]+(?:<=\d+)?\s+\w+\s*=")


class SchemaError(ValueError):
    """A message definition is missing or not understood; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message.

    Attributes:
        name: as in the definition.
        type: a primitive, or the full name of a message ("std_msgs/msg/Header").
        length: None for a single value, -1 for a sequence, else the length of the array.
    """

    name: str
    type: str
    length: int | None


@dataclass(frozen=True, slots=True)
class Schema:
    """One message type with everything that it is made of.

    Attributes:
        name: full name, "stackpress/msg/PressState".
        text: definition followed by those of all nested types (encoding ``ros2msg``).
        type_hash: RIHS01 hash of the type; empty if it is not installed.
    """

    name: str
    text: str
    type_hash: str = ""

    @property
    def types(self) -> Mapping[str, tuple[Field, ...]]:
        """Fields by full name, of this type and all nested ones."""
        return _parse_joined(self.name, self.text)


def share_directories() -> list[Path]:
    """Return the ``share`` folders of ``AMENT_PREFIX_PATH``, and of Python's own prefix."""
    prefixes = [p for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    return [Path(prefix) / "share" for prefix in dict.fromkeys([*prefixes, sys.prefix])]


def load(name: str, shares: Sequence[Path]) -> Schema:
    """Return the schema of a type such as "std_msgs/msg/Header".

    Args:
        name: full name of the type.
        shares: folders that hold ``<package>/msg/<Name>.msg``.

    Raises:
        SchemaError: a definition is missing or not understood.
    """
    texts = {name: _read(name, shares)}
    waiting = list(_nested(name, texts[name]))
    while waiting:
        nested = waiting.pop(0)
        if nested not in texts:
            texts[nested] = _read(nested, shares)
            waiting += _nested(nested, texts[nested])
    parts = [texts.pop(name)]
    for nested, text in texts.items():
        package, _, short = nested.split("/")
        parts.append(f"{SEPARATOR}\nMSG: {package}/{short}\n{text}")
    return Schema(name, "\n".join(parts), _type_hash(name, shares))


def fields(name: str, text: str) -> Iterator[Field]:
    """Yield the fields of one definition (without nested ones).

    Raises:
        SchemaError: a line is not understood.
    """
    package = name.split("/")[0]
    for line in text.splitlines():
        code = line.split("#", 1)[0].strip()
        if not code or _CONSTANT.match(code):
            continue
        match = _FIELD.match(code)
        if match is None:
            raise SchemaError(f"{name}: the line '{line.strip()}' is not a field of a message")
        yield Field(match["name"], _full(match["type"], package), _length(match["array"]))


def _nested(name: str, text: str) -> Iterator[str]:
    return (field.type for field in fields(name, text) if field.type not in PRIMITIVES)


def _full(type_name: str, package: str) -> str:
    if type_name in PRIMITIVES:
        return type_name
    parts = type_name.split("/")
    return f"{parts[0] if len(parts) > 1 else package}/msg/{parts[-1]}"


def _length(array: str | None) -> int | None:
    if array is None:
        return None
    return int(array[1:-1]) if array[1:-1].isdigit() else -1


def _read(name: str, shares: Sequence[Path]) -> str:
    package, _, short = name.split("/")
    for share in shares:
        file = share / package / "msg" / f"{short}.msg"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    places = ", ".join(str(share) for share in shares)
    raise SchemaError(f"the definition of {name} is in none of {places}: install {package}")


def _type_hash(name: str, shares: Sequence[Path]) -> str:
    package, _, short = name.split("/")
    for share in shares:
        file = share / package / "msg" / f"{short}.json"
        if file.is_file():
            hashes = json.loads(file.read_text(encoding="utf-8"))["type_hashes"]
            return str(next(h["hash_string"] for h in hashes if h["type_name"] == name))
    return ""


@cache
def _parse_joined(name: str, text: str) -> Mapping[str, tuple[Field, ...]]:
    first, *others = text.split(SEPARATOR + "\n")
    types = {name: tuple(fields(name, first))}
    for part in others:
        head, _, body = part.partition("\n")
        package, short = head.removeprefix("MSG: ").strip().split("/")
        nested = f"{package}/msg/{short}"
        types[nested] = tuple(fields(nested, body))
    return types
