"""Edges over a bus that loses frames: exactly one edge a request, and a lock goes first."""

from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.devices.guard.pulse import LockSwitch, Pulse


def test_an_edge_is_made_after_a_confirmed_low() -> None:
    pulse = Pulse()
    future = pulse.request()
    assert not pulse.level
    pulse.confirmed(False)
    assert pulse.level
    assert not future.done()
    pulse.confirmed(True)
    assert future.result(0) == ""
    assert not pulse.level


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_every_request_gives_one_edge_whatever_is_lost(steps: list[tuple[bool, bool]]) -> None:
    """Each step: does a person ask, and does the answer come back? The device sees every frame."""
    pulse, seen, edges, finished = Pulse(), False, 0, 0
    futures = []
    for asks, answered in [*steps, *[(False, True)] * 4]:
        if asks and not pulse.pending:
            futures.append(pulse.request())
        level = pulse.level
        edges += level and not seen
        seen = level
        if answered:
            pulse.confirmed(level)
    finished = sum(future.done() for future in futures)
    assert edges == finished == len(futures)


def test_after_a_loss_the_low_level_is_confirmed_first() -> None:
    pulse = Pulse()
    pulse.confirmed(False)
    pulse.request()
    pulse.disarm()
    assert not pulse.level
    pulse.confirmed(False)
    assert pulse.level


def test_a_dropped_request_says_why() -> None:
    pulse = Pulse()
    future = pulse.request()
    pulse.drop("the bus was lost")
    assert future.result(0) == "the bus was lost"
    pulse.confirmed(False)
    assert not pulse.level


def test_a_lock_goes_before_an_unlock() -> None:
    switch = LockSwitch()
    switch.confirmed(False, False)
    unlock = switch.request(False)
    lock = switch.request(True)
    assert unlock.result(0) == "a lock was asked for meanwhile"
    assert "the lock is being set" in switch.request(False).result(0)
    assert (switch.lock.level, switch.unlock.level) == (True, False)
    switch.confirmed(True, False)
    assert lock.result(0) == ""


def test_a_lock_is_wanted_until_the_press_has_confirmed_the_unlock() -> None:
    switch = LockSwitch()
    switch.confirmed(False, False)
    switch.request(True)
    assert switch.wanted
    switch.confirmed(True, False)
    switch.confirmed(False, False)
    switch.request(False)
    assert switch.wanted
    switch.confirmed(False, True)
    assert not switch.wanted


def test_a_loss_keeps_the_lock_and_forgets_the_unlock() -> None:
    switch = LockSwitch()
    switch.confirmed(False, False)
    unlock = switch.request(False)
    switch.lost("the bus was lost")
    assert unlock.result(0) == "the bus was lost"
    switch.reconnected()
    switch.confirmed(False, False)
    assert not switch.unlock.level
    switch.request(True)
    switch.lost("the bus was lost")
    switch.reconnected()
    switch.confirmed(False, False)
    assert switch.lock.level


def test_a_lock_that_is_asked_for_while_an_unlock_is_under_way_stays_wanted() -> None:
    switch = LockSwitch()
    switch.confirmed(lock=False, unlock=False)
    switch.request(locked=False)
    assert switch.unlock.level
    switch.request(locked=True)  # the frame with the unlock is on the wire already
    switch.confirmed(lock=False, unlock=True)
    assert switch.wanted
