"""The controller of the reference press: registers, watchdog, faults, lock (docs/reference_press_plc.md)."""

import math
import struct

from .modbus_slave import ILLEGAL_ADDRESS, ILLEGAL_VALUE, RequestError
from .plant import Plant

READ_BLOCK, READ_COUNT = 0, 20
WRITE_BLOCK, WRITE_COUNT = 100, 8
IDENTITY_BLOCK, IDENTITY_COUNT = 200, 24
MAP_VERSION = 1
DEVICE = b"STACKPRESS-REF-1"
OPEN_SENSOR = -32768

READY, MOTION, MOVING, GUARD, ESTOP, OPEN_END, CLOSED_END, PART, LOCKED, HEATING = range(10)
(
    F_WATCHDOG, F_GUARD, F_ESTOP, F_FORCE, F_UPPER_HOT, F_LOWER_HOT,
    F_HIGH, F_LOW, F_UPPER_OPEN, F_LOWER_OPEN, F_LIMIT, F_DRIVE,
) = range(12)  # fmt: skip
C_MOTION, C_HEAT, C_RESET, C_LOCK, C_UNLOCK = range(5)

#: Faults that switch heating off too.
COLD_FAULTS = (
    1 << F_WATCHDOG | 1 << F_ESTOP | 1 << F_UPPER_HOT | 1 << F_LOWER_HOT
    | 1 << F_UPPER_OPEN | 1 << F_LOWER_OPEN
)  # fmt: skip


