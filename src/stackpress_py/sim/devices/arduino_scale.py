"""A load cell on an HX711 behind an Arduino: the sketch prints one line for each conversion and hears nothing.

10 or 80 conversions a second are the chip's two rates. Unverified (the HX711's data sheet as it is remembered): the
first value comes 0.4 s or 0.05 s after power-up, and a signal beyond the 24 bits stays at their ends, so an overload
and a broken wire look like a large force that does not move. The line itself is whatever a sketch prints; the settings
have three usual ones. ``Print`` of the Arduino core writes ``nan`` for what is no number.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from . import settings
from .device import SimulatedDevice
from .settings import choice, number, positive, whole

END = "\r\n"
BANNER = "HX711 ready" + END
SETTLING_CONVERSIONS = 4
LARGEST_COUNT = 0x7FFFFF
SMALLEST_COUNT = -0x800000
#: Text before and after the number.
LINES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"number": ("", ""), "with unit": ("", " kg"), "with name": ("Weight: ", " kg")}
)


@dataclass(frozen=True, slots=True)
class Settings(settings.Settings):
    """Chip and sketch.

    Attributes:
        rate: conversions in a second.
        unit_n: N of one unit of the printed value.
        counts_per_unit: of the chip.
        decimals: of the printed value.
        line: what stands around it.
    """

    rate: str = choice("10", "80")
    unit_n: float = positive(9.80665, 1e4)
    counts_per_unit: float = number(4000.0, -1e7, 1e7)
    decimals: int = whole(2, 0, 6)
    line: str = choice("with unit", "number", "with name")


class ArduinoScale(SimulatedDevice):
    """The board, which has been printing for long when somebody listens: the first line has lost its begin."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        """Take the force on the cell, N; NaN: a wire is broken."""
        self._settings = settings
        self._force = force
        self._rate = int(settings.rate)
        self._begin = 0.0
        self._lines = 0
        self._cut = True
        self._calibrated = True
        self._restarts = False
        self._banner = ""

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Hear nothing."""
        return None

    def next_word(self, now: float) -> float | None:
        """Return the time of the next line."""
        return now if self._banner or self._restarts else self._due

    def emit(self, now: float) -> bytes:
        """Return the lines of the conversions up to now."""
        if self._restarts:
            self._restart(now)
        text, self._banner = self._banner, ""
        while self._due <= now:
            self._lines += 1
            text += self._line()
        return text.encode("ascii")

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return ``uncalibrated``: the sketch divides by zero; ``restart``: the board starts anew.

        Opening its USB port restarts a real board: silence, the sketch's first words, whole lines.
        """
        return {"uncalibrated": self._set_uncalibrated, "restart": self._set_restart}

    @property
    def _due(self) -> float:
        return self._begin + self._lines / self._rate

    def _line(self) -> str:
        before, after = LINES[self._settings.line]
        line = before + self._number() + after + END
        if self._cut:
            self._cut = False
            return line[len(line) // 2 :]
        return line

    def _number(self) -> str:
        if not self._calibrated:
            return str(math.nan)
        counts = LARGEST_COUNT
        if not math.isnan(force := self._force()):
            counts = round(force / self._settings.unit_n * self._settings.counts_per_unit)
            counts = max(SMALLEST_COUNT, min(LARGEST_COUNT, counts))
        return f"{counts / self._settings.counts_per_unit:.{self._settings.decimals}f}"

    def _restart(self, now: float) -> None:
        self._restarts = self._cut = False
        self._begin, self._lines = now + SETTLING_CONVERSIONS / self._rate, 0
        self._banner = BANNER

    def _set_uncalibrated(self, on: bool) -> None:
        self._calibrated = not on

    def _set_restart(self, on: bool) -> None:
        self._restarts = on
