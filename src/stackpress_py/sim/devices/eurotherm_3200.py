"""Eurotherm 3216/3208/3204 temperature controller: integer registers, the same again as floats at 32768 + 2 n.

Sourced: the register numbers, the bits of 75 and the warning that 2, 24 and 25 wear (100 000 writes): manual HA028651,
p. 81 and 82; 273, 276, 525, 531 and the float window: public drivers. Unverified: the 5 s after which a remote
set-point counts as lost, that control then goes on with the local one, what a broken sensor shows (here the top of the
range), that addresses between the parameters are refused.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .modbus_device import DIAGNOSE, READ, READ_INPUTS, WRITE, WRITE_ONE, Manners, ModbusDevice
from .points import Kind, Order, Parameter, Point, Quantity, Reading, one_of, shown, within
from .regulator import Ramp, Regulator
from .settings import ControllerSettings, choice, number, whole

FLOATS = 0x8000
#: s between two samples of the input; [L] 9 Hz.
SAMPLE = 0.11
MANNERS = Manners((READ, READ_INPUTS, WRITE_ONE, WRITE, DIAGNOSE), most_read=125)
#: s in a unit of 531.
RATE_UNITS = {"min": 60.0, "h": 3600.0, "s": 1.0}
ALARM_ADDRESSES = (13, 14, 81, 82)
ALARM_1, MANUAL, SENSOR_BREAK, OVER_RANGE, RAMP_RUNNING, REMOTE_FAIL = 0, 4, 5, 10, 13, 14


@dataclass(frozen=True, slots=True)
class Settings(ControllerSettings):
    """How the instrument is configured.

    Attributes:
        decimals: places behind the point of the integer registers.
        set_point_c: SP1 at the start.
        remote_s: s without a write to register 26 after which the remote set-point has failed.
        rate: set-point ramp at the start, K in a unit of ``rate_unit``; 0: none.
    """

    decimals: int = whole(1, 0, 2)
    set_point_c: float = number(0.0, -273.0, 3e3)
    remote_s: float = number(5.0, 0.1, 600.0)
    rate: float = number(0.0, 0.0, 3e3)
    rate_unit: str = choice("min", "h", "s")


class Eurotherm3200(ModbusDevice):
    """One instrument with its heater."""

    def __init__(self, settings: Settings, temperature: Callable[[], float]) -> None:
        super().__init__(settings.unit, MANNERS)
        s = self._settings = settings
        span = (s.lowest_c, s.highest_c)
        self._loop = Regulator(settings, temperature, SAMPLE)
        self._ramp = Ramp()
        self._sp1 = Parameter(s.set_point_c, *span, wears=True)
        self._sp2 = Parameter(max(0.0, s.lowest_c), *span, wears=True)
        self._remote = Parameter(max(0.0, s.lowest_c), *span)
        self._alarms = [Parameter(s.highest_c, *span) for _ in ALARM_ADDRESSES]
        self._select = Parameter(0, 0, 1)
        self._rate = Parameter(s.rate, 0.0, 3e3)
        self._rate_unit = Parameter(list(RATE_UNITS).index(s.rate_unit), 0, 2)
        self._remote_chosen = False
        self._remote_failed = False
        self._fed = 0.0
        self._hand = 0.0
        self.inputs = self.holding
        self._add_values()
        self._add_states()

    @property
    def output(self) -> float:
        """Share of the heater's power, 0 to 1."""
        return self._loop.output

    def advance(self, now: float) -> None:
        """Control up to now."""
        self.now = now
        late = now - self._fed > self._settings.remote_s
        self._remote_failed = self._remote_chosen and late
        self._loop.advance(now, self._working)

    def truth(self) -> dict[str, object]:
        """Return output, working set-point and the writes of each parameter that wears."""
        wear = {"24": self._sp1.writes, "25": self._sp2.writes}
        return {"output": self.output, "set_point": self._shown_set_point(), "wear": wear}

    # ---- set-points ------------------------------------------------------------------------------

    def _local(self) -> Parameter:
        return self._sp2 if self._select.value else self._sp1

    def _target(self) -> float:
        remote = self._remote_chosen and not self._remote_failed
        return self._remote.value if remote else self._local().value

    def _working(self, seconds: float) -> float:
        rate = self._rate.value / list(RATE_UNITS.values())[int(self._rate_unit.value)]
        return self._ramp.follow(self._target(), rate, seconds, self._loop.measured)

    def _shown_set_point(self) -> float:
        return self._target() if math.isnan(self._ramp.value) else self._ramp.value

    def _put_remote(self, value: float) -> None:
        self._remote.put(value)
        self._fed = self.now
        self._remote_failed = False

    def _choose_remote(self, value: float) -> None:
        self._remote_chosen = bool(value)
        self._fed = self.now

    # ---- output ----------------------------------------------------------------------------------

    def _set_manual(self, value: float) -> None:
        if value and self._loop.manual is None:
            self._hand = self._loop.output
        self._loop.manual = self._hand if value else None

    def _put_hand(self, percent: float) -> None:
        self._hand = percent / 100.0
        if self._loop.manual is not None:
            self._loop.manual = self._hand

    # ---- the map ---------------------------------------------------------------------------------

    def _measured(self) -> float:
        unknown = self._loop.broken or math.isnan(self._loop.measured)
        return self._settings.highest_c if unknown else self._loop.measured

    def _status(self) -> float:
        value = self._measured()
        bits = {
            ALARM_1: value > self._alarms[0].value,
            MANUAL: self._loop.manual is not None,
            SENSOR_BREAK: self._loop.broken,
            OVER_RANGE: value >= self._settings.highest_c,
            RAMP_RUNNING: self._rate.value > 0.0 and self._shown_set_point() != self._target(),
            REMOTE_FAIL: self._remote_failed,
        }
        return sum(on << bit for bit, on in bits.items())

    def _add_values(self) -> None:
        """Add what stands in both windows."""
        degrees: dict[int, Quantity] = {
            1: Reading(self._measured),
            2: Order(lambda v: self._local().put(v), lambda v: self._local().check(v),
                     lambda: self._local().value),
            5: Reading(self._shown_set_point),
            6: Reading(lambda: self._loop.band),
            24: self._sp1,
            25: self._sp2,
            26: Order(self._put_remote, self._remote.check, self._remote.get),
            35: self._rate,
            **dict(zip(ALARM_ADDRESSES, self._alarms, strict=True)),
        }  # fmt: skip
        percents: dict[int, Quantity] = {
            3: Order(self._put_hand, within(0.0, 100.0), lambda: 100.0 * self._hand),
            4: Reading(lambda: 100.0 * self._loop.output),
        }
        for address, quantity in degrees.items():
            self._add_both(address, quantity, 10.0**self._settings.decimals)
        for address, quantity in percents.items():
            self._add_both(address, quantity, 10.0)

    def _add_both(self, address: int, quantity: Quantity, scale: float) -> None:
        self.holding.add(
            Point(address, quantity, Kind.I16, scale),
            Point(FLOATS + 2 * address, quantity, Kind.F32),
        )

    def _add_states(self) -> None:
        manual = Order(self._set_manual, one_of(0, 1), lambda: self._loop.manual is not None)
        remote = Order(self._choose_remote, one_of(0, 1), lambda: self._remote_chosen)
        times = {8: Reading(lambda: self._loop.integral), 9: Reading(lambda: self._loop.derivative)}
        for address, quantity in times.items():
            # In the float window times are whole milliseconds.
            self.holding.add(
                Point(address, quantity), Point(FLOATS + 2 * address, quantity, Kind.U32, 1e3)
            )
        self.holding.add(
            Point(15, self._select),
            shown(75, self._status, Kind.U16),
            Point(273, manual),
            Point(276, remote),
            shown(525, lambda: self._settings.decimals),
            Point(531, self._rate_unit),
        )
