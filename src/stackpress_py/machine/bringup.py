"""Bring-up and liveness of the graph's nodes, as decided from their heartbeats.

The supervisor tells what it heard (:meth:`Bringup.heard`, :meth:`Bringup.answered`) and asks at
each tick what to do (:meth:`Bringup.step`). Nodes are brought up one after the other in the order
given. A node that has been active and falls silent, restarts, or leaves the active state by itself
is dead; it is not touched again before the machine stands still, and one that a person deactivated
is left to that person.
"""

from dataclasses import dataclass

from stackpress_py.machine.liveness import Change, Condition, Limits, Transition, Watch


@dataclass(frozen=True, slots=True)
class Health:
    """Names of the nodes by condition, each in the order of bring-up."""

    alive: tuple[str, ...]
    starting: tuple[str, ...]
    dead: tuple[str, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A lifecycle transition that a node shall be asked for."""

    name: str
    transition: Transition


@dataclass(frozen=True, slots=True)
class Decision:
    """What one step of the supervision found and wants."""

    health: Health
    requests: tuple[Request, ...]
    changes: tuple[Change, ...]


class Bringup:
    """Decide which node to bring up next, and which nodes are dead.

    Args:
        order: names of the nodes in the order of bring-up.
        limits: times of the supervision.
    """

    def __init__(self, order: tuple[str, ...], limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._watches = {name: Watch(name, self._limits) for name in order}
        self._stepped_at: float | None = None

    def heard(self, name: str, lifecycle: int, process_id: int, now: float) -> None:
        """Take in a heartbeat; a node that is not supervised is ignored."""
        if name in self._watches:
            self._watches[name].hear(lifecycle, process_id, now)

    def asked(self, request: Request, now: float) -> None:
        """Note that a transition was asked for; no other is wanted before its answer."""
        self._watches[request.name].ask(request.transition, now)

    def answered(self, request: Request, success: bool, now: float) -> None:
        """Take in the answer to a transition; one that comes too late is ignored."""
        self._watches[request.name].answer(request.transition, success, now)

    def step(self, now: float, machine_rests: bool) -> Decision:
        """Judge every node and say what to ask for.

        Args:
            now: s, of a clock that never jumps.
            machine_rests: no run is in progress, so that a node may be brought (back) to work.
        """
        self._forgive_own_pause(now)
        changes: list[Change] = []
        for watch in self._watches.values():
            watch.judge(now, machine_rests)
            changes += watch.changes
            watch.changes.clear()
        return Decision(self._health(), self._requests(now), tuple(changes))

    def condition(self, name: str) -> Condition:
        """Return what is thought of a node."""
        return self._watches[name].condition

    def _forgive_own_pause(self, now: float) -> None:
        before, self._stepped_at = self._stepped_at, now
        pause = now - before if before is not None else 0.0
        # Heartbeats that came while the supervisor itself stood still are still to be delivered.
        if pause > 0.5 * self._limits.silence:
            for watch in self._watches.values():
                watch.heard_at += pause

    def _health(self) -> Health:
        def named(condition: Condition) -> tuple[str, ...]:
            return tuple(w.name for w in self._watches.values() if w.condition is condition)

        alive = named(Condition.ALIVE)
        ready = len(alive) == len(self._watches)
        return Health(alive, named(Condition.STARTING), named(Condition.DEAD), ready)

    def _requests(self, now: float) -> tuple[Request, ...]:
        for watch in self._watches.values():
            if watch.condition is Condition.ABSENT:
                break
            if watch.condition is Condition.STARTING:
                transition = watch.wanted(now)
                return () if transition is None else (Request(watch.name, transition),)
        return ()
