"""Commands and loads of presses that are moved and measured in other ways than the reference press."""

import math
from pathlib import Path

import pytest

from stackpress_py.devices.press.command import (
    ForceTarget,
    Heat,
    Motion,
    PressCommand,
    PumpAndValve,
    Velocity,
)
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.reading import fault_bits
from stackpress_py.devices.press.wiring import Wiring
from stackpress_py.documents import DocumentError
from unit.devices.press.two_buses import AXIS, CONTROLLER, PRESS

HYDRAULICS = """
device: hydraulics
description: A pump, a valve and a force loop of its own
protocol: modbus
verification: {level: simulated, source: this test}
timing: {reply_latency: 10 ms}
modbus: {functions: [3, 6, 16]}
points:
  force: {address: 0, type: f32}
  pressure: {address: 2, type: f32, unit: bar}
  position: {address: 4, type: f32, unit: mm}
  status: {address: 6, bits: {guard_open: 0}}
  pump: {address: 10, read: false, bits: {run: 0}, write: {when: cycle}}
  valve: {address: 11, scale: 0.1, unit: "%", read: false, write: {when: cycle}}
  force_target: {address: 12, type: f32, unit: kN, read: false, write: {when: cycle}}
  force_rate: {address: 14, type: f32, unit: kN/s, read: false, write: {when: cycle}}
"""
MOVED = "actuation: {by: velocity, velocity: axis.velocity, enable: axis.command.enable}"


def wired(folder: Path, *changes: tuple[str, str]) -> Wiring:
    return Wiring(changed(folder, *changes))


def changed(folder: Path, *changes: tuple[str, str]) -> PressProfile:
    """The press of two buses with another axis."""
    (folder / "axis.yaml").write_text(AXIS)
    (folder / "hydraulics.yaml").write_text(HYDRAULICS)
    (folder / "controller.yaml").write_text(CONTROLLER)
    text = PRESS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (folder / "press.yaml").write_text(text)
    return load_profile(str(folder / "press.yaml"))


OTHER_AXIS = (
    ("profile: ./axis.yaml", "profile: ./hydraulics.yaml"),
    ("guard_closed: axis.status.guard", "guard_closed: not axis.status.guard_open"),
    ("  estop_released: not axis.status.emergency_stop\n", ""),
    ("commands: {lock: axis.command.lock, unlock: axis.command.unlock}", "commands: {}"),
    ("source: axis.force,", "source: axis.force, unit: kN,"),
)


def moved(wiring: Wiring, motion: Motion | None) -> dict[str, float]:
    return dict(wiring.wishes(PressCommand(motion))["axis"].values)


def test_pump_and_valve(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path,
        *OTHER_AXIS,
        (MOVED, "actuation: {by: pump_and_valve, pump: axis.pump.run, valve: axis.valve}"),
    )
    assert moved(wiring, PumpAndValve(1.0, 0.25)) == {"pump.run": 1.0, "valve": 0.25}
    assert wiring.wishes(PressCommand(PumpAndValve(0.0, 0.0)))["axis"].active
    assert moved(wiring, None) == {}
    for motion in (PumpAndValve(1.1, 0.0), PumpAndValve(0.0, -0.1), PumpAndValve(math.nan, 0.0)):
        with pytest.raises(ValueError, match="allowed are 0 to 1"):
            moved(wiring, motion)


def test_force_set_point(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path,
        *OTHER_AXIS,
        (MOVED, "actuation: {by: force, force: axis.force_target, rate: axis.force_rate}"),
    )
    assert moved(wiring, ForceTarget(8370.0, 500.0)) == {
        "force_target": 8370.0,
        "force_rate": 500.0,
    }
    for motion in (ForceTarget(10_001.0, 500.0), ForceTarget(-1.0, 1.0), ForceTarget(1.0, 0.0)):
        with pytest.raises(ValueError, match="allowed are 0 to 10000"):
            moved(wiring, motion)


def test_a_positioner_is_sent_to_the_end_of_its_travel_at_a_speed() -> None:
    wiring = Wiring(load_profile("servo_press"))

    def sent(velocity: float) -> dict[str, float]:
        return dict(wiring.wishes(PressCommand(Velocity(velocity)))["ram"].values)

    assert sent(0.002) == {"target": 0.06, "target_speed": 0.002}
    assert sent(-0.002) == {"target": 0.0, "target_speed": 0.002}
    assert sent(6e-6) == {"target": 0.06, "target_speed": pytest.approx(1e-5)}, "its slowest"
    for velocity in (0.0, 4e-6, -4e-6):
        assert sent(velocity) == {}
        wish = wiring.wishes(PressCommand(Velocity(velocity)))["ram"]
        assert not wish.active, "it stands still through its safe sequence"


def test_heat_reaches_controllers_only_when_it_is_wanted() -> None:
    wiring = Wiring(load_profile("servo_press"))
    wishes = wiring.wishes(PressCommand(heat=Heat(80.0, 90.0)))
    assert dict(wishes["upper"].values) == {"target": 80.0}
    assert dict(wishes["lower"].values) == {"target": 90.0}
    assert [name for name, wish in wishes.items() if wish.active] == ["upper", "lower"]
    assert not any(wish.active for wish in wiring.wishes(PressCommand()).values())


def test_a_unit_that_the_device_does_not_know(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path,
        *OTHER_AXIS,
        (MOVED, "actuation: {by: pump_and_valve, pump: axis.pump.run, valve: axis.valve}"),
    )
    axis = {"force": 8.37, "position": 0.02, "status.guard_open": 1.0}
    reading = wiring.reading({"axis": axis})
    assert reading.forces == (pytest.approx(8370.0),)
    assert not reading.guard_closed
    assert not wiring.reading({}).guard_closed, "what is not heard is not closed"


def test_a_force_through_the_area_of_a_piston(tmp_path: Path) -> None:
    wiring = wired(
        tmp_path,
        *OTHER_AXIS,
        ("source: axis.force, unit: kN,", "source: axis.pressure, area: 2827 mm^2,"),
        (MOVED, "actuation: {by: hand}"),
    )
    reading = wiring.reading({"axis": {"pressure": 3e6}})
    assert reading.forces == (pytest.approx(8481.0),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("unit: kN,", "unit: mm,", "needs a force"),
        ("unit: kN,", "unit: kNN,", "the unit 'kNN' is not known"),
        ("unit: kN, ", "", "needs a force: say in which `unit` it is read"),
        ("axis.force, unit: kN", "axis.pressure", "give the `area` of the piston"),
        ("axis.force, unit: kN", "axis.position, unit: kN", "has the unit 'mm': leave `unit` out"),
    ],
)
def test_a_force_whose_unit_nobody_knows_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(DocumentError, match=message):
        changed(tmp_path, *OTHER_AXIS, (MOVED, "actuation: {by: hand}"), (old, new))


def test_faults_of_several_devices_keep_their_own_bits() -> None:
    wiring = Wiring(load_profile("servo_press"))
    known = wiring.fault_names
    assert len(known) == len(set(known))
    broken = {"status.sensor_break": 1.0}
    reading = wiring.reading({"upper": broken, "lower": broken})
    assert reading.faults == ("upper.status.sensor_break", "lower.status.sensor_break")
    bits = fault_bits(reading.faults, known)
    assert [known[bit] for bit in range(32) if bits >> bit & 1] == list(reading.faults)
    assert fault_bits(["f40"], [f"f{n}" for n in range(50)]) == 0, "only 32 have a bit"
