"""The whole measurement of a machine, one experiment after the other, and all that it has found."""

from collections.abc import Callable
from dataclasses import dataclass

from stackpress_py.tune.approach import Contact, find_contact
from stackpress_py.tune.compliance import Compliance, compliance
from stackpress_py.tune.dead_time import DeadTime, dead_time
from stackpress_py.tune.expansion import Expansion, expansion
from stackpress_py.tune.free_ram import FreeRam, free_ram
from stackpress_py.tune.heat import HeatFacts, warm_and_cool
from stackpress_py.tune.holding import ForceHolder, Holder, Still
from stackpress_py.tune.moves import Nudge, RamFacts, stand
from stackpress_py.tune.oil import Oil, measure_oil
from stackpress_py.tune.platens import Platen, platens
from stackpress_py.tune.pulses import OilFacts
from stackpress_py.tune.retreat import vent
from stackpress_py.tune.staircase import HARDENING, staircase
from stackpress_py.tune.trial import Experiment
from stackpress_py.tune.warming import SetpointFacts, warm_by_setpoint

#: s after each step of force until it has come to rest, and over which it is averaged.
SETTLING, AVERAGING = 0.4, 0.25
#: Parts of the allowed force at which the dead time is measured, and that is held while the platens are warmed.
DEAD_TIME_SHARE, HOLD_SHARE = 0.5, 0.2

#: Told what is being done, for people.
Teller = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RamFindings:
    """What was found of a ram that is moved by velocity.

    Attributes:
        free, contact, compliance, dead_time: by experiment.
        temperature: degC, mean of the platens meanwhile; NaN: not known.
    """

    free: FreeRam
    contact: Contact
    compliance: Compliance
    dead_time: DeadTime
    temperature: float


@dataclass(frozen=True, slots=True)
class HeatFindings:
    """What was found of the platens.

    Attributes:
        platens: constants of the upper and the lower one; None: their loops are not ours.
        expansion: of the stack; None: nothing was held.
    """

    platens: tuple[Platen, Platen] | None
    expansion: Expansion | None


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it; None: not measured."""

    ram: RamFindings | None = None
    oil: Oil | None = None
    heat: HeatFindings | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be measured.

    Attributes:
        ram: moved by velocity; None: it is not.
        oil: moved by a pump and a valve; None: it is not.
        heat: None: the platens stay cold. By set-points they are warmed only while a ram holds a force.
        ratings: W, of the heaters.
    """

    ram: RamFacts | None
    oil: OilFacts | None
    heat: HeatFacts | SetpointFacts | None
    ratings: tuple[float, float]


def measure(wanted: Wanted, tell: Teller) -> Experiment[Findings]:
    """Measure what is wanted.

    Raises:
        DoubtError: something is not as it should be.
    """
    found = oil = heat = None
    if wanted.ram is not None:
        found = yield from _measure_ram(wanted.ram, tell)
    if wanted.oil is not None:
        tell("pump and valve")
        oil = yield from measure_oil(wanted.oil)
        yield from vent(wanted.oil)
    if wanted.heat is not None:
        heat = yield from _measure_heat(wanted, wanted.heat, found, tell)
    return Findings(found, oil, heat)


def _measure_ram(facts: RamFacts, tell: Teller) -> Experiment[RamFindings]:
    tell("the free ram")
    free = yield from free_ram(facts)
    tell("looking for contact")
    contact = yield from find_contact(facts, free)
    tell("compliance")
    nudge = Nudge(facts, SETTLING, AVERAGING)
    steps = yield from staircase(facts, nudge, contact.rest)
    gives = compliance(steps, contact.threshold)
    tell("dead time")
    stiffness = gives.stiffness.value
    (seen, *_) = yield from stand(0.0)
    goal = DEAD_TIME_SHARE * facts.limits.force
    yield from nudge.by((goal - steps.down[-1].force) / stiffness)
    delay = yield from dead_time(facts, stiffness)
    return RamFindings(free, contact, gives, delay, 0.5 * (seen.upper + seen.lower))


def _measure_heat(
    wanted: Wanted, facts: HeatFacts | SetpointFacts, ram: RamFindings | None, tell: Teller
) -> Experiment[HeatFindings]:
    holder: Holder = Still()
    if ram is not None and wanted.ram is not None:
        tell("going to the force that is held")
        holder = yield from _hold(wanted.ram, ram)
    tell("warming and cooling")
    if isinstance(facts, SetpointFacts):
        record = yield from warm_by_setpoint(facts, holder)
        found = None
    else:
        record = yield from warm_and_cool(facts, holder)
        found = platens(record, wanted.ratings)
    growth = None if ram is None else expansion(record, ram.compliance.stiffness.value)
    return HeatFindings(found, growth)


def _hold(facts: RamFacts, ram: RamFindings) -> Experiment[Holder]:
    """Go down to the force that is held while the platens are warmed."""
    stiffness, limit = ram.compliance.stiffness.value, facts.limits.force
    nudge = Nudge(facts, SETTLING, AVERAGING)
    nudge.stiffness = HARDENING * stiffness
    yield from nudge.by((HOLD_SHARE - DEAD_TIME_SHARE) * limit / stiffness)
    return ForceHolder(facts, HOLD_SHARE * limit, stiffness, ram.dead_time.value.value)
