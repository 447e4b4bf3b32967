"""The parameters of a Yudian AI instrument by their codes: what can be read, what a write is admitted to.

Sources and what is unverified: see ``yudian_ai``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType

from .aibus_frames import HIGHEST_ADDRESS
from .settings import ControllerSettings, choice, switch, whole

LARGEST = 32000
#: What the instrument answers for a parameter that it does not have.
MISSING = 0x7FFF
TENFOLD = 128
MODEL_AI_518 = 5180
SEGMENTS = 30


class Code(IntEnum):
    """Parameters of both generations; 15h, 1Ah and 1Bh differ between them."""

    TARGET = 0x00
    HIGH = 0x01
    LOW = 0x02
    HIGH_DEVIATION = 0x03
    LOW_DEVIATION = 0x04
    HYSTERESIS = 0x05
    CONTROL = 0x06
    BAND = 0x07
    INTEGRAL = 0x08
    DERIVATIVE = 0x09
    CYCLE = 0x0A
    INPUT = 0x0B
    DECIMALS = 0x0C
    SCALE_LOW = 0x0D
    SCALE_HIGH = 0x0E
    ALARM_PLACE = 0x0F
    SHIFT = 0x10
    OUTPUT_TYPE = 0x11
    MODEL = 0x15
    OUTPUT = 0x1A
    RUN = 0x1B


#: Smallest and largest of those that are narrower than the format.
BOUNDS: Mapping[int, tuple[int, int]] = MappingProxyType(
    {
        Code.HYSTERESIS: (0, LARGEST),
        # 3 and 4, which make the instrument a transmitter or a hand wheel, are not built.
        Code.CONTROL: (0, 2),
        Code.BAND: (1, LARGEST),
        Code.INTEGRAL: (0, LARGEST),
        Code.DERIVATIVE: (0, LARGEST),
        Code.CYCLE: (1, LARGEST),
        Code.DECIMALS: (0, 3),
    }
)


class State(IntEnum):
    """What 1Bh says."""

    RUN = 0
    STOP = 1
    HOLD = 2


#: How an instrument of the older protocol says it, in 15h.
OLD_STATES: Mapping[int, State] = MappingProxyType({0: State.RUN, 4: State.HOLD, 12: State.STOP})


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is built and configured.

    Attributes:
        protocol: that its firmware speaks.
        decimals: places behind the point.
        tenfold: one digit more is sent than is shown.
        running: it controls after power-up.
    """

    unit: int = whole(1, 0, HIGHEST_ADDRESS)
    protocol: str = choice("V8", "V7")
    decimals: int = whole(1, 0, 3)
    tenfold: bool = switch(False)
    running: bool = switch(False)


class Parameters:
    """The instrument's memory.

    Attributes:
        state: run, stop or hold.
        output: %, for those who read 1Ah.
        writes: how often each code was written.
    """

    def __init__(self, settings: Settings) -> None:
        self.state = State.RUN if settings.running else State.STOP
        self.output = 0
        self.writes: dict[int, int] = {}
        self._new = settings.protocol == "V8"
        self._tenfold = settings.tenfold
        self._raw = _delivered(settings)

    def __getitem__(self, code: Code) -> int:
        """Return a parameter as it is stored."""
        return self._raw[code]

    @property
    def scale(self) -> int:
        """Steps in one degree, on the wire."""
        return _scale(self._raw[Code.DECIMALS], self._tenfold)

    def degrees(self, code: Code) -> float:
        """Return a parameter in the measured value's unit, degC."""
        return self._raw[code] / self.scale

    def read(self, code: int) -> int:
        """Return a parameter as it is sent."""
        if code == Code.DECIMALS:
            return self._raw[code] + (TENFOLD if self._tenfold else 0)
        own = self._own(code)
        return self._raw.get(code, MISSING) if own is None else own

    def write(self, code: int, value: int) -> None:
        """Store a value; one that is refused changes nothing, and the reply shows it."""
        if not self._admits(code, value):
            return
        self.writes[code] = self.writes.get(code, 0) + 1
        if code == self._state_code:
            self.state = State(value) if self._new else OLD_STATES[value]
        else:
            self._raw[code] = value

    @property
    def _state_code(self) -> int:
        return Code.RUN if self._new else Code.MODEL

    def _own(self, code: int) -> int | None:
        """Return what the generation has at a code of its own."""
        if not self._new:
            if code == Code.MODEL:
                return next(number for number, state in OLD_STATES.items() if state is self.state)
            return self._raw.get(code, 0) if _in_programme(code) else None
        computed = {Code.MODEL: MODEL_AI_518, Code.OUTPUT: self.output, Code.RUN: int(self.state)}
        return {int(each): value for each, value in computed.items()}.get(code)

    def _admits(self, code: int, value: int) -> bool:
        if code == self._state_code:
            return value in (tuple(State) if self._new else OLD_STATES)
        if not self._new and _in_programme(code):
            return -LARGEST <= value <= LARGEST
        low, high = BOUNDS.get(code, (-LARGEST, LARGEST))
        return code in self._raw and low <= value <= high


def _in_programme(code: int) -> bool:
    return Code.OUTPUT <= code < Code.OUTPUT + 2 * SEGMENTS


def _scale(decimals: int, tenfold: bool) -> int:
    scale: int = 10**decimals
    return 10 * scale if tenfold else scale


def _delivered(settings: Settings) -> dict[int, int]:
    """Return the parameters at the start, alarms out of reach."""
    scale = _scale(settings.decimals, settings.tenfold)
    farthest = min(LARGEST, 3000 * scale)
    return {
        Code.TARGET: 0,
        Code.HIGH: farthest,
        Code.LOW: -farthest,
        Code.HIGH_DEVIATION: farthest,
        Code.LOW_DEVIATION: -farthest,
        Code.HYSTERESIS: 2 * scale,
        Code.CONTROL: 1,
        Code.BAND: _raw(settings.band_k * scale),
        Code.INTEGRAL: _raw(settings.integral_s),
        Code.DERIVATIVE: _raw(10.0 * settings.derivative_s),
        Code.CYCLE: 20,
        Code.INPUT: 0,
        Code.DECIMALS: settings.decimals,
        Code.SCALE_LOW: _raw(settings.lowest_c * scale),
        Code.SCALE_HIGH: _raw(settings.highest_c * scale),
        Code.ALARM_PLACE: 0,
        Code.SHIFT: 0,
        Code.OUTPUT_TYPE: 0,
    }


def _raw(value: float) -> int:
    return max(-LARGEST, min(LARGEST, round(value)))
