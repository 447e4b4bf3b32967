"""Node press_driver: the press on its bus, measured and commanded once a cycle.

The bus has its own thread, which publishes what it has read and, however it ends, switches the
press off on the wire. The callbacks of the graph only hand over what they got.
"""

import concurrent.futures
import datetime
import time

from diagnostic_msgs.msg import DiagnosticStatus
from sensor_msgs.msg import JointState
from stackpress.msg import ActuatorCommand, HeaterCommand, PressState, RunEvent
from stackpress.srv import SetLock, Tare
from std_srvs.srv import Trigger

from stackpress_py import graph
from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.cyclic import CyclicThread
from stackpress_py.devices.guard.interlocks import names
from stackpress_py.devices.guard.station import Snapshot, Station
from stackpress_py.devices.press.connection import connect
from stackpress_py.devices.press.health import (
    calibration_problems,
    device_health,
    slow_ports,
    unproved,
    wear,
    worn,
)
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.ports import given_ports
from stackpress_py.nodes.base import (
    RELIABLE,
    NodeError,
    Parameter,
    StackpressNode,
    run_node,
    stamp_of,
)
from stackpress_py.nodes.press_messages import (
    SEVERITIES,
    heat_of,
    joint_state,
    motion_of,
    press_state,
)

JOINT_PERIOD = 0.05
WATCH_PERIOD = 0.1
DIAGNOSIS_PERIOD = 1.0
#: s that a service waits for the press. Nothing else is due meanwhile: a press that is being locked
#: or cleared does not move.
ANSWER_TIMEOUT = 0.2
#: s that the bus thread may take to end; the safe command has been written by then.
END_TIMEOUT = 4.0
#: s without a bus cycle after which the thread hangs.
HANG_LIMIT = 3.0


