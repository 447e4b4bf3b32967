"""Hands in the simulated world, a robot's or a person's: the control socket of the simulated press."""

import json
import os
import socket
from pathlib import Path
from typing import Any

from stackpress_py.cli.environment import domain_of
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.runtime import runtime_folder
from stackpress_py.launch_support import SimulatorFiles

#: s for a reply of the simulated press.
REPLY_TIMEOUT = 5.0


def of_press(namespace: str, domain: int | None) -> Path:
    """Return the socket of the simulated press that ``stackpress up --sim`` runs; None: the environment's domain."""
    domain = domain_of(os.environ) if domain is None else domain
    return SimulatorFiles.within(runtime_folder(domain, namespace)).world


def place(world: Path, cell_id: str) -> None:
    """Put a fresh cell into the die.

    Raises:
        CliError: the simulated press is not there, or refuses: that is a collision.
    """
    _ask(world, {"op": "place", "cell_id": cell_id})


def take(world: Path) -> str:
    """Take the cell out of the die and return its name.

    Raises:
        CliError: the simulated press is not there, or refuses: that is a collision.
    """
    return str(_ask(world, {"op": "take"}).get("cell_id", ""))


def _ask(world: Path, request: dict[str, str]) -> dict[str, Any]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(REPLY_TIMEOUT)
            connection.connect(str(world))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                reply: dict[str, Any] = json.loads(lines.readline() or b"{}")
    except (OSError, ValueError) as error:
        text = f"cannot {request['op']} a cell: no answer on {world}: {error}"
        raise CliError(ExitCode.BROKEN, f"{text}; start it with `stackpress up --sim`") from None
    if not reply.get("ok"):
        reason = reply.get("error", "no reason given")
        raise CliError(ExitCode.BROKEN, f"cannot {request['op']} the cell: {reason}")
    return reply
