"""The folder of one run: what lies where in it, and how it is made."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from stackpress_py.record.append_file import sync_directory

_RUN_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


class RecordError(Exception):
    """A record cannot be opened, kept or read; the message is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run's record.

    Attributes:
        path: the folder; its name is the run's id.
    """

    path: Path

    @property
    def run_id(self) -> str:
        """Identity of the run."""
        return self.path.name

    @property
    def manifest(self) -> Path:
        """What was run, on what, and what came of it."""
        return self.path / "manifest.json"

    @property
    def journal(self) -> Path:
        """What happened, in order."""
        return self.path / "journal.jsonl"

    @property
    def recipe(self) -> Path:
        """The recipe as run."""
        return self.path / "recipe.yaml"

    @property
    def bag(self) -> Path:
        """Every message of the run, as rosbag2 keeps them."""
        return self.path / "bag"

    @property
    def report(self) -> Path:
        """The report for people."""
        return self.path / "report.html"

    @property
    def picture(self) -> Path:
        """The report's figure."""
        return self.path / "report.png"

    @property
    def phases(self) -> Path:
        """Requested versus reached, as a table for programs."""
        return self.path / "phases.csv"

    def mcap_files(self) -> list[Path]:
        """Return the MCAP files, in order."""
        return sorted(self.bag.glob("*.mcap"))


def check_run_id(run_id: str) -> None:
    """Refuse an id that cannot be the name of a folder.

    Raises:
        RecordError: it cannot.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RecordError(
            f"the run id {run_id[:140]!r} is not 1 to 128 letters, digits, '.', '_' or '-'"
            " without a leading dot"
        )


def create(output: Path, run_id: str, minimum_free: float) -> RunFolder:
    """Make the folder of a new run.

    Args:
        output: absolute folder in which it is made; made too if missing.
        run_id: identity of the run.
        minimum_free: bytes that the disk must have left.

    Raises:
        RecordError: the names are not possible, the run exists already, or the disk is full or
            refuses.
    """
    check_run_id(run_id)
    if not output.is_absolute():
        raise RecordError(f"the output folder {str(output)!r} is not an absolute path")
    path = output / run_id
    try:
        output.mkdir(parents=True, exist_ok=True)
        _check_space(output, minimum_free)
        path.mkdir()
        sync_directory(output)
    except FileExistsError:
        raise RecordError(f"{path} exists already: give the run another id") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be made: {error}") from error
    return RunFolder(path)


def _check_space(output: Path, minimum_free: float) -> None:
    free = shutil.disk_usage(output).free
    if free < minimum_free:
        raise RecordError(
            f"{output} has {free / 1e6:.0f} MB left and a run needs"
            f" {minimum_free / 1e6:.0f} MB: make room"
        )
