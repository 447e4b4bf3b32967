"""The world around the press: what a robot's hand, a person or a fault does to it. JSON lines on a Unix socket."""

import json
import math
from collections.abc import Callable, Mapping

from .plc import Plc
from .wire import Wire

Reply = dict[str, object]


class WorldError(Exception):
    """A request that cannot be done; the message is one sentence."""


class World:
    """Answers the requests of the world's socket.

    Attributes:
        collisions: how often a hand was in the press while it was not open and still.
        cell_id: cell in the die; empty: none.
    """

    def __init__(self, plc: Plc, wire: Wire) -> None:
        self._plc = plc
        self._wire = wire
        self.collisions = 0
        self.cell_id = ""
        self._operations: dict[str, Callable[[Mapping[str, object]], Reply]] = {
            "place": self._place,
            "take": self._take,
            "state": self._state,
            "inject": lambda request: self._fault(request, True),
            "heal": lambda request: self._fault(request, False),
        }

    def answer(self, line: bytes) -> bytes:
        """Answer one line."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or request.get("op") not in self._operations:
                raise WorldError(f"'op' must be one of {', '.join(self._operations)}")
            reply: Reply = {"ok": True, **self._operations[str(request["op"])](request)}
        except (WorldError, ValueError) as error:
            reply = {"ok": False, "error": str(error)}
        return json.dumps(reply).encode() + b"\n"

    def _reach_in(self) -> None:
        if not self._plc.plant.clear_for_robot:
            self.collisions += 1
            self._log("collision")
            raise WorldError("the press is not open and still: a hand in it was hit")

    def _place(self, request: Mapping[str, object]) -> Reply:
        self._reach_in()
        if self._plc.plant.press.sample is not None:
            raise WorldError(f"cell '{self.cell_id}' lies in the die already")
        self.cell_id = str(request.get("cell_id", ""))
        self._plc.plant.place_sample()
        self._log(f"placed {self.cell_id}")
        return {"cell_id": self.cell_id}

    def _take(self, request: Mapping[str, object]) -> Reply:
        self._reach_in()
        sample = self._plc.plant.take_sample()
        if sample is None:
            raise WorldError("no cell lies in the die")
        cell_id, self.cell_id = self.cell_id, ""
        self._log(f"taken {cell_id}")
        return {
            "cell_id": cell_id,
            "peak_pressure": sample.peak,
            "density": sample.density,
            "broken": sample.broken,
        }

    def _state(self, request: Mapping[str, object]) -> Reply:
        return {**truth(self._plc), "cell_id": self.cell_id, "collisions": self.collisions}

    def _log(self, text: str) -> None:
        self._plc.events.append((self._plc.plant.time, text))

    def _fault(self, request: Mapping[str, object], on: bool) -> Reply:
        name, which = request.get("fault"), request.get("which")
        plc, wire, plant = self._plc, self._wire, self._plc.plant
        if name == "silence":
            wire.silent = on
        elif name == "noise":
            wire.flip_rate = _number(request, "rate", 0.01) if on else 0.0
        elif name == "late_reply":
            wire.extra_delay = _number(request, "seconds", 0.1) if on else 0.0
        elif name == "unplug":
            (wire.unplug if on else wire.plug)()
        elif name == "guard_open":
            plc.guard_closed = not on
        elif name == "estop":
            plc.estop_closed = not on
        elif name == "heartbeat_frozen":
            plc.heartbeat_frozen = on
        elif name == "thermocouple_open" and which in ("upper", "lower"):
            thermocouple = (
                plant.upper_thermocouple if which == "upper" else plant.lower_thermocouple
            )
            thermocouple.open = on
        elif name == "force_sensor_fail" and which in ("high", "low"):
            (plant.high if which == "high" else plant.low).failed = on
        elif name == "stuck_force":
            value = plant.press.force if on else None
            plant.high.stuck = plant.low.stuck = value
        else:
            raise WorldError(f"there is no fault '{name}' (which: '{which}')")
        self._log(f"{'inject' if on else 'heal'} {name}")
        return {}


def _number(request: Mapping[str, object], key: str, default: float) -> float:
    value = request.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WorldError(f"'{key}' must be a number")
    return float(value)


def truth(plc: Plc) -> Reply:
    """Return the true values: s, N, Pa, m, m/s, degC."""
    plant = plc.plant
    drive, heat = plant.press.drive, plant.thermal
    return {
        "t": round(plant.time, 4),
        "force": plant.press.force,
        "sample_pressure": plant.press.pressure,
        "position": drive.position,
        "velocity": drive.velocity,
        "commanded_velocity": plc.velocity if plc.motion_enabled else 0.0,
        "upper_temperature": heat.upper.temperature,
        "lower_temperature": heat.lower.temperature,
        "upper_output": heat.upper.output,
        "lower_output": heat.lower.output,
        "motion_enabled": plc.motion_enabled,
        "heating_enabled": plc.heating_enabled,
        "locked": plc.locked,
        "faults": plc.faults,
        "sample": plant.press.sample is not None,
    }
