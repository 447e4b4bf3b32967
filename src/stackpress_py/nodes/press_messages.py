"""From the driver's snapshots to messages."""

import math
from array import array
from collections.abc import Sequence

from builtin_interfaces.msg import Time
from sensor_msgs.msg import JointState
from stackpress.msg import ActuatorCommand, HeaterCommand, PressState, RunEvent
from std_msgs.msg import Header

from stackpress_py.devices.guard.station import Severity, Snapshot
from stackpress_py.devices.press.command import ForceTarget, Heat, Motion, PumpAndValve, Velocity
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import fault_bits

#: Name of the ram's joint, as in urdf/.
JOINT = "ram_joint"

SEVERITIES = {
    Severity.INFO: RunEvent.INFO,
    Severity.WARNING: RunEvent.WARNING,
    Severity.ERROR: RunEvent.ERROR,
}


def press_state(
    snapshot: Snapshot, stamp: Time, profile: PressProfile, faults: Sequence[str]
) -> PressState:
    """Return the message of a cycle; without an answer every measurement is NaN.

    Args:
        snapshot: of the cycle.
        stamp: when the answer was complete.
        profile: of the press.
        faults: names of all faults that its devices can report.
    """
    header = Header(stamp=stamp, frame_id=profile.press)
    state = PressState(header=header, cycle=snapshot.cycle, zero_valid=snapshot.zero_valid)
    state.interlocks, state.bus_latency = int(snapshot.interlocks), snapshot.latency
    reading, force = snapshot.reading, snapshot.force
    if reading is None or force is None:
        return _without_answer(state, len(profile.force_sensors))
    state.connected = True
    state.force, state.force_uncertainty = force.force, force.uncertainty
    state.force_sensors = array("d", force.sensors)
    state.position, state.velocity = reading.position, reading.velocity
    state.upper_platen_temperature = reading.upper_temperature
    state.lower_platen_temperature = reading.lower_temperature
    state.frame_temperature = reading.frame_temperature
    state.oil_pressure, state.chamber_pressure = reading.oil_pressure, reading.chamber_pressure
    state.upper_heater_output = reading.upper_output
    state.lower_heater_output = reading.lower_output
    state.motion_enabled = reading.motion_enabled
    state.guard_closed = reading.guard_closed
    state.estop_released = reading.estop_released
    state.at_open_limit = reading.at_open_limit
    state.at_closed_limit = reading.at_closed_limit
    state.part_present = reading.part_present
    state.ram_locked = reading.ram_locked
    state.device_faults = fault_bits(reading.faults, faults)
    return state


def _without_answer(state: PressState, sensors: int) -> PressState:
    state.force = state.force_uncertainty = math.nan
    state.force_sensors = array("d", [math.nan] * sensors)
    state.position = state.velocity = math.nan
    state.upper_platen_temperature = state.lower_platen_temperature = math.nan
    state.frame_temperature = state.oil_pressure = state.chamber_pressure = math.nan
    state.upper_heater_output = state.lower_heater_output = math.nan
    return state


def joint_state(state: PressState) -> JointState:
    """Return the ram as a joint: m, m/s, N."""
    return JointState(
        header=state.header,
        name=[JOINT],
        position=array("d", [state.position]),
        velocity=array("d", [state.velocity]),
        effort=array("d", [state.force]),
    )


def motion_of(command: ActuatorCommand) -> Motion | None:
    """Return the motion of a command; None: stand still.

    Raises:
        ValueError: there is no such mode.
    """
    if command.mode == ActuatorCommand.FREEZE:
        return None
    if command.mode == ActuatorCommand.VELOCITY:
        return Velocity(command.velocity)
    if command.mode == ActuatorCommand.FORCE:
        return ForceTarget(command.force, command.force_rate)
    if command.mode == ActuatorCommand.PUMP_AND_VALVE:
        return PumpAndValve(command.pump, command.valve)
    raise ValueError(f"the actuator command has the mode {command.mode}, which there is not")


def heat_of(command: HeaterCommand, by: str) -> Heat | None:
    """Return what the platens shall do; None: nothing.

    Args:
        command: of the thermal controller.
        by: how the press is heated, as in its profile.

    Raises:
        ValueError: the press is not heated in this way.
    """
    modes = {"power": HeaterCommand.POWER, "setpoint": HeaterCommand.SETPOINT}
    if command.mode == HeaterCommand.OFF:
        return None
    if command.mode != modes.get(by):
        raise ValueError(
            f"the heater command has the mode {command.mode}; this press is heated by {by}"
        )
    return Heat(command.upper, command.lower)
