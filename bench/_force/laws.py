"""Our laws, each as a user gets it on a machine that `stackpress tune` has measured."""

import random
from dataclasses import replace

from stackpress_py.control.force import ForceController, ForceTuning
from stackpress_py.control.force_setpoint import ForceSetpointLaw
from stackpress_py.control.law import PressFacts, PressureLaw
from stackpress_py.control.pump_and_valve import HydraulicTuning, PumpAndValveLaw
from stackpress_py.control.tuning import Tuning, load_tuning
from stackpress_py.machine.press_laws import contact_force

from .machine import PERIOD, PROFILE, Case, configuration

#: s that a command is late on the wire: one cycle, and half a one until it has acted for a cycle.
WIRE = 1.5 * PERIOD
#: Largest errors of dead bands and of delays (s) as `stackpress tune` measures them.
BAND_ERROR, DELAY_ERROR = 4e-3, 0.02
#: Smallest step of what pump and valve are told.
FRACTION_STEP = 2.5e-4


def tuning() -> Tuning:
    """Return the shipped constants."""
    return load_tuning(PROFILE.tuning_path)


def force_tuning(case: Case) -> ForceTuning:
    """Return the shipped constants, with what a machine of that frame would have been measured to be."""
    return replace(tuning().force, frame_stiffness=case.frame * 1e6)


def hydraulic_tuning(case: Case) -> HydraulicTuning:
    """Return what `stackpress tune` would have measured of pump and valve, as well as it can."""
    true, rng = configuration(case).hydraulics, random.Random(str(case))
    pump_delay = WIRE + 1e-3 * (true.pump_dead_time_ms + true.pump_lag_ms)
    valve_delay = WIRE + 1e-3 * (true.valve_dead_time_ms + true.valve_lag_ms)
    return HydraulicTuning(
        pump_dead_band=true.pump_dead_band + rng.uniform(-BAND_ERROR, BAND_ERROR),
        pump_delay=pump_delay + rng.uniform(-DELAY_ERROR, DELAY_ERROR),
        valve_dead_band=true.valve_dead_band + rng.uniform(-BAND_ERROR, BAND_ERROR),
        valve_delay=valve_delay + rng.uniform(-DELAY_ERROR, DELAY_ERROR),
    )


def facts() -> PressFacts:
    """Return what a law without constants knows of the press."""
    return PressFacts(
        force_limit=PROFILE.limits.force,
        force_rate=PROFILE.limits.force_rate,
        contact_force=contact_force(PROFILE),
        opening_time=PROFILE.limits.stroke_time,
        period=PERIOD,
        pump_step=FRACTION_STEP,
        valve_step=FRACTION_STEP,
    )


def law(case: Case) -> PressureLaw:
    """Return the law for a plant."""
    if case.actuation == "velocity":
        return ForceController(force_tuning(case))
    if case.actuation == "force":
        return ForceSetpointLaw(facts())
    return PumpAndValveLaw(facts(), hydraulic_tuning(case))
