"""docs/reference_press_plc.md, row by row."""

import math
import struct
from collections.abc import Callable
from dataclasses import replace

import pytest

from stackpress_py.sim.modbus_slave import RefusalError
from stackpress_py.sim.plant import Command, Plant
from stackpress_py.sim.plc import Plc
from stackpress_py.sim.registers import Registers
from unit.sim.plants import REFERENCE

MOTION, HEATING, RESET, LOCK, UNLOCK = (1 << bit for bit in range(5))


class Bench:
    """A PLC with a master that keeps its heart beating."""

    def __init__(self, plant: Plant | None = None) -> None:
        self.plc = Plc(plant or Plant(REFERENCE))
        self.plant = self.plc.plant
        self.registers = Registers(self.plc)
        self._beat = 0

    def write(
        self, command: int, velocity_mm_s: float = 0.0, powers: tuple[int, int] = (0, 0)
    ) -> None:
        self._beat = (self._beat + 1) & 0xFFFF
        words = struct.unpack(">2H", struct.pack(">f", velocity_mm_s))
        power_words = [power & 0xFFFF for power in powers]
        self.registers.write(100, [self._beat, command, *words, *power_words, 0, 0])

    def run(self, seconds: float, command: int = 0, velocity: float = 0.0,
            powers: tuple[int, int] = (0, 0)) -> None:  # fmt: skip
        for _ in range(round(seconds / 0.02)):
            self.write(command, velocity, powers)
            self.plc.advance(0.02)

    def word(self, address: int) -> int:
        return self.registers.read(address, 1)[0]

    def number(self, address: int) -> float:
        value: float = struct.unpack(">f", struct.pack(">2H", *self.registers.read(address, 2)))[0]
        return value

    def status(self, bit: int) -> bool:
        return bool(self.word(2) >> bit & 1)

    def fault(self, bit: int) -> bool:
        return bool(self.word(3) >> bit & 1)

    def reset(self) -> None:
        self.write(0)
        self.write(RESET)
        self.write(0)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


# ---- read block ----------------------------------------------------------------------------------


def test_0_heartbeat_echo(bench: Bench) -> None:
    bench.registers.write(100, [4711])
    assert bench.word(0) == 4711


def test_1_sequence_counts_scans_of_a_millisecond_and_wraps(bench: Bench) -> None:
    bench.plc.advance(0.5)
    assert bench.word(1) == 500
    bench.plant.time = 66.0
    assert bench.word(1) == 66_000 - 65_536


def test_4_to_7_forces(bench: Bench) -> None:
    assert bench.number(4) == pytest.approx(0.0, abs=20.0)
    assert bench.number(6) == pytest.approx(0.0, abs=0.6)


def test_8_to_11_position_and_velocity(bench: Bench) -> None:
    bench.run(1.0, MOTION, 5.0)
    assert bench.number(8) == pytest.approx(5.0, abs=0.2)
    assert bench.number(10) == pytest.approx(5.0, rel=0.02)


def test_12_to_14_temperatures_in_tenths(bench: Bench) -> None:
    assert signed(bench.word(12)) == pytest.approx(253, abs=3)
    assert signed(bench.word(13)) == pytest.approx(248, abs=3)
    assert signed(bench.word(14)) == pytest.approx(252, abs=3)
    bench.plant.upper_thermometer.open = True
    bench.plant.frame_thermometer.open = True
    assert (bench.word(12), bench.word(14)) == (0x8000, 0x8000)


def test_15_and_16_outputs_are_what_is_given(bench: Bench) -> None:
    bench.run(0.1, HEATING, powers=(2500, -10_000))
    assert (signed(bench.word(15)), signed(bench.word(16))) == (2500, -10_000)
    bench.run(0.1, 0, powers=(2500, -10_000))
    assert (bench.word(15), bench.word(16)) == (0, 0)


def test_17_watchdog_left(bench: Bench) -> None:
    assert bench.word(17) == 250
    bench.write(MOTION)
    bench.plc.advance(0.1)
    assert bench.word(17) == pytest.approx(150, abs=1)


def test_18_and_19(bench: Bench) -> None:
    assert bench.registers.read(18, 2) == [0, 1]


# ---- status bits ---------------------------------------------------------------------------------


