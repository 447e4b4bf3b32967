"""Faults that can be put into the simulated press from outside, by name."""

from collections.abc import Callable, Mapping

from .press import SimulatedPress

Request = Mapping[str, object]


class RequestError(ValueError):
    """A request on the world's socket cannot be understood; the message is one sentence."""


class Faults:
    """Puts faults in and takes them out again."""

    def __init__(self, press: SimulatedPress) -> None:
        self._press = press
        self._switches: dict[str, Callable[[Request, bool], None]] = {
            "silence": self._silence,
            "noise": self._noise,
            "late_reply": self._late_reply,
            "unplug": self._unplug,
            "guard_open": self._guard,
            "estop": self._estop,
            "drive": self._drive,
            "thermocouple_open": self._thermocouple,
            "force_sensor_fail": self._force_sensor,
            "stuck_force": self._stuck_force,
            "heartbeat_frozen": self._heartbeat,
        }

    def switch(self, request: Request, on: bool) -> None:
        """Put in or take out the fault that ``request['fault']`` names.

        Raises:
            RequestError: there is no such fault, or its details are wrong.
        """
        name = request.get("fault")
        act = self._switches.get(name) if isinstance(name, str) else None
        if act is None:
            raise RequestError(
                f"'fault' must be one of {', '.join(self._switches)}, found {name!r}"
            )
        act(request, on)
        self._press.plc.note(f"{'inject' if on else 'heal'} {name}")

    def _silence(self, request: Request, on: bool) -> None:
        self._press.line.faults.silent = on

    def _noise(self, request: Request, on: bool) -> None:
        self._press.line.faults.flipped = _number(request, "rate", 0.01, 1.0) if on else 0.0

    def _late_reply(self, request: Request, on: bool) -> None:
        self._press.line.faults.delay = _number(request, "seconds", 0.1, 60.0) if on else 0.0

    def _unplug(self, request: Request, on: bool) -> None:
        self._press.line.clear()
        if on:
            self._press.port.unplug()
        else:
            self._press.port.plug()

    def _guard(self, request: Request, on: bool) -> None:
        self._press.plc.guard_closed = not on

    def _estop(self, request: Request, on: bool) -> None:
        self._press.plc.estop_closed = not on

    def _drive(self, request: Request, on: bool) -> None:
        self._press.plc.drive_failed = on

    def _heartbeat(self, request: Request, on: bool) -> None:
        self._press.plc.halt(on)

    def _thermocouple(self, request: Request, on: bool) -> None:
        plant = self._press.plant
        sensors = {
            "upper": plant.upper_thermometer,
            "lower": plant.lower_thermometer,
            "frame": plant.frame_thermometer,
        }
        sensors[_which(request, tuple(sensors))].open = on

    def _force_sensor(self, request: Request, on: bool) -> None:
        which = _which(request, ("high", "low"))
        (self._press.plant.high if which == "high" else self._press.plant.low).failed = on

    def _stuck_force(self, request: Request, on: bool) -> None:
        which = _which(request, ("both", "high", "low"), "both")
        plant = self._press.plant
        seen = plant.sense()
        if which in ("both", "high"):
            plant.high.stuck = seen.force_high if on else None
        if which in ("both", "low"):
            plant.low.stuck = seen.force_low if on else None


def _which(request: Request, allowed: tuple[str, ...], default: str | None = None) -> str:
    which = request.get("which", default)
    if isinstance(which, str) and which in allowed:
        return which
    raise RequestError(f"'which' must be one of {', '.join(allowed)}, found {which!r}")


def _number(request: Request, key: str, default: float, most: float) -> float:
    value = request.get(key, default)
    # A whole number may be too large for a float; to compare it is not. NaN compares as false.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise RequestError(f"'{key}' must be a number from 0 to {most:g}, found {str(value)[:40]}")
    return float(value)
