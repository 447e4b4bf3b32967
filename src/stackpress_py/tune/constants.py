"""From what was found to the constants of a tuning file: the rules of docs/tuning.md.

Each constant is told with what it follows from: a measurement with its standard uncertainty, or a rule.
"""

import math
from dataclasses import dataclass

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import (
    ACCELERATION,
    CONDUCTANCE,
    DURATION,
    FORCE,
    FORCE_RATE,
    FRACTION,
    GROWTH,
    HEAT_CAPACITY,
    LENGTH,
    POWER,
    STIFFNESS,
    TEMPERATURE,
    VELOCITY,
    Kind,
    format_quantity,
)
from stackpress_py.tune.findings import HeatFindings, RamFindings
from stackpress_py.tune.fits import Measured
from stackpress_py.tune.free_ram import FAST
from stackpress_py.tune.oil import Oil
from stackpress_py.tune.platens import Platen

#: Parts of the ram's fastest velocity: near the die, and in contact.
TOUCH_SHARE, PRESS_SHARE = 0.1, 0.2
#: Part of the acceleration that the ram was seen to follow, and dead times in which it brakes from its approach.
ACCELERATION_SHARE, BRAKING_DEAD_TIMES = 0.5, 10.0
#: Part of a cycle by which the graph may answer later than this program.
LATE_CYCLES = 0.5
#: Multiples of the largest zero that the profile allows, and of what the free ram feigned, that are a contact.
ZEROS, FEIGNED = 4.0, 3.0


@dataclass(frozen=True, slots=True)
class Constant:
    """One entry of a tuning file.

    Attributes:
        key, text: as in the file.
        remark: what it follows from.
    """

    key: str
    text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Blank:
    """What lay in the die.

    Attributes:
        height: m; 0: nothing, the punch met the bottom.
        height_uncertainty: m, expanded (k = 2).
        modulus: Pa, of elasticity.
        tallest: m, of the samples that will be pressed.
        position_uncertainty: m, expanded, of the difference between two positions of the ram some mm apart.
    """

    height: float
    height_uncertainty: float
    modulus: float
    tallest: float
    position_uncertainty: float


def force_constants(
    profile: PressProfile, found: RamFindings, heat: HeatFindings | None, blank: Blank
) -> list[Constant]:
    """Return section ``force``."""
    limit = profile.limits.velocity or 0.0
    approach = FAST * limit
    delay, stiffness = found.dead_time.value, found.compliance.stiffness
    late = delay.value + LATE_CYCLES / profile.cycle.rate
    acceleration = min(
        ACCELERATION_SHARE * found.free.acceleration, approach / (BRAKING_DEAD_TIMES * late)
    )
    bottom = found.compliance.contact.value + blank.height
    constants = [
        Constant(
            "dead_time", _text(late, DURATION), f"{plus_minus(delay, DURATION)}, and half a cycle"
        ),
        Constant(
            "frame_stiffness", _text(stiffness.value, STIFFNESS), plus_minus(stiffness, STIFFNESS)
        ),
        _contact_force(profile, found),
        Constant(
            "approach_velocity", _text(approach, VELOCITY), f"{FAST:.0%} of the profile's limit"
        ),
        Constant(
            "touch_velocity",
            _text(TOUCH_SHARE * limit, VELOCITY),
            f"{TOUCH_SHARE:.0%} of that limit",
        ),
        Constant(
            "press_velocity",
            _text(PRESS_SHARE * limit, VELOCITY),
            f"{PRESS_SHARE:.0%} of that limit",
        ),
        Constant(
            "ram_acceleration",
            _text(acceleration, ACCELERATION, 2),
            f"the ram follows {_text(found.free.acceleration, ACCELERATION, 2)} at least; it brakes in"
            f" {BRAKING_DEAD_TIMES:g} dead times or more",
        ),
        Constant(
            "touch_position",
            _place(bottom - blank.tallest),
            f"{_text(blank.tallest, LENGTH)}, the tallest sample, above the die's bottom at"
            f" {_place(bottom)}",
        ),
        Constant("open_position", _place(found.free.open_position), "clear of the open end"),
    ]
    if heat is not None and heat.expansion is not None:
        growth = heat.expansion.growth
        constants.append(
            Constant("thermal_expansion", _text(growth.value, GROWTH), plus_minus(growth, GROWTH))
        )
    return constants


def _contact_force(profile: PressProfile, found: RamFindings) -> Constant:
    finest = profile.force_sensors[0]
    zero = profile.tare.drift * finest.range
    feigned = found.free.largest_force
    force = max(ZEROS * zero, FEIGNED * feigned)
    remark = f"{ZEROS:g} times the zero that {finest.name} may have; the free ram feigned {_text(feigned, FORCE, 2)}"
    return Constant("contact_force", _text(force, FORCE), remark)


def oil_constants(found: Oil) -> list[Constant]:
    """Return section ``hydraulic``."""
    constants = []
    for name, actuator in (("pump", found.pump), ("valve", found.valve)):
        band, delay, gain = actuator.dead_band, actuator.delay, actuator.gain
        flows = f"it is only on or off, and makes {plus_minus(gain, FORCE_RATE)}"
        if len({pulse.opening for pulse in actuator.pulses}) > 1:
            flows = f"{plus_minus(band, FRACTION)}; beyond it {plus_minus(gain, FORCE_RATE)} at full opening"
        constants.append(Constant(f"{name}_dead_band", _text(band.value, FRACTION), flows))
        constants.append(Constant(f"{name}_delay", *_both(delay, DURATION)))
    return constants


def platen_constants(found: Platen, rating: float, coolest: float) -> list[Constant]:
    """Return section ``thermal.upper`` or ``thermal.lower``.

    Args:
        found: of the platen.
        rating: W, of its heater.
        coolest: degC, the profile's, where nothing cools.
    """
    cools = math.isfinite(found.coolant.value)
    return [
        Constant("heat_capacity", *_both(found.capacity, HEAT_CAPACITY)),
        Constant("loss", *_both(found.loss, CONDUCTANCE)),
        Constant(
            "heater_power", _text(rating, POWER), "as it is rated: all J/K and W/K scale with it"
        ),
        Constant("cooling_conductance", *_both(found.cooling, CONDUCTANCE)),
        Constant("coolant_temperature", *_both(found.coolant, TEMPERATURE))
        if cools
        else Constant("coolant_temperature", _text(coolest, TEMPERATURE), "it has no cooling"),
        Constant("dead_time", *_both(found.dead_time, DURATION)),
    ]


def _both(found: Measured, kind: Kind) -> tuple[str, str]:
    return _text(found.value, kind), plus_minus(found, kind)


def plus_minus(found: Measured, kind: Kind) -> str:
    """Return a measurement with its standard uncertainty, for people."""
    unit = _text(found.value, kind).partition(" ")[2]
    size = next(each for name, each in kind.display if name == unit)
    value, deviation = found.value / size, found.deviation / size
    decimals = max(0, 1 - math.floor(math.log10(deviation))) if deviation > 0.0 else 3
    return f"{value:.{decimals}f} ± {deviation:.{decimals}f} {unit}"


def _place(position: float) -> str:
    """Return a position of the ram; nobody needs it finer than hundredths of a millimetre."""
    return f"{position * 1e3:.2f}".rstrip("0").rstrip(".") + " mm"


def _text(value: float, kind: Kind, digits: int = 3) -> str:
    return format_quantity(value, kind, digits)
