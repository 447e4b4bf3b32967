"""The driver's process against the simulated press's process, over a pseudo-terminal."""

import math
import signal
import time

import pytest
from lifecycle_msgs.msg import Transition
from sensor_msgs.msg import JointState
from stackpress.msg import ActuatorCommand, HeaterCommand, PressState, RunEvent
from stackpress.srv import SetLock, Tare
from std_msgs.msg import Header
from std_srvs.srv import Trigger

from graph.harness import Graph, Process, World
from stackpress_py import graph
from stackpress_py.cli.client import EVENTS, RELIABLE

VELOCITY = 0.002
DEVICE = PressState.INTERLOCK_DEVICE


class DriverRig:
    """A driver at work, and a node in the place of the controllers."""

    def __init__(self, press: Graph) -> None:
        self.press = press
        self.world: World = press.start_simulator()
        self.states: list[PressState] = []
        self.joints: list[JointState] = []
        self.events: list[RunEvent] = []
        client = press.client
        client.subscribe(PressState, graph.STATE, RELIABLE, self.states.append)
        client.subscribe(JointState, graph.JOINT_STATES, RELIABLE, self.joints.append)
        client.subscribe(RunEvent, graph.RUN_EVENT, EVENTS, self.events.append)
        node = client.node
        self._actuator = node.create_publisher(ActuatorCommand, graph.ACTUATOR_COMMAND, RELIABLE)
        self._heater = node.create_publisher(HeaterCommand, graph.HEATER_COMMAND, RELIABLE)
        self.process: Process = press.bring_up("press_driver")
        self.wait_connected()

    @property
    def state(self) -> PressState:
        return self.states[-1]

    def header(self, age: float = 0.0) -> Header:
        stamp = self.press.client.node.get_clock().now().nanoseconds - round(age * 1e9)
        header = Header()
        header.stamp.sec, header.stamp.nanosec = divmod(stamp, 10**9)
        return header

    def move(self, velocity: float = VELOCITY, age: float = 0.0) -> None:
        command = ActuatorCommand(header=self.header(age), mode=ActuatorCommand.VELOCITY)
        command.velocity = velocity
        self._actuator.publish(command)

    def heat(self, power: float = 0.5) -> None:
        self._heater.publish(
            HeaterCommand(header=self.header(), mode=HeaterCommand.POWER, upper=power, lower=power)
        )

    def work(self) -> None:
        self.move()
        self.heat()

    def keep_moving(self, seconds: float) -> None:
        self.press.spin_for(seconds, self.work)

    def wait(self, condition: object, timeout: float, what: str) -> None:
        assert callable(condition)
        self.press.wait(condition, timeout, what)

    def wait_connected(self, timeout: float = 5.0) -> None:
        count = len(self.states)
        self.wait(
            lambda: any(state.connected for state in self.states[count:]), timeout, "the press"
        )

    def restart(self) -> None:
        self.process = self.press.bring_up("press_driver")
        self.wait_connected()

    def truth(self, key: str, since: float) -> list[tuple[float, object]]:
        """Return (stamp, value) of the simulated press since a stamp."""
        lines = self.press.truth()
        return [(x["stamp"], x[key]) for x in lines if key in x and x["stamp"] >= since]

    def truth_events(self) -> str:
        return " | ".join(str(line["event"]) for line in self.press.truth() if "event" in line)

    def held_up(self, since: float) -> bool:
        """Return whether the machine let the simulated press or the driver wait since a stamp."""
        lines = [line["stamp"] for line in self.press.truth() if line["stamp"] >= since]
        states = [_seconds(state.header) for state in self.states]
        states = [stamp for stamp in states if stamp >= since]
        return max(_gaps(lines) + _gaps(states), default=0.0) > 0.06

    def off_after(self, stamp: float, key: str, timeout: float = 2.0) -> float:
        """Return the s from a stamp until the simulated press says that something is off."""

        def off() -> list[float]:
            return [at for at, value in self.truth(key, stamp) if value is False]

        self.wait(off, timeout, f"{key} to go off")
        return off()[0] - stamp


def _seconds(header: Header) -> float:
    return float(header.stamp.sec) + header.stamp.nanosec * 1e-9


def _gaps(stamps: list[float]) -> list[float]:
    return [after - before for before, after in zip(stamps, stamps[1:], strict=False)]


@pytest.fixture
def rig(press: Graph) -> DriverRig:
    return DriverRig(press)


