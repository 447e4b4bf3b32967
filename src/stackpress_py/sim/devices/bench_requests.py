"""What tests may ask of a bench on its socket: one JSON object per line, answered by one."""

import json
import math
from collections.abc import Callable

from ..faults import Request, RequestError
from ..port import PortError
from .bench import Bench
from .buses import Bus
from .mounted import Mounted
from .tcp import TcpPort

Reply = dict[str, object]
Switch = Callable[[Request, bool], None]


class Requests:
    """Answers requests.

    ``state``; ``set`` (device, value) and ``release`` (device); ``inject`` and ``heal`` (fault, and device or line);
    what the world adds.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._operations: dict[str, Callable[[Request], Reply]] = {
            "state": lambda request: self._state(),
            "set": self._set,
            "release": self._release,
            "inject": lambda request: self._switch(request, True),
            "heal": lambda request: self._switch(request, False),
            **bench.world.operations(),
        }

    def answer(self, line: bytes) -> bytes:
        """Answer one line with one line."""
        try:
            reply: Reply = {"ok": True, **self._act(line)}
        except (RequestError, PortError) as error:
            reply = {"ok": False, "error": str(error)}
        return json.dumps(_without_nan(reply)).encode() + b"\n"

    def _act(self, line: bytes) -> Reply:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise RequestError("a request must be one JSON object on one line") from None
        name = request.get("op") if isinstance(request, dict) else None
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is None:
            raise RequestError(f"'op' must be one of {', '.join(self._operations)}, found {name!r}")
        return operation(request)

    def _state(self) -> Reply:
        bench = self._bench
        devices = {
            name: {
                "measured": each.signal(),
                "answered": each.answered,
                **each.device.truth(),
            }
            for name, each in bench.devices.items()
        }
        lines = {name: each.answered for name, each in (bench.buses | bench.ports).items()}
        return {"world": bench.world.truth(), "devices": devices, "answered": lines}

    def _set(self, request: Request) -> Reply:
        self._device(request).signal.held = _number(request, "value", None, -1e9, 1e9)
        return {}

    def _release(self, request: Request) -> Reply:
        self._device(request).signal.held = None
        return {}

    # ---- faults ----------------------------------------------------------------------------------

    def _switch(self, request: Request, on: bool) -> Reply:
        where = request.get("line")
        on_line = where is not None
        switches = (
            self._line_faults(where) if on_line else self._device_faults(self._device(request))
        )
        name = request.get("fault")
        act = switches.get(name) if isinstance(name, str) else None
        if act is None:
            raise RequestError(f"'fault' must be one of {', '.join(switches)}, found {name!r}")
        act(request, on)
        return {}

    def _device_faults(self, device: Mounted) -> dict[str, Switch]:
        def silence(request: Request, on: bool) -> None:
            device.silent = on

        def late_reply(request: Request, on: bool) -> None:
            device.delay = _number(request, "seconds", 0.1, 0.0, 60.0) if on else 0.0

        def wrong_unit(request: Request, on: bool) -> None:
            if not device.modbus:
                raise RequestError(f"'{device.name}' has no unit in its replies")
            unit = round(_number(request, "unit", 247, 0, 255))
            device.foreign_unit = unit if on else None

        def sensor_open(request: Request, on: bool) -> None:
            device.signal.open = on

        def stuck(request: Request, on: bool) -> None:
            device.signal.stick(on)

        own = {name: _plain(act) for name, act in device.device.switches().items()}
        return {
            "silence": silence,
            "late_reply": late_reply,
            "wrong_unit": wrong_unit,
            "sensor_open": sensor_open,
            "stuck": stuck,
            **own,
        }

    def _line_faults(self, where: object) -> dict[str, Switch]:
        bench = self._bench
        if isinstance(where, str) and where in bench.buses:
            return _bus_faults(bench.buses[where])
        if isinstance(where, str) and where in bench.ports:
            return _port_faults(bench.ports[where])
        names = ", ".join((*bench.buses, *bench.ports))
        raise RequestError(f"'line' must be one of {names}, found {where!r}")

    def _device(self, request: Request) -> Mounted:
        name = request.get("device")
        device = self._bench.devices.get(name) if isinstance(name, str) else None
        if device is None:
            names = ", ".join(self._bench.devices)
            raise RequestError(f"'device' must be one of {names}, found {name!r}")
        return device


def _bus_faults(bus: Bus) -> dict[str, Switch]:
    def silence(request: Request, on: bool) -> None:
        bus.line.faults.silent = on

    def noise(request: Request, on: bool) -> None:
        bus.line.faults.flipped = _number(request, "rate", 0.01, 0.0, 1.0) if on else 0.0

    def late_reply(request: Request, on: bool) -> None:
        bus.line.faults.delay = _number(request, "seconds", 0.1, 0.0, 60.0) if on else 0.0

    def unplug(request: Request, on: bool) -> None:
        bus.line.clear()
        if on:
            bus.port.unplug()
        else:
            bus.port.plug()

    return {"silence": silence, "noise": noise, "late_reply": late_reply, "unplug": unplug}


def _port_faults(port: TcpPort) -> dict[str, Switch]:
    def unplug(request: Request, on: bool) -> None:
        port.unplug(on)

    return {"unplug": unplug}


def _plain(act: Callable[[bool], None]) -> Switch:
    return lambda request, on: act(on)


def _number(request: Request, key: str, default: float | None, low: float, high: float) -> float:
    value = request.get(key, default)
    # A whole number may be too large for a float; to compare it is not. NaN compares as false.
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(
            f"'{key}' must be a number from {low:g} to {high:g}, found {str(value)[:40]}"
        )
    return float(value)


def _without_nan(value: object) -> object:
    """Return the value with None for NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
