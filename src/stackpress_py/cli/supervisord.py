"""supervisord's configuration file for one press, and the line over which we talk to it."""

import contextlib
import http.client
import os
import secrets
import shlex
import xmlrpc.client
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from stackpress_py.cli.exit_codes import CliError, ExitCode

#: s that a program has to end after SIGTERM.
STOP_TIMEOUT = 5.0
#: Longest path of a Unix socket (unix(7)), less what supervisord appends while it binds.
LONGEST_SOCKET = 107 - 8

_USER = "stackpress"
_DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")


@dataclass(frozen=True, slots=True)
class Program:
    """One process that supervisord keeps.

    Attributes:
        name: as it stands in messages.
        command: program and arguments.
        group: programs of one group are stopped together, the group that comes last first.
        vital: the press is of no use without it.
    """

    name: str
    command: tuple[str, ...]
    group: str
    vital: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """How supervisord is spoken to.

    Attributes:
        socket: Unix socket.
        password: made for one start; it keeps supervisord from warning that there is none.
    """

    socket: Path
    password: str

    @classmethod
    def within(cls, folder: Path) -> "Access":
        """Return the access to a supervisord with its files in a folder.

        Raises:
            CliError: the folder's path is too long for a socket.
        """
        socket = folder / "supervisord.sock"
        if len(os.fsencode(socket)) > LONGEST_SOCKET:
            raise CliError(
                ExitCode.BAD_INPUT,
                f"{socket} is too long for a socket: set XDG_RUNTIME_DIR to a shorter folder",
            )
        return cls(socket, secrets.token_hex(16))


def die_with_parent(command: Sequence[str]) -> list[str]:
    """Return the command so wrapped that the process gets SIGTERM when its parent ends."""
    return [*_DIES_WITH_PARENT, *command]


def supervisord_config(programs: Sequence[Program], folder: Path, access: Access) -> str:
    """Return the text of the configuration file.

    Raises:
        CliError: a command holds what such a file cannot.
    """
    lines = ["[supervisord]", "nodaemon=true", "loglevel=warn", "strip_ansi=false"]
    lines += [f"logfile={folder}/supervisord.log", "logfile_maxbytes=1MB", "logfile_backups=1"]
    lines += [f"pidfile={folder}/supervisord.pid", f"childlogdir={folder}"]
    if os.geteuid() == 0:
        # Without it supervisord warns that it keeps root's rights.
        lines.append("user=root")
    lines += ["", "[unix_http_server]", f"file={access.socket}", "chmod=0700"]
    lines += [f"username={_USER}", f"password={access.password}"]
    factory = "supervisor.rpcinterface:make_main_rpcinterface"
    lines += ["", "[rpcinterface:supervisor]", f"supervisor.rpcinterface_factory={factory}"]
    groups: dict[str, list[str]] = {program.group: [] for program in programs}
    for program in programs:
        groups[program.group].append(program.name)
    for priority, (group, names) in enumerate(groups.items(), start=1):
        lines += ["", f"[group:{group}]", f"programs={','.join(names)}", f"priority={priority}"]
    for program in programs:
        lines += ["", *_program_section(program)]
    return "\n".join(lines) + "\n"


def _program_section(program: Program) -> list[str]:
    return [
        f"[program:{program.name}]",
        f"command={_escaped(die_with_parent(program.command))}",
        "autostart=true",
        "autorestart=false",
        "startsecs=0",
        "startretries=0",
        "stopsignal=TERM",
        f"stopwaitsecs={STOP_TIMEOUT:.0f}",
        "redirect_stderr=true",
        "stdout_logfile=/dev/stdout",
        "stdout_logfile_maxbytes=0",
    ]


def _escaped(command: Sequence[str]) -> str:
    text = shlex.join(command)
    # supervisord takes these for the start of a comment, whatever the quotes.
    for comment in (" ;", " #", "\n"):
        if comment in text:
            raise CliError(
                ExitCode.BAD_INPUT, f"a file name or argument must not hold {comment!r}: {text}"
            )
    return text.replace("%", "%%")


class Control:
    """The line to a running supervisord.

    supervisord looks at its programs and its signals once a second only, unless something comes in;
    so a question is also the way to make it act at once.
    """

    def __init__(self, access: Access) -> None:
        self._transport = SupervisorTransport(_USER, access.password, f"unix://{access.socket}")
        self._server = xmlrpc.client.ServerProxy("http://localhost", self._transport)

    def wake(self) -> bool:
        """Make supervisord look at its programs now; return whether it answered."""
        return self._call(self._server.supervisor.getState) is not None

    def shutdown(self) -> bool:
        """Ask supervisord to stop all programs and end; return whether it answered."""
        return self._call(self._server.supervisor.shutdown) is not None

    def running(self) -> frozenset[str] | None:
        """Return the names of the programs that run; None: supervisord does not answer."""
        found: Any = self._call(self._server.supervisor.getAllProcessInfo)
        if found is None:
            return None
        return frozenset(str(p["name"]) for p in found if p["statename"] == "RUNNING")

    def _call(self, method: Callable[[], object]) -> object | None:
        with contextlib.suppress(OSError, http.client.HTTPException, xmlrpc.client.Error):
            return method()
        # A connection that failed once stays unusable.
        self._transport.close()
        return None