def test_states_come_at_the_cycle_rate(rig: DriverRig) -> None:
    rig.states.clear()
    rig.joints.clear()
    rig.press.spin_for(3.0)
    assert len(rig.states) >= 150
    cycles = [state.cycle for state in rig.states]
    assert cycles == list(range(cycles[0], cycles[0] + len(cycles)))
    assert sum(state.connected for state in rig.states) >= 0.98 * len(rig.states)
    assert 50 <= len(rig.joints) <= 66
    assert rig.joints[-1].name == ["ram_joint"]


def test_what_a_state_tells(rig: DriverRig) -> None:
    state = rig.state
    assert state.header.frame_id == "reference_plc"
    assert state.interlocks == 0
    assert state.device_faults == 0
    assert abs(state.force) < 20.0
    assert 0.0 < state.force_uncertainty < 20.0
    assert len(state.force_sensors) == 2
    assert state.position == pytest.approx(0.0, abs=1e-3)
    assert 5.0 < state.upper_platen_temperature < 40.0
    assert state.guard_closed
    assert state.estop_released
    assert not state.ram_locked
    assert not state.motion_enabled
    assert 0.004 < state.bus_latency < 0.03


def test_the_ram_follows_and_is_frozen_when_commands_stop(rig: DriverRig) -> None:
    rig.keep_moving(1.5)
    assert rig.state.motion_enabled
    assert rig.state.velocity == pytest.approx(VELOCITY, rel=0.1)
    assert rig.state.upper_heater_output == pytest.approx(0.5, abs=0.01)
    for _ in range(5):
        last = time.time()
        motion, heating = (
            rig.off_after(last, key) for key in ("motion_enabled", "heating_enabled")
        )
        rig.press.spin_for(0.1)
        if not rig.held_up(last):
            break
        rig.keep_moving(0.5)
    # The log has a line every 20 ms.
    assert motion <= 0.2 + 0.02
    assert heating <= 0.5 + 0.02
    assert abs(rig.state.velocity) < 1e-4


def test_stale_and_impossible_commands_move_nothing(rig: DriverRig) -> None:
    begin = time.time()
    rig.press.spin_for(0.5, lambda: rig.move(VELOCITY, age=0.3))
    rig.press.spin_for(0.3, lambda: rig.move(VELOCITY, age=-0.5))
    rig.press.spin_for(0.3, lambda: rig.move(math.nan))
    rig.press.spin_for(0.3, lambda: rig.move(0.02))
    assert not any(value for _, value in rig.truth("motion_enabled", begin))
    refused = [event.text for event in rig.events if event.code == "command.refused"]
    assert any("old" in text for text in refused)
    assert any("future" in text for text in refused)
    assert any("allowed are -0.01 to 0.01 m/s" in text for text in refused)
    assert len(refused) < 10


def test_a_lock_survives_the_drivers_death(rig: DriverRig) -> None:
    response = rig.press.call(SetLock, graph.SET_LOCK, SetLock.Request(locked=True, owner="arm"))
    assert response.success, response.message
    rig.wait(lambda: rig.state.ram_locked, 1.0, "the lock")
    rig.process.kill()
    rig.restart()
    assert rig.state.ram_locked
    begin = time.time()
    rig.keep_moving(0.5)
    assert not any(value for _, value in rig.truth("motion_enabled", begin))
    response = rig.press.call(SetLock, graph.SET_LOCK, SetLock.Request(locked=False, owner="arm"))
    assert response.success, response.message
    rig.wait(lambda: not rig.state.ram_locked, 1.0, "the unlock")
    rig.keep_moving(0.5)
    assert rig.state.motion_enabled


def test_a_killed_driver_leaves_the_press_to_its_own_watchdog(rig: DriverRig) -> None:
    rig.keep_moving(0.5)
    assert rig.state.motion_enabled
    killed = time.time()
    rig.process.kill()
    assert rig.off_after(killed, "motion_enabled") < 0.6
    rig.restart()
    rig.wait(lambda: rig.state.interlocks & DEVICE, 1.0, "the press's fault")
    rig.keep_moving(0.3)
    assert not rig.state.motion_enabled
    response = rig.press.call(Trigger, graph.CLEAR_INTERLOCKS)
    assert response.success, response.message
    rig.wait(lambda: rig.state.interlocks == 0, 1.0, "the interlocks to be cleared")


def test_sigterm_switches_the_press_off_on_the_wire(rig: DriverRig) -> None:
    rig.keep_moving(0.5)
    assert rig.state.motion_enabled
    stopped = time.time()
    rig.process.send(signal.SIGTERM)
    rig.press.spin_for(0.3, rig.work)
    assert rig.process.wait() == 0
    assert rig.off_after(stopped, "motion_enabled") < 0.3
    assert rig.off_after(stopped, "heating_enabled") < 0.3
    assert "watchdog" not in rig.truth_events()


