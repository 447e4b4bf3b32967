"""The PackML table, against the standard written down a second time, and every pair tried."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.machine.packml import RUNNING, TRANSITIONS, Command, PackMl, State, label

#: ANSI/ISA-TR88.00.02: from, trigger, to; "SC" is state complete.
STANDARD = """
Stopped Reset Resetting
Complete Reset Resetting
Resetting SC Idle
Idle Start Starting
Starting SC Execute
Execute SC Completing
Completing SC Complete
Execute Hold Holding
Holding SC Held
Held Unhold Unholding
Unholding SC Execute
Execute Suspend Suspending
Suspending SC Suspended
Suspended Unsuspend Unsuspending
Unsuspending SC Execute
Stopping SC Stopped
Aborting SC Aborted
Aborted Clear Clearing
Clearing SC Stopped
"""
STOPPABLE = (3, 4, 5, 6, 10, 11, 12, 13, 14, 15, 16, 17)
NOT_ABORTABLE = (8, 9)
NUMBERS = (
    "Clearing Stopped Starting Idle Suspended Execute Stopping Aborting Aborted Holding Held"
    " Unholding Suspending Unsuspending Resetting Completing Complete"
)
COMMAND_NUMBERS = "SC Reset Start Stop Hold Unhold Suspend Unsuspend Abort Clear"


def expected(state: int, command: int) -> str | None:
    names = ["", *NUMBERS.split()]
    word = COMMAND_NUMBERS.split()[command]
    if word == "Stop":
        return "Stopping" if state in STOPPABLE else None
    if word == "Abort":
        return None if state in NOT_ABORTABLE else "Aborting"
    rows = [row.split() for row in STANDARD.strip().splitlines()]
    found = [after for before, trigger, after in rows if (before, trigger) == (names[state], word)]
    return found[0] if found else None


def test_the_numbers_are_the_standards() -> None:
    assert [label(state) for state in sorted(State)] == NUMBERS.split()
    assert [int(state) for state in sorted(State)] == list(range(1, 18))
    words = COMMAND_NUMBERS.split()[1:]
    assert [command.name.capitalize() for command in sorted(Command)[1:]] == words


def test_it_powers_up_in_aborted() -> None:
    assert PackMl().state is State.ABORTED


@pytest.mark.parametrize(("state", "command"), list(itertools.product(State, Command)))
def test_every_command_in_every_state(state: State, command: Command) -> None:
    packml = PackMl(0.0)
    packml.state = state
    after = expected(state, command)
    allowed = packml.allows(command)
    taken = packml.give(command, "because", 5.0)
    assert allowed == taken == (after is not None)
    assert label(packml.state) == (after or label(state))
    if taken:
        assert (packml.reason, packml.entered, packml.transitions) == ("because", 5.0, 1)
    else:
        assert packml.transitions == 0
        assert label(state) in packml.refusal(command)


def test_acting_states_can_complete_and_waiting_states_cannot() -> None:
    for state in State:
        acts = state.name.endswith("ING") or state is State.EXECUTE
        assert acts == ((state, Command.STATE_COMPLETE) in TRANSITIONS)


@given(st.lists(st.sampled_from(Command), max_size=60))
def test_from_anywhere_there_is_a_way_to_idle(commands: list[Command]) -> None:
    packml = PackMl()
    for command in commands:
        packml.give(command, "", 0.0)
    way = (
        Command.ABORT,
        Command.STATE_COMPLETE,
        Command.CLEAR,
        Command.STATE_COMPLETE,
        Command.RESET,
        Command.STATE_COMPLETE,
    )
    for command in way:
        packml.give(command, "", 0.0)
    assert packml.state is State.IDLE


def test_a_run_is_under_way_in_these_states() -> None:
    assert State.EXECUTE in RUNNING
    assert not RUNNING & {State.IDLE, State.COMPLETE, State.STOPPED, State.ABORTED, State.STOPPING}
