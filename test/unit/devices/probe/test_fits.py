"""Which profiles fit a device: judged by its registers and by what it says of itself."""

from collections.abc import Callable

import pytest

from stackpress_py.devices.device.profile import DeviceProfile, known_devices, load_device
from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.probe.fits import Grade, fits, judged
from stackpress_py.devices.probe.read_only import ReadOnlyWire, Setting, serial_wire
from unit.devices.fakes import identity_words
from unit.devices.probe.fakes import ProbedLine, Sent, Slave, words_of
from unit.devices.probe.instrument import FINE, PROFILE

SETTING = Setting(9600, "8N1")
PROFILES: list[DeviceProfile] = [load_device(name) for name in known_devices()]

EUROTHERM = {
    75: 0,
    273: 0,
    276: 0,
    **{
        32768 + 2 * n + i: word
        for n, value in ((1, 25.0), (2, 80.0), (3, 0.0), (4, 0.0), (5, 80.0), (24, 80.0), (26, 0.0))
        for i, word in enumerate(words_of("f", value))
    },
}
REFERENCE = {
    **dict(enumerate([0] * 19 + [1])),
    **dict(enumerate(identity_words(), 200)),
    12: 250,
}


def wire_to(*devices: Callable[[bytes], Sent]) -> ReadOnlyWire:
    line = ProbedLine({SETTING: devices})
    line.opener(SETTING)
    wire = serial_wire(line, "modbus", SETTING, PROFILES, line.when)
    wire.tap.open()
    return wire


def test_a_controller_is_known_by_its_registers() -> None:
    found = fits(PROFILES, "modbus", 1, wire_to(Slave(1, EUROTHERM)))
    assert [(each.profile.device, each.grade) for each in found] == [
        ("eurotherm_3200", Grade.LIKELY)
    ]


def test_a_device_that_says_its_name_is_known_for_sure() -> None:
    best, *_ = fits(PROFILES, "modbus", 1, wire_to(Slave(1, REFERENCE)))
    assert (best.profile.device, best.grade) == ("reference_press_plc", Grade.SURE)


def test_nothing_fits_a_device_that_has_every_register_and_zeros_in_them() -> None:
    everything = dict.fromkeys(range(0x10000), 0)
    assert fits(PROFILES, "modbus", 1, wire_to(Slave(1, everything))) == ()


def test_nothing_fits_a_device_that_is_silent() -> None:
    assert fits(PROFILES, "modbus", 1, wire_to()) == ()


@pytest.mark.parametrize(
    ("changes", "grade", "remark"),
    [
        ({}, Grade.SURE, ""),
        ({"name": "OTHER"}, None, ""),
        ({"unit_code": 30}, Grade.SURE, "unit_code is 30 and should be 15"),
        ({"division": 0x0901, "version": 0x0901}, Grade.SURE, "version is 9"),
    ],
)
def test_what_is_strange_is_told(changes: dict[str, Raw], grade: Grade | None, remark: str) -> None:
    found = judged(PROFILE, {**FINE, **changes})
    assert (found.grade if found else None) is grade
    assert found is None or found.remark.startswith(remark)


def test_a_profile_without_a_name_fits_less_if_something_is_strange() -> None:
    anonymous = PROFILE.model_copy(update={"checks": ()})
    fine = judged(anonymous, dict(FINE))
    strange = judged(anonymous, {**FINE, "level": 65531})
    assert fine is not None and fine.grade is Grade.LIKELY
    assert strange is not None and strange.grade is Grade.POSSIBLE
