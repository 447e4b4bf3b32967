"""Loads in a press profile: a force, or for an isostatic press the pressure of its fluid.

Inside the program every load is a force in N. An isostatic press has no area of its own, so its
fluid's pressure counts as the force on 1 m^2: numbers in Pa and N are the same.
"""

from typing import Annotated

from pydantic import BeforeValidator

from stackpress_py.quantities import (
    FORCE,
    FORCE_RATE,
    PRESSURE,
    PRESSURE_RATE,
    Kind,
    QuantityError,
    parse,
)

#: m^2, on which the fluid of an isostatic press acts.
ISOSTATIC_AREA = 1.0


def is_of(text: object, kind: Kind) -> bool:
    """Return True if a text is a quantity of this kind."""
    try:
        parse(text, kind)
    except QuantityError:
        return False
    return True


def _load(found: object) -> float:
    return parse(found, PRESSURE if is_of(found, PRESSURE) else FORCE)


def _load_rate(found: object) -> float:
    return parse(found, PRESSURE_RATE if is_of(found, PRESSURE_RATE) else FORCE_RATE)


#: N; in the file a force, or a pressure for an isostatic press.
Load = Annotated[float, BeforeValidator(_load)]
#: N/s, likewise.
LoadRate = Annotated[float, BeforeValidator(_load_rate)]
