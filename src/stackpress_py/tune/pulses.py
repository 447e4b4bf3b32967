"""Pulses of a pump or a valve, and the force that answers them.

A pulse is followed by a rest. The force answers it one delay T later at an even rate r:

    F(t) = F0 + d t + r (time that the pulse has lasted until t - T)

A pump that spins up, or a spool that moves, flows less than that at first and ends early: of a long pulse the rate is
the slope at its end, when the flow is even.

SI units; pump and valve 0..1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stackpress_py.devices.press.command import PumpAndValve
from stackpress_py.tune.fits import Array, least_squares, lowest, squared_error
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.trial import Experiment, Order, Seen

#: s of rest after a pulse, and part of it that also tells how the force was before.
SETTLING, BEFORE = 0.9, 0.4
#: s after which the flow of a pulse is even, and s that this must last to tell a slope.
SPIN_UP, EVEN = 0.6, 0.4
#: s, longest delay that is looked for, and the steps in which it is.
LONGEST_DELAY, STEP = 0.4, 0.005


@dataclass(frozen=True, slots=True)
class OilFacts:
    """What is known of a hydraulic press before anything is measured.

    Attributes:
        limits: what is allowed.
        period: s between two measurements.
        pump_bit, valve_bit: it can only be on or off.
        fastest_rise: N/s, at which the press's own interlock trips: what its pump can surely not exceed.
        closing_time: s that the ram may take to close or to open.
    """

    limits: Limits
    period: float
    pump_bit: bool
    valve_bit: bool
    fastest_rise: float
    closing_time: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pulse and what it did.

    Attributes:
        opening: 0..1.
        seconds: s that it lasted.
        rate: N/s, positive if the force rose.
        delay: s.
        force: N, mean from its begin to the end of the rest.
        change: N, by all of it.
        time, measured, fitted: s, N, N.
    """

    opening: float
    seconds: float
    rate: float
    delay: float
    force: float
    change: float
    time: Array
    measured: Array
    fitted: Array


def order_of(pump: bool, opening: float) -> Order:
    """Return the order that opens one of both."""
    return Order(PumpAndValve(opening, 0.0) if pump else PumpAndValve(0.0, opening))


def wait(seconds: float) -> Experiment[list[Seen]]:
    """Leave both off, and return what was seen meanwhile."""
    return (yield from hold_open(True, 0.0, seconds))


def hold_open(pump: bool, opening: float, seconds: float) -> Experiment[list[Seen]]:
    """Keep one of both open for a time, and return what was seen meanwhile."""
    order = order_of(pump, opening)
    readings = [(yield order)]
    while readings[-1].time - readings[0].time < seconds:
        readings.append((yield order))
    return readings


class Pulses:
    """Makes pulses.

    Args:
        period: s between two measurements.
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._before: list[Seen] = []

    @property
    def force(self) -> float:
        """Mean force since the last pulse came to rest, N; 0 before the first."""
        return sum(seen.force for seen in self._before) / max(1, len(self._before))

    def one(self, pump: bool, opening: float, seconds: float) -> Experiment[Pulse]:
        """Make one pulse, rest, and fit what was seen."""
        if not self._before:
            self._before = yield from wait(BEFORE)
        begin = self._before[-1].time
        during = yield from hold_open(pump, opening, seconds - 1.5 * self._period)
        end = during[-1].time
        after = yield from wait(SETTLING)
        readings = [seen for seen in (*self._before, *during, *after) if math.isfinite(seen.force)]
        self._before = [seen for seen in after if seen.time >= after[-1].time - BEFORE]
        return _fit(readings, opening, (begin, end))


def _fit(readings: Sequence[Seen], opening: float, pulse: tuple[float, float]) -> Pulse:
    """Fit the force of readings around a pulse (s, from and to)."""
    time = np.array([seen.time for seen in readings])
    force = np.array([seen.force for seen in readings])
    begin, end = pulse
    ones, ramp = np.ones_like(time), time - begin

    def columns(delay: float) -> tuple[Array, Array, Array]:
        return ones, ramp, np.clip(ramp - delay, 0.0, end - begin)

    delay = lowest(lambda at: squared_error(columns(at), force), 0.0, LONGEST_DELAY, STEP)
    fit = least_squares(columns(delay), force)
    during = force[time >= begin]
    even = (time >= begin + SPIN_UP) & (time <= end)
    rate = fit[2].value
    if end - begin - SPIN_UP >= EVEN:
        slope = least_squares((ones[even], ramp[even]), force[even])
        rate = slope[1].value - fit[1].value
    return Pulse(
        opening=opening,
        seconds=end - begin,
        rate=rate,
        delay=delay,
        force=float(np.mean(during)),
        change=fit[2].value * (end - begin),
        time=ramp,
        measured=force,
        fitted=force - fit.residuals,
    )
