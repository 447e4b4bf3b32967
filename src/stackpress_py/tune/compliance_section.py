"""Section ``compliance`` of a tuning file (:mod:`stackpress_py.control.compliance`), from the curve of a blank.

SI units, temperatures in degC.
"""

import math

import numpy as np

from stackpress_py.quantities import FORCE, LENGTH, TEMPERATURE, format_quantity
from stackpress_py.tune.constants import Blank, Constant
from stackpress_py.tune.document import section
from stackpress_py.tune.findings import RamFindings

#: Parts of the largest force at which the curve is given: closer where joints settle.
SHARES = (0.0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
#: m, least uncertainty that is told.
LEAST = 1e-9


def compliance_section(ram: RamFindings, blank: Blank, area: float) -> str:
    """Return the text of the section.

    Args:
        ram: with the curve of press and blank.
        blank: what lay in the die.
        area: m^2, of the blank.
    """
    found = ram.compliance
    height = math.hypot(blank.height_uncertainty, 2.0 * found.contact.deviation)
    deflection = math.hypot(0.5 * found.hysteresis, 2.0 * found.scatter)
    constants = [
        Constant("blank_height", _length(blank.height), "as told"),
        Constant("reference_position", _length(found.contact.value), "where the force begins"),
        Constant("height_uncertainty", _length(max(height, LEAST), 2), "k = 2, of both together"),
        Constant(
            "position_uncertainty", _length(blank.position_uncertainty), "k = 2, as told: the screw"
        ),
        Constant("position_resolution", _length(ram.contact.resolution), "smallest step seen"),
        Constant(
            "deflection_uncertainty",
            _length(max(deflection, LEAST), 2),
            "k = 2, scatter and half of the hysteresis",
        ),
    ]
    if math.isfinite(ram.temperature):
        warmth = format_quantity(ram.temperature, TEMPERATURE, 3)
        constants.append(Constant("temperature", warmth, "mean of the platens meanwhile"))
    return section("compliance", constants) + _points(ram, blank, area)


def _points(ram: RamFindings, blank: Blank, area: float) -> str:
    curve = ram.compliance
    forces = np.array(SHARES) * curve.force[-1]
    given = np.interp(forces, curve.force, curve.deflection)
    given -= forces * blank.height / (blank.modulus * area)
    lines = [
        f"    - [{format_quantity(float(force), FORCE, 4)}, {_length(float(length), 4)}]"
        for force, length in zip(forces, given, strict=True)
    ]
    return "\n".join(["  points:  # force, and how far the press gives way", *lines]) + "\n"


def _length(value: float, digits: int = 7) -> str:
    return format_quantity(value, LENGTH, digits)
