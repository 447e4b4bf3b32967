"""What docs/reference_press_plc.md promises of the PLC as a whole, seen through the frames that a master sends."""

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackpress_py.sim import modbus_slave
from stackpress_py.sim.config import SimConfig
from stackpress_py.sim.modbus_slave import crc
from stackpress_py.sim.plant import Plant
from stackpress_py.sim.plc import Plc
from stackpress_py.sim.registers import Registers
from unit.sim.plants import REFERENCE

MOTION, HEAT, RESET, LOCK, UNLOCK = (1 << bit for bit in range(5))
READY, ENABLED, MOVING, GUARD, ESTOP, OPEN_END, CLOSED_END, PART, LOCKED, HEATING = range(10)
(
    WATCHDOG, GUARD_OPENED, EMERGENCY, FORCE, UPPER_HOT, LOWER_HOT, HIGH_FAILED, LOW_FAILED,
    UPPER_OPEN, LOWER_OPEN, LIMIT, DRIVE,
) = range(12)  # fmt: skip
CYCLE = 1.0 / 64.0


class Press:
    """A PLC with a master that talks to it in frames, without a wire and without a clock."""

    def __init__(self, config: SimConfig = REFERENCE) -> None:
        self.plc = Plc(Plant(config))
        self.registers = Registers(self.plc)
        self._heartbeat = 0

    def send(self, body: bytes) -> bytes | None:
        return modbus_slave.answer(body + crc(body), 1, self.registers)

    def refusal(self, body: bytes) -> int:
        """Return the exception that answers a request; 0: it was served."""
        reply = self.send(b"\x01" + body)
        assert reply is not None and reply[-2:] == crc(reply[:-2]) and reply[0] == 1
        if reply[1] == body[0]:
            return 0
        assert reply[1] == body[0] | 0x80 and len(reply) == 5
        return reply[2]

    def read(self, address: int, count: int) -> list[int]:
        reply = self.send(struct.pack(">BBHH", 1, 3, address, count))
        assert reply is not None and reply[1:3] == bytes((3, 2 * count))
        return list(struct.unpack(f">{count}H", reply[3:-2]))

    def cycle(
        self, command: int = 0, velocity: float = 0.0, upper: int = 0, lower: int = 0,
        *, beat: bool = True,
    ) -> list[int]:  # fmt: skip
        """Do one FC23 transaction, then let a cycle pass; velocity in mm/s, powers in 0.01 %."""
        self._heartbeat = (self._heartbeat + beat) & 0xFFFF
        block = struct.pack(">HHfhhHH", self._heartbeat, command, velocity, upper, lower, 0, 0)
        reply = self.send(struct.pack(">BBHHHHB", 1, 23, 0, 20, 100, 8, 16) + block)
        assert reply is not None and reply[1:3] == b"\x17\x28"
        self.plc.advance(CYCLE)
        return list(struct.unpack(">20H", reply[3:-2]))

    def run(self, cycles: int, command: int, velocity: float = 0.0, power: int = 0) -> list[int]:
        for _ in range(cycles):
            self.cycle(command, velocity, power, power)
        return self.read(0, 20)

    def status(self, bit: int) -> bool:
        return bool(self.read(2, 1)[0] >> bit & 1)

    @property
    def faults(self) -> set[int]:
        word = self.read(3, 1)[0]
        return {bit for bit in range(16) if word >> bit & 1}

    def reset(self) -> None:
        self.cycle()
        self.cycle(RESET)
        self.cycle()


def number(words: list[int]) -> float:
    return float(struct.unpack(">f", struct.pack(">2H", *words))[0])


def signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


@pytest.fixture
def press() -> Press:
    return Press()


# ---- write block and refusals ----------------------------------------------------------------------------------------


def test_what_is_written_is_read_back(press: Press) -> None:
    values = [7, MOTION | HEAT, *struct.unpack(">2H", struct.pack(">f", 1.25)), 100, 0xFF9C, 0, 0]
    body = struct.pack(">BHHB8H", 16, 100, 8, 16, *values)
    reply = press.send(b"\x01" + body)
    assert reply == b"\x01\x10\x00\x64\x00\x08" + crc(b"\x01\x10\x00\x64\x00\x08")
    assert press.read(100, 8) == values
    one = b"\x01\x06" + struct.pack(">Hh", 104, -10_000)
    assert press.send(one) == one + crc(one)
    assert signed(press.read(104, 1)[0]) == -10_000


