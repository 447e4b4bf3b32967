"""Our laws, each as a user gets it on a machine that `stackpress tune` has measured."""

from dataclasses import replace

from stackpress_py.control.force import ForceController, ForceTuning
from stackpress_py.control.force_setpoint import ForceSetpointLaw
from stackpress_py.control.law import PressFacts, PressureLaw
from stackpress_py.control.pump_and_valve import PumpAndValveLaw
from stackpress_py.control.tuning import Tuning, load_tuning
from stackpress_py.machine.press_laws import contact_force

from .machine import PERIOD, PROFILE, Case

#: s from a command to its effect in the measured force on these plants: one cycle on the wire, half a one until it has
#: acted for a cycle, and the drive's own; what `stackpress tune` measures.
DEAD_TIME = 0.03


def tuning() -> Tuning:
    """Return the shipped constants."""
    return load_tuning(PROFILE.tuning_path)


def force_tuning(case: Case) -> ForceTuning:
    """Return the shipped constants, with what a machine of that frame would have been measured to be."""
    return replace(tuning().force, dead_time=DEAD_TIME, frame_stiffness=case.frame * 1e6)


def facts() -> PressFacts:
    """Return what a law without constants knows of the press."""
    return PressFacts(
        force_limit=PROFILE.limits.force,
        force_rate=PROFILE.limits.force_rate,
        contact_force=contact_force(PROFILE),
        opening_time=PROFILE.limits.stroke_time,
        period=PERIOD,
    )


def law(case: Case) -> PressureLaw:
    """Return the law for a plant."""
    if case.actuation == "velocity":
        return ForceController(force_tuning(case))
    if case.actuation == "force":
        return ForceSetpointLaw(facts())
    return PumpAndValveLaw(facts())
