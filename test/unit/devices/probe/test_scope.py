"""What a search tries, and in which order."""

from stackpress_py.devices.device.profile import DeviceProfile, known_devices, load_device
from stackpress_py.devices.probe.questions import listens
from stackpress_py.devices.probe.read_only import Setting
from stackpress_py.devices.probe.scope import BAUDS, FRAMINGS, Batch, Scope, batches

PROFILES: list[DeviceProfile] = [load_device(name) for name in known_devices()]


def asked(plan: list[Batch]) -> list[tuple[Setting, str, str, int]]:
    return [
        (batch.setting, each.profile.protocol, each.profile.device, each.unit)
        for batch in plan
        for each in batch.questions
    ]


def test_the_most_usual_settings_come_first() -> None:
    settings = Scope().settings()
    assert [str(setting) for setting in settings[:3]] == ["9600 8N1", "19200 8N1", "9600 8E1"]
    assert len(settings) == len(set(settings)) == len(BAUDS) * len(FRAMINGS)


def test_every_setting_is_tried_with_every_unit() -> None:
    found = asked(batches(Scope(units=(1, 2, 3)), PROFILES))
    for setting in Scope().settings():
        for unit in (1, 2, 3):
            assert (setting, "modbus", "any", unit) in found


def test_all_settings_are_tried_with_the_first_unit_before_any_other() -> None:
    units = [unit for _, protocol, _, unit in asked(batches(Scope(), PROFILES)) if unit]
    assert units == sorted(units, key=lambda unit: unit != 1)


def test_factory_settings_of_known_devices_come_first_of_all() -> None:
    found = asked(batches(Scope(), PROFILES))
    first = [each for each in found if each[2] != "any"]
    generic = next(index for index, each in enumerate(found) if each[2] == "any")
    for profile in PROFILES:
        if profile.line is None or listens(profile):
            continue
        setting = Setting(profile.line.bauds[0], profile.line.framings[0])
        unit = 0 if profile.protocol == "ascii" else 1
        place = [each[0] == setting and each[2] == profile.device for each in first].index(True)
        assert place < generic
        assert first[place][3] in (unit, 1)


def test_a_device_that_sends_unasked_is_not_asked() -> None:
    assert not any(each[2] == "arduino_scale" for each in asked(batches(Scope(), PROFILES)))


def test_only_what_the_user_wants_is_tried() -> None:
    scope = Scope(("modbus",), bauds=(1200,), framings=("8O2",), units=(17,))
    assert asked(batches(scope, PROFILES)) == [(Setting(1200, "8O2"), "modbus", "any", 17)]


def test_aibus_is_asked_at_its_own_settings_unless_others_are_wanted() -> None:
    found = asked(batches(Scope(("aibus",), units=(1,)), PROFILES))
    generic = [str(each[0]) for each in found if each[2] == "any"]
    assert sorted(generic) == ["19200 8N1", "4800 8N1", "9600 8N1"]
    other = asked(batches(Scope(("aibus",), bauds=(2400,), framings=("8E1",)), PROFILES))
    assert {str(each[0]) for each in other} == {"2400 8E1"}


def test_no_unit_beyond_a_protocol_is_asked() -> None:
    found = asked(batches(Scope(units=(0, 1, 80, 81)), PROFILES))
    assert {unit for _, protocol, device, unit in found if device == "any"} == {1, 80, 81}
    assert all(unit <= 80 for _, protocol, _, unit in found if protocol == "aibus")


def test_the_wait_is_longer_over_tcp_unless_it_is_given() -> None:
    assert Scope().wait < Scope().tcp_wait
    assert Scope(given_wait=0.3).wait == Scope(given_wait=0.3).tcp_wait == 0.3
