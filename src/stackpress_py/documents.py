"""Files that people write, YAML, turned into pydantic models.

What is wrong is told by file, line and field. A model that derives from ``Document`` is frozen and
refuses unknown keys. Values are taken strictly: a number is not a text and a text not a number;
``"3 min"`` is a quantity (see ``quantities``).
"""

import difflib
import json
import types
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from stackpress_py import yaml_reader

M = TypeVar("M", bound=BaseModel)

LARGEST_FILE = 4 * yaml_reader.LONGEST_TEXT  # bytes, as UTF-8
#: Problems that are told of one document.
MOST_PROBLEMS = 20
_LONGEST_QUOTE = 60


class DocumentError(ValueError):
    """A document cannot be used.

    Attributes:
        problems: one sentence each: file, line, field, what was found, what is allowed.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Document(BaseModel):
    """Base of the models of files: frozen, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load(path: str | Path, model: type[M]) -> M:
    """Return the model of a YAML file.

    Raises:
        DocumentError: the file cannot be read, is not strict YAML, or does not fit the model.
    """
    return loads(read_text(path), model, name=str(path))


def loads(text: str, model: type[M], name: str = "<text>") -> M:
    """Return the model of a YAML text; ``name`` stands for the file in messages.

    Raises:
        DocumentError: the text is not strict YAML, or does not fit the model.
    """
    return parse(text, name).build(model)


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML text as plain data that remembers where each value stands.

    Attributes:
        name: of the file, for messages.
        data: as read.
        lines: line of each value by its path, e.g. ``("procedure", 1, "hold")``.
        remarks: what to add to a message about the value at a path.
    """

    name: str
    data: yaml_reader.Value
    lines: Mapping[yaml_reader.Path, int]
    remarks: Mapping[yaml_reader.Path, str] = field(default_factory=dict)

    def build(self, model: type[M]) -> M:
        """Return the model of the data.

        Raises:
            DocumentError: the data does not fit the model.
        """
        if self.data is None:
            raise DocumentError([f"{self.name} is empty"])
        try:
            # pydantic is strict about JSON in the way YAML wants it: a list may become a tuple, a
            # text an enum, but a text never a number.
            return model.model_validate_json(json.dumps(self.data), strict=True)
        except ValidationError as error:
            found = [details for details in error.errors() if not _is_echo(details, self)]
            problems = [_sentence(details, self, model) for details in found[:MOST_PROBLEMS]]
            if len(found) > MOST_PROBLEMS:
                problems.append(f"{self.name}: and {len(found) - MOST_PROBLEMS} more problems")
            raise DocumentError(problems) from None

    def sentence(self, path: yaml_reader.Path, problem: str) -> str:
        """Return the problem with the file, the line and the field that a path leads to."""
        known = [step for step, _ in yaml_reader.known_part(self.data, path)]
        line = self.lines.get(tuple(known), 1)
        place = f", {_dotted(path)}" if path else ""
        remark = self.remarks.get(tuple(path))
        return f"{self.name} line {line}{place}: {problem}" + (f" ({remark})" if remark else "")


def parse(text: str, name: str = "<text>") -> Source:
    """Return the plain data of a YAML text.

    Raises:
        DocumentError: the text is not strict YAML.
    """
    try:
        document = yaml_reader.read(text)
    except yaml_reader.YamlError as error:
        where = f"{name} line {error.line}" if error.line else name
        raise DocumentError([f"{where} {error}"]) from None
    return Source(name, document.data, document.lines)


def dumps(model: BaseModel) -> str:
    """Return the YAML text of a model, with units; ``loads`` reads it back."""
    data = model.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def read_text(path: str | Path) -> str:
    """Return the text of a file.

    Raises:
        DocumentError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentError([f"{path} cannot be read: {reason}"]) from None
    if len(content) > LARGEST_FILE:
        raise DocumentError([f"{path} is larger than {LARGEST_FILE // 1024} KiB"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError([f"{path} line {line} is not UTF-8 text"]) from None


def _sentence(details: ErrorDetails, source: Source, model: type[BaseModel]) -> str:
    location = details["loc"]
    steps = list(yaml_reader.known_part(source.data, location))
    path: yaml_reader.Path = tuple(step for step, _ in steps)
    found = steps[-1][1] if steps else source.data
    kind = details["type"]
    if kind == "missing":
        return source.sentence((*path, str(location[-1])), "is missing")
    if kind == "extra_forbidden":
        hint = _suggestion(str(location[-1]), model, path[:-1])
        return source.sentence(path, f"is not known here{hint}")
    if kind == "value_error":
        return source.sentence(path, str(details["ctx"]["error"]))
    return source.sentence(path, f"found {_quote(found)}, needs {_need(details)}")


def _is_echo(details: ErrorDetails, source: Source) -> bool:
    """Return True for a list that only counts as too short because of the errors in its items."""
    found = [value for _, value in yaml_reader.known_part(source.data, details["loc"])]
    return details["type"] == "too_short" and bool(found and found[-1])


_NEEDS = {
    "string_type": "a text (put a number in quotes)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
}


def _need(details: ErrorDetails) -> str:
    template = _NEEDS.get(details["type"])
    if template is None:
        return details["msg"].removeprefix("Input should be ")
    return template.format(**details.get("ctx", {}))


def _quote(found: object) -> str:
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    if found is None:
        return "nothing"
    text = str(found).lower() if isinstance(found, bool) else str(found)
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
    return "'" + "".join(c if c.isprintable() else repr(c)[1:-1] for c in short) + "'"


def _dotted(path: yaml_reader.Path) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _suggestion(key: str, model: type[BaseModel], path: yaml_reader.Path) -> str:
    allowed = sorted({name for found in _models_at(model, path) for name in _keys(found)})
    close = difflib.get_close_matches(key, allowed, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; allowed are {', '.join(allowed)}" if allowed else ""


def _keys(model: type[BaseModel]) -> Iterable[str]:
    return (entry.alias or name for name, entry in model.model_fields.items())


def _models_at(model: type[BaseModel], path: yaml_reader.Path) -> list[type[BaseModel]]:
    """Return the models that may stand at a path."""
    annotations: list[object] = [model]
    for step in path:
        following: list[object] = []
        for found in _unfold(annotations):
            if isinstance(found, type) and issubclass(found, BaseModel):
                following += [
                    entry.annotation
                    for name, entry in found.model_fields.items()
                    if (entry.alias or name) == step
                ]
            else:
                following += [
                    inner for inner in typing.get_args(found)[-2:] if inner is not Ellipsis
                ]
        annotations = following
    return [
        found
        for found in _unfold(annotations)
        if isinstance(found, type) and issubclass(found, BaseModel)
    ]


def _unfold(annotations: list[object]) -> list[object]:
    """Return the annotations with unions and Annotated taken apart."""
    result: list[object] = []
    for annotation in annotations:
        origin = typing.get_origin(annotation)
        if origin in (typing.Union, types.UnionType):
            result += _unfold(list(typing.get_args(annotation)))
        elif origin is typing.Annotated:
            result += _unfold([typing.get_args(annotation)[0]])
        else:
            result.append(annotation)
    return result