def float_write(value: float) -> bytes:
    return struct.pack(">BHHBf", 16, 102, 2, 4, value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (struct.pack(">BHH", 4, 0, 1), 1),
        (struct.pack(">BHH", 1, 0, 1), 1),
        (struct.pack(">BHH", 5, 0, 0xFF00), 1),
        (struct.pack(">BH", 43, 0), 1),
        (struct.pack(">BHH", 3, 20, 1), 2),
        (struct.pack(">BHH", 3, 19, 2), 2),
        (struct.pack(">BHH", 3, 0xFFFF, 1), 2),
        (struct.pack(">BHH", 3, 99, 1), 2),
        (struct.pack(">BHH", 3, 107, 2), 2),
        (struct.pack(">BHH", 3, 223, 2), 2),
        (struct.pack(">BHH", 6, 0, 1), 2),
        (struct.pack(">BHH", 6, 108, 1), 2),
        (struct.pack(">BHH", 6, 200, 1), 2),
        (struct.pack(">BHHB2H", 16, 107, 2, 4, 0, 0), 2),
        (struct.pack(">BHH", 3, 0, 0), 3),
        (struct.pack(">BHH", 3, 0, 126), 3),
        (struct.pack(">BH", 3, 0), 3),
        (struct.pack(">BHHB1H", 16, 100, 1, 4, 1), 3),
        (struct.pack(">BHHB", 16, 100, 0, 0), 3),
        (struct.pack(">Bhh", 6, 104, 10_001), 3),
        (struct.pack(">Bhh", 6, 105, -10_001), 3),
        (float_write(math.nan), 3),
        (float_write(math.inf), 3),
        (float_write(10.01), 3),
        (float_write(-10.01), 3),
        (float_write(10.0), 0),
        (float_write(-10.0), 0),
        (struct.pack(">BHH", 3, 0, 20), 0),
        (struct.pack(">BHH", 3, 200, 24), 0),
    ],
)
def test_what_the_page_does_not_allow_is_refused(press: Press, body: bytes, code: int) -> None:
    before = press.read(100, 8)
    assert press.refusal(body) == code
    if code:
        assert press.read(100, 8) == before


def test_a_refused_transaction_writes_nothing(press: Press) -> None:
    before = press.read(100, 8)
    good = struct.pack(">HHfhhHH", 9, LOCK, 1.0, 5, 5, 0, 0)
    bad = struct.pack(">HHfhhHH", 9, LOCK, math.nan, 5, 5, 0, 0)
    assert press.refusal(struct.pack(">BHHHHB", 23, 0, 21, 100, 8, 16) + good) == 2
    assert press.refusal(struct.pack(">BHHHHB", 23, 0, 20, 101, 8, 16) + good) == 2
    assert press.refusal(struct.pack(">BHHHHB", 23, 0, 20, 100, 8, 16) + bad) == 3
    assert press.refusal(struct.pack(">BHHHHB", 23, 0, 20, 100, 8, 14) + good) == 3
    assert press.read(100, 8) == before and not press.status(LOCKED)
    assert press.refusal(struct.pack(">BHHHHB", 23, 0, 20, 100, 8, 16) + good) == 0
    assert press.status(LOCKED)


@given(st.binary(max_size=40), st.booleans())
def test_no_bytes_break_it(body: bytes, addressed: bool) -> None:
    press = Press()
    body = b"\x01" + body if addressed else body
    reply = press.send(body)
    assert reply is None or (reply[-2:] == crc(reply[:-2]) and reply[0] == 1)


# ---- watchdog --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("enable", [MOTION, HEAT, MOTION | HEAT])
def test_the_watchdog_stops_motion_and_heat_after_250_ms(press: Press, enable: int) -> None:
    press.run(32, enable, 5.0, 3000)
    press.cycle(enable, 5.0, 3000, 3000)
    press.plc.advance(0.250 - CYCLE - 0.006)
    assert press.faults == set()
    assert 0 < press.read(17, 1)[0] <= 10
    press.plc.advance(0.012)
    assert press.faults == {WATCHDOG} and press.read(17, 1) == [0]
    press.plc.advance(0.1)
    words = press.read(0, 20)
    assert abs(number(words[10:12])) < 1e-3 and words[15:17] == [0, 0]
    assert not (press.status(ENABLED) or press.status(HEATING) or press.status(READY))


def test_after_the_watchdog_a_beat_and_a_reset_are_needed(press: Press) -> None:
    press.cycle(MOTION, 1.0)
    press.plc.advance(0.5)
    press.cycle(0, beat=False)
    press.cycle(RESET, beat=False)
    assert press.faults == {WATCHDOG}
    press.run(4, MOTION, 1.0)
    assert press.faults == {WATCHDOG} and not press.status(ENABLED)
    press.reset()
    assert press.faults == set() and press.status(READY)
    press.run(4, MOTION, 1.0)
    assert press.status(ENABLED)


# ---- faults ----------------------------------------------------------------------------------------------------------


