"""Where the files that come with Stackpress lie: configuration, launch files, recipes."""

from functools import cache
from pathlib import Path


@cache
def share_directory() -> Path:
    """Return the folder that holds ``config/``: the checkout, or ``share/stackpress`` of the installation.

    Raises:
        FileNotFoundError: neither is there, so the installation is incomplete.
    """
    for parent in Path(__file__).resolve().parents:
        for candidate in (parent, parent / "share" / "stackpress"):
            if (candidate / "config" / "presses").is_dir():
                return candidate
    raise FileNotFoundError(
        f"the folder config/presses was not found above {Path(__file__).parent}: install Stackpress again"
    )


def config(*parts: str) -> Path:
    """Return the path of a file that comes with Stackpress, e.g. ``config("presses", "x.yaml")``."""
    return share_directory().joinpath("config", *parts)
