"""The manual's quirks of the IAI ROBO Cylinder controllers."""

from collections.abc import Callable

import pytest

from stackpress_py.sim.devices.iai_rcp import IaiRcp, Settings
from unit.sim.devices.master import Master, bit

SERVO, RESET, PAUSE, HOME, JOG_PLUS, BY_MASTER, STOP = (
    0x0403, 0x0407, 0x040A, 0x040B, 0x0416, 0x0427, 0x042C,
)  # fmt: skip
PUSH, REVERSE, RELATIVE = 2, 4, 8


def connected(force: Callable[[], float] = lambda: 0.0, **settings: object) -> Master:
    given = {"stroke_mm": 100.0, "speed_limit_mm_s": 200.0, "thrust_n": 1000.0, **settings}
    one = Master(IaiRcp(Settings(**given), force))  # type: ignore[arg-type]
    one.wait(0.1)
    return one


def ready(force: Callable[[], float] = lambda: 0.0, **settings: object) -> Master:
    """Return a controller with servo on and homed."""
    master = connected(force, **settings)
    master.coil(SERVO, True)
    master.wait(0.1)
    master.coil(HOME, True)
    master.wait(1.0)
    return master


def go(
    master: Master, position: int, band: int = 10, speed: int = 5000, push: int = 0, flags: int = 0
) -> None:
    """Write the numerical command: 0.01 mm, 0.01 mm/s, 0.3 G."""
    words = [position >> 16, position, 0, band, 0, speed, 30, push, flags]
    master.write(0x9900, *(word & 0xFFFF for word in words))


def dss1(master: Master) -> int:
    return master.word(0x9005)


def position(master: Master) -> int:
    return master.long(0x9000)


def test_it_moves_only_with_servo_and_homed() -> None:
    master = connected()
    assert not bit(dss1(master), 12) and not bit(dss1(master), 4)
    go(master, 5000)
    assert master.word(0x9002) == 0x80 and bit(dss1(master), 10)
    master.coil(RESET, True)
    master.coil(SERVO, True)
    assert not bit(dss1(master), 12), "the servo takes a moment"
    master.wait(0.05)
    assert bit(dss1(master), 12) and master.word(0x9002) == 0
    go(master, 5000)
    assert master.word(0x9002) == 0x83
    assert position(master) == 0


def test_homing_and_a_move() -> None:
    master = ready(start_mm=10.0)
    assert bit(dss1(master), 4) and position(master) == 0
    go(master, 5000)
    assert bit(master.word(0x9007), 5) and not bit(dss1(master), 3)
    master.wait(2.0)
    assert position(master) == 5000 and bit(dss1(master), 3)
    assert not bit(master.word(0x9007), 5)


def test_an_absolute_encoder_needs_no_homing() -> None:
    master = connected(homed=True)
    master.coil(SERVO, True)
    master.wait(0.1)
    go(master, 1000)
    master.wait(1.0)
    assert position(master) == 1000


def test_the_target_alone_moves_and_the_band_alone_does_not() -> None:
    master = ready()
    go(master, 1000, speed=2000)
    master.wait(2.0)
    master.write_long(0x9900, 2000)
    master.wait(0.2)
    assert master.long(0x900A) == pytest.approx(2000, abs=1)
    master.wait(2.0)
    assert position(master) == 2000
    master.write_long(0x9902, 50)
    assert not bit(master.word(0x9007), 5)


def test_a_target_beyond_the_soft_limit_is_moved_inside() -> None:
    master = ready()
    go(master, 12_000, speed=20_000)
    master.wait(3.0)
    assert position(master) == 9980


def test_a_relative_move() -> None:
    master = ready()
    go(master, 1000)
    master.wait(1.0)
    go(master, 500, flags=RELATIVE)
    master.wait(1.0)
    assert position(master) == 1500
    # The flags have fallen back: the same target is absolute now.
    go(master, 500)
    master.wait(1.0)
    assert position(master) == 500


def test_too_fast_is_an_alarm_that_takes_the_servo() -> None:
    master = ready()
    go(master, 1000, speed=20_001)
    assert master.word(0x9002) == 0xA3 and not bit(dss1(master), 12)
    master.coil(RESET, True)
    master.wait(0.1)
    assert bit(dss1(master), 12) and master.word(0x9002) == 0


class Spring:
    """A work piece of 1 kN/mm from 30 mm on."""

    def __init__(self) -> None:
        self.device: IaiRcp | None = None

    def __call__(self) -> float:
        if self.device is None:
            return 0.0
        return max(0.0, self.device.axis.mover.position - 0.030) * 1e6


def pressing() -> Master:
    spring = Spring()
    master = ready(spring)
    assert isinstance(master.device, IaiRcp)
    spring.device = master.device
    go(master, 2900, band=300, push=127, flags=PUSH)
    master.wait(1.0)
    return master


