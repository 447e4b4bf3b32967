"""A vacuum gauge of Thyracont's Smartline with protocol V1 (RS-485, 9600 8N1): a Pirani gauge, or one with a cathode.

Sourced: the frame (three digits of address, letter, data, check character, CR), the check character (sum of all bytes
modulo 64, plus 64), M, T, U, u, I, i and the refusal NO_DEF (pymeasure's smartline_v1 and its transcripts, after the
maker's protocol); the pressure's normalised mantissa and exponent + 20 (scietex.hal.vacuum_gauge). The pressure is
always in mbar, whatever the display shows.

Unverified: silence for another address and for a wrong check character, _RANGE for a value that is refused and ERROR1
for a broken filament (both known from protocol V2), that the value stays at the ends of the range, these ends.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from . import settings
from .device import SimulatedDevice
from .settings import choice, positive, whole
from .text_lines import LineBuffer

END = b"\r"
PASCAL_PER_MBAR = 100.0
NOT_DEFINED, OUT_OF_RANGE, DEFECT = "NO_DEF", "_RANGE", "ERROR1"
DISPLAY_UNITS = ("000000", "000001", "000002")
EXPONENT_OFFSET = 20
WITH_CATHODE = "VSM207"


@dataclass(frozen=True, slots=True)
class Settings(settings.Settings):
    """A model.

    Attributes:
        model: what it says of itself; the second one has a cathode.
        lowest_mbar, highest_mbar: range.
    """

    unit: int = whole(1, 1, 15)
    model: str = choice("VSP521", WITH_CATHODE)
    lowest_mbar: float = positive(1e-4, 1e3)
    highest_mbar: float = positive(1200.0, 1e5)


def check_character(text: str) -> str:
    """Return the character that closes a telegram."""
    return chr(sum(text.encode("ascii")) % 64 + 64)


def encoded_pressure(mbar: float) -> str:
    """Return a pressure as four digits of mantissa and two of exponent."""
    exponent = math.floor(math.log10(mbar))
    mantissa = round(mbar / 10.0**exponent * 1000.0)
    if mantissa == 10000:
        mantissa, exponent = 1000, exponent + 1
    return f"{mantissa:04d}{exponent + EXPONENT_OFFSET:02d}"


class VacuumGauge(SimulatedDevice):
    """A gauge.

    Attributes:
        unit: its address.
    """

    def __init__(self, settings: Settings, pressure: Callable[[], float]) -> None:
        """Take the absolute pressure at the flange, Pa; NaN: the filament is broken."""
        self.unit = settings.unit
        self._settings = settings
        self._pressure = pressure
        self._display = DISPLAY_UNITS[0]
        self._cathode_on = True
        self._buffer = LineBuffer(END)
        self._commands: dict[str, Callable[[str], str]] = {
            "T": lambda data: "T" + settings.model,
            "M": lambda data: self._measure(),
            "U": lambda data: "U" + self._display,
            "u": self._show,
        }
        if settings.model == WITH_CATHODE:
            self._commands["I"] = lambda data: f"I{int(self._cathode_on)}"
            self._commands["i"] = self._switch

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the replies to the telegrams that the frame completes."""
        replies = [self._reply(line) for line in self._buffer.lines(frame)]
        return b"".join(reply for reply in replies if reply is not None) or None

    def truth(self) -> dict[str, object]:
        """Return the state of the cathode."""
        return {"cathode": self._cathode_on}

    def _reply(self, line: bytes) -> bytes | None:
        if len(line) < 5 or not line.isascii():
            return None
        text, check = line[:-1].decode("ascii"), chr(line[-1])
        if check != check_character(text) or text[:3] != f"{self.unit:03d}":
            return None
        command = self._commands.get(text[3])
        said = text[:3] + (NOT_DEFINED if command is None else command(text[4:]))
        return (said + check_character(said)).encode("ascii") + END

    def _measure(self) -> str:
        mbar = self._pressure() / PASCAL_PER_MBAR
        if math.isnan(mbar):
            return DEFECT
        mbar = max(self._settings.lowest_mbar, min(self._settings.highest_mbar, mbar))
        return "M" + encoded_pressure(mbar)

    def _show(self, data: str) -> str:
        if data not in DISPLAY_UNITS:
            return OUT_OF_RANGE
        self._display = data
        return "u" + data

    def _switch(self, data: str) -> str:
        if data not in ("0", "1"):
            return OUT_OF_RANGE
        self._cathode_on = data == "1"
        return "i" + data
