"""Whether one node of the graph lives, as judged from its heartbeats."""

from dataclasses import dataclass, field
from enum import Enum, IntEnum


class Lifecycle(IntEnum):
    """Primary lifecycle states, numbered as in lifecycle_msgs/State."""

    UNKNOWN = 0
    UNCONFIGURED = 1
    INACTIVE = 2
    ACTIVE = 3
    FINALIZED = 4


class Transition(IntEnum):
    """Lifecycle transitions, numbered as in lifecycle_msgs/Transition."""

    CONFIGURE = 1
    ACTIVATE = 3


class Condition(Enum):
    """What the supervisor thinks of a node."""

    ABSENT = "absent"
    STARTING = "starting"
    ALIVE = "alive"
    DEAD = "dead"


class Death(Enum):
    """Why a node counts as dead."""

    SILENT = "fell silent"
    RESTARTED = "was restarted"
    LEFT = "left the active state"


@dataclass(frozen=True, slots=True)
class Limits:
    """Times of the supervision, in s.

    Attributes:
        silence: without heartbeat before a node counts as dead.
        transition: for one lifecycle transition, during which a node may be silent.
        retry: before a failed transition is tried again; doubled with each failure.
        longest_retry: upper end of that.
        settling: after an answered transition, while heartbeats may tell of the state before.
    """

    silence: float = 0.5
    transition: float = 10.0
    retry: float = 0.25
    longest_retry: float = 5.0
    settling: float = 0.25


@dataclass(frozen=True, slots=True)
class Change:
    """A node's condition has changed; ``text`` is one sentence."""

    name: str
    condition: Condition
    text: str


@dataclass(slots=True)
class Watch:
    """One node under supervision; times in s, of a clock that never jumps.

    Attributes:
        name: of the node.
        limits: times of the supervision.
        condition: what is thought of the node.
        lifecycle: state that it told last, or that follows from its last answer.
        heard_at: when it was last heard.
        asked: transition that it has not answered yet.
        retry_at: when the next transition may be asked for.
        changes: since they were last collected.
    """

    name: str
    limits: Limits
    condition: Condition = Condition.ABSENT
    lifecycle: Lifecycle = Lifecycle.UNKNOWN
    heard_at: float = 0.0
    asked: Transition | None = None
    retry_at: float = 0.0
    changes: list[Change] = field(default_factory=list)
    _death: Death = Death.SILENT
    _process_id: int = 0
    _steady_since: float = 0.0
    _asked_at: float = 0.0
    _trusted_from: float = 0.0
    _failures: int = 0

    def hear(self, lifecycle: int, process_id: int, now: float) -> None:
        """Take in a heartbeat."""
        if self._process_id != process_id:
            self._begin_process(process_id, now)
        if now - self.heard_at > self.limits.silence:
            self._steady_since = now
        self.heard_at = now
        if self.asked is None and now >= self._trusted_from:
            known = lifecycle in [int(state) for state in Lifecycle]
            self.lifecycle = Lifecycle(lifecycle) if known else Lifecycle.UNKNOWN
        if self.condition is Condition.ABSENT:
            self._become(Condition.STARTING, f"{self.name} has started as process {process_id}")

    def ask(self, transition: Transition, now: float) -> None:
        """Note that a transition was asked for; no other is wanted before its answer."""
        self.asked, self._asked_at = transition, now

    def answer(self, transition: Transition, success: bool, now: float) -> None:
        """Take in the answer to a transition; one that comes too late is ignored."""
        if self.asked is not transition:
            return
        self.asked, self.heard_at = None, now
        if success:
            self._failures = 0
            self._trusted_from = now + self.limits.settling
            configured = transition is Transition.CONFIGURE
            self.lifecycle = Lifecycle.INACTIVE if configured else Lifecycle.ACTIVE
        else:
            self._postpone(now)

    def judge(self, now: float, machine_rests: bool) -> None:
        """Form an opinion of the node."""
        if self.condition in (Condition.STARTING, Condition.ALIVE):
            self._judge_living(now)
        elif self.condition is Condition.DEAD:
            self._judge_dead(now, machine_rests)

    def wanted(self, now: float) -> Transition | None:
        """Return the transition that brings the node on, if one may be asked for now."""
        if self.condition is not Condition.STARTING or self.asked or now < self.retry_at:
            return None
        if self.lifecycle is Lifecycle.UNCONFIGURED:
            return Transition.CONFIGURE
        return Transition.ACTIVATE if self.lifecycle is Lifecycle.INACTIVE else None

    def _begin_process(self, process_id: int, now: float) -> None:
        if self.condition is Condition.ALIVE:
            text = f"{self.name} was restarted as process {process_id}: its state is lost"
            self._die(Death.RESTARTED, text, now)
        self._death = Death.RESTARTED
        self._process_id, self._steady_since, self.asked = process_id, now, None
        self._trusted_from, self._failures, self.retry_at = now, 0, now

    def _judge_living(self, now: float) -> None:
        silent_for = now - self.heard_at
        if self.asked is not None:
            if now - self._asked_at > self.limits.transition:
                self.asked = None
                self._postpone(now)
        elif silent_for > self.limits.silence:
            text = f"{self.name} is silent for {silent_for:.1f} s: its process hangs or has ended"
            self._die(Death.SILENT, text, now)
        elif self.lifecycle is Lifecycle.ACTIVE:
            if self.condition is Condition.STARTING:
                self._become(Condition.ALIVE, f"{self.name} is active")
        elif self.condition is Condition.ALIVE:
            state = self.lifecycle.name.lower()
            self._die(Death.LEFT, f"{self.name} left the active state and is {state}", now)

    def _judge_dead(self, now: float, machine_rests: bool) -> None:
        limit = self.limits.silence
        steady = now - self.heard_at <= limit < now - self._steady_since
        if not (steady and machine_rests):
            return
        if self.lifecycle is Lifecycle.ACTIVE:
            self._become(Condition.ALIVE, f"{self.name} is active again")
        elif self._death is not Death.LEFT:
            self._become(Condition.STARTING, f"{self.name} is back and is brought up again")

    def _postpone(self, now: float) -> None:
        delay = min(self.limits.longest_retry, self.limits.retry * 2**self._failures)
        self._failures += 1
        self.retry_at = now + delay

    def _die(self, death: Death, text: str, now: float) -> None:
        self._death, self.asked, self._steady_since = death, None, now
        self._become(Condition.DEAD, text)

    def _become(self, condition: Condition, text: str) -> None:
        self.condition = condition
        self.changes.append(Change(self.name, condition, text))
