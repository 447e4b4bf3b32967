"""The whole driver below ROS against a PLC in virtual time."""

import math
from collections.abc import Callable

import pytest

from stackpress_py.devices.bus.errors import DeviceError, NoReplyError, PortError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.guard.interlocks import Interlock
from stackpress_py.devices.guard.station import Note, Snapshot, Station
from stackpress_py.devices.press.command import Heat, Velocity
from stackpress_py.devices.press.connection import Press
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.wires import loops_on, modbus_wire
from unit.devices.fakes import CHARACTER, FakeLine, FakePlc

PROFILE = load_profile("reference_plc")
PERIOD = 1 / 60
#: s of silence after which the press counts as lost, with a few failed cycles to spare.
LOSS = PROFILE.cycle.lost_after + 0.4
WALL = 1.7e9


class Rig:
    """A station that is stepped at the driver's rate, in virtual time."""

    def __init__(self) -> None:
        self.plc = FakePlc()
        self.line = FakeLine(self.plc)
        master = RtuMaster(self.line, CHARACTER, self.line.clock, self.line.sleep)
        wires = {"main": modbus_wire(self.line, master)}
        self.press = Press(PROFILE, loops_on(PROFILE, wires))
        self.station = Station(PROFILE, self.press)
        self.notes: list[Note] = []
        self.snapshots: list[Snapshot] = []
        self.velocity: float | None = None
        self.power: Heat | None = None

    @property
    def now(self) -> float:
        return self.line.time

    @property
    def wall(self) -> float:
        return WALL + self.line.time

    def step(self) -> Snapshot:
        """One cycle; the controllers answer the last one if `velocity` or `power` are set."""
        if self.velocity is not None:
            self.offer(self.velocity, self.wall)
        self.station.offer_heat(self.power, self.wall, self.wall, self.now)
        begin = self.now
        snapshot = self.station.step(self.now, self.wall)
        self.line.time = max(self.line.time, begin + PERIOD)
        self.notes += snapshot.notes
        self.snapshots.append(snapshot)
        return snapshot

    def offer(self, velocity: float, stamp: float) -> None:
        self.station.offer_motion(Velocity(velocity), stamp, self.wall, self.now)

    def run(self, seconds: float) -> Snapshot:
        end = self.now + seconds - PERIOD / 2
        snapshot = self.step()
        while self.now < end:
            snapshot = self.step()
        return snapshot

    def until(self, condition: Callable[[Snapshot], bool], limit: float = 5.0) -> Snapshot:
        end = self.now + limit
        while not condition(snapshot := self.step()):
            assert self.now < end, f"not within {limit} s: {snapshot}"
        return snapshot

    def step_after_opening(self) -> Snapshot:
        self.press.open(0.0)
        return self.step()

    @property
    def codes(self) -> list[str]:
        return [note.code for note in self.notes]


@pytest.fixture
def rig() -> Rig:
    it = Rig()
    it.press.open(0.0)
    it.run(0.2)
    return it


# ---- opening -------------------------------------------------------------------------------------


def test_the_press_is_identified_before_anything_is_written() -> None:
    rig = Rig()
    rig.press.open(0.0)
    assert {frame[1] for frame in rig.line.sent} == {3}
    assert rig.plc.written == []


def test_another_device_is_refused_in_one_sentence_and_the_port_closed() -> None:
    rig = Rig()
    rig.plc.identity[0] = 0x4142
    with pytest.raises(DeviceError, match=r"fake0: plc: device_name is 'ABACKPRESS-REF-1', and"):
        rig.press.open(0.0)
    assert not rig.line.is_open
    rig = Rig()
    rig.plc.words[19] = 2
    with pytest.raises(DeviceError, match=r"map_version is 2, and this profile is for 1"):
        rig.press.open(0.0)


def test_a_silent_press_and_a_missing_port_are_told() -> None:
    rig = Rig()
    rig.plc.silent = True
    with pytest.raises(NoReplyError, match="unit 1 does not answer"):
        rig.press.open(0.0)
    rig.line.present = False
    with pytest.raises(PortError, match="cannot be opened"):
        rig.press.open(0.0)


