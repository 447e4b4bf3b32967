"""Profiles of servo axes, frame by frame after the makers' manuals."""

import math

import pytest

from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.device.device import Wish
from unit.devices.device.bus_fakes import Rig


def moved(millimetres: float, speed: float) -> Wish:
    return Wish({"target": millimetres * 1e-3, "target_speed": speed * 1e-3}, active=True)


AZ_READ = [("01 03 007F 0001", "01 03 02 4020"), ("01 03 00CC 0002", "01 03 04 FFFF 9187")]
AZ_STOP = ("01 10 007C 0002 04 0000 0020", "01 10 007C 0002")


def test_an_az_moves_by_one_request_and_stands_by_its_stop_input() -> None:
    rig = Rig("oriental_az", "position", "status.moving")
    rig.identified(*AZ_READ)
    found = rig.exchanged(AZ_STOP, *AZ_READ)
    assert found["position"] == pytest.approx(-282.81e-3)
    assert found["status.moving"] == 0.0
    move = (
        "01 10 0058 0010 20"
        " 0000 0000 0000 0001 FFFF EC78 0000 0AF0 000F 4240 000F 4240 0000 03E8 0000 0001"
    )
    rig.exchanged(
        ("01 10 007C 0002 04 0000 0000", "01 10 007C 0002"),  # no input
        ("01 03 007F 0001", "01 03 02 4020"),  # ready
        (move, "01 10 0058 0010"),  # -50 mm at 28 mm/s
        *AZ_READ,
        wish=moved(-50.0, 28.0),
    )
    rig.exchanged(*AZ_READ, wish=moved(-50.0, 28.0))  # once is enough
    rig.exchanged(AZ_STOP, *AZ_READ)


def test_an_az_that_is_not_ready_does_not_get_its_movement() -> None:
    rig = Rig("oriental_az", "position")
    rig.identified(*AZ_READ)
    rig.exchanged(AZ_STOP, *AZ_READ)
    alarm = ("01 03 007F 0001", "01 03 02 0080")
    no_input = ("01 10 007C 0002 04 0000 0000", "01 10 007C 0002")
    found = rig.exchanged(no_input, alarm, alarm, AZ_READ[1], wish=moved(10.0, 5.0))
    assert found["status.alarm"] == 1.0
    assert not rig.device.confirmed.active


IAI_READ = "01 03 9000 0006"
IAI_HOME = (
    IAI_READ,
    "01 03 0C 0000 1388 0000 0000 0000 7018",
)  # 50 mm, servo on, homed, in position


def iai() -> Rig:
    rig = Rig("iai_rcp", "position")
    rig.identified(IAI_HOME, ("01 05 0427 FF00", "01 05 0427 FF00"))
    return rig


IAI_STOP = ("01 05 042C FF00", "01 05 042C FF00")


def test_the_published_movement_of_iai() -> None:
    """The manual's frame for PCMD 50 mm, INP 0.1 mm, VCMD 100 mm/s, ACMD 0.3 G, without push-motion."""
    rig = iai()
    assert rig.exchanged(IAI_STOP, IAI_HOME)["position"] == pytest.approx(0.05)
    rig.exchanged(
        ("01 03 9005 0001", "01 03 02 7018"),  # the servo is on
        ("01 03 9005 0001", "01 03 02 7018"),
        ("01 03 9005 0001", "01 03 02 7018"),
        ("01 10 9900 0007 0E 0000 1388 0000 000A 0000 2710 001E", "01 10 9900 0007"),
        IAI_HOME,
        wish=moved(50.0, 100.0),
    )
    rig.exchanged(IAI_STOP, IAI_HOME)


def test_iai_waits_for_its_servo_before_it_is_moved() -> None:
    rig = iai()
    rig.exchanged(IAI_STOP, IAI_HOME)
    off = ("01 03 9005 0001", "01 03 02 6018")
    rig.exchanged(off, ("01 05 0403 FF00", "01 05 0403 FF00"), off, IAI_HOME, wish=moved(1.0, 1.0))
    assert not rig.device.confirmed.active


def test_iai_tells_no_position_before_the_home_return_and_is_not_moved() -> None:
    rig = iai()
    lost = (IAI_READ, "01 03 0C 0000 1388 0000 0000 0000 7000")
    assert math.isnan(rig.exchanged(IAI_STOP, lost)["position"])
    status = ("01 03 9005 0001", "01 03 02 7000")
    for _ in range(2):
        rig.exchanged(status, status, status, lost, wish=moved(1.0, 1.0))
        rig.line.time += 4.0
    with pytest.raises(DeviceError, match=r"does not become ready: status\.homed has not been set"):
        rig.exchanged(status, status, status, wish=moved(1.0, 1.0))


def test_iais_faults_are_told() -> None:
    rig = iai()
    found = rig.exchanged(IAI_STOP, (IAI_READ, "01 03 0C 0000 1388 00E8 0000 0000 8410"))
    assert found["status.emergency_stop"] == found["status.major_failure"] == 1.0
    assert found["status.minor_failure"] == 0.0
