"""Press profiles whose parts fit together and that are refused because they would be dangerous."""

from pathlib import Path

import pytest

from stackpress_py.devices.press.loading import known_profiles, load_profile
from stackpress_py.documents import DocumentError
from unit.devices.press.two_buses import AXIS, CONTROLLER, PRESS

CYCLE = "read: false, write: {when: cycle}"
CHANGE = "read: false, write: {when: change}"


def load(folder: Path, press: str = PRESS, axis: str = AXIS, controller: str = CONTROLLER) -> None:
    (folder / "axis.yaml").write_text(axis)
    (folder / "controller.yaml").write_text(controller)
    (folder / "press.yaml").write_text(press)
    load_profile(str(folder / "press.yaml"))


def test_the_press_of_two_buses_and_all_that_are_shipped_are_fine(tmp_path: Path) -> None:
    load(tmp_path)
    for name in known_profiles():
        load_profile(name)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "devices:\n  axis: {profile: ./axis.yaml, bus: main, unit: 1}",
            "devices:\n  axis: {profile: ./axis.yaml, bus: main, unit: 1, every: 30 s}",
            "devices.axis.every: with the age at which commands end .0.16 s. a command could stay",
        ),
        (
            "unit: 1, every: 0.5 s",
            "unit: 1, every: 10 s",
            "devices.upper.every: .*10.45 s; allowed",
        ),
        ("rate: 50 Hz, lost_after: 200 ms", "rate: 4 Hz, lost_after: 1 s", "must be 5 Hz at least"),
        ("lost_after: 200 ms", "lost_after: 60 min", "cycle.lost_after: found '60 min'"),
        ("  upper_temperature: upper.temperature\n", "", "needs signals.upper_temperature and"),
    ],
)
def test_a_dangerous_press_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PRESS
    with pytest.raises(DocumentError, match=message):
        load(tmp_path, press=PRESS.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (CYCLE, CHANGE, "axis.velocity keeps what was written to it: .* needs a `safe` sequence"),
        (
            "address: 0, type: f32, unit: N",
            "address: 0, type: f32, unit: N, every: 1 s",
            "old value",
        ),
        ("status: {address: 4,", "status: {address: 4, every: 60 s,", "guard_closed comes from"),
        ("unit: mm/s, read", "unit: mm/s, maximum: 4, read", "is above the velocity that"),
    ],
)
def test_a_dangerous_axis_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in AXIS
    with pytest.raises(DocumentError, match=message):
        load(tmp_path, axis=AXIS.replace(old, new))


def test_a_controller_that_keeps_its_set_point_is_refused(tmp_path: Path) -> None:
    safe = "safe: [{write: run, raw: 0}]\n"
    assert safe in CONTROLLER
    with pytest.raises(DocumentError, match="upper.target keeps what was written to it"):
        load(tmp_path, controller=CONTROLLER.replace(safe, ""))


def test_a_device_that_stands_still_only_when_it_is_cold_is_refused(tmp_path: Path) -> None:
    axis = AXIS + "safe: [{write: command, raw: 0}]\n"
    axis = axis.replace(
        "  status:", "  heat: {address: 20, write: {when: change}, unit: degC}\n  status:"
    )
    press = PRESS.replace(
        "upper: upper.target, lower: lower.target", "upper: axis.heat, lower: axis.heat"
    )
    with pytest.raises(DocumentError, match="devices.axis: both moves and heats"):
        load(tmp_path, press=press, axis=axis)
