"""What the sequencer tells: conversion of the machine's state into messages."""

from stackpress.action import Handover, RunRecipe
from stackpress.msg import HoldResult, MachineState, PhaseResult, RunStatus
from std_msgs.msg import Header

from stackpress_py.account import LowPressure
from stackpress_py.machine.coordinator import Coordinator
from stackpress_py.machine.handover import Handover as Visit
from stackpress_py.machine.handover import Stage
from stackpress_py.machine.phase import PhaseOutcome, Sample
from stackpress_py.machine.run import Run, RunEnd
from stackpress_py.nodes.accounts import to_message
from stackpress_py.nodes.stack_messages import actuator_wear, stack_state, time_message

STAGES = {
    Stage.OPENING: Handover.Feedback.OPENING,
    Stage.LOCKING: Handover.Feedback.OPENING,
    Stage.READY: Handover.Feedback.READY,
    Stage.BUSY: Handover.Feedback.BUSY,
    Stage.TRANSFERRED: Handover.Feedback.TRANSFERRED,
    Stage.UNLOCKING: Handover.Feedback.TRANSFERRED,
    Stage.ENDED: Handover.Feedback.TRANSFERRED,
}


def state_message(machine: Coordinator, header: Header) -> MachineState:
    """Return the machine's state."""
    packml, gate = machine.packml, machine.gate
    return MachineState(
        header=header,
        state=int(packml.state),
        mode=MachineState.PRODUCTION,
        reason=packml.reason,
        run_id=machine.run_id,
        cell_id=gate.cell_id,
        locked=gate.locked,
        lock_owner=gate.lock_owner,
        robot_may_enter=gate.robot_may_enter,
    )


def status_message(run: Run, state: int, sample: Sample, header: Header) -> RunStatus:
    """Return how far a run is; ``state`` is the machine's."""
    progress, recipe = run.procedure.progress(), run.request.control.recipe
    return RunStatus(
        header=header,
        run_id=run.request.run_id,
        recipe=recipe.recipe,
        cell_id=run.request.cell_id,
        machine_state=state,
        phase_index=progress.index,
        phase_count=len(recipe.procedure),
        phase=progress.phase,
        step=progress.step,
        phase_elapsed=progress.elapsed,
        hold_remaining=progress.hold_remaining,
        remaining=progress.remaining,
        progress=progress.progress,
        pressure=sample.force / recipe.cell.die.area,
        pressure_target=progress.pressure_target,
        pressure_tolerance=progress.pressure_tolerance,
        temperature=sample.temperature,
        temperature_target=progress.temperature_target,
        temperature_tolerance=progress.temperature_tolerance,
        low_pressure_alarm=bool(run.procedure.alarm.latched),
    )


def run_result(end: RunEnd) -> RunRecipe.Result:
    """Return the result of a run."""
    return RunRecipe.Result(
        verdict=int(end.verdict),
        message=end.message,
        run_id=end.run_id,
        run_directory=end.run_directory,
        phases=[phase_message(outcome) for outcome in end.phases],
    )


def rejected(why: str) -> RunRecipe.Result:
    """Return the result of a run that never started."""
    return RunRecipe.Result(verdict=RunRecipe.Result.REJECTED, message=why)


def refused(why: str) -> Handover.Result:
    """Return the result of a handover that never began."""
    return Handover.Result(outcome=Handover.Result.REFUSED, message=why)


def handover_feedback(visit: Visit) -> Handover.Feedback:
    """Return what the robot is told."""
    return Handover.Feedback(
        stage=STAGES[visit.stage],
        handover_id=visit.request.identity,
        message=visit.message,
    )


def phase_message(outcome: PhaseOutcome) -> PhaseResult:
    """Return the outcome of a phase as a message."""
    low = outcome.low_pressure or LowPressure()
    return PhaseResult(
        name=outcome.name,
        outcome=int(outcome.verdict),
        reason=outcome.reason,
        begin=time_message(outcome.begin),
        duration=outcome.duration,
        pressure=_hold(outcome, pressure=True),
        temperature=_hold(outcome, pressure=False),
        stack=stack_state(outcome.stack, outcome.begin + outcome.duration),
        wear=actuator_wear(outcome.wear),
        low_pressure_alarms=low.alarms,
        low_pressure_time=low.time,
    )


def _hold(outcome: PhaseOutcome, pressure: bool) -> HoldResult:
    if pressure:
        return to_message(outcome.pressure, outcome.pressure_uncertainty)
    return to_message(outcome.temperature)
