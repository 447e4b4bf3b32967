"""The sections of a tuning file from what was found."""

from dataclasses import dataclass

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.quantities import format_force, format_length, format_temperature
from stackpress_py.tune.compliance_section import compliance_section
from stackpress_py.tune.constants import Blank, force_constants, oil_constants, platen_constants
from stackpress_py.tune.document import section, thermal_section
from stackpress_py.tune.findings import Findings
from stackpress_py.tune.limits import Limits
from stackpress_py.tune.platens import Platen


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a measurement was made with.

    Attributes:
        profile: of the press.
        limits: what was allowed.
        blank: what lay in the die; None: the ram was not moved.
        ratings: W, of the heaters.
        date: when.
    """

    profile: PressProfile
    limits: Limits
    blank: Blank | None
    ratings: tuple[float, float]
    date: str


def sections(found: Findings, made: Circumstances) -> dict[str, str]:
    """Return the texts of the sections that were measured, by their names."""
    texts: dict[str, str] = {}
    lay = ""
    if made.blank is not None:
        lay = (
            f"a blank of {format_length(made.blank.height)}"
            if made.blank.height
            else "the empty die"
        )
    remark = f"# Measured on {made.date} on {lay}, with up to {format_force(made.limits.force)}.\n"
    if found.ram is not None and made.blank is not None:
        constants = force_constants(made.profile, found.ram, found.heat, made.blank)
        texts["force"] = remark + section("force", constants)
        area = made.profile.geometry.die_area
        texts["compliance"] = compliance_section(found.ram, made.blank, area)
    if found.oil is not None:
        leak = found.oil.leak.value * 60.0
        lost = f"# At rest {leak:.2%} of the force are lost in a minute.\n"
        texts["hydraulic"] = remark + lost + section("hydraulic", oil_constants(found.oil))
    if found.heat is not None and found.heat.platens is not None:
        texts["thermal"] = _thermal(found.heat.platens, made)
    return texts


def _thermal(platens: tuple[Platen, Platen], made: Circumstances) -> str:
    heat = made.profile.limits.heat
    coolest = made.limits.temperature if heat is None else heat.coolest
    upper, lower = (
        platen_constants(platen, rating, coolest)
        for platen, rating in zip(platens, made.ratings, strict=True)
    )
    hottest = format_temperature(made.limits.temperature)
    exchange = " and ".join(f"{platen.coupling.value:.2g} W/K" for platen in platens)
    remark = (
        f"Measured on {made.date} up to {hottest}. The platens exchange {exchange}, seen from each."
    )
    return thermal_section(upper, lower, remark)


def heading(made: Circumstances) -> list[str]:
    """Return what stands above everything."""
    return [
        f"Constants of the control loops of {made.profile.press}, measured by `stackpress tune`. Each has its standard",
        "uncertainty (k = 1) beside it, or the rule that it follows from (docs/tuning.md).",
    ]
