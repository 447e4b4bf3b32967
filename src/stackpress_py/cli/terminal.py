"""Where the commands print."""

from rich.console import Console

#: Columns of a file or a pipe, which has no width of its own.
PLAIN_WIDTH = 120


def console() -> Console:
    """Return standard output as a console: as wide as the terminal, or wide enough for a log."""
    found = Console()
    return found if found.is_terminal else Console(width=PLAIN_WIDTH)
