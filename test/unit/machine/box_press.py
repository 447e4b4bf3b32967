"""A press profile with one device, moved and heated as a test needs it."""

from pathlib import Path

from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile

DEVICE = """
device: box
description: A controller with everything
protocol: modbus
verification: {level: simulated, source: this test}
timing: {reply_latency: 10 ms}
modbus: {functions: [3, 16]}
points:
  force: {address: 0, type: f32, unit: N}
  position: {address: 2, type: f32, unit: mm}
  status: {address: 6, bits: {open: 0, locked: 1}}
  force_target: {address: 10, type: f32, unit: N, write: {when: cycle}}
  rate: {address: 12, type: f32, unit: N/s, write: {when: cycle}}
  command: {address: 20, bits: {pump: 0, valve: 1, lock: 2, unlock: 3, enable: 4}, write: {when: cycle}}
"""
OVEN = """
device: oven
description: A temperature controller
protocol: modbus
verification: {level: simulated, source: this test}
timing: {reply_latency: 10 ms}
modbus: {functions: [3, 6, 16]}
points:
  temperature: {address: 4, type: f32, unit: degF}
  target: {address: 14, type: i16, unit: degF, write: {when: change, interval: 1 s, step: 3.6}}
  kept_target: {address: 15, type: i16, unit: degC, write: {when: change, interval: 1 s, memory: eeprom}}
safe: [{write: target, raw: 32}, {write: kept_target, raw: 0}]
"""
PRESS = """
press: box
description: A press with one controller
kind: uniaxial
verification: {level: simulated, source: this test}
actuation: ACTUATION
heating: HEATING
geometry: {die_diameter: 12 mm, open_gap: 60 mm, platen_diameter: 60 mm}
buses:
  main: {protocol: modbus_rtu, port: /dev/main, baud: 115200, parity: even, stop_bits: 1}
devices:
  box: {profile: ./box.yaml, bus: main, unit: 1}
  oven: {profile: ./oven.yaml, bus: main, unit: 2, every: 0.5 s}
cycle: {bus: main, rate: 50 Hz, lost_after: 200 ms, reopen_every: 0.5 s}
signals: SIGNALS
commands: COMMANDS
force_sensors:
  - {name: cell, source: box.force, range: 10 kN, saturation: 12 kN, accuracy: 0.1 %, noise: 0 %}
tare: {largest: 5 %, drift: 0.5 %, window: 0.5 s}
limits:
  force: 10 kN
  force_rate: 5 kN/s
  opening_time: 8 s
LIMITS
trips: {force: 11 kN, force_rate: 40 kN/s, force_rate_window: 50 ms, signal_time: 50 msTRIP}
watchdogs: {actuator_command: 160 ms, heater_command: 450 ms}
"""
FORCE = "{by: force, force: box.force_target, rate: box.rate, enable: box.command.enable}"
HEAT = (
    "  heat: {temperature: 150 degC, coolest: 15 degC, heating_rate: 10 K/min,"
    " cooling_rate: 5 K/min, uncertainty: 1.5 K}"
)
PUMP_AND_VALVE = "{by: pump_and_valve, pump: box.command.pump, valve: box.command.valve}"
TEMPERATURES = "{upper_temperature: oven.temperature, lower_temperature: oven.temperature}"
LOCK = "{lock: box.command.lock, unlock: box.command.unlock}"


def box(
    folder: Path,
    actuation: str = FORCE,
    heating: str = "{by: none}",
    signals: str = "{}",
    commands: str = "{}",
) -> PressProfile:
    """Write the files of a press and load it."""
    heats = heating != "{by: none}"
    if heats and signals == "{}":
        signals = TEMPERATURES
    text = (
        PRESS.replace("ACTUATION", actuation)
        .replace("HEATING", heating)
        .replace("SIGNALS", signals)
        .replace("COMMANDS", commands)
        .replace("LIMITS", HEAT if heats else "")
        .replace("TRIP", ", temperature: 160 degC" if heats else "")
    )
    (folder / "box.yaml").write_text(DEVICE)
    (folder / "oven.yaml").write_text(OVEN)
    (folder / "press.yaml").write_text(text)
    return load_profile(str(folder / "press.yaml"))