class PressDriver(StackpressNode):
    """ROS plumbing of the press (:mod:`stackpress_py.devices.guard.station`)."""

    def __init__(self) -> None:
        super().__init__(
            "press_driver",
            (
                Parameter("profile", "", "Press profile: name in config/presses, or a file."),
                Parameter(
                    "port",
                    "",
                    "Port of the press instead of the profile's; of several buses: bus=port,bus=port.",
                ),
            ),
        )
        self._bus: CyclicThread | None = None
        self._latest: Snapshot | None = None

    # ---- lifecycle -------------------------------------------------------------------------------

    def configure(self) -> None:
        """Load the profile, open the bus and make sure that it is the profile's press."""
        try:
            self._profile = load_profile(self.text("profile"))
            ports = given_ports(self._profile, self.text("port"))
            press = connect(self._profile, ports)
            press.open(time.monotonic())
        except (ValueError, DeviceError) as error:
            raise NodeError(str(error)) from error
        for slow in slow_ports(self._profile, ports):
            self.emit(RunEvent.WARNING, "bus.slow", f"{slow}.")
        if problem := unproved(self._profile):
            self.emit(RunEvent.INFO, "profile.unproved", f"Profiles {problem}.")
        self._press = press
        self._refused: set[str] = set()
        self._station = Station(self._profile, press)
        self._states = self.create_publisher(PressState, graph.STATE, RELIABLE)
        self._joints = self.create_publisher(JointState, graph.JOINT_STATES, RELIABLE)
        self._subscriptions_made = (
            self.create_subscription(
                ActuatorCommand, graph.ACTUATOR_COMMAND, self._on_actuator, RELIABLE
            ),
            self.create_subscription(
                HeaterCommand, graph.HEATER_COMMAND, self._on_heater, RELIABLE
            ),
        )
        self._services_made = (
            self.create_service(Tare, graph.TARE, self._on_tare),
            self.create_service(SetLock, graph.SET_LOCK, self._on_set_lock),
            self.create_service(Trigger, graph.CLEAR_INTERLOCKS, self._on_clear),
        )
        self._timers_made = (
            self.create_timer(WATCH_PERIOD, self._watch),
            self.create_timer(DIAGNOSIS_PERIOD, self._diagnose),
        )

    def activate(self) -> None:
        """Start the bus thread."""
        self._latest = None
        self._cycles_before: int | None = None
        self._failed_cycles = self._diagnosed_cycle = 0
        self._next_joint = 0.0
        self._stepped = self._diagnosed = time.monotonic()
        period = 1.0 / self._profile.cycle.rate
        self._bus = CyclicThread("bus", period, self._step, self._finish)
        self._bus.start()

    def deactivate(self) -> None:
        """Switch the press off and end the bus thread."""
        if self._bus is not None and not self._bus.stop(END_TIMEOUT):
            # The ports stay open: the thread may still make the press safe.
            raise NodeError("the bus thread does not end: the press's own watchdog has to act")
        self._bus = None

    def cleanup(self) -> None:
        """Close the bus and remove topics and services."""
        self.deactivate()
        self._press.close()
        for timer in self._timers_made:
            self.destroy_timer(timer)
        for service in self._services_made:
            self.destroy_service(service)
        for subscription in self._subscriptions_made:
            self.destroy_subscription(subscription)
        for publisher in (self._states, self._joints):
            self.destroy_publisher(publisher)

    # ---- bus thread ------------------------------------------------------------------------------

    def _step(self, now: float) -> None:
        snapshot = self._station.step(now, self.now())
        stamp = self.get_clock().now().to_msg()
        if self._cycles_before is None:
            self._cycles_before = snapshot.cycle - 1
        self._latest, self._stepped = snapshot, time.monotonic()
        self._failed_cycles += snapshot.reading is None
        state = press_state(snapshot, stamp, self._profile, self._press.fault_names)
        state.cycle -= self._cycles_before
        self._states.publish(state)
        if state.connected and now >= self._next_joint:
            # In phase with the cycles: the next one at or after the period.
            self._next_joint = now + JOINT_PERIOD - 0.5 / self._profile.cycle.rate
            self._joints.publish(joint_state(state))
        for note in snapshot.notes:
            self.emit(SEVERITIES[note.severity], note.code, note.text)

    def _finish(self) -> None:
        failed = self._station.finish()
        if failed:
            text = f"Not confirmed to be off, so that a watchdog of their own has to act: {failed}."
            self.emit(RunEvent.ERROR, "driver.not_safe", text)

    # ---- commands --------------------------------------------------------------------------------

    def _on_actuator(self, command: ActuatorCommand) -> None:
        if not self.active:
            return
        try:
            motion = motion_of(command)
        except ValueError as error:
            self._refuse(str(error))
            return
        self._station.offer_motion(motion, stamp_of(command), self.now(), time.monotonic())

    def _on_heater(self, command: HeaterCommand) -> None:
        if not self.active:
            return
        try:
            heat = heat_of(command, self._profile.heating.by)
        except ValueError as error:
            self._refuse(str(error))
            return
        self._station.offer_heat(heat, stamp_of(command), self.now(), time.monotonic())

    def _refuse(self, problem: str) -> None:
        # Commands come at the rate of the cycle: each kind of problem is told once.
        if problem not in self._refused:
            self._refused.add(problem)
            self.emit(RunEvent.WARNING, "command.refused", f"Refused: {problem}.")

    # ---- services --------------------------------------------------------------------------------

    def _on_tare(self, request: Tare.Request, response: Tare.Response) -> Tare.Response:
        problem, zeros = self._station.tare()
        response.success, response.offsets = not problem, zeros
        response.message = problem or "the present readings are the zeros now"
        return response

    def _on_set_lock(
        self, request: SetLock.Request, response: SetLock.Response
    ) -> SetLock.Response:
        problem = self._wait(self._station.request_lock(request.locked))
        response.success = not problem
        what = "locked" if request.locked else "unlocked"
        owner = request.owner or "somebody"
        response.message = problem or f"the press has the command: {what} for {owner}"
        if not problem:
            self.emit(
                RunEvent.INFO, f"ram.{what}", f"The ram is {what} for {owner}.", {"owner": owner}
            )
        return response

    def _on_clear(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        problem = self._wait(self._station.request_clear())
        response.success = not problem
        response.message = problem or "no interlock is tripped"
        return response

    def _wait(self, future: "concurrent.futures.Future[str]") -> str:
        if self._bus is None:
            return "the driver is not active"
        try:
            return future.result(ANSWER_TIMEOUT)
        except concurrent.futures.TimeoutError:
            return "the press has not confirmed: look at `state` before going on"

    # ---- watch -----------------------------------------------------------------------------------

    def _watch(self) -> None:
        """End the process if the bus thread has: nothing works without it."""
        if self._bus is None:
            return
        if self._bus.error is not None:
            text = f"The bus thread has ended: {self._bus.error!r}."
            self.emit(RunEvent.ERROR, "driver.failed", text)
            raise self._bus.error
        if time.monotonic() - self._stepped > HANG_LIMIT:
            raise TimeoutError(f"no bus cycle for {HANG_LIMIT:g} s: the port hangs")

    def _diagnose(self) -> None:
        snapshot, bus, now = self._latest, self._bus, time.monotonic()
        if snapshot is None or bus is None:
            return
        writes = self._press.writes
        rate = (snapshot.cycle - self._diagnosed_cycle) / (now - self._diagnosed)
        self._diagnosed, self._diagnosed_cycle = now, snapshot.cycle
        values = {
            **{f"Device {name}": text for name, text in device_health(self._press.states).items()},
            **{f"Memory {path}": text for path, text in wear(self._profile, writes).items()},
            "Cycle rate (Hz)": f"{rate:.1f}",
            "Bus latency (ms)": f"{snapshot.latency * 1e3:.2f}",
            "Cycles without answer": self._failed_cycles,
            "Periods missed": bus.missed,
            "Interlocks": ", ".join(names(snapshot.interlocks)),
        }
        today = datetime.datetime.now(datetime.timezone.utc).date()
        remarks = [*calibration_problems(self._profile, today), *worn(self._profile, writes)]
        if not snapshot.zero_valid:
            remarks.append(
                "the zeros of the force sensors are not checked: open the press, or tare"
            )
        if snapshot.problem:
            self.report(DiagnosticStatus.ERROR, snapshot.problem, values)
        elif snapshot.interlocks:
            self.report(DiagnosticStatus.WARN, "an interlock has tripped", values)
        elif remarks:
            self.report(DiagnosticStatus.WARN, "; ".join(remarks), values)
        else:
            self.report(DiagnosticStatus.OK, "the press answers", values)


def main() -> None:
    """Run the node."""
    run_node(PressDriver)


if __name__ == "__main__":
    main()
