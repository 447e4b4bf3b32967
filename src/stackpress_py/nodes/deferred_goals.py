"""An action server whose goals end in a tick, and of which one at a time is taken."""

import traceback
from collections.abc import Callable
from typing import Any

from rclpy.action import ActionServer, CancelResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.lifecycle import LifecycleNode

from stackpress_py.nodes.goal_slot import RESULT_TIMEOUT, Ending, conclude, no_execution


class DeferredGoals:
    """Action server that refuses a second goal while one is at work.

    rclpy's execution of a goal begins when its result is there (see :class:`GoalSlot`).

    Args:
        node: owner.
        action_type: generated action class.
        name: name of the action, relative to the namespace.
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
        self._node = node
        self._begin = begin
        self._may_cancel = may_cancel
        self._failed = failed
        self._handle: ServerGoalHandle | None = None
        self._server = ActionServer(
            node,
            action_type,
            name,
            execute_callback=no_execution,
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
            conclude(handle, Ending.CANCEL if handle.is_cancel_requested else ending, result)

    def destroy(self) -> None:
        """Remove the action server."""
        self._server.destroy()

    def _cancel(self, handle: ServerGoalHandle) -> CancelResponse:
        ours = self._handle is not None and bytes(handle.goal_id.uuid) == bytes(
            self._handle.goal_id.uuid
        )
        return CancelResponse.ACCEPT if ours and self._may_cancel() else CancelResponse.REJECT

    def _accepted(self, handle: ServerGoalHandle) -> None:
        try:
            refusal = self._begin(handle.request)
        except Exception:
            text = traceback.format_exc()
            self._node.get_logger().error(text)
            reason = text.strip().splitlines()[-1]
            refusal = self._failed(f"the {self._node.get_name()} failed: {reason}")
        if refusal is not None:
            conclude(handle, Ending.ABORT, refusal)
        else:
            self._handle = handle
