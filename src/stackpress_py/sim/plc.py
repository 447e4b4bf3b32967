"""The controller of the reference press: enables, watchdog, faults, lock (docs/reference_press_plc.md). SI units."""

import math
from enum import IntEnum

from .plant import Command, Plant


class Fault(IntEnum):
    """Bits of register 3."""

    WATCHDOG = 0
    GUARD = 1
    EMERGENCY_STOP = 2
    FORCE_LIMIT = 3
    UPPER_OVER_TEMPERATURE = 4
    LOWER_OVER_TEMPERATURE = 5
    FORCE_HIGH = 6
    FORCE_LOW = 7
    UPPER_OPEN = 8
    LOWER_OPEN = 9
    LIMIT_SWITCH = 10
    DRIVE = 11


class CommandBit(IntEnum):
    """Bits of register 101."""

    MOTION = 0
    HEATING = 1
    RESET = 2
    LOCK = 3
    UNLOCK = 4


#: Faults that switch heating off as well as motion.
COLD_FAULTS = (
    1 << Fault.WATCHDOG
    | 1 << Fault.EMERGENCY_STOP
    | 1 << Fault.UPPER_OVER_TEMPERATURE
    | 1 << Fault.LOWER_OVER_TEMPERATURE
    | 1 << Fault.UPPER_OPEN
    | 1 << Fault.LOWER_OPEN
)
_MOTION = 1 << CommandBit.MOTION
_HEATING = 1 << CommandBit.HEATING
#: s between two looks at switches, limits and watchdog; several scans at once, to be light.
LOOK = 2e-3


