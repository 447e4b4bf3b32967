"""The text of a tuning file: constants with remarks, checked by reading them back, written as a whole or not at all."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from stackpress_py import documents
from stackpress_py.control.tuning import TuningDocument
from stackpress_py.tune.constants import Constant

#: Column in which the remarks begin.
COLUMN = 34
#: Sections in the order of the file.
SECTIONS = ("force", "compliance", "hydraulic", "thermal")


def section(name: str, constants: Sequence[Constant], indent: int = 0) -> str:
    """Return a section of constants."""
    margin = " " * indent
    lines = [f"{margin}{name}:"]
    for constant in constants:
        entry = f"{margin}  {constant.key}: {constant.text}"
        lines.append(f"{entry:<{COLUMN}}  # {constant.remark}")
    return "\n".join(lines) + "\n"


def thermal_section(upper: Sequence[Constant], lower: Sequence[Constant], remark: str) -> str:
    """Return section ``thermal``; the remark is one line."""
    parts = (section("upper", upper, 2), section("lower", lower, 2))
    return f"# {remark}\nthermal:\n{''.join(parts)}"


def assemble(
    name: str, heading: Sequence[str], sections: Mapping[str, str], before: str = ""
) -> str:
    """Return the text of a file.

    Args:
        name: of the tuning.
        heading: lines that stand above everything.
        sections: texts by their names.
        before: text of the file that it takes the place of; what is not measured anew stays as it is.

    Raises:
        documents.DocumentError: the program could not read it.
    """
    kept = {key: text for key, text in _sections_of(before).items() if key not in sections}
    all_of_it = {**kept, **sections}
    parts = [all_of_it[key].rstrip("\n") + "\n" for key in SECTIONS if key in all_of_it]
    head = "".join(f"# {line}\n" for line in heading)
    text = "\n".join([f"{head}tuning: {name}\n", *parts])
    documents.loads(text, TuningDocument, name)
    return text


def write(path: Path, text: str, replace: bool) -> None:
    """Write a file, whole or not at all.

    Raises:
        FileExistsError: it is there, and is not to be replaced.
        OSError: it cannot be written.
    """
    if path.exists() and not replace:
        raise FileExistsError(f"{path} is there already: choose another --output, or add --replace")
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _sections_of(text: str) -> dict[str, str]:
    """Return the sections of a tuning file as they are written, with the comments right above them."""
    found: dict[str, str] = {}
    comments: list[str] = []
    current = ""
    for line in text.splitlines(keepends=True):
        key = re.match(r"(\w+):", line)
        if key is not None:
            current = key[1]
            found[current] = "".join(comments) + line
            comments = []
        elif line.startswith("#"):
            comments.append(line)
        elif not line.strip():
            comments = []
        elif current:
            found[current] += "".join(comments) + line
            comments = []
    return {name: body for name, body in found.items() if name in SECTIONS}
