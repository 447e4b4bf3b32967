"""The profile of a made-up instrument that has everything a profile can say."""

from stackpress_py import documents
from stackpress_py.devices.device.profile import ModbusProfile

TEXT = """
device: instrument
description: made up
protocol: modbus
verification: {level: simulated, source: none}
line: {bauds: [19200], framings: [8E1]}
timing: {reply_latency: 50 ms}
modbus: {functions: [1, 3, 6, 16], bridge: 2}
checks:
  - {point: name, text: INSTR}
  - {point: unit_code, raw: 15, set: true, why: degrees Celsius over the bus}
points:
  name: {address: 0, type: text, length: 4}
  unit_code: {address: 10, write: {when: change}}
  temperature: {address: 20, type: f32, unit: degC, unknown_when: [status.broken]}
  target: {address: 22, type: f32, unit: degC, write: {when: change}}
  oven: {address: 24, type: i16, scale: 0.1, unit: degC, unknown: [0x8003]}
  raw_force: {address: 25, unit: N, decimals: decimals, negative_when: status.negative}
  decimals: {address: 26}
  weight: {address: 27, type: u32, unit: kgf, factors: {by: division, table: {0: 1.0, 1: 0.1}}}
  division: {address: 29, field: [0, 7]}
  version: {address: 29, field: [8, 15], equals: 2}
  pressure: {address: 30, type: f32, unit: bar, known_when: {mode: [1, 2]}}
  mode: {address: 32}
  status: {address: 33, bits: {broken: 0, negative: 1, fault: 2}}
  count: {address: 34, type: i32}
  level: {address: 36, unit: degC}
  relay: {address: 5, table: coil}
  order: {address: 90, read: false, write: {when: change}}
faults: [status.fault]
"""

PROFILE = documents.loads(TEXT, ModbusProfile)

#: Raw values of an instrument at which nothing is to be found fault with.
FINE = {
    "name": "INSTR-7",
    "unit_code": 15,
    "temperature": 25.5,
    "target": 80.0,
    "oven": 251,
    "raw_force": 1234,
    "decimals": 2,
    "weight": 55,
    "division": 0x0201,
    "version": 0x0201,
    "pressure": 3.5,
    "mode": 1,
    "status": 0,
    "count": 77,
    "level": 20,
    "relay": 1,
}
