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

#: s of the experiments with the ram, without the search for contact, and with the platens; and how much longer they
#: may take.
RAM_TIME, HEAT_TIME, PATIENCE = 120.0, 1200.0, 3.0


def longest(wanted: Wanted) -> float:
    """Return how long (s) all of it may take."""
    ram = 0.0 if wanted.ram is None else RAM_TIME + search_time(wanted.ram)
    return PATIENCE * (ram + (0.0 if wanted.heat is None else HEAT_TIME))


def search_time(facts: RamFacts) -> float:
    """Return how long (s) the search for contact takes at most."""
    return (facts.limits.deepest - facts.limits.clear_to) / slow_speed(facts)


def sentences(wanted: Wanted) -> Iterator[str]:
    """Yield what will be done, one sentence each."""
    if wanted.ram is not None:
        yield from _ram_sentences(wanted.ram)
    if wanted.heat is not None:
        limits = wanted.heat.limits
        rate = format_quantity(limits.heating_rate, TEMPERATURE_RATE, 3)
        how = (
            f"while {format_force(HOLD_SHARE * limits.force, 3)} are held"
            if wanted.ram is not None
            else "while the ram stands"
        )
        yield (
            f"the platens are warmed up to {format_temperature(limits.temperature, 3)} by at most {rate}"
            f" {how}, left alone, and cooled: about {HEAT_TIME / 60.0:.0f} minutes"
        )


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