def test_old_bytes_in_the_line_do_not_hinder_the_opening() -> None:
    rig = Rig()
    rig.plc.lose_answers = 1
    rig.press.open(0.0)


# ---- the cycle -----------------------------------------------------------------------------------


def test_one_transaction_a_cycle(rig: Rig) -> None:
    before = len(rig.line.sent)
    rig.run(1.0)
    frames = rig.line.sent[before:]
    assert len(frames) == pytest.approx(60, abs=1)
    assert {frame[1] for frame in frames} == {23}


def test_the_heartbeat_changes_with_every_cycle(rig: Rig) -> None:
    rig.run(1.0)
    beats = [block[0] for block in rig.plc.written]
    assert all(b != a for a, b in zip(beats, beats[1:], strict=False))


def test_what_is_measured(rig: Rig) -> None:
    rig.plc.set_force(8370.0)
    rig.plc.set_position(50.0)
    snapshot = rig.run(0.1)
    assert snapshot.reading is not None
    assert snapshot.force is not None
    assert snapshot.reading.position == pytest.approx(0.05)
    assert snapshot.force.force == pytest.approx(8370.0)
    assert snapshot.force.sensors == pytest.approx((550.0, 8370.0))
    assert 0.005 < snapshot.latency < 0.015


def test_a_command_reaches_the_press(rig: Rig) -> None:
    rig.velocity, rig.power = 0.002, Heat(0.5, -0.25)
    rig.run(0.1)
    assert rig.plc.velocity == pytest.approx(2.0)
    assert rig.plc.written[-1][4:6] == [5000, 0x10000 - 2500]
    assert rig.plc.written[-1][1] == 0b11


def test_motion_is_not_enabled_without_a_command(rig: Rig) -> None:
    rig.run(0.5)
    assert all(block[1] == 0 for block in rig.plc.written)


def test_the_ram_is_frozen_when_commands_stop(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.5)
    rig.velocity = None
    last = rig.now
    rig.until(lambda _: rig.plc.velocity is None)
    assert rig.now - last < 0.2


