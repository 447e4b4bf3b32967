"""From the driver's snapshots to messages."""

import math
from array import array

from builtin_interfaces.msg import Time
from sensor_msgs.msg import JointState
from stackpress.msg import PressState, RunEvent
from std_msgs.msg import Header

from stackpress_py.devices.station import Severity, Snapshot

#: Name of the ram's joint, as in urdf/.
JOINT = "ram_joint"

SEVERITIES = {
    Severity.INFO: RunEvent.INFO,
    Severity.WARNING: RunEvent.WARNING,
    Severity.ERROR: RunEvent.ERROR,
}


def press_state(snapshot: Snapshot, stamp: Time, frame_id: str, sensors: int) -> PressState:
    """Return the message of a cycle; without an answer every measurement is NaN.

    Args:
        snapshot: of the cycle.
        stamp: when the answer was complete.
        frame_id: name of the profile.
        sensors: number of force sensors.
    """
    state = PressState(header=Header(stamp=stamp, frame_id=frame_id), cycle=snapshot.cycle)
    state.interlocks, state.bus_latency = int(snapshot.interlocks), snapshot.latency
    reading, force = snapshot.reading, snapshot.force
    if reading is None or force is None:
        return _without_answer(state, sensors)
    state.connected = True
    state.force, state.force_uncertainty = force.force, force.uncertainty
    state.force_sensors = array("d", force.sensors)
    state.position, state.velocity = reading.position, reading.velocity
    state.upper_platen_temperature = reading.upper_temperature
    state.lower_platen_temperature = reading.lower_temperature
    state.frame_temperature = reading.frame_temperature
    state.upper_heater_output = reading.upper_output
    state.lower_heater_output = reading.lower_output
    state.motion_enabled = reading.motion_enabled
    state.guard_closed = reading.guard_closed
    state.estop_released = reading.estop_released
    state.at_open_limit = reading.at_open_limit
    state.at_closed_limit = reading.at_closed_limit
    state.part_present = reading.part_present
    state.ram_locked = reading.ram_locked
    state.device_faults = reading.faults
    return state


def _without_answer(state: PressState, sensors: int) -> PressState:
    state.force = state.force_uncertainty = math.nan
    state.force_sensors = array("d", [math.nan] * sensors)
    state.position = state.velocity = math.nan
    state.upper_platen_temperature = state.lower_platen_temperature = math.nan
    state.frame_temperature = math.nan
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
