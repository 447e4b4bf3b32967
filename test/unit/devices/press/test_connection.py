"""A press of several buses: staleness, loss of a part, and what a device gets when it is back."""

import math
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stackpress_py.devices.bus.errors import NeverSilentError, NoReplyError, PortError
from stackpress_py.devices.press.command import SAFE, Heat, Levels, PressCommand, Velocity
from stackpress_py.devices.press.connection import Cycle
from unit.devices.press.two_buses import AXIS, PRESS, TwoBuses, write_profiles

PERIOD = 1 / 50
WARM = PressCommand(Velocity(0.001), Heat(80.0, 90.0))


class Rig(TwoBuses):
    """The press, cycled in virtual time with its second bus in the cycle."""

    def __init__(self, folder: Path, press: str = PRESS, axis: str = AXIS) -> None:
        super().__init__(write_profiles(folder, press, axis))
        self.now = 0.0
        self.command = SAFE

    def step(self) -> Cycle:
        self.now += PERIOD
        return self.press.cycle(self.command, self.now)

    def run(self, seconds: float) -> Cycle:
        for _ in range(round(seconds / PERIOD)):
            cycle = self.step()
        return cycle

    def until(self, condition: Callable[[Cycle], bool], limit: float = 5.0) -> Cycle:
        end = self.now + limit
        while not condition(cycle := self.step()):
            assert self.now < end, f"not within {limit} s: {cycle}"
        return cycle


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    it = Rig(tmp_path)
    it.open()
    it.step()
    return it


def test_one_reading_from_all_devices(rig: Rig) -> None:
    reading = rig.run(1.0).reading
    assert reading is not None
    assert reading.forces == (100.0,)
    assert reading.position == pytest.approx(0.02)
    assert (reading.upper_temperature, reading.lower_temperature) == pytest.approx((25.0, 26.0))
    assert reading.guard_closed
    assert reading.estop_released
    assert reading.missing == ()


def test_the_slow_bus_is_asked_in_its_own_rhythm(rig: Rig) -> None:
    before = rig.axis.asked, rig.upper.asked
    rig.run(4.0)
    assert rig.axis.asked - before[0] == 2 * 200  # a write and a read each cycle
    assert rig.upper.asked - before[1] == pytest.approx(8, abs=1)


def test_a_negated_flag_and_an_unknown_one(rig: Rig) -> None:
    rig.axis.raws["status"] = 0b10
    reading = rig.step().reading
    assert reading is not None
    assert not reading.guard_closed
    assert not reading.estop_released


