"""Exit codes of the ``stackpress`` command and of the robot program: stable, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a program of Stackpress tells the shell.

    Attributes:
        OK: done; of a run: PASSED.
        FAILED: the run came to its end, and some phase did not keep its tolerances; of a probe:
            something answers, and something is wrong with it.
        BAD_INPUT: wrong usage, a missing file, or a recipe that is not valid. Nothing moved.
        NOT_READY: the graph cannot be reached, or is not ready in time; of a probe: nothing
            answers, or the port cannot be opened.
        STOPPED: the run was stopped or aborted; or the user interrupted the program.
        REJECTED: the machine refuses the command in its present state. Nothing moved.
        BROKEN: a program of the graph ended by itself, or a file could not be written.
    """

    OK = 0
    FAILED = 1
    BAD_INPUT = 2
    NOT_READY = 3
    STOPPED = 4
    REJECTED = 5
    BROKEN = 6


class CliError(Exception):
    """A command ends early.

    Args:
        code: what the shell gets.
        text: one sentence for the user: what is wrong, where, what to do.
    """

    def __init__(self, code: ExitCode, text: str) -> None:
        super().__init__(text)
        self.code = code
