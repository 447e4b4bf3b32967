"""Action servers with one goal at work, which a node's tick ends."""

import traceback
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


class OneGoal:
    """Action server with at most one goal at work; what happens to a second one is the subclass's affair.

    rclpy's execution of a goal begins when its result is there, in :meth:`finish`, called from the node's tick: a
    coroutine that waited for it would keep a whole core busy, because the EventsExecutor resumes it without pause.

    Args:
        node: owner.
        action_type: generated action class.
        name: name of the action, relative to the namespace.
    """

    def __init__(self, node: LifecycleNode, action_type: Any, name: str) -> None:
        self._node = node
        self._handle: ServerGoalHandle | None = None
        self._server = ActionServer(
            node,
            action_type,
            name,
            execute_callback=_no_execution,
            handle_accepted_callback=self._accepted,
            cancel_callback=self._cancel,
            result_timeout=RESULT_TIMEOUT,
        )

    @property
    def busy(self) -> bool:
        """True while a goal is at work."""
        return self._handle is not None

    @property
    def cancel_requested(self) -> bool:
        """True if the client asked to cancel the goal at work, and may."""
        return self._handle is not None and self._handle.is_cancel_requested

    def feedback(self, message: Any) -> None:
        """Send feedback for the goal at work."""
        if self._handle is not None and self._handle.is_active:
            self._handle.publish_feedback(message)

    def finish(self, ending: Ending, result: Any) -> None:
        """End the goal at work; without one nothing happens."""
        handle, self._handle = self._handle, None
        if handle is not None:
            _conclude(handle, ending, result)

    def destroy(self) -> None:
        """Remove the action server."""
        self._server.destroy()

    def _accepted(self, handle: ServerGoalHandle) -> None:
        raise NotImplementedError

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        raise NotImplementedError


class SupersedingGoals(OneGoal):
    """A new goal supersedes the one at work, and any may be cancelled: for a controller's targets.

    Args:
        refusal: called with a new goal's request; returns None if it can be done, else its result. The goal at work
            goes on in that case.
        begin: called with a new goal's request once the one before has ended.
        superseded: called when a new goal comes in while another is at work; returns that one's result.
    """

    def __init__(
        self,
        node: LifecycleNode,
        action_type: Any,
        name: str,
        refusal: Callable[[Any], Any],
        begin: Callable[[Any], None],
        superseded: Callable[[], Any],
    ) -> None:
        self._refusal = refusal
        self._begin = begin
        self._superseded = superseded
        super().__init__(node, action_type, name)

    def _accepted(self, handle: ServerGoalHandle) -> None:
        refusal = self._refusal(handle.request)
        if refusal is not None:
            _conclude(handle, Ending.ABORT, refusal)
            return
        if self.busy:
            self.finish(Ending.ABORT, self._superseded())
        self._handle = handle
        self._begin(handle.request)

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        return CancelResponse.ACCEPT


class ExclusiveGoals(OneGoal):
    """A goal is refused while another is at work, and cancelled only if it may be: for runs and handovers.

    Args:
        begin: called with a goal's request; returns None if the goal is taken, else its result.
        may_cancel: called when the client wants to cancel the goal at work; True: it may.
        failed: called with a sentence if `begin` raised; returns the result.
    """

    def __init__(
        self,
        node: LifecycleNode,
        action_type: Any,
        name: str,
        begin: Callable[[Any], Any],
        may_cancel: Callable[[], bool],
        failed: Callable[[str], Any],
    ) -> None:
        self._begin = begin
        self._may_cancel = may_cancel
        self._failed = failed
        super().__init__(node, action_type, name)

    def finish(self, ending: Ending, result: Any) -> None:
        """End the goal at work, as cancelled if its client asked for that; without one nothing happens."""
        super().finish(Ending.CANCEL if self.cancel_requested else ending, result)

    def _accepted(self, handle: ServerGoalHandle) -> None:
        try:
            refusal = self._begin(handle.request)
        except Exception:
            text = traceback.format_exc()
            self._node.get_logger().error(text)
            reason = text.strip().splitlines()[-1]
            refusal = self._failed(f"the {self._node.get_name()} failed: {reason}")
        if refusal is not None:
            _conclude(handle, Ending.ABORT, refusal)
        else:
            self._handle = handle

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        ours = self._handle is not None and bytes(handle.goal_id.uuid) == bytes(
            self._handle.goal_id.uuid
        )
        return CancelResponse.ACCEPT if ours and self._may_cancel() else CancelResponse.REJECT


def _no_execution(handle: ServerGoalHandle) -> Any:
    """Stand where rclpy wants an execution: each goal gets one of its own with its result."""
    raise NotImplementedError


def _conclude(handle: ServerGoalHandle, ending: Ending, result: Any) -> None:
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