def test_status_at_power_up(bench: Bench) -> None:
    seen = {bit for bit in range(16) if bench.status(bit)}
    assert seen == {0, 3, 4, 5}


def test_status_0_ready_and_1_motion_enabled(bench: Bench) -> None:
    bench.write(MOTION)
    assert bench.status(0) and bench.status(1)
    bench.plc.estop_closed = False
    bench.plc.advance(0.01)
    assert not bench.status(0) and not bench.status(1)


def test_status_2_moving_and_5_open_end(bench: Bench) -> None:
    assert bench.status(5)
    bench.run(0.2, MOTION, 1.0)
    assert bench.status(2) and not bench.status(5)
    bench.run(0.2, MOTION, 0.0)
    assert not bench.status(2)


def test_status_3_guard_and_4_emergency_stop(bench: Bench) -> None:
    bench.plc.guard_closed = False
    assert not bench.status(3) and bench.status(4)
    bench.plc.estop_closed = False
    assert not bench.status(4)


def test_status_6_closed_end() -> None:
    press = replace(REFERENCE.press, travel_mm=51.0, die_bottom_mm=50.9)
    bench = Bench(Plant(replace(REFERENCE, press=press)))
    bench.plant.step(5.05, Command(velocity=10e-3))
    assert not bench.status(6)
    bench.plant.step(0.12, Command(velocity=10e-3))
    assert bench.status(6)


def test_status_7_part_present(bench: Bench) -> None:
    bench.plant.place()
    assert bench.status(7)


def test_status_9_heating_enabled(bench: Bench) -> None:
    bench.write(HEATING)
    assert bench.status(9) and not bench.status(1)


# ---- faults --------------------------------------------------------------------------------------


def assert_trips(bench: Bench, bit: int, cause: Callable[[bool], None], heating_off: bool) -> None:
    """A fault stops the ram, stays after its cause, refuses a reset before, and yields to one after."""
    powers = (1000, 1000)
    bench.run(0.2, MOTION | HEATING, 2.0, powers)
    cause(True)
    bench.run(0.2, MOTION | HEATING, 2.0, powers)
    assert bench.fault(bit) and not bench.status(0) and not bench.status(1) and not bench.status(2)
    assert bench.status(9) is not heating_off
    bench.reset()
    assert bench.fault(bit)
    cause(False)
    bench.plc.advance(0.1)
    assert bench.fault(bit)
    bench.reset()
    assert bench.word(3) == 0 and bench.status(0)


def test_fault_0_watchdog_after_250_ms(bench: Bench) -> None:
    bench.run(0.5, MOTION | HEATING, 2.0, (1000, 1000))
    bench.plc.advance(0.224)
    assert bench.status(1) and bench.status(2) and not bench.fault(0)
    bench.plc.advance(0.030)
    assert bench.fault(0) and not bench.status(1) and not bench.status(9)
    assert (bench.word(15), bench.word(17)) == (0, 0)
    bench.plc.advance(0.1)
    assert not bench.status(2)


def test_fault_0_only_a_changed_heartbeat_feeds_the_watchdog(bench: Bench) -> None:
    bench.write(MOTION)
    same = bench.word(100)
    for _ in range(20):
        bench.registers.write(100, [same, MOTION])
        bench.plc.advance(0.02)
    assert bench.fault(0)
    bench.registers.write(101, [0])
    bench.registers.write(101, [RESET])
    assert bench.fault(0), "its cause, the silent heart, is not gone"
    bench.write(0)
    bench.write(RESET)
    assert not bench.fault(0)


def test_fault_0_silence_is_no_fault_while_nothing_is_enabled(bench: Bench) -> None:
    bench.write(0)
    bench.plc.advance(10.0)
    assert bench.word(3) == 0
    bench.write(HEATING)
    bench.plc.advance(0.2)
    assert bench.word(3) == 0
    bench.plc.advance(0.1)
    assert bench.fault(0)


def test_fault_1_guard(bench: Bench) -> None:
    def guard(opened: bool) -> None:
        bench.plc.guard_closed = not opened

    assert_trips(bench, 1, guard, heating_off=False)


def test_fault_1_not_while_motion_is_disabled(bench: Bench) -> None:
    bench.plc.guard_closed = False
    bench.run(0.1, HEATING)
    assert bench.word(3) == 0


