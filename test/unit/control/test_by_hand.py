"""The law of presses that a person moves."""

import math

import pytest

from stackpress_py.control.by_hand import ByHandLaw
from stackpress_py.control.law import ForceSample, Output, PressFacts, Stage

FACTS = PressFacts(
    force_limit=150e3, force_rate=50e3, contact_force=30.0, opening_time=60.0, period=0.1
)


class Person:
    """Somebody at a press without position, who does something every now and then."""

    def __init__(self) -> None:
        self.law = ByHandLaw(FACTS)
        self.now = 0.0
        self.force = 0.0
        self.seen: list[Output] = []
        self.wait(0.1)

    def wait(self, seconds: float, opened: bool | None = None) -> Output:
        for _ in range(max(1, round(seconds / FACTS.period))):
            self.now += FACTS.period
            sample = ForceSample(self.now, self.force, 5.0, math.nan, opened)
            self.seen.append(self.law.step(sample))
        return self.seen[-1]


def test_the_stages_tell_what_to_do() -> None:
    person = Person()
    person.law.press(10e3, 500.0, 100.0)
    assert person.wait(1.0).stage is Stage.APPROACH
    person.force = 4e3
    output = person.wait(1.0)
    assert (output.stage, output.target, output.setpoint) == (Stage.RAMP, 10e3, 10e3)
    person.force = 9.95e3
    assert person.wait(1.0).stage is Stage.HOLD
    person.force = 9.8e3
    assert person.wait(1.0).stage is Stage.RAMP
    person.force = 10.05e3
    assert person.wait(1.0).stage is Stage.HOLD
    person.law.unload(500.0)
    assert person.wait(1.0).stage is Stage.UNLOAD
    person.force = 0.0
    assert person.wait(0.1).stage is Stage.OPEN
    assert person.wait(1.0).stage is Stage.IDLE
    assert all(output.move is None and not output.lost for output in person.seen)


def test_a_slow_and_a_clumsy_person_are_waited_for() -> None:
    person = Person()
    person.law.press(10e3, 500.0, 100.0)
    person.wait(1800.0)
    for force in (3e3, 9e3, 12e3, 7e3, 0.0, 10e3):
        person.force = force
        person.wait(300.0)
    assert person.seen[-1].stage is Stage.HOLD
    assert not any(output.lost for output in person.seen)


def test_a_press_that_is_not_measured_is_given_up() -> None:
    person = Person()
    person.law.press(10e3, 500.0, 100.0)
    person.wait(1.0)
    person.force = math.nan
    assert not person.wait(0.8).lost
    person.wait(1.0)
    (lost,) = (output.lost for output in person.seen if output.lost)
    assert "no measurement" in lost
    assert person.seen[-1].stage is Stage.FREEZE


def test_hold_present_takes_the_force_there_is() -> None:
    person = Person()
    person.force = 5e3
    person.wait(0.1)
    person.law.hold_present()
    output = person.wait(1.0)
    assert (output.stage, output.target) == (Stage.HOLD, 5e3)
    person.force = 4.9e3
    assert person.wait(0.1).stage is Stage.RAMP


def test_an_open_press_that_is_to_be_held_stands_still() -> None:
    person = Person()
    person.law.hold_present()
    assert person.wait(1.0).stage is Stage.FREEZE


@pytest.mark.parametrize(("opened", "took"), [(None, 0.4), (True, 0.4), (False, 60.2)])
def test_a_press_is_open_by_its_own_word_or_by_its_force(opened: bool | None, took: float) -> None:
    person = Person()
    person.law.unload(500.0)
    begin = person.now
    while person.wait(0.1, opened).stage is not Stage.IDLE:
        assert person.now - begin < 100.0
    assert person.now - begin == pytest.approx(took, abs=0.15)
