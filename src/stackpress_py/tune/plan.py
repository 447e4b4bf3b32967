"""What a measurement will do, told beforehand, and how long it may take."""

from collections.abc import Iterator

from stackpress_py.quantities import (
    FORCE_RATE,
    TEMPERATURE_RATE,
    VELOCITY,
    format_force,
    format_length,
    format_quantity,
    format_temperature,
)
from stackpress_py.tune.approach import slow_speed
from stackpress_py.tune.findings import HOLD_SHARE, Wanted
from stackpress_py.tune.moves import RamFacts
from stackpress_py.tune.rungs import CLOSINGS
from stackpress_py.tune.warming import SetpointFacts

#: s of the experiments with the ram and with the oil, without the search for contact, and with the platens; and how
#: much longer they may take.
RAM_TIME, OIL_TIME, HEAT_TIME, PATIENCE = 120.0, 240.0, 1200.0, 3.0


def longest(wanted: Wanted) -> float:
    """Return how long (s) all of it may take."""
    ram = 0.0 if wanted.ram is None else RAM_TIME + search_time(wanted.ram)
    oil = 0.0 if wanted.oil is None else OIL_TIME + CLOSINGS * wanted.oil.closing_time
    return PATIENCE * (ram + oil + (0.0 if wanted.heat is None else HEAT_TIME))


def search_time(facts: RamFacts) -> float:
    """Return how long (s) the search for contact takes at most."""
    return (facts.limits.deepest - facts.limits.clear_to) / slow_speed(facts)


def sentences(wanted: Wanted) -> Iterator[str]:
    """Yield what will be done, one sentence each."""
    if wanted.ram is not None:
        yield from _ram_sentences(wanted.ram)
    if wanted.oil is not None:
        most = format_force(wanted.oil.limits.force, 3)
        yield (
            "the pump closes the press slowly until it touches the blank, and pump and valve then change the force in"
            f" small steps, up to {most}: about {OIL_TIME / 60.0:.0f} minutes"
        )
    if wanted.heat is not None:
        yield _heat_sentence(wanted)


def _heat_sentence(wanted: Wanted) -> str:
    facts = wanted.heat
    if facts is None:
        return ""
    limits = facts.limits
    hottest = format_temperature(limits.temperature, 3)
    rate = format_quantity(limits.heating_rate, TEMPERATURE_RATE, 3)
    held = format_force(HOLD_SHARE * limits.force, 3)
    how = f"while {held} are held" if wanted.ram is not None else "while the ram stands"
    long = f"about {HEAT_TIME / 60.0:.0f} minutes"
    if isinstance(facts, SetpointFacts):
        return f"the platens' set-points rise up to {hottest} by at most {rate} {how}: {long}"
    return f"the platens are warmed up to {hottest} by at most {rate} {how}, left alone, and cooled: {long}"


def _ram_sentences(facts: RamFacts) -> Iterator[str]:
    limits = facts.limits
    fast = format_quantity(limits.velocity, VELOCITY, 3)
    slow = format_quantity(slow_speed(facts), VELOCITY, 3)
    yield (
        f"the ram closes with up to {fast} as far as {format_length(limits.clear_to, 4)}, where nothing may touch"
    )
    yield (
        f"from there it creeps on with {slow} until it touches the blank, not beyond"
        f" {format_length(limits.deepest, 4)}: up to {search_time(facts) / 60.0:.0f} minutes"
    )
    yield (
        f"it presses with up to {format_force(limits.force, 3)}, rising by at most"
        f" {format_quantity(limits.force_rate, FORCE_RATE, 3)}, and opens again: about"
        f" {RAM_TIME / 60.0:.0f} minutes"
    )