def cause(press: Press, fault: int, there: bool) -> None:
    """Bring a fault's cause about, or take it away."""
    plc, plant = press.plc, press.plc.plant
    if fault == GUARD_OPENED:
        plc.guard_closed = not there
    elif fault == EMERGENCY:
        plc.estop_closed = not there
    elif fault == DRIVE:
        plc.drive_failed = there
    elif fault in (HIGH_FAILED, LOW_FAILED):
        (plant.high if fault == HIGH_FAILED else plant.low).failed = there
    elif fault in (UPPER_OPEN, LOWER_OPEN):
        both = (plant.upper_thermometer, plant.lower_thermometer)
        both[fault - UPPER_OPEN].open = there
    else:
        platen = (plant.thermal.upper, plant.thermal.lower)[fault - UPPER_HOT]
        platen.sensed = 200.0 if there else 25.0
        platen.temperature = platen.sensed


FROM_OUTSIDE = (
    GUARD_OPENED, EMERGENCY, UPPER_HOT, LOWER_HOT, HIGH_FAILED, LOW_FAILED, UPPER_OPEN,
    LOWER_OPEN, DRIVE,
)  # fmt: skip
COLD = (EMERGENCY, UPPER_HOT, LOWER_HOT, UPPER_OPEN, LOWER_OPEN)


@pytest.mark.parametrize("fault", FROM_OUTSIDE)
def test_a_fault_stops_the_ram_and_stays_until_gone_and_reset(press: Press, fault: int) -> None:
    press.run(16, MOTION | HEAT, 5.0, 1000)
    cause(press, fault, True)
    press.run(16, MOTION | HEAT, 5.0, 1000)
    assert press.faults == {fault}
    assert not (press.status(ENABLED) or press.status(MOVING) or press.status(READY))
    assert press.status(HEATING) == (fault not in COLD)
    press.reset()
    assert press.faults == {fault}, "its cause is still there"
    cause(press, fault, False)
    # What the thermocouple still says of a platen that was hot has first to reach it.
    for _ in range(150):
        press.cycle()
        if fault in (UPPER_HOT, LOWER_HOT):
            cause(press, fault, False)
    assert press.faults == {fault}, "it is latched"
    press.cycle(RESET)
    assert press.faults == set()


def test_the_machines_force_limit(press: Press) -> None:
    plant = press.plc.plant
    plant.place()
    press.run(int(48.0 / 10.0 / CYCLE), MOTION, 10.0)
    while press.faults == set():
        press.cycle(MOTION, 0.5)
        assert plant.force < 27e3
    assert press.faults == {FORCE} and plant.force > 24.9e3
    while plant.force > 25e3:
        press.reset()
        assert press.faults == {FORCE} or plant.force <= 25e3
        assert plant.time < 60.0, "the sample does not relax"
    press.reset()
    press.run(8, MOTION, -1.0)
    assert press.faults == set() and plant.force < 25e3


def test_the_limit_switches_stop_the_way_in_and_allow_the_way_back() -> None:
    deep = replace(REFERENCE, press=replace(REFERENCE.press, die_bottom_mm=59.9, travel_mm=60.0))
    press = Press(replace(deep, press=replace(deep.press, frame_stiffness_kn_mm=1.0)))
    press.run(int(61.5 / 10.0 / CYCLE), MOTION, 10.0)
    assert press.faults == {LIMIT} and press.status(CLOSED_END) and not press.status(MOVING)
    press.reset()
    press.run(64, MOTION, -5.0)
    assert press.faults == set() and not press.status(CLOSED_END)
    press.run(int(61.5 / 10.0 / CYCLE), MOTION, -10.0)
    assert press.faults == {LIMIT} and press.status(OPEN_END)
    press.reset()
    press.run(16, MOTION, 5.0)
    assert press.faults == set() and not press.status(OPEN_END)


# ---- lock ------------------------------------------------------------------------------------------------------------


def test_a_lock_stops_a_moving_ram(press: Press) -> None:
    press.run(32, MOTION, 5.0)
    assert press.status(MOVING)
    press.run(8, MOTION | LOCK, 5.0)
    assert not press.status(MOVING) and press.status(LOCKED) and press.faults == set()


# ---- anything --------------------------------------------------------------------------------------------------------

ORDERS = st.lists(
    st.tuples(
        st.integers(0, 31), st.floats(-10.0, 10.0, width=32), st.integers(-10_000, 10_000),
        st.integers(1, 40), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ORDERS)
def test_whatever_is_ordered_the_promises_hold(
    orders: list[tuple[int, float, int, int, bool]],
) -> None:
    press = Press()
    press.plc.plant.place()
    for command, velocity, power, cycles, beat in orders:
        for _ in range(cycles):
            press.cycle(command, velocity, power, -power, beat=beat)
            status, faults = press.read(2, 2)
            assert bool(status >> READY & 1) == (faults == 0)
            if faults or status >> LOCKED & 1:
                assert not status >> ENABLED & 1
            if faults & 1:
                assert not status >> HEATING & 1 and press.read(15, 2) == [0, 0]
            assert press.plc.plant.force < 27.5e3
