"""One row of the fault matrix, tried with one contender: what it asks, and how it is judged."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from _bus.contenders import SYNCHRONOUS, ExceptionReplyError, Wire
from _bus.stage import Script, Stage

#: s from the end of a request to the begin of its answer that every contender waits.
TIMEOUT = 0.1
BAUD = 115200
#: The block that is read unless a row says otherwise.
ADDRESS, COUNT = 100, 10
#: s after which an error counts as not told.
PATIENCE = 3.0


class WrongValueError(Exception):
    """The contender returned what is not the answer, or confirmed a write that was not confirmed."""


class UnmetError(Exception):
    """The contender did not do what the row asks."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a contender did in a row.

    Attributes:
        kind: "pass", "wrong" (a wrong value was returned) or "fail".
        why: one phrase; empty if it passed.
    """

    kind: Literal["pass", "wrong", "fail"]
    why: str = ""


class Trial:
    """A contender on the stage.

    Args:
        name: of the contender.
        stage: the slave.
        told: the contender is told that the line gives its own bytes back, if it can be.
    """

    def __init__(self, name: str, stage: Stage, told: bool) -> None:
        self.stage = stage
        self._master = SYNCHRONOUS[name](Wire(str(stage.link), BAUD, TIMEOUT, told))
        self._master.connect()

    def close(self) -> None:
        """Close the port, which may be gone."""
        try:
            self._master.close()
        except Exception:  # whatever a library raises for a lost port
            return

    def connect(self) -> None:
        """Open the port again, with the means that the contender documents."""
        try:
            self._master.connect()
        except Exception as error:
            raise UnmetError(f"does not open the port again: {_brief(error)}") from error

    # ---- what a row asks -------------------------------------------------------------------------

    def right(self, *scripts: Script, address: int = ADDRESS, count: int = COUNT) -> None:
        """Read; the answer must be right."""
        error = self._read(scripts, address, count)
        if error is not None:
            raise UnmetError(f"no answer: {_brief(error)}")

    def error(self, *scripts: Script, address: int = ADDRESS, count: int = COUNT) -> Exception:
        """Read; there must be an error, soon."""
        begin = time.monotonic()
        error = self._read(scripts, address, count)
        if error is None:
            raise UnmetError("no error")
        if time.monotonic() - begin > PATIENCE:
            raise UnmetError(f"error told after {time.monotonic() - begin:.1f} s")
        return error

    def honest(self, *scripts: Script, address: int = ADDRESS, count: int = COUNT) -> None:
        """Read; an error is as good as the right answer."""
        self._read(scripts, address, count)

    def exception(self, *scripts: Script, within: float) -> None:
        """Read; the slave's exception must be told as one, in time."""
        begin = time.monotonic()
        error = self.error(*scripts)
        took = time.monotonic() - begin
        if not isinstance(error, ExceptionReplyError):
            raise UnmetError(f"not told as an exception: {_brief(error)}")
        if took > within:
            raise UnmetError(f"told after {took * 1e3:.0f} ms")

    def not_confirmed(self, *scripts: Script, one: bool = False) -> None:
        """Write; there must be an error."""
        if self._write(scripts, one) is None:
            raise WrongValueError("confirmed")

    def confirmed(self, *scripts: Script, one: bool = False) -> None:
        """Write; it must be confirmed."""
        error = self._write(scripts, one)
        if error is not None:
            raise UnmetError(f"not confirmed: {_brief(error)}")

    def _read(self, scripts: tuple[Script, ...], address: int, count: int) -> Exception | None:
        self.stage.scripts = deque(scripts)
        before = self.stage.question.number
        try:
            got = self._master.read(address, count)
        except Exception as error:  # each library has its own, and some are not its own
            return error
        question = self.stage.question
        if question.number == before or question.address != address or got != question.words:
            raise WrongValueError(f"returned {_short(got)} for {_short(question.words)}")
        return None

    def _write(self, scripts: tuple[Script, ...], one: bool) -> Exception | None:
        self.stage.scripts = deque(scripts)
        try:
            if one:
                self._master.write_one(ADDRESS, 7)
            else:
                self._master.write(ADDRESS, [7, 8])
        except Exception as error:
            return error
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        name: for the table.
        act: tries it.
        echo: the line gives the master's own bytes back.
        told: and the contender is told so, if it can be.
    """

    name: str
    act: Callable[[Trial], None]
    echo: bool = False
    told: bool = False


def judge(row: Row, contender: str, link: Path) -> Verdict:
    """Return how a contender does in a row."""
    stage = Stage(link, row.echo)
    try:
        trial = Trial(contender, stage, row.told)
        try:
            trial.right()
            row.act(trial)
        finally:
            trial.close()
    except WrongValueError as error:
        return Verdict("wrong", str(error))
    except UnmetError as error:
        return Verdict("fail", str(error))
    finally:
        stage.close()
    return Verdict("pass")


def _short(words: list[int]) -> str:
    return f"{words[:2]}… ({len(words)})" if len(words) > 2 else str(words)


def _brief(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:60]}"