def test_fault_2_emergency_stop(bench: Bench) -> None:
    def stop(pressed: bool) -> None:
        bench.plc.estop_closed = not pressed

    assert_trips(bench, 2, stop, heating_off=True)


def test_fault_3_force_limit() -> None:
    press = replace(REFERENCE.press, force_limit_kn=0.5)
    bench = Bench(Plant(replace(REFERENCE, press=press)))
    bench.plant.step(4.9, Command(velocity=10e-3))
    bench.run(4.0, MOTION, 0.5)
    assert bench.fault(3) and not bench.status(1)
    assert 500.0 < bench.plant.force < 1000.0
    standing = bench.number(8)
    bench.run(0.2, MOTION, 0.5)
    assert bench.number(8) == pytest.approx(standing, abs=1e-3)


@pytest.mark.parametrize("bit", [4, 5])
def test_faults_4_and_5_over_temperature(bit: int) -> None:
    quick = replace(REFERENCE.upper_platen, sensor_dead_time_s=0.0, sensor_lag_s=0.01)
    bench = Bench(Plant(replace(REFERENCE, upper_platen=quick, lower_platen=quick)))
    platen = bench.plant.thermal.upper if bit == 4 else bench.plant.thermal.lower

    def heat(hot: bool) -> None:
        platen.temperature = 250.0 if hot else 30.0

    assert_trips(bench, bit, heat, heating_off=True)


@pytest.mark.parametrize("bit", [6, 7])
def test_faults_6_and_7_force_sensors(bench: Bench, bit: int) -> None:
    cell = bench.plant.high if bit == 6 else bench.plant.low

    def fail(failed: bool) -> None:
        cell.failed = failed
        assert math.isnan(bench.number(4 if bit == 6 else 6)) is failed

    assert_trips(bench, bit, fail, heating_off=False)


@pytest.mark.parametrize("bit", [8, 9])
def test_faults_8_and_9_thermocouples(bench: Bench, bit: int) -> None:
    plant = bench.plant
    thermometer = plant.upper_thermometer if bit == 8 else plant.lower_thermometer

    def tear(torn: bool) -> None:
        thermometer.open = torn

    assert_trips(bench, bit, tear, heating_off=True)


def test_fault_10_limit_switch(bench: Bench) -> None:
    bench.run(0.2, MOTION, 2.0)
    bench.run(0.4, MOTION, -2.0)
    assert bench.fault(10) and bench.status(5)
    assert bench.number(8) > -0.2
    bench.reset()
    assert bench.word(3) == 0
    bench.run(0.2, MOTION, -2.0)
    assert bench.fault(10), "further into the switch"
    bench.reset()
    bench.run(0.3, MOTION, 2.0)
    assert bench.word(3) == 0 and not bench.status(5), "but away from it is allowed"


def test_fault_11_drive(bench: Bench) -> None:
    def fail(failed: bool) -> None:
        bench.plc.drive_failed = failed

    assert_trips(bench, 11, fail, heating_off=False)


def test_a_reset_does_not_set_the_ram_moving(bench: Bench) -> None:
    bench.run(0.2, MOTION, 2.0)
    bench.plc.estop_closed = False
    bench.plc.advance(0.01)
    bench.plc.estop_closed = True
    bench.registers.write(100, [9999, MOTION | RESET])
    bench.plc.advance(0.1)
    assert bench.status(1)
    assert not bench.status(2) and bench.number(102) == 0.0


def test_reset_acts_on_the_edge_only(bench: Bench) -> None:
    bench.write(RESET)
    bench.plc.estop_closed = False
    bench.plc.advance(0.01)
    bench.plc.estop_closed = True
    bench.write(RESET)
    assert bench.fault(2)
    bench.reset()
    assert not bench.fault(2)


# ---- lock ----------------------------------------------------------------------------------------


def test_the_lock_stops_the_ram_and_refuses_motion(bench: Bench) -> None:
    bench.run(0.2, MOTION, 2.0)
    bench.run(0.1, MOTION | LOCK, 2.0)
    assert bench.status(8) and not bench.status(1) and not bench.status(2)
    assert bench.word(3) == 0
    bench.run(0.1, MOTION, 2.0)
    assert bench.status(8) and not bench.status(1)
    bench.run(0.1, UNLOCK)
    assert not bench.status(8)
    bench.run(0.1, MOTION, 2.0)
    assert bench.status(2)