class Plc:
    """Controller and plant together.

    Attributes:
        plant: the press.
        guard_closed, estop_closed: switches of the machine, set from outside.
        drive_failed: a fault of the drive, set from outside.
        halted: its program stands still: heartbeat echo and scan counter are frozen (set from outside).
        faults: register 3.
        locked: the retentive lock.
        command_word: register 101 as last written.
        velocity: m/s, set-point as last written; a fault clears it, so that a reset does not set the ram moving.
        powers: -1..1, of upper and lower platen, as last written; cleared likewise.
        heartbeat, echo: as last written, and as answered.
        events: (s, what) since they were last fetched.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.guard_closed = True
        self.estop_closed = True
        self.drive_failed = False
        self.halted = False
        self.faults = 0
        self.locked = False
        self.command_word = 0
        self.velocity = 0.0
        self.powers = (0.0, 0.0)
        self.heartbeat = 0
        self.echo = 0
        self.events: list[tuple[float, str]] = []
        c = plant.config
        self._watchdog = c.plc.watchdog_ms * 1e-3
        self._fed = 0.0
        self._starved = False
        self._halted_scan = 0
        self._force_limit = c.press.force_limit_kn * 1e3
        self._hottest = c.surroundings.temperature_limit_c
        self._travel = c.press.travel_mm * 1e-3

    # ---- state -----------------------------------------------------------------------------------

    @property
    def motion_enabled(self) -> bool:
        """True while the ram follows the velocity set-point."""
        return bool(self.command_word & _MOTION) and not self.faults and not self.locked

    @property
    def heating_enabled(self) -> bool:
        """True while heating and cooling follow their set-points."""
        return bool(self.command_word & _HEATING) and not self.faults & COLD_FAULTS

    @property
    def at_open_end(self) -> bool:
        """The open-end limit switch."""
        return self.plant.mechanics.drive.position <= 0.0

    @property
    def at_closed_end(self) -> bool:
        """The closed-end limit switch."""
        return self.plant.mechanics.drive.position >= self._travel

    @property
    def watchdog_left(self) -> float:
        """Time (s) until the communication watchdog acts; its whole time while nothing is enabled."""
        if self._starved:
            return 0.0
        if not (self.motion_enabled or self.heating_enabled):
            return self._watchdog
        return max(0.0, self._watchdog - (self.plant.time - self._fed))

    @property
    def scans(self) -> int:
        """Scans since the start."""
        return self._halted_scan if self.halted else self._count()

    def halt(self, on: bool) -> None:
        """Freeze or wake the program's heartbeat echo and scan counter."""
        self._halted_scan = self._count()
        self.halted = on

    def note(self, text: str) -> None:
        """Keep an event for the log."""
        self.events.append((self.plant.time, text))

    # ---- time ------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        looks = max(1, round(seconds / LOOK))
        for _ in range(looks):
            self._look()
            upper, lower = self.powers if self.heating_enabled else (0.0, 0.0)
            velocity = self.velocity if self.motion_enabled else 0.0
            self.plant.step(seconds / looks, Command(velocity, upper, lower))

    def _look(self) -> None:
        enabled = self.motion_enabled or self.heating_enabled
        if not enabled:
            self._fed = self.plant.time
        elif self.plant.time - self._fed >= self._watchdog - 1e-9:
            self._starved = True
        causes = self._causes(self.motion_enabled)
        fresh = causes & ~self.faults
        if fresh:
            self._trip(fresh)

    def _causes(self, motion: bool) -> int:
        """Return the fault bits whose causes are present, given whether motion is enabled."""
        plant, press, heat = self.plant, self.plant.mechanics, self.plant.thermal
        causes = 0
        if self._starved:
            causes |= 1 << Fault.WATCHDOG
        if not self.guard_closed and (motion or self.faults >> Fault.GUARD & 1):
            causes |= 1 << Fault.GUARD
        if not self.estop_closed:
            causes |= 1 << Fault.EMERGENCY_STOP
        if press.force > self._force_limit:
            causes |= 1 << Fault.FORCE_LIMIT
        if heat.upper.sensed >= self._hottest:
            causes |= 1 << Fault.UPPER_OVER_TEMPERATURE
        if heat.lower.sensed >= self._hottest:
            causes |= 1 << Fault.LOWER_OVER_TEMPERATURE
        if motion and self._runs_into_switch():
            causes |= 1 << Fault.LIMIT_SWITCH
        if self.drive_failed or press.drive.stalled:
            causes |= 1 << Fault.DRIVE
        causes |= plant.high.failed << Fault.FORCE_HIGH | plant.low.failed << Fault.FORCE_LOW
        causes |= plant.upper_thermometer.open << Fault.UPPER_OPEN
        return causes | plant.lower_thermometer.open << Fault.LOWER_OPEN

    def _runs_into_switch(self) -> bool:
        return (self.velocity > 0.0 and self.at_closed_end) or (
            self.velocity < 0.0 and self.at_open_end
        )

    def _trip(self, fresh: int) -> None:
        self.faults |= fresh
        self.velocity = 0.0
        if fresh & COLD_FAULTS:
            self.powers = (0.0, 0.0)
        for fault in Fault:
            if fresh >> fault & 1:
                self.note(f"fault {fault.value} {fault.name.lower()}")

    def _count(self) -> int:
        return int(self.plant.time * 1e3 / self.plant.config.plc.scan_ms + 1e-6)

    # ---- what the master writes ------------------------------------------------------------------

    def beat(self, heartbeat: int) -> None:
        """Take the heartbeat; only a changed one feeds the watchdog."""
        if heartbeat != self.heartbeat:
            self.heartbeat = heartbeat
            self._fed = self.plant.time
            self._starved = False
        if not self.halted:
            self.echo = heartbeat

    def order(self, word: int) -> None:
        """Take the command word: enables by level; reset, lock and unlock by their rising edge."""
        edges = word & ~self.command_word
        was_enabled = self.motion_enabled or self.heating_enabled
        self.command_word = word
        if edges >> CommandBit.RESET & 1:
            self._reset()
        if edges >> CommandBit.LOCK & 1:
            self._set_lock(True)
        elif edges >> CommandBit.UNLOCK & 1:
            self._set_lock(False)
        if not was_enabled:
            self._fed = self.plant.time
        self._look()

    def _reset(self) -> None:
        left = self.faults & self._causes(motion=False)
        if self.faults:
            self.note("reset" if left == 0 else f"reset refused, faults {left:#06x} stay")
        self.faults = left

    def _set_lock(self, locked: bool) -> None:
        if locked != self.locked:
            self.locked = locked
            self.note("locked" if locked else "unlocked")


def tenths(temperature: float) -> int:
    """Return a temperature (degC) as the registers hold it, -32768 for an open thermocouple."""
    if math.isnan(temperature):
        return -32768
    return max(-32767, min(32767, round(temperature * 10.0)))
