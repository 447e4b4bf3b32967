"""What is asked: every readable point once, in as few requests as the driver needs."""

import pytest

from stackpress_py.devices.device.profile import known_devices, load_device
from stackpress_py.devices.probe.questions import any_aibus, any_modbus, groups, known, listens


@pytest.mark.parametrize("name", known_devices())
def test_every_readable_point_is_asked_for_once(name: str) -> None:
    profile = load_device(name)
    asked = [point for group in groups(profile) for point in group]
    assert sorted(asked) == sorted(n for n, p in profile.all_points().items() if p.read)


def test_an_aibus_instrument_is_asked_once_for_all_that_every_answer_tells() -> None:
    told, *asked = groups(load_device("yudian_ai"))
    assert told == {"temperature", "working_target", "output", "alarm"}
    assert {"decimal_places", "tenths"} in asked


def test_a_line_of_text_is_asked_for_once() -> None:
    (only,) = groups(load_device("mt_sics"))
    assert {"force", "status"} <= only


def test_who_sends_unasked_is_known_by_its_profile() -> None:
    assert [name for name in known_devices() if listens(load_device(name))] == ["arduino_scale"]


def test_a_device_of_any_kind_is_asked_with_the_given_patience() -> None:
    for question in (any_modbus(5, 0.25), any_aibus(5, 0.25)):
        assert question.unit == 5
        assert question.profile.timing.reply_latency == 0.25


def test_the_first_question_to_a_known_device_is_one_of_its_own() -> None:
    profile = load_device("delta_dtb")
    assert known(profile, 3).names == groups(profile)[0]
