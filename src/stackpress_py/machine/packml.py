"""PackML (ANSI/ISA-TR88.00.02): the state model of the machine, as one table.

States ending in -ing act and leave by themselves (state complete, SC); the others wait for a
command.
"""

from enum import IntEnum


class State(IntEnum):
    """States with their PackML numbers."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Command(IntEnum):
    """Commands with their PackML numbers; STATE_COMPLETE is the machine's own."""

    STATE_COMPLETE = 0
    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    UNHOLD = 5
    SUSPEND = 6
    UNSUSPEND = 7
    ABORT = 8
    CLEAR = 9


_STOPPABLE = tuple(
    state
    for state in State
    if state not in (State.CLEARING, State.STOPPED, State.STOPPING, State.ABORTING, State.ABORTED)
)
_ABORTABLE = tuple(state for state in State if state not in (State.ABORTING, State.ABORTED))

#: Where a command leads from a state; what is not here is refused.
TRANSITIONS: dict[tuple[State, Command], State] = {
    **{(state, Command.STOP): State.STOPPING for state in _STOPPABLE},
    **{(state, Command.ABORT): State.ABORTING for state in _ABORTABLE},
    (State.STOPPED, Command.RESET): State.RESETTING,
    (State.COMPLETE, Command.RESET): State.RESETTING,
    (State.RESETTING, Command.STATE_COMPLETE): State.IDLE,
    (State.IDLE, Command.START): State.STARTING,
    (State.STARTING, Command.STATE_COMPLETE): State.EXECUTE,
    (State.EXECUTE, Command.STATE_COMPLETE): State.COMPLETING,
    (State.COMPLETING, Command.STATE_COMPLETE): State.COMPLETE,
    (State.EXECUTE, Command.HOLD): State.HOLDING,
    (State.HOLDING, Command.STATE_COMPLETE): State.HELD,
    (State.HELD, Command.UNHOLD): State.UNHOLDING,
    (State.UNHOLDING, Command.STATE_COMPLETE): State.EXECUTE,
    (State.EXECUTE, Command.SUSPEND): State.SUSPENDING,
    (State.SUSPENDING, Command.STATE_COMPLETE): State.SUSPENDED,
    (State.SUSPENDED, Command.UNSUSPEND): State.UNSUSPENDING,
    (State.UNSUSPENDING, Command.STATE_COMPLETE): State.EXECUTE,
    (State.STOPPING, Command.STATE_COMPLETE): State.STOPPED,
    (State.ABORTING, Command.STATE_COMPLETE): State.ABORTED,
    (State.ABORTED, Command.CLEAR): State.CLEARING,
    (State.CLEARING, Command.STATE_COMPLETE): State.STOPPED,
}

#: States in which a run is under way.
RUNNING = frozenset(
    {
        State.STARTING,
        State.EXECUTE,
        State.HOLDING,
        State.HELD,
        State.UNHOLDING,
        State.SUSPENDING,
        State.SUSPENDED,
        State.UNSUSPENDING,
        State.COMPLETING,
    }
)


def label(state: State) -> str:
    """Return the state's name as people write it: "Idle"."""
    return state.name.capitalize()


class PackMl:
    """The state model; it powers up in Aborted.

    Attributes:
        state: present state.
        reason: why the machine is in it, one sentence.
        entered: when it was entered, s.
        transitions: how many there have been.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.state = State.ABORTED
        self.reason = "the machine has just been started: clear and reset it"
        self.entered = now
        self.transitions = 0

    def allows(self, command: Command) -> bool:
        """Return True if the command leads somewhere from the present state."""
        return (self.state, command) in TRANSITIONS

    def give(self, command: Command, reason: str, now: float) -> bool:
        """Take a command; return False, and stay, if the present state does not allow it."""
        following = TRANSITIONS.get((self.state, command))
        if following is None:
            return False
        self.state, self.reason, self.entered = following, reason, now
        self.transitions += 1
        return True

    def refusal(self, command: Command) -> str:
        """Return a sentence about a command that the present state does not allow."""
        able = sorted(label(state) for state, given in TRANSITIONS if given is command)
        return (
            f"{command.name.capitalize()} is not possible in state {label(self.state)},"
            f" only in {', '.join(able)}"
        )
