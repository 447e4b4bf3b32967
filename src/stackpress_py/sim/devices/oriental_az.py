"""Oriental Motor AZ series driver (AZD): direct data operation, driver inputs and outputs, monitors.

Sourced: the eight 32 bit values from 0058h (operation number, type, position, speed, starting rate, stopping rate,
current, trigger) with the high word first, the inputs at 007Ch and the bits of 007Dh, the outputs 007Fh with their bits
(a public library for the series); present alarm at 0080h, feedback position at 00CCh, alarm reset at 0180h, the numbers
of the alarms (a public tool after the maker's lists). 0120h and 0122h show feedback and command position as that
library reads them. Unverified: 00C6h, 00D0h and 00D6h, the other triggers, functions 06 and 23, types beyond 1, what a
motor does that cannot follow (here alarm 10h, or for the pushing type a stop at its current). The driver's own table
of operations is not simulated: its START does nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .axis import Axis, AxisSettings
from .modbus_device import DIAGNOSE, READ, READ_WRITE, WRITE, WRITE_ONE, Manners, ModbusDevice
from .mover import Motion
from .points import Kind, Order, Parameter, Point, one_of, shown, within
from .settings import number, positive

MANNERS = Manners((READ, WRITE_ONE, WRITE, READ_WRITE, DIAGNOSE), broadcast=True)
HOME, STOP, FREE, ALARM_RESET = 4, 5, 6, 7
HOMED, READY, ALARM, MOVING, IN_POSITION, AT_CURRENT = 4, 5, 7, 13, 14, 15
ABSOLUTE, RELATIVE, RELATIVE_FEEDBACK, SPEED, PUSHING = 1, 2, 3, 16, 20
TYPES = (0, ABSOLUTE, RELATIVE, RELATIVE_FEEDBACK, SPEED, PUSHING)
NOT_YET, POSITION_CHANGE, SPEED_CHANGE, ALL = 0, -5, -4, 1
DEVIATION, SILENT_MASTER = 0x10, 0x85


@dataclass(frozen=True, slots=True)
class Settings(AxisSettings):
    """How the driver is set up.

    Attributes:
        step_um: movement of one step.
        watchdog_ms: silence of the master that stops the motor with alarm 85h; 0: none.
    """

    step_um: float = positive(6.0, 1e3)
    watchdog_ms: float = number(0.0, 0.0, 1e4)


class OrientalAz(ModbusDevice):
    """One driver with motor and screw; the absolute encoder needs no homing."""

    def __init__(self, settings: Settings, force: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(settings.unit, MANNERS)
        self.axis = Axis(settings, force)
        self._step = settings.step_um * 1e-6
        self._watchdog = settings.watchdog_ms * 1e-3
        self._heard = 0.0
        self._inputs = 0
        self._alarm = 0
        limit = 0x7FFF_FFFF
        self._type = Order(self._type_put, one_of(*TYPES), lambda: self._kind)
        self._kind = 0
        self._position = Parameter(0, -limit, limit)
        self._speed = Parameter(1000, -4_000_000, 4_000_000)
        self._starting = Parameter(1_000_000, 1, 1_000_000_000)
        self._stopping = Parameter(1_000_000, 1, 1_000_000_000)
        self._current = Parameter(1000, 0, 1000)
        self._map()

    def advance(self, now: float) -> None:
        """Move up to now."""
        self.now = now
        mover = self.axis.mover
        if (
            self._watchdog
            and now - self._heard > self._watchdog
            and mover.motion is not Motion.REST
        ):
            self._fail(SILENT_MASTER)
        self.axis.advance(now)
        weak = abs(self.axis.share) > self._current.value * 1e-3
        if weak and mover.motion in (Motion.MOVE, Motion.SPEED):
            self._fail(DEVIATION)

    def answer(self, frame: bytes, now: float) -> bytes | None:
        """Return the reply; any frame for this driver feeds its watchdog."""
        self.advance(now)
        reply = super().answer(frame, now)
        if reply is not None:
            self._heard = now
        return reply

    def truth(self) -> dict[str, object]:
        """Return position (m), velocity (m/s) and alarm."""
        mover = self.axis.mover
        return {"position": mover.position, "velocity": mover.velocity, "alarm": self._alarm}

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return the failures of the drive."""
        return {"deviation": lambda on: self._fail(DEVIATION) if on else None}

    def _fail(self, code: int) -> None:
        self._alarm = code
        self.axis.mover.halt()

    # ---- orders ----------------------------------------------------------------------------------

    def _type_put(self, value: float) -> None:
        self._kind = int(value)

    def _trigger(self, value: float) -> None:
        if self._alarm or self._inputs >> FREE & 1 or self._inputs >> STOP & 1:
            return
        if value in (ALL, POSITION_CHANGE, SPEED_CHANGE):
            self._operate()

    def _operate(self) -> None:
        mover = self.axis.mover
        speed = min(abs(self._speed.value) * self._step, self.axis.speed_limit)
        rate = self._starting.value * self._step
        targets = {
            ABSOLUTE: 0.0,
            PUSHING: 0.0,
            RELATIVE: mover.target,
            RELATIVE_FEEDBACK: mover.position,
        }
        if self._kind == SPEED:
            mover.run(math.copysign(speed, self._speed.value), rate)
        elif self._kind in targets:
            target = targets[self._kind] + self._position.value * self._step
            if self._kind == PUSHING:
                mover.push(target, speed, rate, self._current.value * 1e-3 * self.axis.thrust)
            else:
                mover.move(target, speed, rate)

    def _put_inputs(self, value: float) -> None:
        fresh = int(value) & ~self._inputs
        self._inputs = int(value)
        mover, stopping = self.axis.mover, self._stopping.value * self._step
        if fresh >> ALARM_RESET & 1:
            self._alarm = 0
        if self._inputs >> FREE & 1:
            mover.halt()
        elif self._inputs >> STOP & 1:
            mover.stop(stopping)
        elif fresh >> HOME & 1 and not self._alarm:
            mover.move(0.0, self.axis.speed_limit, self._starting.value * self._step)

    def _put_pulse(self, value: float) -> None:
        """Take inputs that switch themselves off again."""
        held = self._inputs
        self._put_inputs(int(value) | held)
        self._inputs = held

    def _reset(self, value: float) -> None:
        if value == 1:
            self._alarm = 0

    # ---- the map ---------------------------------------------------------------------------------

    def _outputs(self) -> int:
        mover = self.axis.mover
        moving = mover.motion is not Motion.REST and not mover.pressing
        ready = mover.motion is Motion.REST and not self._alarm and not self._inputs >> FREE & 1
        near = abs(mover.target - mover.position) <= 2.0 * self._step
        bits = {
            HOMED: True,
            READY: ready,
            ALARM: self._alarm != 0,
            MOVING: moving,
            IN_POSITION: near and not moving,
            AT_CURRENT: mover.pressing,
        }
        return sum(on << bit for bit, on in bits.items())

    def _map(self) -> None:
        mover, counts = self.axis.mover, 1.0 / self._step
        self.holding.add(
            Point(0x0058, Parameter(0, 0, 255), Kind.I32),
            Point(0x005A, self._type, Kind.I32),
            Point(0x005C, self._position, Kind.I32),
            Point(0x005E, self._speed, Kind.I32),
            Point(0x0060, self._starting, Kind.I32),
            Point(0x0062, self._stopping, Kind.I32),
            Point(0x0064, self._current, Kind.I32),
            Point(0x0066, Order(self._trigger, within(-7, 1), lambda: NOT_YET), Kind.I32),
            Point(0x0078, Order(self._put_pulse, read=lambda: 0), Kind.U32),
            Point(0x007C, Order(self._put_inputs, read=lambda: self._inputs), Kind.U32),
            shown(0x007E, self._outputs, Kind.U32),
            shown(0x0080, lambda: self._alarm, Kind.U32),
            shown(0x00C6, lambda: mover.target, Kind.I32, counts),
            shown(0x00CC, lambda: mover.position, Kind.I32, counts),
            shown(0x00D0, lambda: mover.velocity, Kind.I32, counts),
            shown(0x00D6, lambda: 1000.0 * self.axis.share, Kind.I32),
            shown(0x0120, lambda: mover.position, Kind.I32, counts),
            shown(0x0122, lambda: mover.target, Kind.I32, counts),
            Point(0x0180, Order(self._reset, one_of(0, 1), lambda: 0), Kind.U32),
        )
