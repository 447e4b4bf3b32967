"""Between the messages of the graph and what the laws of pressure take and give."""

from stackpress.msg import ActuatorCommand, LoopState, PressState
from std_msgs.msg import Header

from stackpress_py.control.law import (
    ForceMove,
    ForceSample,
    HydraulicMove,
    LawOutput,
    Move,
    Stage,
    VelocityMove,
)
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.machine.press_laws import is_open
from stackpress_py.nodes.base import stamp_of


def force_sample(state: PressState, profile: PressProfile, current: float) -> ForceSample:
    """Return what a law of pressure takes of a state of the press.

    Args:
        state: of the press.
        profile: of the press.
        current: A, of the cycler, + charging; NaN: none, or not known.
    """
    return ForceSample(
        time=stamp_of(state),
        force=state.force,
        uncertainty=state.force_uncertainty,
        position=state.position,
        opened=is_open(profile, state.at_open_limit, state.position),
        temperature=0.5 * (state.upper_platen_temperature + state.lower_platen_temperature),
        current=current,
    )


def actuator_command(move: Move | None, header: Header, cycle: int) -> ActuatorCommand:
    """Return the command of a move, in answer to a cycle of the driver; without a move stand still."""
    command = ActuatorCommand(header=header, state_cycle=cycle, mode=ActuatorCommand.FREEZE)
    if isinstance(move, VelocityMove):
        command.mode, command.velocity = ActuatorCommand.VELOCITY, move.velocity
    elif isinstance(move, ForceMove):
        command.mode = ActuatorCommand.FORCE
        command.force, command.force_rate = move.force, move.rate
    elif isinstance(move, HydraulicMove):
        command.mode = ActuatorCommand.PUMP_AND_VALVE
        command.pump, command.valve = move.pump, move.valve
    return command


def loop_state(output: LawOutput, state: PressState, area: float, tolerance: float) -> LoopState:
    """Return the step of a law that answered a state.

    Args:
        output: of the step.
        state: that it answered.
        area: m^2, of the die.
        tolerance: Pa; 0: none asked.
    """
    loop = LoopState(header=Header(stamp=state.header.stamp), stage=int(output.stage))
    loop.target, loop.setpoint = output.target / area, output.setpoint / area
    loop.value = state.force / area
    loop.error = loop.setpoint - loop.value
    loop.tolerance = tolerance
    loop.output = 0.0 if output.move is None else output.move.output
    loop.in_tolerance = output.stage is Stage.HOLD and abs(loop.target - loop.value) <= tolerance
    return loop
