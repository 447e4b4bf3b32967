"""Watlow EZ-ZONE PM temperature controller, Modbus map 1: floats with the low word first, in degF.

Sourced: 360, 362, 368, 1880, 1904, 2160, 2162, the low word at the listed register (switchable), degF until 15 (degC)
is written to 2490 (30: degF), the assembly of pointers at 40 and values at 200 (user's guides and public drivers).
Unverified: 10 and 54 for automatic and manual, 61 and 65 for no error and open, 2488 for the word order (1330 high
first, 1331 low first), 2494 for keeping writes (106 yes, 59 no), that an open sensor leaves the last value standing.
The values of the assembly can only be read here.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import READ, READ_INPUTS, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, constant, one_of, shown, within
from .regulator import Regulator
from .settings import ControllerSettings, choice, number

SAMPLE = 0.1
MANNERS = Manners((READ, READ_INPUTS, WRITE_ONE, WRITE), most_read=125)
AUTO, MANUAL, OFF = 10, 54, 62
NO_ERROR, OPEN = 61, 65
CELSIUS, FAHRENHEIT = 15, 30
HIGH_FIRST, LOW_FIRST = 1330, 1331
KEEP, FORGET = 106, 59
#: Of register 368; 62 would be off.
THERMOCOUPLE = 95
POINTERS, ASSEMBLY, ASSEMBLED = 40, 200, 80
#: What the pointers show as delivered: control mode, set-point, open loop set-point.
FIRST_POINTERS = (1880, 1881, 2160, 2161, 2162, 2163)


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is configured.

    Attributes:
        set_point_c: set-point at the start, degC.
        words: order of the two registers of a value.
        degrees: unit of all temperatures on the wire.
    """

    set_point_c: float = number(23.9, -273.0, 3e3)
    words: str = choice("low_first", "high_first")
    degrees: str = choice("fahrenheit", "celsius")


class WatlowEzzonePm(ModbusDevice):
    """One instrument with its heater."""

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        self._settings = settings
        self._loop = Regulator(settings, temperature, SAMPLE)
        span = (settings.lowest_c, settings.highest_c)
        self._set_point = Parameter(settings.set_point_c, *span, wears=True)
        self._hand = 0.0
        self._mode = AUTO
        self._celsius = settings.degrees == "celsius"
        self._pointers = [*FIRST_POINTERS, *[0] * (ASSEMBLED - len(FIRST_POINTERS))]
        self.holding.low_word_first = settings.words == "low_first"
        self.inputs = self.holding
        self._map()
        self._add_assembly()

    @property
    def output(self) -> float:
        """Share of the heater's power, 0 to 1."""
        return self._loop.output

    def advance(self, now: float) -> None:
        """Control up to now."""
        self.now = now
        self._loop.advance(now, lambda seconds: self._set_point.value)

    def truth(self) -> dict[str, object]:
        """Return output, set-point (degC) and the writes of the parameter that wears."""
        wear = {"2160": self._set_point.writes}
        return {"output": self.output, "set_point": self._set_point.value, "wear": wear}

    # ---- units and modes -------------------------------------------------------------------------

    def _told(self, celsius: float) -> float:
        return celsius if self._celsius else celsius * 1.8 + 32.0

    def _meant(self, value: float) -> float:
        return value if self._celsius else (value - 32.0) / 1.8

    def _choose_degrees(self, value: float) -> None:
        self._celsius = value == CELSIUS

    def _choose_words(self, value: float) -> None:
        self.holding.low_word_first = value == LOW_FIRST

    def _choose_keeping(self, value: float) -> None:
        self._set_point.wears = value == KEEP

    def _choose_mode(self, value: float) -> None:
        self._mode = int(value)
        self._loop.off = value == OFF
        self._loop.manual = self._hand if value == MANUAL else None

    def _put_hand(self, percent: float) -> None:
        self._hand = percent / 100.0
        if self._mode == MANUAL:
            self._loop.manual = self._hand

    # ---- the map ---------------------------------------------------------------------------------

    def _measured(self) -> float:
        return 0.0 if math.isnan(self._loop.measured) else self._told(self._loop.measured)

    def _map(self) -> None:
        set_point = Order(
            lambda v: self._set_point.put(self._meant(v)),
            lambda v: self._set_point.check(self._meant(v)),
            lambda: self._told(self._set_point.value),
        )
        hand = Order(self._put_hand, within(0.0, 100.0), lambda: 100.0 * self._hand)
        mode = Order(self._choose_mode, one_of(AUTO, MANUAL, OFF), lambda: self._mode)
        self.holding.add(
            shown(360, self._measured, Kind.F32),
            shown(362, lambda: OPEN if self._loop.broken else NO_ERROR, Kind.U32),
            constant(368, THERMOCOUPLE, Kind.U32),
            Point(1880, mode, Kind.U32),
            shown(1904, lambda: 100.0 * self._loop.output, Kind.F32),
            Point(2160, set_point, Kind.F32),
            Point(2162, hand, Kind.F32),
            self._choice(2488, self._choose_words, HIGH_FIRST, LOW_FIRST, self._low_first),
            self._choice(2490, self._choose_degrees, FAHRENHEIT, CELSIUS, lambda: self._celsius),
            self._choice(2494, self._choose_keeping, FORGET, KEEP, lambda: self._set_point.wears),
        )

    def _low_first(self) -> bool:
        return self.holding.low_word_first

    def _choice(
        self, address: int, act: Callable[[float], None], no: int, yes: int, is_on: Callable[[], bool]
    ) -> Point:  # fmt: skip
        order = Order(act, one_of(no, yes), lambda: yes if is_on() else no)
        return Point(address, order, Kind.U32)

    def _add_assembly(self) -> None:
        for index in range(ASSEMBLED):
            pointer = Order(self._pointer_setter(index), read=self._pointer_getter(index))
            self.holding.add(Point(POINTERS + index, pointer, Kind.U16))
            self.holding.add(shown(ASSEMBLY + index, self._pointed_reader(index), Kind.U16))

    def _pointer_setter(self, index: int) -> Callable[[float], None]:
        def put(value: float) -> None:
            self._pointers[index] = int(value)

        return put

    def _pointer_getter(self, index: int) -> Callable[[], float]:
        return lambda: self._pointers[index]

    def _pointed_reader(self, index: int) -> Callable[[], float]:
        def read() -> float:
            address = self._pointers[index]
            return self.holding.read(address, 1)[0] if address else 0

        return read
