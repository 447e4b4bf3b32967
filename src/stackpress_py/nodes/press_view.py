"""What the sequencer sees of the press: conversion of its messages and of its profile."""

from stackpress.msg import PressState

from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.machine.handover import HandoverLimits, PressView
from stackpress_py.machine.phase import Sample
from stackpress_py.machine.seen import Limits, Measurement
from stackpress_py.nodes.base import stamp_of

INTERLOCKS = {
    PressState.INTERLOCK_FORCE: "force beyond the limit",
    PressState.INTERLOCK_FORCE_RATE: "force rose too fast",
    PressState.INTERLOCK_TRAVEL: "ram beyond its travel",
    PressState.INTERLOCK_TEMPERATURE: "a platen is too hot",
    PressState.INTERLOCK_GUARD: "guard opened",
    PressState.INTERLOCK_ESTOP: "emergency stop",
    PressState.INTERLOCK_SENSOR: "a sensor failed",
    PressState.INTERLOCK_DEVICE: "fault of the press's own controller",
    PressState.INTERLOCK_BUS: "the bus was lost",
    PressState.INTERLOCK_PRESSURE: "oil pressure beyond the limit",
    PressState.INTERLOCK_COMMAND: "commands were missing",
    PressState.INTERLOCK_READ_BACK: "a device does not hold what was written",
}


def measurement(state: PressState) -> Measurement:
    """Return a message of the driver as the machine takes it."""
    stamp = stamp_of(state)
    sample = Sample(
        force=state.force,
        force_uncertainty=state.force_uncertainty,
        upper_temperature=state.upper_platen_temperature,
        lower_temperature=state.lower_platen_temperature,
    )
    view = PressView(
        connected=state.connected,
        force=state.force,
        position=state.position,
        velocity=state.velocity,
        at_open_limit=state.at_open_limit,
        locked=state.ram_locked,
        part_present=state.part_present,
    )
    return Measurement(stamp, sample, view, state.interlocks, interlock_text(state.interlocks))


def interlock_text(interlocks: int) -> str:
    """Return the tripped interlocks in words."""
    return ", ".join(text for bit, text in INTERLOCKS.items() if interlocks & bit)


def machine_limits(
    profile: PressProfile, open_position: float, opening_time: float, release_rate: float
) -> Limits:
    """Return the limits of the machine.

    Args:
        profile: of the press.
        open_position: m, the ram counts as open up to here.
        opening_time: s for the press to open before a handover.
        release_rate: N/s, unload where no recipe gives a rate.
    """
    handover = HandoverLimits(
        opening=opening_time,
        position=open_position,
        force=2.0 * profile.force_sensors[0].uncertainty + 2.0,
        part_sensor=profile.signals.part_present is not None,
    )
    return Limits(
        release_rate=release_rate,
        force_rate=profile.limits.force_rate,
        opening_time=3.0 * profile.limits.stroke_time + 10.0,
        handover=handover,
    )
