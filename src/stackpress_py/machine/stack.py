"""The gauge of the stack that a press and a recipe allow."""

from stackpress_py.control.compliance import Compliance
from stackpress_py.control.densification import Powder, StackGauge
from stackpress_py.control.tuning import load_tuning
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.recipes.model import Cell


def compliance_of(profile: PressProfile) -> Compliance | None:
    """Return how a press gives way under its force; None: it cannot tell a height.

    Raises:
        DocumentError: its tuning file cannot be used.
    """
    if profile.tuning is None or profile.isostatic or profile.signals.position is None:
        return None
    return load_tuning(profile.tuning_path).compliance


def stack_gauge(cell: Cell, compliance: Compliance | None) -> StackGauge | None:
    """Return a gauge for what lies in the die; None: the press cannot tell a height."""
    if compliance is None:
        return None
    filled = cell.powder
    if filled is None:
        return StackGauge(compliance, cell.die.area, None)
    powder = Powder(
        filled.mass,
        filled.mass_uncertainty,
        filled.true_density,
        filled.true_density_uncertainty,
    )
    return StackGauge(compliance, cell.die.area, powder)
