"""What the user writes after ``stackpress probe``: baud rates, framings, units, times."""

import re
from typing import TypeVar

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.quantities import DURATION, QuantityError, parse

T = TypeVar("T", int, str)

FRAMING = re.compile(r"8[NEO][12]")
LEAST_BAUD, MOST_BAUD = 300, 4_000_000
MOST_UNIT = 255
#: s; no device takes longer.
MOST_WAIT = 10.0


def is_tcp(port: str) -> bool:
    """Return True for ``host:port``."""
    host, _, number = port.rpartition(":")
    return bool(host) and number.isdecimal() and "/" not in port


def parse_bauds(text: str) -> tuple[int, ...]:
    """Return the baud rates of ``9600`` or ``9600,19200``; empty: none are given."""
    found = tuple(_whole(part, "--baud", "9600 or 9600,19200") for part in _parts(text))
    for baud in found:
        if not LEAST_BAUD <= baud <= MOST_BAUD:
            raise CliError(
                ExitCode.BAD_INPUT, f"--baud {baud} is not within {LEAST_BAUD} to {MOST_BAUD}"
            )
    return found


def parse_framings(text: str) -> tuple[str, ...]:
    """Return the framings of ``8N1`` or ``8N1,8E1``; empty: none are given."""
    found = tuple(part.upper() for part in _parts(text))
    for framing in found:
        if not FRAMING.fullmatch(framing):
            raise CliError(
                ExitCode.BAD_INPUT,
                f"--framing {framing} is not known: write 8N1, 8E1, 8O1, 8N2, 8E2 or 8O2; a device"
                " with 7 data bits must be set to 8",
            )
    return found


def parse_units(text: str) -> tuple[int, ...]:
    """Return the units of ``1-16`` or ``1,5,17``; empty: none are given."""
    found: list[int] = []
    for part in _parts(text):
        first, dash, last = part.partition("-")
        begin = _whole(first, "--units", "5, 1-16 or 1,5,17")
        end = _whole(last, "--units", "5, 1-16 or 1,5,17") if dash else begin
        if not begin <= end <= MOST_UNIT:
            raise CliError(
                ExitCode.BAD_INPUT, f"--units {part} is not a range within 0 to {MOST_UNIT}"
            )
        found += range(begin, end + 1)
    return tuple(dict.fromkeys(found))


def parse_wait(text: str) -> float | None:
    """Return the seconds of ``300 ms``; None: it is not given."""
    if not text:
        return None
    try:
        found = parse(text, DURATION)
    except QuantityError as error:
        raise CliError(ExitCode.BAD_INPUT, f"--wait: {error}") from None
    if not 0.0 < found <= MOST_WAIT:
        raise CliError(ExitCode.BAD_INPUT, f"--wait {text} is not within 0 to {MOST_WAIT:g} s")
    return found


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole(text: str, option: str, example: str) -> int:
    if not text.strip().isdecimal():
        raise CliError(ExitCode.BAD_INPUT, f"{option} '{text}' is no number: write {example}")
    return int(text)


def one(found: tuple[T, ...], what: str) -> T:
    """Return the only one; ``what`` it is, for the message."""
    if len(found) != 1:
        raise CliError(ExitCode.BAD_INPUT, f"--device reads one device: give one {what}")
    return found[0]
