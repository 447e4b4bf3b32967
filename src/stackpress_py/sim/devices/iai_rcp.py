"""IAI ROBO Cylinder controller (RCP, ACON, SCON, ERC) on Modbus: homing, numerical moves, push motion.

Sourced, "Modbus" manual of the series: the status registers and their bits (p. 51 to 60), the coils and their mirror at
0D00h (p. 130 to 159), the numerical command 9900h to 9908h: which registers start a move alone, PPOW as 0 to 255 for
0 to 100 %, CTLF with PUSH, DIR and INC and its return to the default after each move, INP as the push band, targets
beyond the soft limit moved 0.2 mm inside (p. 152 to 168); a move before homing is an alarm, one beyond the highest
speed too, none is made without servo; PSFL after a push into the void. Unverified: the numbers of the alarms, that an
alarm switches the servo off, how long the servo takes, that force is in proportion to current. The table of positions
is not simulated.
"""

from collections.abc import Callable

from .axis import Axis
from .iai_motion import GRAVITY, OVERLOAD, IaiMotion, Order, Settings
from .iai_registers import Coil, State, add_coils, add_states, add_unused
from .modbus_device import (
    READ,
    READ_COILS,
    READ_INPUT_BITS,
    WRITE,
    WRITE_COIL,
    WRITE_ONE,
    Manners,
    ModbusDevice,
)
from .mover import Motion
from .points import Kind, Parameter, Point, shown

__all__ = ["IaiRcp", "Settings"]

MANNERS = Manners((READ_COILS, READ_INPUT_BITS, READ, WRITE_COIL, WRITE_ONE, WRITE), broadcast=True)
PUSH, REVERSE, RELATIVE = 1 << 1, 1 << 2, 1 << 3
#: Registers that start a move when they alone are written.
STARTERS = (0x9900, 0x9901, 0x9904, 0x9905, 0x9906, 0x9907)
FULL_PUSH = 255
HUNDREDTH_MM = 1e-5
HUNDREDTH_G = 0.01 * GRAVITY


class IaiRcp(ModbusDevice):
    """One controller with its axis.

    Attributes:
        motion: the axis and what it does.
    """

    def __init__(self, settings: Settings, force: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(settings.unit, MANNERS)
        self.motion = IaiMotion(settings, force)
        self._settings = settings
        self._coils: set[int] = set()
        limit = 999_999
        self._position = Parameter(0, -limit, limit)
        self._band = Parameter(10, 1, limit)
        self._speed = Parameter(round(settings.speed_limit_mm_s * 100.0), 1, limit)
        self._acceleration = Parameter(30, 1, 300)
        self._push_current = Parameter(0, 0, FULL_PUSH)
        self._flags = Parameter(0, 0, 0xFFFF)
        self._map()

    @property
    def axis(self) -> Axis:
        """The mechanics."""
        return self.motion.axis

    def advance(self, now: float) -> None:
        """Move up to now."""
        self.now = now
        self.motion.advance(now)

    def truth(self) -> dict[str, object]:
        """Return position (m), velocity (m/s), homing, servo and alarm."""
        motion, mover = self.motion, self.axis.mover
        return {
            "position": mover.position,
            "velocity": mover.velocity,
            "homed": motion.homed,
            "servo": motion.servo,
            "alarm": motion.alarm,
        }

    def switches(self) -> dict[str, Callable[[bool], None]]:
        """Return its emergency stop, and a failure that needs a reset."""
        return {
            "estop": self.motion.set_emergency,
            "overload": lambda on: self.motion.fail(OVERLOAD) if on else None,
        }

    # ---- commands --------------------------------------------------------------------------------

    @property
    def _obeys(self) -> bool:
        return not self._settings.pio or Coil.BY_MASTER in self._coils

    def _put_coil(self, address: int, on: bool) -> None:
        edge = on and address not in self._coils
        (self._coils.add if on else self._coils.discard)(address)
        if not self._obeys:
            return
        motion = self.motion
        if address == Coil.SERVO:
            motion.switch_servo(on)
        elif address == Coil.PAUSE:
            motion.pause(on)
        elif address == Coil.RESET and edge:
            motion.reset()
        elif address == Coil.HOME and edge:
            motion.home()
        elif address == Coil.STOP and on:
            self._coils.discard(address)
            motion.stop()
        elif address in (Coil.JOG_PLUS, Coil.JOG_MINUS) and (edge or not on):
            motion.jog(address == Coil.JOG_PLUS, on)

    def written(self, function: int, address: int, count: int) -> bool:
        """Move after a block that starts a move was written."""
        if any(address <= each < address + count for each in STARTERS):
            if self._obeys:
                self.motion.start(self._order())
            self._flags.value = 0
        return True

    def _order(self) -> Order:
        flags = int(self._flags.value)
        band = self._band.value * HUNDREDTH_MM
        force = self._push_current.value / FULL_PUSH * self.axis.thrust
        return Order(
            position=self._position.value * HUNDREDTH_MM,
            band=-band if flags & REVERSE else band,
            speed=self._speed.value * HUNDREDTH_MM,
            acceleration=self._acceleration.value * HUNDREDTH_G,
            push=force if flags & PUSH else None,
            relative=bool(flags & RELATIVE),
        )

    # ---- the map ---------------------------------------------------------------------------------

    def _states(self) -> set[State]:
        motion, mover = self.motion, self.axis.mover
        states = {
            State.EMERGENCY: motion.emergency,
            State.READY: True,
            State.SERVO: motion.servo,
            State.MISSED: motion.missed,
            State.FAILURE: motion.alarm != 0,
            State.PAUSED: Coil.PAUSE in self._coils,
            State.HOMED: motion.homed,
            State.COMPLETE: motion.complete(self._band.value * HUNDREDTH_MM),
            State.ENABLED: True,
            State.TORQUE: mover.pressing,
            State.EMERGENCY_STOP: motion.emergency,
            State.HOMING: motion.homing,
            State.PUSHING: mover.motion is Motion.PUSH,
            State.BY_MASTER: Coil.BY_MASTER in self._coils,
            State.MOVING: motion.moving,
        }
        return {state for state, on in states.items() if on}

    def _status(self) -> int:
        motion = self.motion
        bits = (not motion.emergency, Coil.SERVO in self._coils, motion.servo, motion.homed)
        return sum(on << bit for bit, on in enumerate(bits))

    def _map(self) -> None:
        mover, per_mm = self.axis.mover, 1.0 / HUNDREDTH_MM
        self.holding.add(
            shown(0x9000, lambda: mover.position, Kind.I32, per_mm),
            shown(0x9002, lambda: self.motion.alarm, Kind.U16),
            shown(0x9008, self._status, Kind.U32),
            shown(0x900A, lambda: mover.velocity, Kind.I32, per_mm),
            shown(0x900C, lambda: self._settings.rated_ma * self.axis.share, Kind.I32),
            shown(0x900E, lambda: mover.target - mover.position, Kind.I32, per_mm),
            shown(0x9010, lambda: self.now, Kind.U32, 1e3),
            Point(0x9900, self._position, Kind.I32),
            Point(0x9902, self._band, Kind.I32),
            Point(0x9904, self._speed, Kind.I32),
            Point(0x9906, self._acceleration, Kind.U16),
            Point(0x9907, self._push_current, Kind.U16),
            Point(0x9908, self._flags, Kind.U16),
        )
        add_unused(self.holding)
        add_states(self.holding, self.coils, self._states)
        add_coils(self.holding, self.coils, self._coils, self._put_coil)
        self.input_bits = self.coils
