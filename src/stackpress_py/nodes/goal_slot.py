"""The one goal that an action server works on: a new goal supersedes it, a tick ends it."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.lifecycle import LifecycleNode

#: s for which a result can be asked after the goal has ended; rclpy slows down with every goal that it keeps.
RESULT_TIMEOUT = 30


class Ending(Enum):
    """How a goal ends in the action's own protocol."""

    SUCCEED = "succeed"
    ABORT = "abort"
    CANCEL = "cancel"


class GoalSlot:
    """Action server with at most one goal at work.

    rclpy's execution of a goal begins when its result is there, in :meth:`finish`, called from the node's tick: a
    coroutine that waited for it would keep a whole core busy, because the EventsExecutor resumes it without pause.

    Args:
        node: owner.
        action_type: generated action class.
        name: name of the action, relative to the namespace.
        begin: called with a new goal's request once the slot is free.
        superseded: called when a new goal comes in while another is at work; returns that one's result.
    """

    def __init__(
        self,
        node: LifecycleNode,
        action_type: Any,
        name: str,
        begin: Callable[[Any], None],
        superseded: Callable[[], Any],
    ) -> None:
        self._begin = begin
        self._superseded = superseded
        self._handle: ServerGoalHandle | None = None
        self._server = ActionServer(
            node,
            action_type,
            name,
            execute_callback=no_execution,
            handle_accepted_callback=self._accepted,
            cancel_callback=lambda handle: CancelResponse.ACCEPT,
            result_timeout=RESULT_TIMEOUT,
        )

    @property
    def busy(self) -> bool:
        """True while a goal is at work."""
        return self._handle is not None

    @property
    def cancel_requested(self) -> bool:
        """True if the client asked to cancel the goal at work."""
        return self._handle is not None and self._handle.is_cancel_requested

    def feedback(self, message: Any) -> None:
        """Send feedback for the goal at work."""
        if self._handle is not None and self._handle.is_active:
            self._handle.publish_feedback(message)

    def finish(self, ending: Ending, result: Any) -> None:
        """End the goal at work; without one nothing happens."""
        handle, self._handle = self._handle, None
        if handle is not None:
            conclude(handle, ending, result)

    def destroy(self) -> None:
        """Remove the action server."""
        self._server.destroy()

    def _accepted(self, handle: ServerGoalHandle) -> None:
        if self.busy:
            self.finish(Ending.ABORT, self._superseded())
        self._handle = handle
        self._begin(handle.request)


def no_execution(handle: ServerGoalHandle) -> Any:
    """Stand where rclpy wants an execution: each goal gets one of its own with its result."""
    raise NotImplementedError


def conclude(handle: ServerGoalHandle, ending: Ending, result: Any) -> None:
    """End a goal and send its result."""

    def end(goal: ServerGoalHandle) -> Any:
        if ending is Ending.CANCEL and goal.is_cancel_requested:
            goal.canceled()
        elif ending is Ending.SUCCEED:
            goal.succeed()
        else:
            goal.abort()
        return result

    handle.execute(end)
