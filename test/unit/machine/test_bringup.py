"""Bring-up order, and what counts as a dead node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.machine.bringup import Bringup, Decision, Request
from stackpress_py.machine.liveness import Condition, Lifecycle, Limits, Transition

ORDER = ("driver", "controller", "sequencer")
LIMITS = Limits()
TICK = 0.05


class Graph:
    """Nodes that beat as told, and a supervisor that hears them."""

    def __init__(self) -> None:
        self.bringup = Bringup(ORDER, LIMITS)
        self.now = 100.0
        self.lifecycle = dict.fromkeys(ORDER, Lifecycle.UNCONFIGURED)
        self.process = {name: number for number, name in enumerate(ORDER, start=1)}
        self.silent: set[str] = set()
        self.rests = True
        self.asked: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def tick(self, answer: bool = True) -> Decision:
        self.now += TICK
        for name in ORDER:
            if name not in self.silent:
                self.bringup.heard(name, self.lifecycle[name], self.process[name], self.now)
        decision = self.bringup.step(self.now, self.rests)
        self.texts += [change.text for change in decision.changes]
        for request in decision.requests:
            self._obey(request, answer)
        return decision

    def _obey(self, request: Request, answer: bool) -> None:
        self.asked.append((request.name, request.transition.name))
        self.bringup.asked(request, self.now)
        if answer:
            configure = request.transition is Transition.CONFIGURE
            state = Lifecycle.INACTIVE if configure else Lifecycle.ACTIVE
            self.lifecycle[request.name] = state
            self.bringup.answered(request, True, self.now)

    def run(self, seconds: float) -> Decision:
        decision = self.tick()
        for _ in range(round(seconds / TICK)):
            decision = self.tick()
        return decision


@pytest.fixture
def ready() -> Graph:
    graph = Graph()
    assert graph.run(2.0).health.ready
    graph.texts.clear()
    return graph


def test_nodes_are_brought_up_one_after_the_other_in_order() -> None:
    graph = Graph()
    health = graph.run(2.0).health
    assert health.ready
    assert health.alive == ORDER
    assert graph.asked == [(n, t) for n in ORDER for t in ("CONFIGURE", "ACTIVATE")]


def test_a_node_that_is_not_there_yet_holds_up_those_after_it() -> None:
    graph = Graph()
    graph.silent = {"controller"}
    health = graph.run(2.0).health
    assert (health.alive, health.starting, health.dead) == (("driver",), ("sequencer",), ())
    assert not health.ready
    assert {name for name, _ in graph.asked} == {"driver"}


def test_nodes_found_active_are_left_alone() -> None:
    graph = Graph()
    graph.lifecycle = dict.fromkeys(ORDER, Lifecycle.ACTIVE)
    assert graph.run(0.2).health.ready
    assert graph.asked == []


def test_silence_is_noticed_at_the_limit_and_not_before(ready: Graph) -> None:
    ready.silent = {"controller"}
    silent_since = ready.now
    while "controller" not in ready.tick().health.dead:
        assert ready.now - silent_since <= LIMITS.silence + TICK + 1e-9
    assert ready.now - silent_since > LIMITS.silence - 1e-9
    assert any("controller is silent" in text for text in ready.texts)
    assert not ready.tick().health.ready


def test_a_restarted_node_is_dead_while_the_machine_works_and_brought_up_when_it_rests(
    ready: Graph,
) -> None:
    ready.rests = False
    ready.process["driver"], ready.lifecycle["driver"] = 77, Lifecycle.UNCONFIGURED
    ready.asked.clear()
    health = ready.run(5.0).health
    assert health.dead == ("driver",)
    assert ready.asked == []
    ready.rests = True
    assert ready.run(2.0).health.ready
    assert ready.asked == [("driver", "CONFIGURE"), ("driver", "ACTIVATE")]


def test_a_killed_and_restarted_node_is_brought_up_when_the_machine_rests(ready: Graph) -> None:
    ready.silent = {"driver"}
    assert ready.run(1.0).health.dead == ("driver",)
    ready.silent = set()
    ready.process["driver"], ready.lifecycle["driver"] = 78, Lifecycle.UNCONFIGURED
    assert ready.run(2.0).health.ready


def test_a_node_that_hung_and_goes_on_is_alive_again_once_the_machine_rests(ready: Graph) -> None:
    ready.rests = False
    ready.silent = {"controller"}
    ready.run(1.0)
    ready.silent = set()
    assert ready.run(3.0).health.dead == ("controller",)
    ready.rests = True
    assert ready.run(0.1).health.ready


def test_a_node_deactivated_by_hand_is_reported_and_left_alone(ready: Graph) -> None:
    ready.asked.clear()
    ready.lifecycle["sequencer"] = Lifecycle.INACTIVE
    assert ready.run(5.0).health.dead == ("sequencer",)
    assert ready.asked == []
    ready.lifecycle["sequencer"] = Lifecycle.ACTIVE
    assert ready.run(0.2).health.ready


def test_a_late_heartbeat_of_the_state_before_does_not_kill_a_node() -> None:
    graph = Graph()
    while graph.bringup.condition("driver") is not Condition.ALIVE:
        graph.tick()
    graph.bringup.heard("driver", Lifecycle.INACTIVE, 1, graph.now)
    assert graph.bringup.step(graph.now, True).health.dead == ()


def test_a_failed_transition_is_tried_again_after_growing_pauses() -> None:
    bringup = Bringup(("driver",), LIMITS)
    times = []
    now = 0.0
    while now < 20.0:
        now += TICK
        bringup.heard("driver", Lifecycle.UNCONFIGURED, 1, now)
        for request in bringup.step(now, True).requests:
            times.append(now)
            bringup.asked(request, now)
            bringup.answered(request, False, now)
    pauses = [b - a for a, b in zip(times, times[1:], strict=False)]
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(LIMITS.retry, abs=TICK)
    assert pauses[-1] == pytest.approx(LIMITS.longest_retry, abs=TICK)


def test_a_node_may_be_silent_during_its_transition_but_not_for_ever() -> None:
    graph = Graph()
    graph.tick(answer=False)
    graph.silent = {"driver"}
    for _ in range(round((LIMITS.transition - 1.0) / TICK)):
        assert graph.tick(answer=False).health.dead == ()
    for _ in range(round(2.0 / TICK)):
        decision = graph.tick(answer=False)
    assert decision.health.dead == ("driver",)


def test_a_pause_of_the_supervisor_itself_kills_nobody(ready: Graph) -> None:
    ready.now += 30.0
    assert ready.bringup.step(ready.now, True).health.ready
    assert ready.tick().health.ready


def test_a_node_of_another_name_is_ignored(ready: Graph) -> None:
    ready.bringup.heard("stranger", Lifecycle.ACTIVE, 9, ready.now)
    assert ready.tick().health.alive == ORDER


def test_two_processes_of_one_name_never_count_as_alive(ready: Graph) -> None:
    for number in range(100):
        ready.process["driver"] = 50 + number % 2
        decision = ready.tick()
    assert decision.health.dead == ("driver",)


@given(st.lists(st.tuples(st.sampled_from(ORDER), st.sampled_from(["mute", "beat", "restart"]))))
def test_every_node_is_in_at_most_one_list_and_ready_means_all_alive(
    script: list[tuple[str, str]],
) -> None:
    graph = Graph()
    for name, event in script:
        if event == "mute":
            graph.silent.add(name)
        else:
            graph.silent.discard(name)
        if event == "restart":
            graph.process[name] += 100
            graph.lifecycle[name] = Lifecycle.UNCONFIGURED
        health = graph.run(0.3).health
        named = [*health.alive, *health.starting, *health.dead]
        assert len(named) == len(set(named))
        assert health.ready == (health.alive == ORDER)
    graph.silent.clear()
    assert graph.run(8.0).health.ready