def test_deactivation_switches_the_press_off_and_activation_works_again(rig: DriverRig) -> None:
    rig.keep_moving(0.5)
    assert rig.press.transition("press_driver", Transition.TRANSITION_DEACTIVATE)
    stopped = time.time()
    assert rig.off_after(stopped, "motion_enabled") < 0.1
    assert rig.press.transition("press_driver", Transition.TRANSITION_ACTIVATE)
    rig.wait_connected()
    assert rig.state.interlocks == 0
    rig.keep_moving(0.3)
    assert rig.state.motion_enabled


def test_unplug_and_replug_without_a_restart(rig: DriverRig) -> None:
    rig.keep_moving(0.5)
    rig.world.inject("unplug")
    rig.press.spin_for(1.0, rig.work)
    state = rig.state
    assert not state.connected
    assert math.isnan(state.force)
    assert math.isnan(state.position)
    assert all(math.isnan(force) for force in state.force_sensors)
    assert state.interlocks & PressState.INTERLOCK_BUS
    rig.world.heal("unplug")
    replugged = time.time()
    rig.wait_connected()
    rig.keep_moving(0.5)
    assert not any(value for _, value in rig.truth("motion_enabled", replugged))
    assert rig.process.alive
    response = rig.press.call(Trigger, graph.CLEAR_INTERLOCKS)
    assert response.success, response.message
    rig.keep_moving(0.3)
    assert rig.state.motion_enabled


def test_silence_noise_and_late_answers_never_give_a_wrong_value(rig: DriverRig) -> None:
    rig.states.clear()
    rig.world.inject("noise", rate=0.005)
    rig.press.spin_for(2.0)
    rig.world.heal("noise")
    rig.world.inject("late_reply", seconds=0.08)
    rig.press.spin_for(1.5)
    late = [state.connected for state in rig.states[-5:]]
    rig.world.heal("late_reply")
    rig.world.inject("heartbeat_frozen")
    rig.press.spin_for(1.0)
    frozen = [state.connected for state in rig.states[-5:]]
    rig.world.heal("heartbeat_frozen")
    rig.wait_connected()
    assert not any(late)
    assert not any(frozen)
    answered = [state for state in rig.states if state.connected]
    assert len(answered) > 30
    assert all(abs(state.force) < 30.0 for state in answered)
    assert all(abs(state.position) < 1e-3 for state in answered)
    assert all(0.0 < state.upper_platen_temperature < 60.0 for state in answered)


def test_a_guard_opened_in_motion_trips_and_is_cleared_by_hand(rig: DriverRig) -> None:
    rig.keep_moving(0.5)
    rig.world.inject("guard_open")
    rig.press.spin_for(0.3, rig.work)
    assert rig.state.interlocks & PressState.INTERLOCK_GUARD
    assert not rig.state.guard_closed
    assert not rig.press.call(Trigger, graph.CLEAR_INTERLOCKS).success
    rig.world.heal("guard_open")
    rig.press.spin_for(0.2, rig.work)
    assert not rig.state.motion_enabled
    response = rig.press.call(Trigger, graph.CLEAR_INTERLOCKS)
    assert response.success, response.message
    codes = [event.code for event in rig.events]
    assert "interlock.trip" in codes
    assert "interlock.clear" in codes


def test_tare(rig: DriverRig) -> None:
    rig.press.spin_for(0.6)
    response = rig.press.call(Tare, graph.TARE)
    assert response.success, response.message
    assert len(response.offsets) == 2
    rig.press.spin_for(0.3)
    assert abs(rig.state.force) < 1.0


def test_a_missing_press_and_a_wrong_profile_are_told_in_one_sentence(press: Graph) -> None:
    process = press.start_node("press_driver", port=str(press.folder / "nothing"))
    assert not press.transition("press_driver", Transition.TRANSITION_CONFIGURE)
    assert "nothing cannot be opened: No such file or directory" in process.output
    process.kill()
    process = press.start_node("press_driver", profile="no_such_press")
    assert not press.transition("press_driver", Transition.TRANSITION_CONFIGURE)
    assert "there is no press profile 'no_such_press'; there are: " in process.output
    assert "Traceback" not in process.output


def test_a_press_that_comes_later_is_configured_at_the_next_attempt(press: Graph) -> None:
    press.start_node("press_driver")
    assert not press.transition("press_driver", Transition.TRANSITION_CONFIGURE)
    press.start_simulator()
    assert press.transition("press_driver", Transition.TRANSITION_CONFIGURE)
