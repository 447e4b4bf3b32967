"""Folders that the user names."""

from pathlib import Path


def folder_text(folder: Path | None) -> str:
    """Return a folder's absolute path, as other programs need it; empty for None."""
    return "" if folder is None else str(folder.expanduser().resolve())
