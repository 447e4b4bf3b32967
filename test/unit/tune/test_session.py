"""A measurement over the real bus code and the driver's interlocks, on the simulated press in virtual time."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.guard.station import Station
from stackpress_py.devices.press.connection import Press
from stackpress_py.devices.press.wires import loops_on, modbus_wire
from stackpress_py.sim import modbus_slave
from stackpress_py.sim.plant import Plant
from stackpress_py.sim.plc import Plc
from stackpress_py.sim.registers import Registers
from stackpress_py.tune.findings import Findings
from stackpress_py.tune.session import Session
from unit.devices.fakes import CHARACTER, FakeLine
from unit.tune.machines import BLANK, LIMITS, PERIOD, PROFILE, trial_of, wanted

WALL = 1.7e9
#: Close to the blank, so that little time goes by.
NEAR = replace(LIMITS, clear_to=0.0479, force=2e3)


class Rig:
    """A session on the simulated press at the other end of a line."""

    def __init__(self) -> None:
        self.plc = Plc(Plant(BLANK, longest_step=2e-3))
        self.plc.plant.place()
        registers = Registers(self.plc)

        def slave(request: bytes) -> list[tuple[float, bytes]]:
            self._catch_up()
            answer = modbus_slave.answer(request, BLANK.wire.unit, registers)
            return [(1e-3, answer)] if answer else []

        self.line = FakeLine(slave)
        self._start = self.line.time
        master = RtuMaster(self.line, CHARACTER, self.line.clock, self.line.sleep)
        press = Press(PROFILE, loops_on(PROFILE, {"main": modbus_wire(self.line, master)}))
        press.open(self.line.time)
        self.station = Station(PROFILE, press)
        self.session: Session[Findings] = Session(
            PROFILE,
            self.station,
            trial_of(wanted(NEAR, "force"), NEAR),
            self.line.clock,
            lambda: WALL + self.line.time,
        )
        self.peak = 0.0

    def _catch_up(self) -> None:
        behind = self.line.time - self._start - self.plc.plant.time
        if behind > 1e-6:
            self.plc.advance(behind)

    def step(self) -> None:
        begin = self.line.time
        self.session.step(begin)
        self.line.time = max(self.line.time, begin + PERIOD)
        self.peak = max(self.peak, self.plc.plant.force)

    def run(self, until: Callable[[], bool] = lambda: False, limit: float = 150.0) -> None:
        """Have cycles until the session has ended, or something has come true."""
        end = self.line.time + limit
        while not self.session.ended and not until():
            assert self.line.time < end, "it does not end"
            self.step()

    @property
    def force(self) -> float:
        return self.plc.plant.force

    @property
    def position(self) -> float:
        return self.plc.plant.mechanics.drive.position


def test_a_press_is_measured_over_its_bus_and_left_open_and_off() -> None:
    rig = Rig()
    rig.run()
    assert rig.session.problem == ""
    found = rig.session.result
    assert found is not None and found.ram is not None
    assert found.ram.compliance.stiffness.value == pytest.approx(4.977e7, rel=0.03)
    # One cycle, the wire both ways, drive and load cell.
    assert 0.015 < found.ram.dead_time.value.value < 0.04
    assert rig.peak <= NEAR.force
    assert rig.force == 0.0 and rig.position < 1e-3
    assert rig.station.finish() == ""
    assert not rig.plc.motion_enabled and rig.plc.velocity == 0.0


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda plc: setattr(plc, "guard_closed", False), "the guard is open"),
        (lambda plc: setattr(plc, "estop_closed", False), "emergency"),
        (lambda plc: setattr(plc, "drive_failed", True), "drive"),
        (lambda plc: plc.order(1 << 3), "the ram is locked"),
        (lambda plc: setattr(plc.plant.low, "failed", True), "force_low"),
    ],
)
def test_nothing_begins_while_anything_is_wrong(
    spoil: Callable[[Plc], None], sentence: str
) -> None:
    rig = Rig()
    spoil(rig.plc)
    rig.run(limit=20.0)
    assert sentence in rig.session.problem
    assert rig.session.rows == [] and rig.position == 0.0


def test_zeros_are_not_taken_from_a_press_that_is_closed() -> None:
    rig = Rig()
    rig.plc.plant.mechanics.drive._turned = 0.04  # noqa: SLF001 - where somebody has left it
    rig.run(limit=20.0)
    assert "open it to 30 mm or less" in rig.session.problem
    assert rig.session.rows == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda rig: setattr(rig.plc, "guard_closed", False), "guard"),
        (lambda rig: setattr(rig.plc, "estop_closed", False), "emergency"),
        (lambda rig: setattr(rig.plc.plant.high, "failed", True), "force_high"),
        (lambda rig: setattr(rig.line, "slave", lambda request: []), "does not answer"),
    ],
)
def test_the_ram_stands_when_the_press_is_not_safe_any_more(
    spoil: Callable[[Rig], None], sentence: str
) -> None:
    rig = Rig()
    rig.run(until=lambda: rig.force > 500.0)
    position = rig.position
    spoil(rig)
    rig.run(limit=10.0)
    assert sentence in rig.session.problem
    rig.plc.advance(1.0)  # its own watchdog, where the bus is lost
    assert not rig.plc.motion_enabled
    assert rig.position == pytest.approx(position, abs=2e-5)
    assert rig.session.result is None


def test_some_lost_answers_do_not_end_it() -> None:
    rig = Rig()
    rig.plc._watchdog = 1.0  # noqa: SLF001 - instruments on a bus have none that would end it before
    rig.run(until=lambda: rig.force > 500.0)
    slave, end = rig.line.slave, rig.line.time + 0.3
    rig.line.slave = lambda request: []
    rig.run(until=lambda: rig.line.time >= end)
    rig.line.slave = slave
    rig.run()
    assert rig.session.problem == "" and rig.session.result is not None
    assert rig.peak <= NEAR.force


def test_the_user_ends_it_and_the_press_opens() -> None:
    rig = Rig()
    rig.run(until=lambda: rig.force > 500.0)
    rig.session.request_stop()
    rig.run()
    assert rig.session.problem == "ended by the user" and rig.session.result is None
    assert rig.force == 0.0 and rig.position < 1e-3