def test_a_push_stops_at_its_current() -> None:
    master = pressing()
    master.wait(6.0)
    status = dss1(master)
    assert bit(status, 3) and not bit(status, 11)
    assert bit(master.word(0x9006), 12) and bit(master.word(0x9007), 10)
    # 127 of 255 of 1000 N on 1 kN/mm; 4 A at the full force.
    assert position(master) == pytest.approx(3000 + 49.8, abs=2)
    assert master.long(0x900C) == pytest.approx(4000 * 0.498, rel=0.05)


def test_the_force_of_a_push_can_be_changed() -> None:
    """The manual's example 7 has a push in reverse; forward it is 0002h."""
    master = pressing()
    master.wait(4.0)
    master.write(0x9907, 64, PUSH)
    master.wait(8.0)
    assert position(master) == pytest.approx(3000 + 25.1, abs=2)


def test_a_push_into_the_void_is_missed_work() -> None:
    master = ready()
    go(master, 1000, band=300, push=200, flags=PUSH)
    master.wait(8.0)
    assert bit(dss1(master), 11) and bit(dss1(master), 3)
    assert position(master) == 1300
    go(master, 1000)
    master.wait(1.0)
    assert bit(dss1(master), 11), "other commands do not change it"
    go(master, 1000, band=300, push=200, flags=PUSH | REVERSE)
    assert not bit(dss1(master), 11)
    master.wait(8.0)
    assert position(master) == 700


def test_stop_forgets_and_pause_goes_on() -> None:
    master = ready()
    go(master, 5000)
    master.wait(0.3)
    master.coil(STOP, True)
    master.wait(0.5)
    stood = position(master)
    assert stood < 5000 and not bit(master.word(0x9007), 5)
    assert master.bits(STOP) == [False]
    master.wait(1.0)
    assert position(master) == stood
    go(master, 5000)
    master.wait(0.2)
    master.coil(PAUSE, True)
    master.wait(0.5)
    assert bit(dss1(master), 5) and position(master) < 5000
    master.coil(PAUSE, False)
    master.wait(2.0)
    assert position(master) == 5000


def test_servo_off_stops_at_once() -> None:
    master = ready()
    go(master, 5000)
    master.wait(0.3)
    master.coil(SERVO, False)
    stood = position(master)
    master.wait(0.5)
    assert position(master) == stood and not bit(dss1(master), 12)


def test_the_emergency_stop() -> None:
    master = ready()
    go(master, 5000)
    master.wait(0.3)
    master.device.switches()["estop"](True)
    stood = position(master)
    master.wait(0.3)
    assert position(master) == stood
    assert bit(dss1(master), 15) and not bit(dss1(master), 12)
    master.device.switches()["estop"](False)
    master.wait(0.1)
    assert not bit(dss1(master), 15) and bit(dss1(master), 12)
    assert position(master) == stood, "nothing of the old command is left"


def test_jogging_lasts_as_long_as_the_coil() -> None:
    master = ready()
    master.coil(JOG_PLUS, True)
    master.wait(1.0)
    assert master.long(0x900A) == pytest.approx(3000, abs=1)
    master.coil(JOG_PLUS, False)
    master.wait(0.5)
    assert 2500 < position(master) < 3500 and master.long(0x900A) == 0


def test_with_pio_the_master_must_take_over() -> None:
    master = connected(pio=True, homed=True)
    master.coil(SERVO, True)
    master.wait(0.1)
    assert not bit(dss1(master), 12)
    master.coil(BY_MASTER, True)
    master.coil(SERVO, True)
    master.wait(0.1)
    assert bit(dss1(master), 12) and bit(master.word(0x9007), 8)
    go(master, 1000)
    master.wait(1.0)
    assert position(master) == 1000


def test_status_bits_can_be_read_one_by_one() -> None:
    master = ready()
    word = dss1(master)
    for function in (1, 2):
        bits = master.bits(0x0100, 16, function)
        assert bits == [bit(word, 15 - number) for number in range(16)]


def test_control_bits_as_a_register() -> None:
    """Frames of the manual, p. 159: servo on with 1000h, start with 1008h."""
    master = connected()
    assert master.frame(bytes.fromhex("06 0D00 1000")) == bytes.fromhex("06 0D00 1000")
    master.wait(0.1)
    assert bit(dss1(master), 12)
    assert master.bits(SERVO) == [True] and master.word(0x0D00) == 0x1000


def test_a_frame_of_the_manual() -> None:
    """Example 7, p. 176: push current 70 % to 50 %."""
    master = ready()
    request = bytes.fromhex("01 10 9907 0002 04 007F 0006 C5C5")
    assert master.device.answer(request, master.now) == bytes.fromhex("01 10 9907 0002 DE95")
    assert master.word(0x9907) == 0x7F
