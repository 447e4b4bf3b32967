"""The supervisor: brings the other nodes up in order and tells everybody which of them are alive.

What it decides stands in :mod:`stackpress_py.machine.bringup`. The supervisor configures and
activates itself.
"""

import time
from functools import partial

from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.srv import ChangeState
from rclpy.client import Client
from rclpy.publisher import Publisher
from rclpy.task import Future
from stackpress.msg import GraphHealth, MachineState, NodeHeartbeat, RunEvent

from stackpress_py import graph
from stackpress_py.machine.bringup import Bringup, Decision, Health, Request
from stackpress_py.machine.liveness import Change, Condition, Limits
from stackpress_py.nodes.base import LATCHED, RELIABLE, StackpressNode, run_node

#: s between two decisions; a death is noticed at most this much after the limit.
TICK_PERIOD = 0.05
#: s between two messages on `health` while nothing changes.
HEALTH_PERIOD = 0.1
#: States in which no run is in progress, so that a node may be brought back to work.
RESTING = (
    MachineState.UNDEFINED,
    MachineState.STOPPED,
    MachineState.IDLE,
    MachineState.COMPLETE,
    MachineState.ABORTED,
)


class Supervisor(StackpressNode):
    """Lifecycle and liveness of one press's nodes."""

    def __init__(self) -> None:
        super().__init__(graph.SUPERVISOR)
        self._bringup = Bringup(graph.MANAGED, Limits(silence=graph.HEARTBEAT_LIMIT))
        self._machine_state = MachineState.UNDEFINED
        self._health = Health((), (), (), ready=False)
        self._published_at = 0.0
        self._started_at = time.monotonic()
        self._transitions: dict[str, Client] = {}
        self._publisher: Publisher | None = None
        self.trigger_configure()
        self.trigger_activate()

    def configure(self) -> None:
        """Create the clients, subscriptions and the publisher."""
        for name in graph.MANAGED:
            self._transitions[name] = self.create_client(ChangeState, f"{name}/change_state")
        self.create_subscription(NodeHeartbeat, graph.HEARTBEAT, self._heard, RELIABLE)
        self.create_subscription(MachineState, graph.MACHINE_STATE, self._machine, LATCHED)
        self._publisher = self.create_publisher(GraphHealth, graph.HEALTH, RELIABLE)

    def activate(self) -> None:
        """Begin to bring the graph up."""
        self.create_timer(TICK_PERIOD, self._tick)

    # ---- callbacks store -------------------------------------------------------------------------

    def _heard(self, beat: NodeHeartbeat) -> None:
        name = beat.header.frame_id
        self._bringup.heard(name, beat.lifecycle_state, beat.process_id, time.monotonic())
        if not self._health.ready:
            self._tick()

    def _machine(self, message: MachineState) -> None:
        self._machine_state = message.state

    def _answered(self, request: Request, future: Future) -> None:
        response = future.result()
        success = response is not None and response.success
        self._bringup.answered(request, success, time.monotonic())
        self._tick()

    # ---- one tick decides ------------------------------------------------------------------------

    def _tick(self) -> None:
        now = time.monotonic()
        decision = self._bringup.step(now, self._machine_rests())
        for change in decision.changes:
            self._tell(change)
        for request in decision.requests:
            self._ask(request, now)
        if decision.health != self._health or now - self._published_at >= HEALTH_PERIOD - 1e-3:
            self._publish(decision, now)

    def _machine_rests(self) -> bool:
        # The last word of a sequencer that is gone does not count.
        sequencer_alive = self._bringup.condition("recipe_sequencer") is Condition.ALIVE
        return not sequencer_alive or self._machine_state in RESTING

    def _ask(self, request: Request, now: float) -> None:
        client = self._transitions[request.name]
        if not client.service_is_ready():
            return
        message = ChangeState.Request()
        message.transition.id = int(request.transition)
        self._bringup.asked(request, now)
        client.call_async(message).add_done_callback(partial(self._answered, request))

    def _tell(self, change: Change) -> None:
        severity = {Condition.DEAD: RunEvent.ERROR, Condition.STARTING: RunEvent.DEBUG}
        self.emit(
            severity.get(change.condition, RunEvent.INFO),
            f"node.{change.condition.value}",
            change.text,
            {"node": change.name},
        )

    def _publish(self, decision: Decision, now: float) -> None:
        health = decision.health
        if health.ready and not self._health.ready:
            seconds = now - self._started_at
            text = f"all {len(health.alive)} nodes are active {seconds:.1f} s after the start"
            self.emit(RunEvent.INFO, "graph.ready", text, {"seconds": round(seconds, 3)})
        self._health, self._published_at = health, now
        message = GraphHealth(header=self.header(), ready=health.ready, dead=health.dead)
        message.alive, message.starting = health.alive, health.starting
        if self._publisher is not None:
            self._publisher.publish(message)
        self._diagnose(health)

    def _diagnose(self, health: Health) -> None:
        values = {
            "alive": ", ".join(health.alive),
            "starting": ", ".join(health.starting),
            "dead": ", ".join(health.dead),
        }
        if health.dead:
            text = f"dead: {values['dead']}; restart the graph"
            self.report(DiagnosticStatus.ERROR, text, values)
        elif health.ready:
            self.report(DiagnosticStatus.OK, "all nodes are active", values)
        else:
            self.report(DiagnosticStatus.WARN, "the graph is being brought up", values)


def main() -> None:
    """Run the supervisor as a process."""
    run_node(Supervisor)


if __name__ == "__main__":
    main()
