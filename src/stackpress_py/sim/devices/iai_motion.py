"""What the simulated IAI controller does with its axis: servo, homing, moves, push, pause. SI units."""

from collections.abc import Callable
from dataclasses import dataclass

from .axis import Axis, AxisSettings
from .mover import Motion
from .settings import number, positive, switch

GRAVITY = 9.80665
NO_SERVO, NOT_HOMED, TOO_FAST, OVERLOAD = 0x80, 0x83, 0xA3, 0xE0
#: m inside the soft limit.
INSIDE = 0.2e-3
#: m/s^2 of homing and jogging.
GENTLE = 0.3 * GRAVITY


@dataclass(frozen=True, slots=True)
class Settings(AxisSettings):
    """How the controller is set up.

    Attributes:
        homed: it knows its position from the start (absolute encoder).
        pio: commands come by digital inputs until coil 0427h is on.
        push_mm_s: speed of the push after the approach.
        jog_mm_s: speed of homing and jogging.
        rated_ma: motor current at the thrust.
        servo_s: from the servo command to servo on.
    """

    homed: bool = switch(False)
    pio: bool = switch(False)
    push_mm_s: float = positive(20.0, 500.0)
    jog_mm_s: float = positive(30.0, 500.0)
    rated_ma: float = positive(4000.0, 1e5)
    servo_s: float = number(0.02, 0.0, 5.0)


@dataclass(frozen=True, slots=True)
class Order:
    """A numerical command.

    Attributes:
        position: m; with ``relative`` from the last target, or from here for a push.
        band: m, how far a push goes on beyond the position, with its sign.
        speed, acceleration: m/s, m/s^2.
        push: N, the force of a push; None: no push.
        relative: the position is a distance.
    """

    position: float
    band: float
    speed: float
    acceleration: float
    push: float | None
    relative: bool


class IaiMotion:
    """The axis behind the registers.

    Attributes:
        axis: the motion.
        alarm: its number; 0: none.
        emergency: the emergency stop is pressed.
        homed, homing: it knows its position; it looks for it.
        missed: the last push met nothing.
    """

    def __init__(self, settings: Settings, force: Callable[[], float]) -> None:
        self.axis = Axis(settings, force)
        self.alarm = 0
        self.emergency = False
        self.homed = settings.homed
        self.homing = self.missed = False
        self._settings = settings
        self._now = 0.0
        self._servo_wanted = False
        self._servo_since: float | None = None
        self._order: Order | None = None
        self._pushing = False
        #: End of the push that follows the approach.
        self._push_end: float | None = None
        self._paused = False
        self._interrupted: float | None = None

    # ---- time and state --------------------------------------------------------------------------

    @property
    def servo(self) -> bool:
        """True while the servo holds the axis."""
        since = self._servo_since
        return since is not None and self._now - since >= self._settings.servo_s

    @property
    def moving(self) -> bool:
        """True while the axis moves; not while it presses."""
        mover = self.axis.mover
        return mover.motion is not Motion.REST and not mover.pressing

    def complete(self, band: float) -> bool:
        """Return whether the last command has ended, within a band (m) of its target."""
        mover = self.axis.mover
        near = abs(mover.target - mover.position) <= band or self.missed
        ended = mover.pressing or (not self.moving and self._push_end is None and near)
        return self.servo and self.homed and ended

    def advance(self, now: float) -> None:
        """Move up to now."""
        self._now = now
        if not self.servo:
            self.axis.mover.halt()
        self.axis.advance(now)
        if self.servo and self.axis.mover.motion is Motion.REST:
            self._go_on()

    def _go_on(self) -> None:
        """Begin what follows a motion that has ended."""
        if self.homing:
            self.homing, self.homed = False, True
        if self._push_end is not None:
            end, self._push_end = self._push_end, None
            self._push(end)
        elif self._pushing and self.axis.mover.missed:
            self.missed = True

    # ---- commands --------------------------------------------------------------------------------

    def switch_servo(self, on: bool) -> None:
        """Switch the servo on or off; an alarm or the emergency stop keep it off."""
        self._servo_wanted = on
        if not on or self.alarm or self.emergency:
            self._servo_since = None
            self._forget()
            self.axis.mover.halt()
        elif self._servo_since is None:
            self._servo_since = self._now

    def set_emergency(self, on: bool) -> None:
        """Press or release the emergency stop."""
        self.emergency = on
        self.switch_servo(self._servo_wanted)

    def fail(self, code: int) -> None:
        """Raise an alarm."""
        self.alarm = code
        self.switch_servo(self._servo_wanted)

    def reset(self) -> None:
        """Clear the alarm, and what a pause has interrupted."""
        self.alarm, self._interrupted = 0, None
        self.switch_servo(self._servo_wanted)

    def pause(self, on: bool) -> None:
        """Stop on the way, or go on."""
        mover = self.axis.mover
        self._paused = on
        if on:
            if mover.motion is Motion.MOVE:
                self._interrupted = mover.target
            mover.stop()
        elif self._interrupted is not None and self._order is not None:
            mover.move(self._interrupted, self._order.speed, self._order.acceleration)
            self._interrupted = None

    def home(self) -> None:
        """Look for the home position."""
        if self.servo:
            self._forget()
            self.homing, self.homed = True, False
            self.axis.mover.move(0.0, self._settings.jog_mm_s * 1e-3, GENTLE)

    def jog(self, closing: bool, on: bool) -> None:
        """Move towards an end while told so."""
        end = self.axis.stroke if closing else 0.0
        mover = self.axis.mover
        if on and self.servo:
            self._forget()
            mover.move(end, self._settings.jog_mm_s * 1e-3, GENTLE)
        elif not on and mover.motion is Motion.MOVE and mover.target == end:
            mover.stop()

    def stop(self) -> None:
        """Decelerate and forget the command."""
        self._forget()
        self.axis.mover.stop()

    def start(self, order: Order) -> None:
        """Obey a numerical command, or raise the alarm that it deserves."""
        if not self.servo:
            self.fail(NO_SERVO)
        elif not self.homed:
            self.fail(NOT_HOMED)
        elif order.speed > self.axis.speed_limit * (1.0 + 1e-9):
            self.fail(TOO_FAST)
        elif not self._paused:
            self._start(order)

    def _start(self, order: Order) -> None:
        mover, target = self.axis.mover, order.position
        self._forget()
        self._order = order
        if order.relative:
            target += mover.target if order.push is None else mover.position
        target = self._inside(target)
        if order.push is not None:
            self._pushing, self.missed = True, False
            end = self._inside(target + order.band)
            if mover.motion is Motion.PUSH:
                # It presses already: only the force changes.
                self._push(end)
                return
            self._push_end = end
        mover.move(target, order.speed, order.acceleration)

    def _push(self, end: float) -> None:
        order, speed = self._order, self._settings.push_mm_s * 1e-3
        if order is not None and order.push is not None:
            self.axis.mover.push(end, speed, order.acceleration, order.push)

    def _inside(self, target: float) -> float:
        if target > self.axis.stroke:
            return self.axis.stroke - INSIDE
        return INSIDE if target < 0.0 else target

    def _forget(self) -> None:
        self._push_end = self._interrupted = None
        self.homing = self._pushing = False
