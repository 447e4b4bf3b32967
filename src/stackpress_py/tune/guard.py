"""What is checked in every cycle of a measurement, whatever the experiment thinks of it; pure.

It stands beside the driver's interlocks, which go on acting: those keep the press within its profile, this keeps it
within what the user allows now. SI units, temperatures in degC.
"""

import math
from collections import deque

from stackpress_py.devices.press.command import PumpAndValve, Velocity
from stackpress_py.quantities import (
    FORCE_RATE,
    TEMPERATURE_RATE,
    format_force,
    format_length,
    format_quantity,
    format_temperature,
)
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.trial import Order, Seen

#: s for which force, position or temperature may be unknown.
BLIND = 0.2
#: s between two measurements; a pause of this computer of that length is no fault of the press, whose own watchdog has
#: stopped it if it was longer than that.
LONGEST_GAP = 0.4
#: s over which the rise of the force is judged, and that of a temperature.
FORCE_WINDOW = 0.2
HEAT_WINDOW = 10.0
#: K that a temperature may rise in a window without counting as fast: noise, and the steps of its display.
HEAT_NOISE = 0.6
#: Part of the allowed force that is a contact for sure, and how much faster than before the ram may close then.
TOUCHED = 0.01
TOUCHED_FACTOR = 10.0


class LimitGuard:
    """Stops what leaves the limits.

    Args:
        limits: what is allowed.
        longest: s that everything may take.
        heated: the platens' temperatures are watched.
        ram: the ram's position is watched.
    """

    def __init__(self, limits: Limits, longest: float, heated: bool, ram: bool = True) -> None:
        self._limits = limits
        self._longest = longest
        self._heated = heated
        self._ram = ram
        self._begin = self._last = self._known = math.nan
        self._touched = False
        self._forces = _Rise(FORCE_WINDOW)
        self._heats = (_Rise(HEAT_WINDOW), _Rise(HEAT_WINDOW))

    def judge(self, seen: Seen) -> str:
        """Return why the machine must not go on, one sentence; empty: it may."""
        if math.isnan(self._begin):
            self._begin = self._last = self._known = seen.time
        gap, self._last = seen.time - self._last, seen.time
        if gap > LONGEST_GAP:
            return (
                f"no measurement came for {gap:.2f} s: check the bus and the load of the computer"
            )
        if seen.time - self._begin > self._longest:
            return (
                f"it has taken longer than {self._longest:.0f} s: something is not as it should be"
            )
        return self._judge_known(seen) or self._judge_ram(seen) or self._judge_heat(seen)

    def refuse(self, order: Order, seen: Seen) -> str:
        """Return why an order must not be given, one sentence; empty: it may."""
        heat, limits = order.heat, self._limits
        if isinstance(order.motion, Velocity):
            velocity = order.motion.velocity
            if not abs(velocity) <= limits.velocity:
                return f"the experiment wanted {velocity:.4g} m/s, and {limits.velocity:.4g} m/s are allowed"
            if seen.position > limits.clear_to and velocity > self._fastest_beyond():
                return f"the experiment wanted to close at {velocity:.3g} m/s where something can touch"
        if (
            isinstance(order.motion, PumpAndValve)
            and min(order.motion.pump, order.motion.valve) > 0.0
        ):
            return "the experiment wanted to pump and to open the valve at once"
        if heat is not None and not self._heated:
            return "the experiment wanted to heat, which was not allowed"
        return ""

    def _fastest_beyond(self) -> float:
        slow = 1.001 * self._limits.contact_velocity
        return TOUCHED_FACTOR * slow if self._touched else slow

    def _judge_known(self, seen: Seen) -> str:
        known = math.isfinite(seen.force)
        if known and self._ram:
            known = math.isfinite(seen.position)
        if known and self._heated:
            known = math.isfinite(seen.upper) and math.isfinite(seen.lower)
        if known:
            self._known = seen.time
        if seen.time - self._known > BLIND:
            return "force, position or a temperature is not known any more: look at the sensors"
        return ""

    def _judge_ram(self, seen: Seen) -> str:
        limits = self._limits
        if abs(seen.force) > limits.force:
            return f"the force has reached {format_force(seen.force, 4)}; allowed are {format_force(limits.force, 4)}"
        if seen.force > TOUCHED * limits.force:
            self._touched = True
        if seen.position > limits.deepest:
            place = format_length(limits.deepest, 4)
            return f"the ram is at {format_length(seen.position, 4)}; it may go to {place}"
        rate = self._forces.step(seen.time, seen.force)
        if rate > limits.force_rate:
            allowed = format_quantity(limits.force_rate, FORCE_RATE, 3)
            return f"the force has risen by {format_quantity(rate, FORCE_RATE, 3)}; allowed are {allowed}"
        return ""

    def _judge_heat(self, seen: Seen) -> str:
        if not self._heated:
            return ""
        limits = self._limits
        for name, value, rise in zip(
            ("upper", "lower"), (seen.upper, seen.lower), self._heats, strict=True
        ):
            if value > limits.temperature:
                allowed = format_temperature(limits.temperature, 4)
                return (
                    f"the {name} platen has {format_temperature(value, 4)}; allowed are {allowed}"
                )
            rate = rise.step(seen.time, value)
            if rate - HEAT_NOISE / HEAT_WINDOW > limits.heating_rate:
                allowed = format_quantity(limits.heating_rate, TEMPERATURE_RATE, 3)
                found = format_quantity(rate, TEMPERATURE_RATE, 3)
                return f"the {name} platen warms by {found}; allowed are {allowed}"
        return ""


class _Window:
    """The latest values, and their means."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()
        self._time = self._value = 0.0

    @property
    def begin(self) -> float:
        """Time of the oldest, s; inf: there is none."""
        return self._points[0][0] if self._points else math.inf

    @property
    def mean(self) -> tuple[float, float]:
        """Means of time and value."""
        count = len(self._points)
        return self._time / count, self._value / count

    def add(self, point: tuple[float, float]) -> None:
        """Take a point."""
        self._points.append(point)
        self._time += point[0]
        self._value += point[1]

    def drop(self) -> tuple[float, float]:
        """Give the oldest point away."""
        point = self._points.popleft()
        self._time -= point[0]
        self._value -= point[1]
        return point


class _Rise:
    """How fast a value rises: the mean of the newer half of a window (s) over that of the older."""

    def __init__(self, window: float) -> None:
        self._half = 0.5 * window
        self._old, self._new = _Window(), _Window()

    def step(self, now: float, value: float) -> float:
        """Take a value; return the rate in 1/s, 0 as long as there is too little to tell."""
        if math.isfinite(value):
            self._new.add((now, value))
        while now - self._new.begin >= self._half:
            self._old.add(self._new.drop())
        while now - self._old.begin >= 2.0 * self._half:
            self._old.drop()
        if not now - self._old.begin >= 1.5 * self._half or math.isinf(self._new.begin):
            return 0.0
        (then, before), (at, after) = self._old.mean, self._new.mean
        return (after - before) / (at - then)