def test_the_lock_acts_on_edges_and_both_at_once_lock(bench: Bench) -> None:
    bench.write(LOCK)
    bench.write(LOCK | UNLOCK)
    assert not bench.status(8), "only unlock has an edge"
    bench.write(0)
    bench.write(LOCK | UNLOCK)
    assert bench.status(8)
    bench.write(UNLOCK)
    assert bench.status(8), "unlock had its edge before"


def test_the_lock_survives_silence_and_faults(bench: Bench) -> None:
    bench.write(LOCK)
    bench.write(HEATING)
    bench.plc.advance(5.0)
    assert bench.fault(0) and bench.status(8)
    bench.reset()
    assert bench.status(8)


def test_a_locked_ram_lets_heating_work(bench: Bench) -> None:
    bench.run(0.1, LOCK | HEATING, powers=(1000, 0))
    assert bench.status(9) and bench.word(15) == 1000


# ---- write block and exceptions ------------------------------------------------------------------


def test_the_write_block_reads_back(bench: Bench) -> None:
    bench.write(HEATING, -1.5, (-10_000, 10_000))
    block = bench.registers.read(100, 8)
    assert block[1] == HEATING
    assert bench.number(102) == -1.5
    assert (signed(block[4]), signed(block[5])) == (-10_000, 10_000)


@pytest.mark.parametrize("velocity", [math.nan, math.inf, -math.inf, 10.001, -11.0])
def test_a_bad_velocity_is_exception_3_and_writes_nothing(bench: Bench, velocity: float) -> None:
    bench.run(0.1, MOTION, 1.0)
    before = bench.registers.read(100, 8)
    with pytest.raises(RefusalError) as caught:
        bench.write(MOTION, velocity)
    assert caught.value.code == 3
    assert bench.registers.read(100, 8) == before


@pytest.mark.parametrize("velocity", [10.0, -10.0])
def test_the_largest_velocity_is_accepted(bench: Bench, velocity: float) -> None:
    bench.write(0, velocity)
    assert bench.number(102) == velocity


@pytest.mark.parametrize("powers", [(10_001, 0), (0, -10_001)])
def test_a_bad_power_is_exception_3(bench: Bench, powers: tuple[int, int]) -> None:
    with pytest.raises(RefusalError) as caught:
        bench.write(HEATING, 0.0, powers)
    assert caught.value.code == 3


def test_reserved_registers_take_only_zero(bench: Bench) -> None:
    with pytest.raises(RefusalError) as caught:
        bench.registers.write(106, [1])
    assert caught.value.code == 3


@pytest.mark.parametrize(
    ("address", "count"),
    [(0, 21), (20, 1), (99, 1), (99, 2), (107, 2), (108, 1), (199, 2), (223, 2)],
)
def test_reading_outside_the_tables_is_exception_2(bench: Bench, address: int, count: int) -> None:
    with pytest.raises(RefusalError) as caught:
        bench.registers.read(address, count)
    assert caught.value.code == 2


@pytest.mark.parametrize(("address", "count"), [(0, 1), (19, 1), (99, 2), (107, 2), (200, 1)])
def test_writing_outside_the_write_block_is_exception_2(
    bench: Bench, address: int, count: int
) -> None:
    with pytest.raises(RefusalError) as caught:
        bench.registers.write(address, [0] * count)
    assert caught.value.code == 2


# ---- identity ------------------------------------------------------------------------------------


def test_identity(bench: Bench) -> None:
    words = bench.registers.read(200, 24)
    assert struct.pack(">8H", *words[:8]) == b"STACKPRESS-REF-1"
    assert words[8:10] == [250, 1]
    numbers = [bench.number(address) for address in range(210, 224, 2)]
    assert numbers == [25_000.0, 20_000.0, 500.0, 60.0, 10.0, 180.0, 800.0]


# ---- a program that stands still -----------------------------------------------------------------


def test_a_halted_program_freezes_echo_and_sequence(bench: Bench) -> None:
    bench.run(0.1)
    echo, scans = bench.registers.read(0, 2)
    bench.plc.halt(True)
    bench.run(0.1)
    assert bench.registers.read(0, 2) == [echo, scans]
    bench.plc.halt(False)
    bench.run(0.02)
    assert bench.word(1) > scans