class Plc:
    """Controller and plant together, advanced to a time and read or written by registers.

    Attributes:
        guard_closed, estop_closed: switches of the machine, set from outside.
        heartbeat_frozen: the echo stands still (an injected fault).
        events: (time, text) since the last look, for the truth log.
    """

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.guard_closed = True
        self.estop_closed = True
        self.heartbeat_frozen = False
        self.faults = 0
        self.locked = False
        self.events: list[tuple[float, str]] = []
        self.command = 0
        self.velocity = 0.0
        self._heartbeat = 0
        self._echo = 0
        self._fed = 0.0
        self._power = [0, 0]

    # ---- time ---------------------------------------------------------------------------------------------------

    @property
    def motion_enabled(self) -> bool:
        """True while the ram follows the velocity set-point."""
        return bool(self.command >> C_MOTION & 1) and not self.faults and not self.locked

    @property
    def heating_enabled(self) -> bool:
        """True while heating and cooling follow their set-points."""
        return bool(self.command >> C_HEAT & 1) and not self.faults & COLD_FAULTS

    def advance(self, seconds: float) -> None:
        """Let time pass: watchdog and limits act as soon as they are due."""
        scan = 0.004
        while seconds > 1e-9:
            step = min(scan, seconds)
            seconds -= step
            self._check(self.plant.time)
            outputs = self._power if self.heating_enabled else (0, 0)
            self.plant.thermal.upper.output = outputs[0] / 10_000.0
            self.plant.thermal.lower.output = outputs[1] / 10_000.0
            self.plant.advance(step, self.velocity if self.motion_enabled else 0.0)

    def _check(self, now: float) -> None:
        enabled = self.command & (1 << C_MOTION | 1 << C_HEAT)
        wire = self.plant.config.wire
        if enabled and now - self._fed > wire.watchdog_ms * 1e-3:
            self._fault(F_WATCHDOG, "communication watchdog")
        for bit, text in self._causes():
            self._fault(bit, text)

    def _causes(self) -> list[tuple[int, str]]:
        plant, mechanics = self.plant, self.plant.config.mechanics
        causes = []
        if not self.guard_closed and self.motion_enabled:
            causes.append((F_GUARD, "guard opened in motion"))
        if not self.estop_closed:
            causes.append((F_ESTOP, "emergency stop"))
        if plant.press.force > mechanics.force_limit_kn * 1e3:
            causes.append((F_FORCE, "force beyond the limit"))
        limit = plant.config.thermal.temperature_limit_c
        if plant.thermal.upper.sensed > limit:
            causes.append((F_UPPER_HOT, "upper over-temperature"))
        if plant.thermal.lower.sensed > limit:
            causes.append((F_LOWER_HOT, "lower over-temperature"))
        for bit, failed, text in (
            (F_HIGH, plant.high.failed, "force_high failed"),
            (F_LOW, plant.low.failed, "force_low failed"),
            (F_UPPER_OPEN, plant.upper_thermocouple.open, "upper thermocouple open"),
            (F_LOWER_OPEN, plant.lower_thermocouple.open, "lower thermocouple open"),
        ):
            if failed:
                causes.append((bit, text))
        if self.motion_enabled and self._against_limit():
            causes.append((F_LIMIT, "limit switch in motion"))
        return causes

    def _against_limit(self) -> bool:
        return (self.velocity < 0.0 and self._beyond_open()) or (
            self.velocity > 0.0 and self._at_closed_end()
        )

    def _beyond_open(self) -> bool:
        return self.plant.press.drive.position < -1e-3

    def _at_open_end(self) -> bool:
        return self.plant.press.drive.position <= 5e-4

    def _at_closed_end(self) -> bool:
        return self.plant.press.drive.position >= self.plant.config.mechanics.travel_mm * 1e-3

    def _fault(self, bit: int, text: str) -> None:
        if not self.faults >> bit & 1:
            self.faults |= 1 << bit
            self.events.append((self.plant.time, f"fault: {text}"))

    # ---- registers ----------------------------------------------------------------------------------------------

    def read(self, address: int, count: int) -> list[int]:
        """Read registers.

        Raises:
            RequestError: exception 02, an address outside the tables.
        """
        for start, length, block in (
            (READ_BLOCK, READ_COUNT, self._read_block),
            (WRITE_BLOCK, WRITE_COUNT, self._write_block),
            (IDENTITY_BLOCK, IDENTITY_COUNT, self._identity),
        ):
            if start <= address and address + count <= start + length:
                return block()[address - start : address - start + count]
        raise RequestError(ILLEGAL_ADDRESS)

    def write(self, address: int, values: list[int]) -> None:
        """Write registers of the write block.

        Raises:
            RequestError: exception 02, an address outside it; exception 03, a bad value: nothing is written then.
        """
        if not (address >= WRITE_BLOCK and address + len(values) <= WRITE_BLOCK + WRITE_COUNT):
            raise RequestError(ILLEGAL_ADDRESS)
        block = self._write_block()
        block[address - WRITE_BLOCK : address - WRITE_BLOCK + len(values)] = values
        velocity_mm_s = _to_float(block[2], block[3])
        power = [_signed(block[4]), _signed(block[5])]
        limit = self.plant.config.mechanics.velocity_limit_mm_s
        if not abs(velocity_mm_s) <= limit * (1 + 1e-6) or max(map(abs, power)) > 10_000:
            raise RequestError(ILLEGAL_VALUE)
        self._take(block[0], block[1])
        self.velocity, self._power = velocity_mm_s * 1e-3, power

    def _take(self, heartbeat: int, command: int) -> None:
        now = self.plant.time
        if heartbeat != self._heartbeat:
            self._fed = now
            self._heartbeat = heartbeat
            if not self.heartbeat_frozen:
                self._echo = heartbeat
        rising = command & ~self.command
        if rising & (1 << C_MOTION | 1 << C_HEAT):
            self._fed = now
        self.command = command
        if rising >> C_RESET & 1:
            self.faults = 0
            self._check(now)
        if rising >> C_UNLOCK & 1 and self.locked:
            self.locked = False
            self.events.append((now, "unlocked"))
        if rising >> C_LOCK & 1 and not self.locked:
            self.locked = True
            self.events.append((now, "locked"))

    def _read_block(self) -> list[int]:
        plant = self.plant
        sensed = plant.sense()
        outputs = (plant.thermal.upper.output, plant.thermal.lower.output)
        left = max(0.0, plant.config.wire.watchdog_ms - 1e3 * (plant.time - self._fed))
        scans = int(plant.time * 1e3 / plant.config.wire.scan_ms)
        return [
            self._echo,
            scans & 0xFFFF,
            self._status(),
            self.faults,
            *_from_float(sensed.force_high),
            *_from_float(sensed.force_low),
            *_from_float(sensed.position * 1e3),
            *_from_float(sensed.velocity * 1e3),
            _tenths(sensed.upper_temperature),
            _tenths(sensed.lower_temperature),
            _tenths(sensed.frame_temperature),
            round(outputs[0] * 10_000) & 0xFFFF,
            round(outputs[1] * 10_000) & 0xFFFF,
            round(left),
            0,
            MAP_VERSION,
        ]

    def _status(self) -> int:
        plant = self.plant
        bits = {
            READY: not self.faults,
            MOTION: self.motion_enabled,
            MOVING: abs(plant.press.drive.velocity) > 1e-7,
            GUARD: self.guard_closed,
            ESTOP: self.estop_closed,
            OPEN_END: self._at_open_end(),
            CLOSED_END: self._at_closed_end(),
            PART: plant.press.sample is not None,
            LOCKED: self.locked,
            HEATING: self.heating_enabled,
        }
        return sum(1 << bit for bit, value in bits.items() if value)

    def _write_block(self) -> list[int]:
        power = [value & 0xFFFF for value in self._power]
        return [self._heartbeat, self.command, *_from_float(self.velocity * 1e3), *power, 0, 0]

    def _identity(self) -> list[int]:
        c = self.plant.config
        floats = (
            c.mechanics.force_limit_kn * 1e3,
            c.sensors.high_range_kn * 1e3,
            c.sensors.low_range_n,
            c.mechanics.travel_mm,
            c.mechanics.velocity_limit_mm_s,
            c.thermal.temperature_limit_c,
            c.thermal.heater_power_w,
        )
        words = list(struct.unpack(">8H", DEVICE)) + [c.wire.watchdog_ms, c.wire.scan_ms]
        for value in floats:
            words += _from_float(value)
        return words


def _from_float(value: float) -> list[int]:
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def _to_float(high: int, low: int) -> float:
    return float(struct.unpack(">f", struct.pack(">2H", high, low))[0])


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word


def _tenths(value: float) -> int:
    tenths = OPEN_SENSOR if math.isnan(value) else round(value * 10.0)
    return tenths & 0xFFFF
