"""A press of two buses without wires: its devices are dictionaries of raw values."""

from collections.abc import Mapping
from pathlib import Path

from stackpress_py.devices.bus.errors import DeviceError, NoReplyError, PortError
from stackpress_py.devices.device.profile import DeviceProfile
from stackpress_py.devices.device.words import Raw
from stackpress_py.devices.press.connection import Press
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.devices.press.wires import Wire, loops_on

AXIS = """
device: axis
description: An axis with a load cell
protocol: modbus
verification: {level: simulated, source: this test}
timing: {reply_latency: 10 ms}
modbus: {functions: [3, 6, 16]}
points:
  force: {address: 0, type: f32, unit: N}
  position: {address: 2, type: f32, unit: mm}
  status: {address: 4, bits: {guard: 0, emergency_stop: 1}}
  velocity: {address: 10, type: f32, unit: mm/s, read: false, write: {when: cycle}}
  command: {address: 12, read: false, bits: {enable: 0, lock: 1, unlock: 2}, write: {when: cycle}}
"""
CONTROLLER = """
device: controller
description: A temperature controller
protocol: modbus
verification: {level: simulated, source: this test}
timing: {reply_latency: 100 ms}
modbus: {functions: [3, 6]}
points:
  temperature: {address: 0, type: i16, scale: 0.1, unit: degC, unknown: [-32768]}
  target: {address: 1, type: i16, scale: 0.1, unit: degC, write: {when: change, interval: 1 s, step: 0.5}}
  run: {address: 2, write: {when: change}}
enable: [{write: run, raw: 1}]
safe: [{write: run, raw: 0}]
"""
PRESS = """
press: two_buses
description: A press of two buses
kind: heated
verification: {level: simulated, source: this test}
tuning: none.yaml
actuation: {by: velocity, velocity: axis.velocity, enable: axis.command.enable}
heating: {by: setpoint, upper: upper.target, lower: lower.target}
geometry: {die_diameter: 12 mm, open_gap: 60 mm, platen_diameter: 60 mm}
buses:
  heat: {protocol: modbus_rtu, port: /dev/heat, baud: 9600, parity: none, stop_bits: 1}
  main: {protocol: modbus_rtu, port: /dev/main, baud: 115200, parity: even, stop_bits: 1}
devices:
  axis: {profile: ./axis.yaml, bus: main, unit: 1}
  upper: {profile: ./controller.yaml, bus: heat, unit: 1, every: 0.5 s}
  lower: {profile: ./controller.yaml, bus: heat, unit: 2, every: 0.5 s}
cycle: {bus: main, rate: 50 Hz, lost_after: 200 ms, reopen_every: 0.5 s}
signals:
  position: axis.position
  upper_temperature: upper.temperature
  lower_temperature: lower.temperature
  guard_closed: axis.status.guard
  estop_released: not axis.status.emergency_stop
commands: {lock: axis.command.lock, unlock: axis.command.unlock}
force_sensors:
  - {name: cell, source: axis.force, range: 10 kN, saturation: 12 kN, accuracy: 0.1 %, noise: 0.02 %}
tare: {position_below: 30 mm, largest: 5 %, drift: 0.5 %, window: 0.5 s}
limits:
  force: 10 kN
  force_rate: 10 kN/s
  velocity: 5 mm/s
  travel: 60 mm
  heat: {temperature: 150 degC, coolest: 15 degC, heating_rate: 10 K/min, cooling_rate: 5 K/min, uncertainty: 1.5 K}
trips: {force: 11 kN, force_rate: 40 kN/s, force_rate_window: 50 ms, temperature: 160 degC, signal_time: 50 ms}
watchdogs: {actuator_command: 160 ms, heater_command: 450 ms}
"""


def write_profiles(folder: Path, press: str = PRESS, axis: str = AXIS) -> PressProfile:
    """Write the three files and load the press."""
    (folder / "axis.yaml").write_text(axis)
    (folder / "controller.yaml").write_text(CONTROLLER)
    (folder / "press.yaml").write_text(press)
    return load_profile(str(folder / "press.yaml"))


class FakeDevice:
    """A link whose device is a dictionary; it can be silent, and remembers what was written."""

    def __init__(self, port: "FakePort", raws: dict[str, Raw]) -> None:
        self.port = port
        self.raws = raws
        self.silent = False
        self.deaf: set[str] = set()
        self.written: list[dict[str, Raw]] = []
        self.asked = 0

    def _answer(self) -> None:
        self.asked += 1
        self.port.require()
        if self.silent:
            raise NoReplyError("the device does not answer")

    def read(self, names: frozenset[str]) -> dict[str, Raw]:
        self._answer()
        return {name: self.raws[name] for name in names}

    def write(self, numbers: Mapping[str, int | float]) -> None:
        self._answer()
        self.written.append(dict(numbers))
        self.raws.update({n: number for n, number in numbers.items() if n not in self.deaf})

    def exchange(self, numbers: Mapping[str, int | float], names: frozenset[str]) -> dict[str, Raw]:
        self.write(numbers)
        return self.read(names)

    def distrust(self) -> None:
        raise AssertionError("an answer was not believed")


class FakePort:
    """A port that can be unplugged."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_open = False
        self.present = True
        self.openings = 0

    def open(self) -> None:
        self.openings += 1
        if not self.present:
            raise PortError(f"the port {self.path} cannot be opened: No such file or directory")
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def require(self) -> None:
        if not self.present:
            self.is_open = False
            raise PortError(f"the port {self.path} was lost: Input/output error")
        if not self.is_open:
            raise PortError(f"the port {self.path} is closed")


class TwoBuses:
    """The press, its ports and its devices."""

    def __init__(self, profile: PressProfile, threads: bool = False) -> None:
        self.profile = profile
        self.main, self.heat = FakePort("/dev/main"), FakePort("/dev/heat")
        axis: dict[str, Raw] = {"force": 100.0, "position": 20.0, "status": 1}
        self.axis = FakeDevice(self.main, axis)
        self.upper = FakeDevice(self.heat, {"temperature": 250, "target": 0, "run": 1})
        self.lower = FakeDevice(self.heat, {"temperature": 260, "target": 0, "run": 1})
        units = {
            ("axis", 1): self.axis,
            ("controller", 1): self.upper,
            ("controller", 2): self.lower,
        }

        def link(kind: DeviceProfile, unit: int) -> FakeDevice:
            return units[kind.device, unit]

        wires = {
            "main": Wire(self.main, link, lambda: 0.004),
            "heat": Wire(self.heat, link, lambda: 0.03),
        }
        self.press = Press(profile, loops_on(profile, wires), threads)

    def open(self) -> None:
        """Open it; raise DeviceError as the driver would see it."""
        try:
            self.press.open(0.0)
        except DeviceError:
            assert not self.main.is_open
            assert not self.heat.is_open
            raise
