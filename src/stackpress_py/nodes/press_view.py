"""What the sequencer sees of the press: conversion of its messages and of its profile."""

from stackpress.msg import PressState

from stackpress_py.account import Working
from stackpress_py.devices.guard.interlocks import in_words
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.machine.handover import HandoverLimits, PressView
from stackpress_py.machine.phase import Sample
from stackpress_py.machine.press_laws import contact_force
from stackpress_py.machine.press_limits import release_rate, why_no_handover
from stackpress_py.machine.seen import Limits, Measurement
from stackpress_py.machine.stack import compliance_of
from stackpress_py.nodes.base import stamp_of


def measurement(state: PressState, working: Working) -> Measurement:
    """Return a message of the driver as the machine takes it; ``working``: what the actuator is told to do."""
    stamp = stamp_of(state)
    sample = Sample(
        force=state.force,
        force_uncertainty=state.force_uncertainty,
        upper_temperature=state.upper_platen_temperature,
        lower_temperature=state.lower_platen_temperature,
        position=state.position,
        working=working,
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
    return Measurement(
        stamp, sample, view, state.interlocks, in_words(state.interlocks), state.zero_valid
    )


def machine_limits(
    profile: PressProfile, open_position: float, opening_time: float, release: float
) -> Limits:
    """Return the limits of the machine.

    Args:
        profile: of the press.
        open_position: m, the ram counts as open up to here.
        opening_time: s for the press to open before a handover.
        release: N/s, unload where no recipe gives a rate.

    Raises:
        DocumentError: the tuning file of the press cannot be used.
    """
    handover = HandoverLimits(
        opening=opening_time,
        position=open_position,
        force=contact_force(profile),
        part_sensor=profile.signals.part_present is not None,
        tells_velocity=profile.signals.velocity is not None,
        impossible=why_no_handover(profile),
    )
    return Limits(
        release_rate=release_rate(profile, release),
        force_rate=profile.limits.force_rate,
        opening_time=3.0 * profile.limits.stroke_time + 10.0,
        handover=handover,
        by_hand=profile.actuation.by == "hand",
        compliance=compliance_of(profile),
    )
