"""Strict YAML: plain data with the line of every value, and nothing that can surprise.

What is left out of YAML on purpose: tags, anchors and aliases (a few lines of them unfold into
gigabytes), more than one document, duplicate keys, and the values that YAML 1.1 guesses (``yes`` is
a text here, ``12:30`` too, ``010`` is ten). Keys are always texts.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

try:
    from yaml import CSafeLoader as Loader  # ten times faster
except ImportError:
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
Path: TypeAlias = tuple[str | int, ...]

LONGEST_TEXT = 128 * 1024  # characters; a recipe of 256 phases has about 40 000
DEEPEST_NESTING = 32
MOST_VALUES = 20_000

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.?[0-9]*)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_CONSTANTS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class YamlError(ValueError):
    """The text is not such YAML; ``line`` says where (1 is the first; 0: nowhere in particular)."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, slots=True)
class Document:
    """Plain data, and the line on which each value begins, by its path."""

    data: Value
    lines: dict[Path, int]


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not been seen yet."""

    container: "list[Value] | dict[str, Value]"
    path: Path
    key: str | None = None
    keys: set[str] = field(default_factory=set)

    def path_of_next(self) -> Path:
        step = len(self.container) if self.key is None else self.key
        return (*self.path, step)


def read(text: str) -> Document:
    """Return the data of a YAML text.

    Raises:
        YamlError: the text is not strict YAML as above, too long, or nested too deeply.
    """
    if len(text) > LONGEST_TEXT:
        raise YamlError(0, f"has {len(text)} characters, at most {LONGEST_TEXT} are read")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join((error.problem or error.context or "is not YAML").split())
        if mark is None:
            raise YamlError(0, f"is not YAML: {problem}") from None
        if text[mark.index : mark.index + 1] == "\t":
            problem = "a tab stands there, and YAML indents with spaces only"
        raise YamlError(mark.line + 1, f"is not YAML: {problem}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, str) else chr(error.character)
        raise YamlError(line, f"has a character that is not allowed: {character!r}") from None
    return Document(builder.data, builder.lines)


class _Builder:
    """Builds data from the parser's events, without recursion."""

    def __init__(self) -> None:
        self.data: Value = None
        self.lines: dict[Path, int] = {}
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = 0 if event.start_mark is None else event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise YamlError(line, "begins a second document, and only one is read")
        elif isinstance(event, yaml.AliasEvent):
            raise YamlError(line, f"uses an alias ('*{event.anchor}'), which is not allowed")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise YamlError(line, f"has an anchor ('&{event.anchor}'), which is not allowed")
        if (
            isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
            and event.tag is not None
        ):
            raise YamlError(line, f"has a tag ('{event.tag}'), which is not allowed")
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.container, dict) and parent.key is None:
            parent.key = self._key(event, parent, line)
            return
        value = _value(event, line)
        path = parent.path_of_next() if parent is not None else ()
        self.lines[path] = line
        if len(self.lines) > MOST_VALUES:
            raise YamlError(line, f"has more than {MOST_VALUES} values")
        self._put(parent, value)
        if isinstance(value, list | dict):
            if len(self._open) >= DEEPEST_NESTING:
                raise YamlError(line, f"is nested deeper than {DEEPEST_NESTING} levels")
            self._open.append(_Open(value, path))

    def _put(self, parent: _Open | None, value: Value) -> None:
        if parent is None:
            self.data = value
        elif isinstance(parent.container, list):
            parent.container.append(value)
        elif parent.key is not None:
            parent.container[parent.key] = value
            parent.key = None

    def _key(self, event: yaml.NodeEvent, parent: _Open, line: int) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise YamlError(line, "has a list or a mapping as a key; a key must be a text")
        key = str(event.value)
        if key == "<<":
            raise YamlError(line, "uses a merge key ('<<'), which is not allowed")
        if key in parent.keys:
            raise YamlError(line, f"has the key '{key}' a second time")
        parent.keys.add(key)
        return key


def _value(event: yaml.NodeEvent, line: int) -> Value:
    if isinstance(event, yaml.ScalarEvent):
        return _plain(event.value, line) if event.implicit[0] else event.value
    return [] if isinstance(event, yaml.SequenceStartEvent) else {}


def _plain(text: str, line: int) -> Value:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NOT_FINITE.fullmatch(text):
        raise YamlError(line, f"has '{text}', and a number must be finite")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise YamlError(line, f"has '{text}', and a number must be finite")
        return number
    return text


def known_part(data: Value, path: Path) -> Iterator[tuple[str | int, Value]]:
    """Yield the steps of a path that exist in the data, each with the value found there."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            if step not in data:
                continue
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            continue
        yield step, data
