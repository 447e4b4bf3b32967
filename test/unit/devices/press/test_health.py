"""What an operator is told of devices, memories, calibrations and unproved profiles."""

import datetime
import re
from pathlib import Path

import pytest

from stackpress_py.devices.press.bus_loop import DeviceState
from stackpress_py.devices.press.health import (
    calibration_problems,
    device_health,
    unproved,
    wear,
    worn,
)
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.paths import config
from unit.devices.press.two_buses import write_profiles

TODAY = datetime.date(2026, 6, 1)
RECORD = "calibration: {date: 2026-01-01, expires: EXPIRES, certificate: LAB-7}"


def calibrated(folder: Path, expires: str) -> PressProfile:
    text = config("presses", "reference_plc.yaml").read_text()
    text = text.replace("../control", str(config("control")))
    for name in ("low", "high"):
        source = f"    source: plc.force_{name}\n"
        assert source in text
        text = text.replace(source, f"{source}    {RECORD.replace('EXPIRES', expires)}\n")
    path = folder / "press.yaml"
    path.write_text(text)
    return load_profile(str(path))


@pytest.mark.parametrize(
    ("expires", "message"),
    [
        ("2027-01-01", None),
        ("2026-06-20", "the calibration of force_low expires on 2026-06-20"),
        ("2026-05-31", r"the calibration of force_low expired on 2026-05-31 \(LAB-7\)"),
    ],
)
def test_calibrations(tmp_path: Path, expires: str, message: str | None) -> None:
    found = list(calibration_problems(calibrated(tmp_path, expires), TODAY))
    assert len(found) == (2 if message else 0)
    if message:
        assert any(re.search(message, text) for text in found)


def test_a_sensor_without_a_calibration_is_named() -> None:
    found = list(calibration_problems(load_profile("reference_plc"), TODAY))
    assert found[0].startswith("force_low has no calibration on record")


def test_devices_and_memories(tmp_path: Path) -> None:
    states = {
        "a": DeviceState(problem="unit 1 does not answer"),
        "b": DeviceState(not_taken=("b: target holds 0 after 80 was written",)),
        "c": DeviceState(),
    }
    assert device_health(states) == {
        "a": "unit 1 does not answer",
        "b": "b: target holds 0 after 80 was written",
        "c": "answers",
    }
    profile = load_profile("servo_press")
    writes = {"upper.local_target": 50_001, "upper.target": 9_999_999}
    assert wear(profile, writes) == {"upper.local_target": "50001 of 100000 writes"}
    assert list(worn(profile, writes)) == [
        "upper.local_target was written 50001 times; its memory survives 100000"
    ]


def test_what_no_hardware_has_proved_is_said(tmp_path: Path) -> None:
    text = unproved(load_profile("servo_press"))
    assert "press servo_press (simulated), laumas_tlb (manual_faithful)" in text
    proved = write_profiles(tmp_path)
    assert unproved(proved).startswith("not proved on hardware yet: press two_buses (simulated)")
