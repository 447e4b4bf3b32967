"""A balance that speaks MT-SICS: text lines, upper case, closed by CR LF (9600 8N1 as delivered).

Sourced: replies to S and SI with S, D, I, + and - (manual of Mettler's AL-IC balances); @, I4, Z, ZI, T, TI, TA, TAC,
the errors ES, ET and EL, a value of ten characters on the right of its field (the PyPI packages mettler_toledo_device
and labmcp-mettler-toledo). ``echoes`` is the manner of a public emulator, which begins the reply to SI with SI.

Unverified: the limits of overload, underload and zero setting, how long a balance waits for rest and how it finds it,
that EL answers a parameter too many, that a lost cell is answered as a busy balance.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .device import SimulatedDevice
from .scale import Scale
from .settings import ScaleSettings, choice, number, positive, switch
from .text_lines import LineBuffer

END = "\r\n"
STANDARD_GRAVITY = 9.80665
SERIAL = "B021002593"
CANCEL, STREAM = "@", "SIR"
SYNTAX_ERROR, TRANSMISSION_ERROR, LOGICAL_ERROR = "ES", "ET", "EL"
BUSY, WRONG_PARAMETER = "I", "L"
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?")


@dataclass(frozen=True, slots=True)
class Settings(ScaleSettings):
    """A model; its capacity, division and stability are those of its scale.

    Attributes:
        word: the unit's name in a reply.
        patience_s: s that S, Z and T wait for a stable value.
        underload, zero_range: share of the capacity.
        echoes: the reply to SI begins with SI.
    """

    unit_n: float = positive(STANDARD_GRAVITY, 1e4)
    capacity: float = positive(60.0, 1e7)
    division: float = positive(0.01, 1e3)
    sample_hz: float = positive(10.0, 5e3)
    stable_s: float = positive(1.0, 60.0)
    word: str = choice("kg", "g", "N", "t", "lb")
    patience_s: float = number(10.0, 0.0, 600.0)
    underload: float = number(0.02, 0.0, 1.0)
    zero_range: float = number(0.02, 0.0, 1.0)
    echoes: bool = switch(False)


class MtSics(SimulatedDevice):
    """A balance under the load of a force."""

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        """Take the force on the pan, N, downwards; NaN: the cell is lost."""
        self._settings = settings
        self._scale = Scale(settings, force)
        self._buffer = LineBuffer(END.encode("ascii"))
        self._commands: dict[str, Callable[[], str | None]] = {
            CANCEL: self._cancel,
            "I4": self._identity,
            "S": lambda: self._when_stable("S", lambda: self._weight_now("S")),
            "SI": lambda: self._weight_now(self._head("SI")),
            STREAM: self._begin_stream,
            "T": lambda: self._when_stable("T", lambda: self._tare_to("T")),
            "TI": lambda: self._tare_to("TI"),
            "TA": lambda: self._weight("TA", "A", self._scale.tare),
            "TAC": self._clear_tare,
            "Z": lambda: self._when_stable("Z", lambda: self._zero_to("Z", "A")),
            "ZI": lambda: self._zero_to("ZI", self._rest_mark),
        }
        self._busy = False
        self._streams = False
        self._waiting: tuple[str, Callable[[], str], float] | None = None
        self._now = 0.0
        self._ticks = 0
        self._unsent = ""

    def advance(self, now: float) -> None:
        """Weigh up to now; answer who waits for a stable value; stream."""
        while self._due <= now:
            self._now = self._due
            self._ticks += 1
            self._scale.advance(self._now)
            self._serve_waiting()
            if self._streams:
                self._say(self._weight_now(self._head(STREAM)))
        self._now = now

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the replies to the lines that the frame completes."""
        self.advance(now)
        for line in self._buffer.lines(frame):
            self._say(self._reply(line))
        return self.emit(now) or None

    def next_word(self, now: float) -> float | None:
        """Return the time of the next value if somebody waits for it."""
        return self._due if self._streams or self._waiting is not None else None

    def emit(self, now: float) -> bytes:
        """Return the values of a stream and late replies."""
        self.advance(now)
        text, self._unsent = self._unsent, ""
        return text.encode("ascii")

    def truth(self) -> dict[str, object]:
        """Return gross and tare, units."""
        return {"gross": self._scale.gross, "tare": self._scale.tare}

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return ``busy``: the balance is occupied, for instance by an adjustment."""
        return {"busy": self._set_busy}

    # ---- lines -----------------------------------------------------------------------------------

    @property
    def _due(self) -> float:
        return self._ticks / self._settings.sample_hz

    def _say(self, line: str | None) -> None:
        if line is not None:
            self._unsent += line + END

    def _reply(self, line: bytes) -> str | None:
        if not line.isascii():
            return TRANSMISSION_ERROR
        name, _, parameters = line.decode("ascii").partition(" ")
        command = self._commands.get(name)
        if command is None:
            return SYNTAX_ERROR
        if self._occupied and name != CANCEL:
            return f"{self._head(name)} {BUSY}"
        if name in ("S", "SI"):
            self._streams = False
        if not parameters:
            return command()
        return self._preset_tare(parameters) if name == "TA" else LOGICAL_ERROR

    def _head(self, name: str) -> str:
        """Return the word that a reply begins with: SI and SIR are answered as S is."""
        if name in ("SI", STREAM):
            return "SI" if self._settings.echoes else "S"
        return name

    def _weight(self, name: str, mark: str, weight: float) -> str:
        digits = self._scale.decimals
        return f"{name} {mark} {self._scale.rounded(weight):10.{digits}f} {self._settings.word}"

    # ---- commands --------------------------------------------------------------------------------

    def _cancel(self) -> str:
        self._streams = False
        self._waiting = None
        self._scale.tare = 0.0
        return self._identity()

    def _identity(self) -> str:
        return f'I4 A "{SERIAL}"'

    def _when_stable(self, name: str, act: Callable[[], str]) -> str | None:
        if self._scale.stable:
            return act()
        self._waiting = (name, act, self._now + self._settings.patience_s)
        return None

    def _serve_waiting(self) -> None:
        if self._waiting is None:
            return
        name, act, deadline = self._waiting
        if self._scale.stable or self._now >= deadline:
            self._waiting = None
            self._say(act() if self._scale.stable else f"{name} {BUSY}")

    def _weight_now(self, head: str) -> str:
        return self._range_error(head) or self._weight(head, self._rest_mark, self._scale.net)

    def _begin_stream(self) -> str:
        self._streams = True
        return self._weight_now(self._head(STREAM))

    def _tare_to(self, name: str) -> str:
        error = self._range_error(name) or (f"{name} -" if self._scale.gross < 0.0 else None)
        if error is not None:
            return error
        self._scale.set_tare()
        mark = "S" if name == "T" else self._rest_mark
        return self._weight(name, mark, self._scale.tare)

    def _preset_tare(self, parameters: str) -> str:
        text, _, word = parameters.partition(" ")
        if _NUMBER.fullmatch(text) is None or word != self._settings.word:
            return f"TA {WRONG_PARAMETER}"
        if not 0.0 <= float(text) <= self._settings.capacity:
            return f"TA {WRONG_PARAMETER}"
        self._scale.tare = self._scale.rounded(float(text))
        return self._weight("TA", "A", self._scale.tare)

    def _clear_tare(self) -> str:
        self._scale.tare = 0.0
        return "TAC A"

    def _zero_to(self, name: str, mark: str) -> str:
        raw = self._scale.raw
        if abs(raw) > self._settings.zero_range * self._settings.capacity:
            return f"{name} {'+' if raw > 0.0 else '-'}"
        self._scale.set_zero()
        self._scale.tare = 0.0
        return f"{name} {mark}"

    # ---- the cell --------------------------------------------------------------------------------

    @property
    def _occupied(self) -> bool:
        return self._busy or self._scale.broken or self._waiting is not None

    @property
    def _rest_mark(self) -> str:
        return "S" if self._scale.stable else "D"

    def _range_error(self, name: str) -> str | None:
        if self._scale.raw > self._settings.capacity:
            return f"{name} +"
        if self._scale.raw < -self._settings.underload * self._settings.capacity:
            return f"{name} -"
        return None

    def _set_busy(self, on: bool) -> None:
        self._busy = on
