"""A device of a made-up profile on a dictionary of raw values."""

from typing import Any

from stackpress_py.devices.device.device import HARMLESS, Device, Wish
from stackpress_py.devices.device.profile import ModbusProfile
from stackpress_py.devices.device.words import Raw
from unit.devices.device.bus_fakes import FakeLink

CHANGE = {"when": "change"}
SLOW_MEMORY = {"when": "change", "memory": "eeprom", "interval": "10 s"}
POINTS: dict[str, Any] = {
    "name": {"address": 0, "type": "text", "length": 4},
    "unit_code": {"address": 4, "write": CHANGE},
    "status": {"address": 5, "bits": {"ready": 0, "broken": 1, "on": 2}},
    "temperature": {"address": 6, "type": "i16", "unit": "degC", "decimals": "places"},
    "places": {"address": 7, "every": "5 s"},
    "target": {
        "address": 8,
        "type": "i16",
        "unit": "degC",
        "decimals": "places",
        "write": CHANGE,
        "maximum": 200.0,
    },
    "stored": {"address": 9, "type": "i16", "scale": 0.1, "unit": "degC", "write": SLOW_MEMORY},
    "run": {"address": 10, "write": CHANGE},
    "position": {
        "address": 11,
        "type": "i16",
        "unit": "mm",
        "read": False,
        "write": {**CHANGE, "together": "move", "after_enable": True},
    },
    "speed": {
        "address": 12,
        "unit": "mm/s",
        "read": False,
        "write": {**CHANGE, "together": "move", "after_enable": True},
    },
    "start": {
        "address": 13,
        "read": False,
        "write": {**CHANGE, "together": "move", "after_enable": True, "rest": 1},
    },
}
VALUES: dict[str, Raw] = {
    "name": "DEVICE 12",
    "unit_code": 0,
    "status": 0b101,
    "temperature": 250,
    "places": 1,
    "target": 0,
    "stored": 0,
    "run": 0,
}


def profile_of(**changes: Any) -> ModbusProfile:
    return ModbusProfile.model_validate(
        {
            "device": "controller",
            "description": "of this test",
            "protocol": "modbus",
            "verification": {"level": "simulated", "source": "this test"},
            "timing": {"reply_latency": "10 ms"},
            "modbus": {"functions": (3, 6, 16)},
            "checks": ({"point": "name", "text": "DEVICE"},),
            "setup": ({"write": "unit_code", "raw": 1},),
            "enable": ({"write": "run", "raw": 1},),
            "safe": ({"write": "run", "raw": 0},),
            "points": POINTS,
            **changes,
        }
    )


class Rig:
    """A device on a dictionary."""

    def __init__(self, *paths: str, **changes: Any) -> None:
        self.link = FakeLink(VALUES)
        self.device = Device("oven", profile_of(**changes), self.link, paths or ("temperature",))
        self.now = 100.0

    def ready(self) -> "Rig":
        """Identify it and pass its first exchange."""
        self.device.identify(self.now)
        self.exchange()
        self.link.calls.clear()
        return self

    def exchange(self, wish: Wish = HARMLESS, after: float = 0.1) -> dict[str, float]:
        self.now += after
        return self.device.exchange(wish, self.now)


def heat(celsius: float) -> Wish:
    return Wish({"target": celsius}, active=True)