def test_a_freeze_acts_in_the_next_cycle(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    rig.velocity = None
    rig.station.offer_motion(None, rig.wall, rig.wall, rig.now)
    rig.step()
    assert rig.plc.velocity is None


# ---- zeros -----------------------------------------------------------------------------------------


def test_zeros_are_checked_while_nothing_can_touch(rig: Rig) -> None:
    assert not Rig().step_after_opening().zero_valid, "nothing is known yet"
    assert rig.run(1.0).zero_valid
    rig.plc.set_position(50.0)
    rig.plc.set_force(8000.0)
    assert rig.run(1.0).zero_valid, "a load is no drift"
    rig.plc.set_position(10.0)
    rig.plc.set_force(60.0, 6.0)
    snapshot = rig.run(1.0)
    assert not snapshot.zero_valid
    assert "zero.drift" in rig.codes
    problem, zeros = rig.station.tare()
    assert (problem, zeros) == ("", pytest.approx((6.0, 60.0)))
    assert rig.run(0.1).zero_valid


# ---- a bus that lies -----------------------------------------------------------------------------


def test_a_single_lost_answer_is_unknown_and_no_loss(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    rig.plc.lose_answers = 1
    snapshot = rig.step()
    assert snapshot.reading is None
    assert snapshot.force is None
    assert math.isnan(snapshot.latency)
    assert "does not answer" in snapshot.problem
    snapshot = rig.run(0.2)
    assert snapshot.reading is not None
    assert snapshot.interlocks == 0
    assert rig.plc.velocity == pytest.approx(2.0)


def test_a_computer_that_slept_has_lost_nothing_but_its_commands(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    rig.velocity = None
    rig.line.time += 5.0
    rig.plc.lose_answers = 1
    rig.step()
    snapshot = rig.step()
    assert snapshot.reading is not None
    assert "bus.lost" not in rig.codes
    assert rig.plc.velocity is None


def test_a_frozen_heartbeat_is_no_connection(rig: Rig) -> None:
    rig.plc.frozen = True
    snapshot = rig.step()
    assert snapshot.reading is None
    assert "repeats heartbeat" in snapshot.problem
    assert all(rig.step().reading is None for _ in range(10))


def test_a_frozen_sequence_is_no_connection(rig: Rig) -> None:
    rig.plc.frozen_sequence = True
    rig.step()
    snapshot = rig.step()
    assert snapshot.reading is None
    assert "sequence number stands still" in snapshot.problem


def test_another_map_version_is_no_connection(rig: Rig) -> None:
    rig.plc.words[19] = 3
    assert "map_version is 3" in rig.step().problem


def test_an_old_answer_is_not_taken_for_the_present_one(rig: Rig) -> None:
    """Answers that come after the time-out, cycle for cycle: never a value of another cycle."""
    forces = iter(range(1, 100))
    answer = rig.plc

    def slow(frame: bytes) -> list[tuple[float, bytes]]:
        rig.plc.set_force(float(next(forces)))
        return [(0.055, data) for _, data in answer(frame)]

    rig.line.slave = slow
    for _ in range(20):
        assert rig.step().reading is None


def test_a_loss_while_enabled_trips_and_nothing_resumes(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    rig.plc.silent = True
    rig.until(lambda seen: Interlock.BUS in seen.interlocks, LOSS)
    assert "bus.lost" in rig.codes
    rig.run(1.0)
    written = len(rig.plc.written)
    rig.plc.silent = False
    snapshot = rig.until(lambda seen: seen.reading is not None, 1.0)
    assert Interlock.BUS in snapshot.interlocks
    rig.run(0.5)
    assert all(not block[1] & 1 for block in rig.plc.written[written:])
    assert rig.codes.count("bus.connected") == 2


def test_an_old_target_is_not_resumed_after_a_loss_without_a_trip(rig: Rig) -> None:
    """Nothing was enabled, so nothing trips; still a command made before the loss is void."""
    rig.plc.silent = True
    rig.run(LOSS)
    stamp = rig.wall
    rig.plc.silent = False
    rig.until(lambda seen: seen.reading is not None, 1.0)
    assert rig.plc.velocity is None
    rig.offer(0.002, stamp)
    rig.step()
    assert rig.plc.velocity is None
    rig.velocity = 0.001
    rig.step()
    assert rig.plc.velocity == pytest.approx(1.0)


def test_unplug_and_replug(rig: Rig) -> None:
    rig.line.unplug()
    snapshot = rig.run(2.0)
    assert snapshot.reading is None
    assert "fake0" in snapshot.problem
    rig.line.present = True
    snapshot = rig.until(lambda seen: seen.reading is not None, 1.0)
    assert snapshot.problem == ""
    assert rig.codes == ["bus.connected", "bus.lost", "bus.connected"]


def test_the_port_is_not_hammered(rig: Rig) -> None:
    opened = []
    rig.line.unplug()
    original = rig.line.open
    rig.line.open = lambda: (opened.append(rig.now), original())[1]  # type: ignore[method-assign]
    rig.run(5.0)
    assert 8 <= len(opened) <= 11


def test_another_press_at_the_same_port_is_not_taken(rig: Rig) -> None:
    rig.line.unplug()
    rig.run(0.6)
    rig.plc.identity[0] = 0
    rig.line.present = True
    written = len(rig.plc.written)
    snapshot = rig.run(2.0)
    assert snapshot.reading is None
    assert "choose the profile of this device" in snapshot.problem
    assert len(rig.plc.written) == written, "nothing is written to a stranger"


# ---- the lock ------------------------------------------------------------------------------------


def test_lock_and_unlock(rig: Rig) -> None:
    future = rig.station.request_lock(True)
    rig.run(0.1)
    assert future.result(0) == ""
    assert rig.plc.locked
    unlocking = rig.station.request_lock(False)
    rig.run(0.1)
    assert unlocking.result(0) == ""
    assert not rig.plc.locked
    assert [name for name, _ in rig.plc.edges] == ["lock", "unlock"]


def test_motion_ends_with_the_request_of_the_lock(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    written = len(rig.plc.written)
    rig.station.request_lock(True)
    rig.run(0.3)
    assert all(not block[1] & 1 for block in rig.plc.written[written:])
    assert any("the ram is locked" in note.text for note in rig.notes)


def test_a_press_that_is_found_locked_is_not_moved() -> None:
    rig = Rig()
    rig.plc.locked = True
    rig.press.open(0.0)
    rig.run(0.2)
    rig.velocity = 0.002
    rig.run(0.5)
    assert all(not block[1] & 1 for block in rig.plc.written)
    assert rig.plc.edges == []


def test_a_lock_survives_a_lost_answer_with_one_edge(rig: Rig) -> None:
    rig.plc.lose_answers = 2
    future = rig.station.request_lock(True)
    rig.run(0.3)
    assert future.result(0) == ""
    assert [name for name, _ in rig.plc.edges] == ["lock"]


def test_an_unlock_is_not_made_after_a_loss(rig: Rig) -> None:
    rig.station.request_lock(True)
    rig.run(0.1)
    rig.plc.silent = True
    future = rig.station.request_lock(False)
    rig.run(LOSS)
    assert future.result(0) == "the bus was lost"
    rig.plc.silent = False
    rig.run(1.0)
    assert rig.plc.locked


def test_a_lock_is_refused_without_a_press(rig: Rig) -> None:
    rig.plc.silent = True
    rig.run(LOSS)
    assert "not connected" in rig.station.request_lock(True).result(0)


# ---- interlocks ----------------------------------------------------------------------------------


def test_a_trip_stops_motion_and_heat_and_refuses_both(rig: Rig) -> None:
    rig.velocity, rig.power = 0.002, Heat(0.5, 0.5)
    rig.run(0.2)
    rig.plc.set_force(23_000.0)
    rig.step()
    written = len(rig.plc.written)
    rig.plc.set_force(0.0)
    snapshot = rig.run(1.0)
    assert Interlock.FORCE in snapshot.interlocks
    assert all(block[1] & 0b11 == 0 for block in rig.plc.written[written:])
    refusals = [note.text for note in rig.notes if note.code == "command.refused"]
    assert len(refusals) == 2, "one note a channel, not one a command"
    assert "an interlock has tripped" in refusals[0]


def test_clearing_resets_the_press_and_removes_what_is_over(rig: Rig) -> None:
    rig.plc.fault_causes = {11}
    assert Interlock.DEVICE in rig.run(0.1).interlocks
    future = rig.station.request_clear()
    rig.run(0.5)
    assert "device: the press reports: drive" in future.result(0)
    rig.plc.fault_causes = set()
    rig.run(0.5)
    assert Interlock.DEVICE in rig.snapshots[-1].interlocks, "it does not go by itself"
    future = rig.station.request_clear()
    rig.run(0.3)
    assert future.result(0) == ""
    assert rig.snapshots[-1].interlocks == 0
    assert [name for name, _ in rig.plc.edges] == ["reset", "reset"]


def test_clearing_nothing_writes_nothing(rig: Rig) -> None:
    assert rig.station.request_clear().result(0) == ""
    rig.run(0.2)
    assert rig.plc.edges == []


def test_a_clear_does_not_resume_the_old_target(rig: Rig) -> None:
    rig.velocity = 0.002
    rig.run(0.2)
    rig.plc.set_force(23_000.0)
    rig.step()
    rig.plc.set_force(0.0)
    rig.velocity = None
    stamp = rig.wall
    rig.step()
    rig.station.request_clear()
    rig.until(lambda seen: seen.interlocks == 0, 0.1)
    rig.offer(0.002, stamp)
    rig.step()
    assert rig.plc.velocity is None


def test_an_open_guard_refuses_motion_without_a_trip(rig: Rig) -> None:
    rig.plc.status.discard(3)
    rig.run(0.1)
    rig.velocity, rig.power = 0.002, Heat(0.1, 0.1)
    snapshot = rig.run(0.5)
    assert snapshot.interlocks == 0
    assert all(not block[1] & 1 for block in rig.plc.written)
    assert rig.plc.written[-1][1] == 2, "heat is not refused"


def test_a_failed_sensor_trips(rig: Rig) -> None:
    rig.plc.words[12] = 0x8000
    snapshot = rig.run(0.2)
    assert snapshot.interlocks == Interlock.SENSOR
    assert any("upper_temperature is not known" in note.text for note in rig.notes)


def test_load_cells_that_contradict_each_other_trip(rig: Rig) -> None:
    rig.plc.set_force(400.0, low=0.0)
    assert rig.run(0.3).interlocks & Interlock.SENSOR


# ---- tare ----------------------------------------------------------------------------------------


def test_tare(rig: Rig) -> None:
    rig.plc.set_force(-12.0, low=1.5)
    rig.run(1.0)
    problem, zeros = rig.station.tare()
    assert problem == ""
    assert zeros == pytest.approx((1.5, -12.0))
    snapshot = rig.step()
    assert snapshot.force is not None
    assert snapshot.force.sensors == pytest.approx((0.0, 0.0), abs=1e-4)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda plc: plc.set_position(45.0), "where it may touch something: open it to 30 mm"),
        (lambda plc: plc.set_force(30.0), "force_low reads 30 N, and a zero is at most 25 N"),
        (lambda plc: plc.set_force(math.nan), "look at the sensor"),
    ],
)
def test_a_tare_is_refused_with_contact(
    rig: Rig, prepare: Callable[[FakePlc], None], reason: str
) -> None:
    prepare(rig.plc)
    rig.run(1.0)
    problem, zeros = rig.station.tare()
    assert reason in problem
    assert zeros == (0.0, 0.0)


def test_a_tare_is_refused_while_the_ram_moves(rig: Rig) -> None:
    for step in range(60):
        rig.plc.set_position(0.05 * step)
        rig.step()
    assert "the ram moves" in rig.station.tare()[0]


def test_a_tare_needs_a_while_of_readings() -> None:
    rig = Rig()
    rig.press.open(0.0)
    rig.run(0.2)
    assert "was not watched for 0.5 s" in rig.station.tare()[0]


# ---- the end -------------------------------------------------------------------------------------


def test_the_end_switches_everything_off_on_the_wire(rig: Rig) -> None:
    rig.velocity, rig.power = 0.002, Heat(0.5, 0.5)
    rig.run(0.2)
    future = rig.station.request_lock(True)
    assert rig.station.finish() == ""
    assert rig.plc.written[-1][1:] == [0] * 7
    assert future.result(0) == "the driver stops"
    assert not rig.line.is_open


def test_the_end_insists(rig: Rig) -> None:
    rig.plc.lose_answers = 2
    assert rig.station.finish() == ""
    rig.run(0.1)
    rig.plc.silent = True
    assert rig.station.finish() == "plc (unit 1 does not answer)"


# ---- an overloaded small cell ----------------------------------------------------------------------


def test_a_small_cell_that_says_nothing_in_overload_is_not_missed() -> None:
    rig = Rig()
    rig.plc.set_position(50.0)
    rig.plc.set_force(8000.0, math.nan)
    rig.press.open(0.0)
    snapshot = rig.run(0.5)
    assert snapshot.force is not None
    assert snapshot.force.force == pytest.approx(8000.0)
    assert snapshot.interlocks == 0
    rig.plc.set_force(300.0, math.nan)
    snapshot = rig.until(lambda seen: bool(seen.interlocks), 0.2)
    assert snapshot.interlocks == Interlock.SENSOR
    assert any("force_low is not known" in note.text for note in rig.notes)


def test_a_press_that_is_weaker_than_its_profile_is_refused_in_a_sentence() -> None:
    rig = Rig()
    rig.plc.identity[16:18] = [0x4248, 0]  # 50 mm of travel
    rig.press.open(0.0)
    rig.run(2.0)
    assert rig.codes == ["bus.refused"]
    assert "own travel is 50 mm, and the profile says more, 60 mm" in rig.notes[0].text
