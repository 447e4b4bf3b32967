"""The driver's quirks of the Oriental Motor AZ."""

import pytest

from stackpress_py.sim.devices.oriental_az import OrientalAz, Settings
from unit.sim.devices.master import Master, RefusedError, bit

ABSOLUTE, RELATIVE, SPEED, PUSHING = 1, 2, 16, 20
#: One step is 6 um.
STEP = 6e-6


class Load:
    def __init__(self) -> None:
        self.force = 0.0

    def __call__(self) -> float:
        return self.force


@pytest.fixture
def load() -> Load:
    return Load()


def connected(load: Load, **settings: float) -> Master:
    given = {"step_um": 6.0, "stroke_mm": 100.0, "thrust_n": 1000.0, **settings}
    one = Master(OrientalAz(Settings(**given), load))  # type: ignore[arg-type]
    one.wait(0.1)
    return one


@pytest.fixture
def master(load: Load) -> Master:
    return connected(load)


def operate(
    master: Master, kind: int, position: int, speed: int = 2000, current: int = 1000, trigger: int = 1
) -> None:  # fmt: skip
    master.write_long(0x0058, 0, kind, position, speed, 1_000_000, 1_000_000, current, trigger)


def outputs(master: Master) -> int:
    return master.word(0x007F)


def test_an_absolute_move_in_one_telegram(master: Master) -> None:
    assert bit(outputs(master), 5)
    operate(master, ABSOLUTE, 5000)
    master.wait(1.0)
    assert bit(outputs(master), 13) and not bit(outputs(master), 5)
    assert 1000 < master.long(0x00CC) < 5000
    assert master.long(0x00D0) == pytest.approx(2000, abs=1)
    master.wait(3.0)
    assert master.long(0x00CC) == 5000 == master.long(0x0120) == master.long(0x0122)
    assert bit(outputs(master), 14) and bit(outputs(master), 5) and not bit(outputs(master), 13)


def test_without_the_trigger_nothing_moves(master: Master) -> None:
    operate(master, ABSOLUTE, 5000, trigger=0)
    master.wait(0.5)
    assert master.long(0x00CC) == 0
    master.write_long(0x0066, 1)
    master.wait(4.0)
    assert master.long(0x00CC) == 5000


def test_a_relative_move_and_the_way_back(master: Master) -> None:
    operate(master, ABSOLUTE, 1000)
    master.wait(2.0)
    operate(master, RELATIVE, -400)
    master.wait(2.0)
    assert master.long(0x00CC) == 600


def test_a_speed_and_a_stop(master: Master) -> None:
    operate(master, SPEED, 0, speed=1000)
    master.wait(1.0)
    master.write_long(0x007C, 1 << 5)
    master.wait(0.5)
    assert not bit(outputs(master), 13)
    assert master.long(0x00CC) == pytest.approx(1000, abs=20)
    operate(master, SPEED, 0, speed=-1000)
    master.wait(0.2)
    assert not bit(outputs(master), 13), "the stop is still on"
    master.write_long(0x007C, 0)
    operate(master, SPEED, 0, speed=-1000)
    master.wait(0.5)
    assert master.long(0x00D0) == pytest.approx(-1000, abs=1)


def test_a_pulse_switches_itself_off(master: Master) -> None:
    operate(master, SPEED, 0, speed=1000)
    master.wait(0.2)
    master.write_long(0x0078, 1 << 5)
    master.wait(0.2)
    assert master.long(0x00D0) == 0 and master.long(0x007C) == 0
    operate(master, SPEED, 0, speed=1000)
    master.wait(0.2)
    assert master.long(0x00D0) > 0


def test_free_lets_go(master: Master) -> None:
    operate(master, SPEED, 0, speed=1000)
    master.wait(0.2)
    master.write_long(0x007C, 1 << 6)
    assert not bit(outputs(master), 5)
    assert master.long(0x00D0) == 0


def test_the_torque_is_in_tenths_of_a_percent(master: Master, load: Load) -> None:
    load.force = 250.0
    assert master.long(0x00D6) == 250


def test_a_load_beyond_the_current_is_an_alarm(master: Master, load: Load) -> None:
    operate(master, ABSOLUTE, 5000, current=300)
    master.wait(0.5)
    load.force = 310.0
    master.wait(0.1)
    assert bit(outputs(master), 7) and master.long(0x0080) == 0x10
    stood = master.long(0x00CC)
    operate(master, ABSOLUTE, 5000)
    master.wait(0.5)
    assert master.long(0x00CC) == stood, "an alarm keeps it from moving"
    load.force = 0.0
    master.write_long(0x0180, 1)
    assert master.long(0x0080) == 0 and bit(outputs(master), 5)


def test_an_alarm_is_reset_by_an_input_as_well(master: Master) -> None:
    master.device.switches()["deviation"](True)
    assert master.long(0x0080) == 0x10
    master.write_long(0x007C, 1 << 7)
    assert master.long(0x0080) == 0


def test_a_push_stops_at_its_current(load: Load) -> None:
    master = connected(load)
    operate(master, PUSHING, 5000, current=300)
    master.wait(0.2)
    load.force = 300.0
    master.wait(0.2)
    assert bit(outputs(master), 15) and not bit(outputs(master), 7)
    assert not bit(outputs(master), 13)


def test_a_silent_master_is_an_alarm(load: Load) -> None:
    master = connected(load, watchdog_ms=200.0)
    operate(master, SPEED, 0, speed=1000)
    for _ in range(5):
        master.wait(0.1)
        assert master.long(0x0080) == 0
    master.wait(0.3)
    assert master.long(0x0080) == 0x85 and master.long(0x00D0) == 0


def test_read_and_write_in_one(master: Master) -> None:
    data = bytes.fromhex("007F 0001 007C 0002 04 00000000")
    assert len(master.ask(23, data)) == 3


@pytest.mark.parametrize(("address", "value"), [(0x0064, 1001), (0x005A, 99), (0x0066, 2)])
def test_refusals(master: Master, address: int, value: int) -> None:
    with pytest.raises(RefusedError, match="exception 3"):
        master.write_long(address, value)
