"""Decode CDR, the serialisation of ROS 2 messages: one as a dict, or many at once as columns.

Source: OMG DDS-XTypes 1.3, section 7.4.3 (XCDR version 1, plain CDR): four bytes of encapsulation
header, then values aligned to their own size, counted from the end of the header.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stackpress_py.record.schema import Field, Schema

_FORMATS = {
    "bool": "?", "byte": "B", "char": "B", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H",
    "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
_HEADER = 4


class CdrError(ValueError):
    """A message does not fit its schema; the message is one sentence."""


@dataclass(slots=True)
class _Layout:
    """Where the parts of one message lie, in bytes from its beginning.

    Attributes:
        scalars: offset and struct format of each single value, by its dotted path.
        lengths: offset and value of each length on which the offsets behind it depend.
    """

    scalars: dict[str, tuple[int, str]] = field(default_factory=dict)
    lengths: list[tuple[int, int]] = field(default_factory=list)


def decode(schema: Schema, data: bytes) -> dict[str, Any]:
    """Return a message as nested dicts and lists.

    Raises:
        CdrError: the bytes are not such a message.
    """
    return _walk(schema, data)[0]


def stamp_of(message: Mapping[str, Any]) -> float:
    """Return the stamp in a decoded message's header, s since the epoch."""
    stamp = message["header"]["stamp"]
    return float(stamp["sec"]) + float(stamp["nanosec"]) * 1e-9


def columns(
    schema: Schema, messages: Sequence[bytes], names: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """Return single values of many messages of one type as arrays, in the messages' order.

    Messages whose strings and sequences have equal lengths have their values at equal places, so
    that all of them are read in one go.

    Args:
        schema: of the type.
        messages: serialised.
        names: dotted paths of primitive, single fields, e.g. "header.stamp.sec".

    Raises:
        CdrError: a message does not fit the schema.
    """
    parts: dict[str, list[NDArray[Any]]] = {name: [np.empty(0)] for name in names}
    order: list[NDArray[np.intp]] = [np.empty(0, np.intp)]
    rest: NDArray[np.intp] = np.arange(len(messages))
    sizes = np.fromiter((len(message) for message in messages), dtype=np.intp)
    while rest.size:
        alike, rows, layout = _alike(schema, messages, rest[sizes[rest] == sizes[rest[0]]])
        for name in names:
            parts[name].append(_column(rows, layout, name, messages[rest[0]]))
        order.append(alike)
        rest = np.setdiff1d(rest, alike, assume_unique=True)
    back = np.argsort(np.concatenate(order))
    kept = {name: part[1:] or part for name, part in parts.items()}
    return {name: np.concatenate(part)[back] for name, part in kept.items()}


def _alike(
    schema: Schema, messages: Sequence[bytes], same_size: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.uint8], _Layout]:
    """Return which messages of one size are laid out as the first, their bytes as rows, and how."""
    first = messages[same_size[0]]
    _, layout = _walk(schema, first)
    rows = np.frombuffer(b"".join([messages[i] for i in same_size]), np.uint8)
    rows = rows.reshape(len(same_size), len(first))
    fits = _fits(rows, layout, first)
    return same_size[fits], rows[fits], layout


def _fits(rows: NDArray[np.uint8], layout: _Layout, first: bytes) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = (rows[:, :_HEADER] == rows[0, :_HEADER]).all(axis=1)
    for offset, value in layout.lengths:
        result &= _view(rows, offset, _order(first) + "I") == value
    return result


def _column(rows: NDArray[np.uint8], layout: _Layout, name: str, first: bytes) -> NDArray[Any]:
    if name not in layout.scalars:
        raise CdrError(f"the message has no single value '{name}'")
    offset, code = layout.scalars[name]
    return _view(rows, offset, _order(first) + code)


def _view(rows: NDArray[np.uint8], offset: int, code: str) -> NDArray[Any]:
    size = struct.calcsize(code)
    return np.ascontiguousarray(rows[:, offset : offset + size]).view(np.dtype(code))[:, 0]


def _order(data: bytes) -> str:
    return "<" if data[1] & 1 else ">"


def _walk(schema: Schema, data: bytes) -> tuple[dict[str, Any], _Layout]:
    walker = _Walker(schema, data)
    try:
        return walker.message(schema.name, ""), walker.layout
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise CdrError(f"{len(data)} bytes are not a {schema.name}: {error}") from error


class _Walker:
    """Goes through one message from its beginning to its end."""

    def __init__(self, schema: Schema, data: bytes) -> None:
        self._types = schema.types
        self._data = data
        self._order = _order(data)
        self._at = _HEADER
        self.layout = _Layout()

    def message(self, name: str, path: str) -> dict[str, Any]:
        """Return the message that begins here."""
        return {f.name: self._field(f, f"{path}{f.name}") for f in self._types[name]}

    def _field(self, f: Field, path: str) -> Any:
        if f.length is None:
            return self._value(f.type, path)
        count = self._length() if f.length < 0 else f.length
        code = _FORMATS.get(f.type)
        if code is not None:
            return self._array(code, count)
        return [self._value(f.type, f"{path}[{index}]") for index in range(count)]

    def _array(self, code: str, count: int) -> list[Any]:
        if count == 0:
            return []
        size = struct.calcsize(code)
        self._align(size)
        values = struct.unpack_from(f"{self._order}{count}{code}", self._data, self._at)
        self._at += size * count
        return list(values)

    def _value(self, type_name: str, path: str) -> Any:
        if type_name == "string":
            return self._string()
        if type_name == "wstring":
            raise CdrError(f"'{path}' is a wstring, which Stackpress does not record")
        code = _FORMATS.get(type_name)
        if code is None:
            return self.message(type_name, path + ".")
        size = struct.calcsize(code)
        self._align(size)
        self.layout.scalars[path] = (self._at, code)
        (value,) = struct.unpack_from(self._order + code, self._data, self._at)
        self._at += size
        return value

    def _string(self) -> str:
        length = self._length()
        text = self._data[self._at : self._at + max(0, length - 1)]
        if self._at + length > len(self._data):
            raise IndexError("a text is longer than the message")
        self._at += length
        return text.decode("utf-8")

    def _length(self) -> int:
        self._align(4)
        (length,) = struct.unpack_from(self._order + "I", self._data, self._at)
        self.layout.lengths.append((self._at, length))
        self._at += 4
        return int(length)

    def _align(self, size: int) -> None:
        self._at += -(self._at - _HEADER) % size
