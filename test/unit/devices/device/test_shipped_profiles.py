"""The device profiles that come with Stackpress, frame by frame after the makers' manuals."""

import pytest

from stackpress_py.devices.device.profile import known_devices, load_device


def test_there_is_a_profile_for_each_device_that_is_promised() -> None:
    assert set(known_devices()) >= {
        "arduino_scale",
        "autonics_tk",
        "delta_dtb",
        "eurotherm_3200",
        "flintec_dad141",
        "iai_rcp",
        "laumas_tlb",
        "mt_sics",
        "omron_e5c",
        "oriental_az",
        "pavone_dat",
        "reference_press_plc",
        "seneca_zsg",
        "thyracont_smartline",
        "watlow_ezzone_pm",
        "yudian_ai",
        "yudian_ai_v7",
    }


@pytest.mark.parametrize("name", known_devices())
def test_every_profile_says_how_far_it_is_proved(name: str) -> None:
    profile = load_device(name)
    assert profile.device == name
    assert profile.verification.level in ("simulated", "manual_faithful")
    assert profile.line is not None


@pytest.mark.parametrize("name", known_devices())
def test_values_of_one_kind_have_one_name(name: str) -> None:
    """Press profiles read alike, whatever the device is."""
    units = {
        "temperature": "degC",
        "working_target": "degC",
        "output": "%",
        "position": "mm",
        "velocity": "mm/s",
        "target_speed": "mm/s",
    }
    for point, unit in units.items():
        found = load_device(name).all_points().get(point)
        assert found is None or found.unit == unit