def test_commands_reach_their_devices(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    assert rig.axis.raws["velocity"] == pytest.approx(1.0)
    assert rig.axis.raws["command"] == 1
    assert (rig.upper.raws["target"], rig.lower.raws["target"]) == (800, 900)
    assert (rig.upper.raws["run"], rig.lower.raws["run"]) == (1, 1)
    rig.command = SAFE
    rig.run(1.0)
    assert rig.axis.raws["command"] == 0
    assert (rig.upper.raws["run"], rig.lower.raws["run"]) == (0, 0)


def test_a_set_point_is_written_when_it_changes_and_not_too_often(rig: Rig) -> None:
    rig.command = WARM
    rig.run(10.0)
    targets = [block for block in rig.upper.written if "target" in block]
    assert len(targets) == 1
    for step in range(400):  # a ramp of 0.1 K/s, wished in every cycle
        rig.command = PressCommand(None, Heat(80.0 + 0.1 * step * PERIOD, 90.0))
        rig.step()
    targets = [block for block in rig.upper.written if "target" in block]
    assert len(targets) == 2, "steps below 0.5 K are not worth a write"


def test_every_device_is_made_harmless_before_it_gets_a_command(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.open()
    assert rig.axis.written == []
    rig.command = WARM
    rig.step()
    assert rig.axis.written[0] == {"velocity": 0, "command": 0}
    assert rig.upper.written[0] == {"run": 0}
    rig.run(1.0)
    assert rig.axis.raws["command"] == 1


def test_a_silent_controller_is_unknown_and_does_not_disturb_the_others(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    rig.upper.silent = True
    cycle = rig.run(0.4)
    assert cycle.reading is not None
    assert math.isfinite(cycle.reading.upper_temperature), "not yet stale"
    before = rig.lower.asked
    cycle = rig.run(3.0)
    assert cycle.reading is not None
    assert not cycle.lost
    assert math.isnan(cycle.reading.upper_temperature)
    assert cycle.reading.lower_temperature == pytest.approx(26.0)
    assert "upper is not heard: the device does not answer" in cycle.reading.missing
    assert rig.lower.asked - before >= 5
    rig.upper.silent = False
    rig.upper.written.clear()
    cycle = rig.until(lambda seen: "upper" in seen.found)
    assert rig.upper.written[0] == {"run": 0}, "harmless first"
    assert cycle.reading is not None
    assert cycle.reading.missing == ()


def test_a_lost_device_is_asked_seldom(rig: Rig) -> None:
    rig.upper.silent = True
    rig.run(3.0)
    before = rig.upper.asked
    rig.run(20.0)
    assert rig.upper.asked - before <= 11, "time-outs of 0.1 s each: a tenth of the bus at most"


def test_an_unplugged_slow_bus_leaves_the_force_alone(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    rig.heat.present = False
    for _ in range(200):
        cycle = rig.step()
        assert cycle.reading is not None
        assert cycle.reading.forces == (100.0,)
    assert math.isnan(cycle.reading.upper_temperature)
    assert any("/dev/heat" in text for text in cycle.reading.missing)
    opened = rig.heat.openings
    rig.run(5.0)
    assert rig.heat.openings - opened == pytest.approx(10, abs=1)
    rig.heat.present = True
    cycle = rig.until(lambda seen: seen.reading is not None and not seen.reading.missing)
    assert cycle.reading is not None
    assert cycle.reading.upper_temperature == pytest.approx(25.0)


def test_a_loss_of_the_force_bus_is_a_loss_of_the_press(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    rig.axis.silent = True
    cycle = rig.step()
    assert cycle.reading is None
    assert not cycle.lost
    cycle = rig.until(lambda seen: seen.lost)
    assert "/dev/main: the device does not answer" in cycle.problem
    rig.axis.silent = False
    rig.axis.written.clear()
    cycle = rig.until(lambda seen: seen.reading is not None)
    assert cycle.found == ("axis",)
    assert rig.axis.written[0] == {"velocity": 0, "command": 0}


def test_the_heaters_are_off_while_the_press_is_lost(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    rig.axis.silent = True
    rig.until(lambda seen: seen.lost)
    rig.run(1.0)
    assert (rig.upper.raws["run"], rig.lower.raws["run"]) == (0, 0)


def test_what_was_written_and_is_not_held_is_told(rig: Rig) -> None:
    rig.upper.deaf = {"target"}
    rig.command = WARM
    cycle = rig.run(3.0)
    assert cycle.reading is not None
    (text,) = cycle.reading.not_taken
    assert "upper: target holds 0 after 800 was written" in text


def test_levels_are_confirmed_by_their_device(rig: Rig) -> None:
    rig.command = PressCommand(levels=Levels(lock=True))
    assert rig.step().confirmed == Levels(lock=True)
    assert rig.axis.raws["command"] == 0b10
    rig.axis.silent = True
    rig.command = PressCommand(levels=Levels(unlock=True))
    assert rig.step().confirmed == Levels(), "nothing is confirmed by silence"


def test_the_end_makes_every_device_harmless(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    assert rig.press.make_safe() == ""
    assert rig.axis.raws["command"] == 0
    assert (rig.upper.raws["run"], rig.lower.raws["run"]) == (0, 0)
    rig.upper.silent = True
    rig.axis.silent = True
    silent = "the device does not answer"
    assert rig.press.make_safe() == f"axis ({silent}); upper ({silent})"


def test_a_missing_part_is_told_at_the_start(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.lower.silent = True
    with pytest.raises(NoReplyError, match="/dev/heat: the device does not answer"):
        rig.open()
    rig.lower.silent = False
    rig.heat.present = False
    with pytest.raises(PortError, match="/dev/heat cannot be opened"):
        rig.open()


def test_eeprom_writes_are_counted(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    assert rig.press.writes["upper.target"] == 1
    assert rig.press.writes["upper.run"] == 2  # harmless first, then enabled


def test_other_buses_have_threads_of_their_own(tmp_path: Path) -> None:
    """A slow bus that hangs in a time-out does not keep the cycle waiting."""
    it = TwoBuses(write_profiles(tmp_path), threads=True)
    hang, release = threading.Event(), threading.Event()
    answer = it.upper.read

    def slow(names: frozenset[str]) -> dict[str, int | float | str]:
        if threading.current_thread().name == "bus heat":
            hang.set()
            assert release.wait(10.0)
        return answer(names)

    it.press.open(0.0)
    it.upper.read = slow  # type: ignore[method-assign]
    it.press.cycle(SAFE, 0.02)
    assert hang.wait(10.0), "the second bus was not asked in its own thread"
    cycle = it.press.cycle(SAFE, 0.04)
    assert cycle.reading is not None
    assert cycle.reading.forces == (100.0,)
    release.set()
    assert it.press.make_safe() == ""
    assert (it.upper.raws["run"], it.lower.raws["run"]) == (0, 0)
    it.press.close()
    assert not it.heat.is_open


# ---- what must not happen ------------------------------------------------------------------------


def test_the_ram_stands_still_on_the_wire_before_a_silent_bus_is_waited_for(tmp_path: Path) -> None:
    it = TwoBuses(write_profiles(tmp_path), threads=True)
    asked, release = threading.Event(), threading.Event()
    answer = it.upper.read

    def slow(names: frozenset[str]) -> dict[str, int | float | str]:
        if threading.current_thread().name == "bus heat":
            asked.set()
            assert release.wait(10.0)
        return answer(names)

    it.press.open(0.0)
    it.press.cycle(SAFE, 0.02)
    it.press.cycle(PressCommand(Velocity(0.001)), 0.04)
    assert it.axis.raws["command"] == 1
    it.upper.read = slow  # type: ignore[method-assign]
    assert asked.wait(10.0)

    def freed_when_the_ram_stands() -> None:
        while it.axis.raws["command"]:
            pass
        release.set()

    watcher = threading.Thread(target=freed_when_the_ram_stands, daemon=True)
    watcher.start()
    assert it.press.make_safe() == ""
    watcher.join(10.0)
    assert release.is_set(), "the axis was made harmless while the other bus was still waiting"
    it.press.close()


def test_nothing_heats_on_while_the_force_is_not_seen(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    assert rig.upper.raws["run"] == 1
    rig.axis.silent = True
    rig.upper.written.clear()
    begin = rig.now
    rig.until(lambda _: rig.upper.raws["run"] == 0)
    assert rig.now - begin < 0.1 + 0.5 + 3 * PERIOD, "blind for 0.1 s, and its turn on the bus"


def test_a_pause_of_the_computer_switches_nothing_off(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    rig.upper.written.clear()
    rig.axis.written.clear()
    rig.now += 0.15
    rig.run(1.0)
    assert all(block["command"] == 1 for block in rig.axis.written)
    assert {"run": 0} not in rig.upper.written


def test_a_device_of_which_nothing_is_wanted_is_missed_all_the_same(tmp_path: Path) -> None:
    press = PRESS.replace("  lower_temperature: lower.temperature\n", "").replace(
        "  upper_temperature: upper.temperature\n",
        "  upper_temperature: upper.temperature\n  lower_temperature: upper.temperature\n",
    )
    rig = Rig(tmp_path, press)
    rig.open()
    rig.run(2.0)
    rig.lower.silent = True
    cycle = rig.run(4.0)
    assert cycle.reading is not None
    assert any("lower is not heard" in text for text in cycle.reading.missing)


def test_noise_on_a_bus_is_listened_to_once_a_round(rig: Rig) -> None:
    def noise(names: frozenset[str]) -> dict[str, int | float | str]:
        rig.upper.asked += 1
        raise NeverSilentError("the line is never silent")

    rig.run(1.0)
    rig.upper.read = noise  # type: ignore[method-assign]
    before = rig.upper.asked, rig.lower.asked
    rig.run(2.0)
    assert rig.upper.asked > before[0]
    assert rig.lower.asked == before[1], "nobody else would be understood"


def test_a_controller_that_has_started_anew_is_noticed(rig: Rig) -> None:
    rig.command = WARM
    rig.run(2.0)
    rig.upper.silent = True
    rig.run(0.6)
    rig.upper.silent = False
    rig.upper.raws["target"] = 1500  # it has forgotten what was written to its RAM
    cycle = rig.until(lambda seen: seen.reading is not None and bool(seen.reading.not_taken))
    assert cycle.reading is not None
    assert "upper: target holds 1500 after 800 was written" in cycle.reading.not_taken[0]


def test_a_value_that_the_device_does_not_take_leaves_no_old_one_standing(tmp_path: Path) -> None:
    closing_only = "velocity: {address: 10, minimum: -3, "
    rig = Rig(tmp_path, axis=AXIS.replace("velocity: {address: 10, ", closing_only))
    rig.open()
    rig.step()
    rig.command = PressCommand(Velocity(0.002))
    rig.run(0.2)
    assert rig.axis.raws["velocity"] == pytest.approx(2.0)
    rig.command = PressCommand(Velocity(-0.004))
    cycle = rig.step()
    assert (rig.axis.raws["velocity"], rig.axis.raws["command"]) == (0, 0)
    assert cycle.reading is not None
    assert "velocity" in cycle.reading.not_taken[0]


def test_a_wish_from_before_a_connection_is_not_obeyed_after_it(rig: Rig) -> None:
    rig.command = WARM
    rig.run(1.0)
    loop = rig.press.loops[1]
    rig.heat.present = False
    loop.step(rig.now + 0.6)
    rig.heat.present = True
    rig.upper.written.clear()
    for tick in range(2, 12):  # its thread goes on while the cycle is held up
        loop.step(rig.now + 0.6 * tick)
    assert rig.upper.written, "it was found again"
    assert all(block.get("run", 0) == 0 for block in rig.upper.written)


def test_a_silent_slow_device_is_asked_in_its_own_rhythm(tmp_path: Path) -> None:
    press = PRESS.replace("bus: heat, unit: 2, every: 0.5 s", "bus: main, unit: 2, every: 0.5 s")
    rig = Rig(tmp_path, press)
    rig.lower.port = rig.main
    rig.open()
    rig.run(1.0)
    rig.lower.silent = True
    before = rig.lower.asked
    rig.run(1.0)
    assert rig.lower.asked - before <= 3


def test_a_lost_answer_in_the_first_exchange_does_not_skip_the_check_of_limits(
    tmp_path: Path,
) -> None:
    rig = Rig(tmp_path)
    rig.open()
    rig.axis.silent = True
    assert rig.step().found == ()
    rig.axis.silent = False
    rig.axis.written.clear()
    cycle = rig.until(lambda seen: seen.reading is not None)
    assert "axis" in cycle.found
    assert rig.axis.written[0] == {"velocity": 0, "command": 0}
