"""The manifest of a run: JSON that says what was run, with what, on what, and what came of it.

Keys: ``format``, ``run_id``, ``cell_id``, ``order`` (what the sequencer gave: recipe, parameters,
phases), ``press`` (profile with its calibration), ``versions``, ``started``, ``stopped``,
``outcome`` (null while the run is on, and after a power cut), ``messages`` (recorded, by topic) and
``lost`` (messages that could not be recorded). Times are ISO 8601, UTC. Numbers are SI or degrees
Celsius; null stands for 'unknown'.
"""

import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stackpress_py import __version__
from stackpress_py.record.append_file import replace_file
from stackpress_py.record.journal import plain
from stackpress_py.record.run_folder import RecordError

FORMAT = "stackpress-run/1"
_PACKAGES = ("rclpy", "mcap", "numpy", "pint", "pydantic", "pyserial")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest; fields as in the file."""

    run_id: str
    cell_id: str
    order: Mapping[str, Any]
    press: Mapping[str, Any]
    versions: Mapping[str, str]
    started: str
    stopped: str | None = None
    outcome: Mapping[str, Any] | None = None
    messages: Mapping[str, int] = field(default_factory=dict)
    lost: int = 0
    format: str = FORMAT

    def write(self, path: Path) -> None:
        """Put the manifest on the disk; at any moment the old or the new one is there, whole.

        Raises:
            OSError: the disk refused.
        """
        text = json.dumps(plain(asdict(self)), indent=2, allow_nan=False, ensure_ascii=False)
        replace_file(path, text + "\n")


def read(path: Path) -> Manifest:
    """Return the manifest of a run.

    Raises:
        RecordError: it is missing, or not a manifest that this version reads.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise RecordError(
                f"{path} has the format {found['format']!r}; this version reads {FORMAT!r}"
            )
        return Manifest(
            run_id=found["run_id"],
            cell_id=found["cell_id"],
            order=found["order"],
            press=found["press"],
            versions=found["versions"],
            started=found["started"],
            stopped=found["stopped"],
            outcome=found["outcome"],
            messages=found["messages"],
            lost=found["lost"],
        )
    except OSError as error:
        raise RecordError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path} is not the manifest of a run: {error!r}") from error


def versions() -> dict[str, str]:
    """Return the versions of what this process runs on."""
    result = {
        "stackpress": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "ros": os.environ.get("ROS_DISTRO", "jazzy"),
    }
    for package in _PACKAGES:
        try:
            result[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            result[package] = "unknown"
    return result


def parse_object(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object in a text; ``what`` names it in messages.

    Raises:
        RecordError: it is not one.
    """
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise RecordError(f"the {what} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise RecordError(f"the {what} is not a JSON object")
    return found
