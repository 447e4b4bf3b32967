"""Warming and cooling the platens so that their constants can be told: limited in power, rate and temperature.

Each platen is first warmed by a few kelvin alone and with little power: that tells its gain and its delay, and whether
heater and thermometer belong together. Then both are warmed, the one a little after the other, left alone, and cooled.

Temperatures in degC, SI otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from stackpress_py.quantities import format_temperature
from stackpress_py.tune.heat_record import Heating, HeatRecord, Pair
from stackpress_py.tune.holding import Holder
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.trial import DoubtError, Experiment, Seen

NAMES = ("upper", "lower")
#: s that everything rests at the begin, is left alone after warming, and after cooling.
REST_TIME, COAST_TIME, LAST_TIME = 20.0, 240.0, 60.0
#: K by which a platen is warmed alone, s that this may take, and part of the allowed rate that it aims at.
FIRST_RISE, FIRST_TIME, FIRST_RATE = 4.0, 400.0, 0.4
#: Part of the first rise by which the other platen must be warmer to have been taken for it.
OTHER_SHARE = 0.5
#: s after the power is off until a platen has shown its last rise.
SETTLING_TIME = 30.0
#: Part of the allowed rates that a platen is warmed and cooled with.
RATE_SHARE = 0.7
#: Part of the expected rise after the power is off that is reckoned with, and K.
AFTER_SHARE, AFTER = 1.3, 0.5
#: K by which the first platen is ahead before the second one follows.
STAGGER = 5.0
#: Part of the expected power that warming begins with, s after which the powers are looked at again, and how much
#: they may change then.
FIRST_SHARE, ADAPT_TIME, SLOWER, FASTER = 0.5, 6.0, 0.7, 1.08
#: s that warming and cooling may take.
LONGEST_WARMING, LONGEST_COOLING = 1200.0, 300.0
#: K that warming must reach to tell anything.
LEAST_RISE = 15.0
#: Power and s that cooling is tried with; part of the way that it goes down.
FIRST_COOLING, FIRST_COOLING_TIME, COOLING_SHARE = 0.15, 20.0, 0.85


@dataclass(frozen=True, slots=True)
class HeatFacts:
    """What is known of the platens before anything is measured.

    Attributes:
        limits: what is allowed.
        uncertainty: K, expanded, of the thermometers.
        full_rate: K/s, at which a platen warms with its full power, by the profile.
        cooling_rate: K/s, fastest that is allowed; 0: the press has no cooling.
    """

    limits: Limits
    uncertainty: float
    full_rate: float
    cooling_rate: float

    @property
    def top(self) -> float:
        """Hottest temperature (degC) that is aimed at."""
        return self.limits.temperature - self.uncertainty


@dataclass(frozen=True, slots=True)
class _First:
    """What little power has told: K/s at full power, and s from the power to its effect."""

    gain: float
    delay: float


def warm_and_cool(facts: HeatFacts, holder: Holder) -> Experiment[HeatRecord]:
    """Warm and cool both platens, and return what was seen.

    Raises:
        DoubtError: a platen does not do what its heater says.
    """
    heating = Heating(holder)
    yield from heating.apply((0.0, 0.0), REST_TIME)
    base = heating.now
    way = facts.top - max(base)
    if way < LEAST_RISE:
        raise DoubtError(
            f"the platens have {format_temperature(max(base), 3)}, and may have"
            f" {format_temperature(facts.top, 3)}: let them cool, or allow more"
        )
    first = []
    for platen in (0, 1):
        first.append((yield from _try(facts, heating, platen)))
    yield from _warm(facts, heating, first, base)
    yield from heating.apply((0.0, 0.0), COAST_TIME)
    if facts.cooling_rate > 0.0:
        yield from _cool(facts, heating, base)
        yield from heating.apply((0.0, 0.0), LAST_TIME)
    return heating.record()


def _try(facts: HeatFacts, heating: Heating, platen: int) -> Experiment[_First]:
    """Warm one platen alone by a few kelvin, and leave it alone until that has shown."""
    base, name = heating.now, NAMES[platen]
    power = min(1.0, FIRST_RATE * facts.limits.heating_rate / facts.full_rate)
    powers: Pair = (power, 0.0) if platen == 0 else (0.0, power)
    goals = (base[0] + FIRST_RISE, base[1] + FIRST_RISE)
    begin = heating.time
    reached = yield from heating.apply(powers, FIRST_TIME, partial(_any_hot, (1.0, 1.0), goals))
    on = heating.time - begin
    at_end = heating.now
    rise, other = at_end[platen] - base[platen], at_end[1 - platen] - base[1 - platen]
    if other > rise and other > OTHER_SHARE * FIRST_RISE:
        raise DoubtError(
            f"the {NAMES[1 - platen]} platen becomes warm when the {name} one is heated: exchange the"
            " thermometers, or the heaters"
        )
    if not reached:
        raise DoubtError(
            f"the {name} platen became warmer by {rise:.1f} K only in {on:.0f} s at {power:.0%} of its power:"
            " look at the heater, its fuse, and the thermometer"
        )
    yield from heating.apply((0.0, 0.0), SETTLING_TIME)
    final = max(heating.now[platen] - base[platen], FIRST_RISE)
    gain = final / (power * on)
    return _First(gain, (final - rise) / (gain * power))


def _warm(facts: HeatFacts, heating: Heating, first: list[_First], base: Pair) -> Experiment[None]:
    """Warm both up to the hottest temperature, each with what is still to come after its power is off.

    The powers are raised step by step to what gives the wanted rate: each platen warms the other one as well.
    """
    wanted = RATE_SHARE * facts.limits.heating_rate
    powers = [min(1.0, FIRST_SHARE * wanted / each.gain) for each in first]
    begin, follow = heating.time, base[0] + STAGGER
    while any(powers) and heating.time - begin < LONGEST_WARMING:
        rates = heating.rates(ADAPT_TIME)
        stops = [
            facts.top - AFTER - AFTER_SHARE * each.delay * max(rate, each.gain * power)
            for each, rate, power in zip(first, rates, powers, strict=True)
        ]
        given = (powers[0], powers[1] if heating.now[0] >= min(follow, stops[0]) else 0.0)
        yield from heating.apply(given, ADAPT_TIME, partial(_any_hot, given, stops))
        for platen, rate in enumerate(heating.rates(ADAPT_TIME)):
            if heating.latest[platen] >= stops[platen]:
                powers[platen] = 0.0
            elif given[platen] > 0.0:
                change = min(FASTER, max(SLOWER, wanted / max(rate, 1e-6)))
                powers[platen] = min(1.0, change * powers[platen])
    risen = min(now - then for now, then in zip(heating.now, base, strict=True))
    if risen < LEAST_RISE:
        raise DoubtError(
            f"the platens became warmer by {risen:.0f} K only: their heaters are too weak"
        )


def _any_hot(powers: Pair, stops: Sequence[float], seen: Seen) -> bool:
    """Return whether a platen that is heated has reached the temperature (degC) at which its power ends."""
    return any(
        power > 0.0 and now >= stop
        for power, now, stop in zip(powers, _of(seen), stops, strict=True)
    )


def _cool(facts: HeatFacts, heating: Heating, base: Pair) -> Experiment[None]:
    """Cool both, first a little, then as fast as is allowed."""
    begin = heating.now
    yield from heating.apply((-FIRST_COOLING, -FIRST_COOLING), FIRST_COOLING_TIME)
    fallen = max(then - now for now, then in zip(heating.now, begin, strict=True))
    rate = max(fallen / (0.5 * FIRST_COOLING_TIME), 1e-3) / FIRST_COOLING
    power = min(1.0, RATE_SHARE * facts.cooling_rate / rate)
    goals = [top - COOLING_SHARE * (top - low) for top, low in zip(begin, base, strict=True)]
    yield from heating.apply(
        (-power, -power),
        LONGEST_COOLING,
        lambda seen: seen.upper <= goals[0] and seen.lower <= goals[1],
    )


def _of(seen: Seen) -> Pair:
    return seen.upper, seen.lower
