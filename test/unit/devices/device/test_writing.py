"""What is written to one device: only what has changed, and whether it holds it."""

import pytest

from stackpress_py.devices.device.device import Wish
from unit.devices.device.oven import CHANGE, POINTS, Rig, heat


def test_what_has_not_changed_is_not_written() -> None:
    rig = Rig().ready()
    rig.exchange(heat(80.0))
    rig.link.calls.clear()
    for _ in range(3):
        rig.exchange(heat(80.0))
    rig.exchange(heat(80.04))  # the same step of the controller
    assert not rig.link.written
    rig.exchange(heat(80.06))
    assert rig.link.written == ["target=801"]


def test_a_value_beyond_its_limit_is_refused_before_anything_is_written() -> None:
    rig = Rig().ready()
    with pytest.raises(
        ValueError, match="target: 200.1 degC cannot be written; allowed are - to 200"
    ):
        rig.exchange(heat(200.1))
    assert not rig.link.written


def test_a_memory_that_wears_out_is_written_seldom_and_never_for_nothing() -> None:
    rig = Rig().ready()

    def store(celsius: float) -> Wish:
        return Wish({"stored": celsius}, active=True)

    rig.link.values["stored"] = 800
    rig.exchange(store(80.0))
    assert rig.link.written == ["run=1"]
    for step in range(1, 200):  # 20 s of a ramp
        rig.exchange(store(80.0 + 0.1 * step))
    assert rig.device.writes["stored"] == 2
    rig.exchange(store(99.9), after=10.0)
    assert rig.link.values["stored"] == 999
    assert rig.device.writes["stored"] == 3
    rig.exchange()
    rig.exchange(store(99.9))
    rig.device.identify(rig.now)
    rig.exchange()
    rig.exchange(store(99.9))
    assert rig.device.writes["stored"] == 3


def test_a_sequence_spares_the_memory_too() -> None:
    rig = Rig(safe=({"write": "stored", "raw": 0, "verify": True},)).ready()
    assert rig.device.writes["stored"] == 0
    rig.link.values["stored"] = 800
    rig.device.make_harmless()
    rig.device.make_harmless()
    assert rig.device.writes["stored"] == 1


def test_small_changes_may_be_left_out() -> None:
    target = {**POINTS["target"], "write": {**CHANGE, "step": 2.0}}
    rig = Rig(points={**POINTS, "target": target}).ready()
    written = []
    for celsius in (80.0, 81.9, 82.0, 80.1, 80.0):
        rig.exchange(heat(celsius))
        written += [text for text in rig.link.written if text.startswith("target")]
    assert written == ["target=800", "target=820", "target=800"]


def test_a_value_that_is_not_held_is_told_and_no_longer_when_action_ends() -> None:
    rig = Rig().ready()
    rig.link.deaf.add("target")
    for _ in range(2):
        rig.exchange(heat(80.0))
        assert not rig.device.not_taken  # a memory may take a moment
    rig.exchange(heat(80.0))
    (told,) = rig.device.not_taken.values()
    assert told.startswith("oven: target holds 0 after 800 was written: look for a lock")
    rig.exchange()
    assert not rig.device.not_taken
    rig.link.deaf.clear()
    for _ in range(3):
        rig.exchange(heat(80.0))
    assert not rig.device.not_taken


def test_a_value_that_is_held_a_little_later_is_taken() -> None:
    rig = Rig().ready()
    rig.link.deaf.add("target")
    rig.exchange(heat(80.0))
    rig.link.values["target"] = 800
    for _ in range(3):
        rig.exchange(heat(80.0))
    assert not rig.device.not_taken


def test_single_precision_is_no_difference() -> None:
    target = {"address": 30, "type": "f32", "unit": "degC", "write": CHANGE}
    rig = Rig(points={**POINTS, "target": target}).ready()
    rig.link.deaf.add("target")
    rig.link.values["target"] = 80.0999984741211  # 80.1 in single precision
    for _ in range(3):
        rig.exchange(heat(80.1))
    assert not rig.device.not_taken
    rig.link.values["target"] = 80.2001
    for _ in range(3):
        rig.exchange(heat(80.2))
    assert list(rig.device.not_taken) == ["target"]


def test_a_memory_that_wears_out_is_spared_when_action_comes_and_goes() -> None:
    """Whatever flaps, the memory is not written more often than its interval and its safe end."""
    rig = Rig(safe=({"write": "stored", "raw": 0},)).ready()
    for _ in range(100):
        rig.exchange(Wish({"stored": 80.0}, active=True), after=0.5)
        rig.exchange(after=0.5)
    assert rig.link.values["stored"] == 0
    assert rig.device.writes["stored"] <= 2 * 100 / 10 + 2


def test_what_goes_out_in_each_cycle_is_at_rest_until_the_device_is_ready() -> None:
    points = {**POINTS, "power": {"address": 20, "read": False, "write": {"when": "cycle"}}}
    rig = Rig(points=points, enable=({"write": "run", "raw": 1, "until": ("status.on",)},)).ready()
    rig.link.values["status"] = 0b001
    wish = Wish({"power": 7.0}, active=True)
    rig.exchange(wish)
    assert rig.link.values["power"] == 0
    assert not rig.device.confirmed.active
    rig.link.values["status"] = 0b101
    rig.exchange(wish)
    assert rig.link.values["power"] == 7


def test_a_value_that_changes_all_the_time_is_judged_all_the_same() -> None:
    rig = Rig().ready()
    rig.link.deaf = {"target"}
    for step in range(8):
        rig.exchange(heat(80.0 + step))
    assert "target holds 0 after" in rig.device.not_taken["target"]
