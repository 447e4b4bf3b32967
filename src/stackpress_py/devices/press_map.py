"""Between the registers of a press and numbers in SI, after its profile; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stackpress_py.devices.profile import PressProfile
from stackpress_py.devices.registers import Point, Register
from stackpress_py.quantities import (
    FORCE,
    FRACTION,
    LENGTH,
    TEMPERATURE,
    VELOCITY,
    Kind,
)

_READ_KINDS: Mapping[str, Kind] = {
    "heartbeat_echo": FRACTION,
    "sequence": FRACTION,
    "status": FRACTION,
    "faults": FRACTION,
    "position": LENGTH,
    "velocity": VELOCITY,
    "upper_temperature": TEMPERATURE,
    "lower_temperature": TEMPERATURE,
    "frame_temperature": TEMPERATURE,
    "upper_output": FRACTION,
    "lower_output": FRACTION,
    "map_version": FRACTION,
}

_WRITE_KINDS: Mapping[str, Kind] = {
    "heartbeat": FRACTION,
    "command": FRACTION,
    "velocity": VELOCITY,
    "upper_power": FRACTION,
    "lower_power": FRACTION,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the press measures, in SI; a value that is not known is NaN.

    Attributes:
        forces: N, each sensor's own reading in the profile's order, without tare.
        position, velocity: m, m/s, positive towards closing.
        upper_temperature .. frame_temperature: degC.
        upper_output, lower_output: 1, 0..1 heating, -1..0 cooling.
        motion_enabled .. heating_enabled: status bits.
        faults: bits of the press's own controller.
        heartbeat_echo, sequence: raw; None if the press has none.
    """

    forces: tuple[float, ...]
    position: float
    velocity: float
    upper_temperature: float
    lower_temperature: float
    frame_temperature: float
    upper_output: float
    lower_output: float
    motion_enabled: bool
    guard_closed: bool
    estop_released: bool
    at_open_limit: bool
    at_closed_limit: bool
    part_present: bool
    ram_locked: bool
    heating_enabled: bool
    faults: int
    heartbeat_echo: int | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class PressCommand:
    """What the press shall do until the next command.

    Attributes:
        velocity: m/s of the ram; None: motion is not enabled.
        upper_power, lower_power: 1, 0..1 heating, -1..0 cooling; both 0: heating is not enabled.
        reset, lock, unlock: levels of the bits that act on their rising edge.
    """

    velocity: float | None = None
    upper_power: float = 0.0
    lower_power: float = 0.0
    reset: bool = False
    lock: bool = False
    unlock: bool = False

    @property
    def acts(self) -> bool:
        """True if motion or heating is enabled."""
        return self.velocity is not None or self.upper_power != 0.0 or self.lower_power != 0.0


#: Everything off.
SAFE = PressCommand()


class PressMap:
    """Decode what is read from a press, encode what is written to it.

    Args:
        profile: of the press.
    """

    def __init__(self, profile: PressProfile) -> None:
        self._profile = profile
        self._order = profile.link.word_order
        read = {name: reg for name, reg in profile.read.named().items() if reg is not None}
        self._read = {
            name: self._point(register, profile.read.address, _READ_KINDS[name])
            for name, register in read.items()
        }
        self._expected = {
            name: register.expected
            for name, register in read.items()
            if register.expected is not None
        }
        write = {name: reg for name, reg in profile.write.named().items() if reg is not None}
        self._write = {
            name: self._point(register, profile.write.address, _WRITE_KINDS[name])
            for name, register in write.items()
        }
        faults = profile.fault_bits
        self._forces = tuple(
            (
                self._point(sensor.register_, profile.read.address, FORCE),
                0 if sensor.fault_bit is None else 1 << faults[sensor.fault_bit],
            )
            for sensor in profile.force_sensors
        )

    def _point(self, register: Register, begin: int, kind: Kind) -> Point:
        return Point.of(register, begin, self._order, kind)

    # ---- read ------------------------------------------------------------------------------------

    def wrong_version(self, words: Sequence[int]) -> str:
        """Return one sentence if a value in a read block is not the expected one; else empty."""
        for name, expected in self._expected.items():
            found = self._read[name].raw(words)
            if found != expected:
                return (
                    f"the press tells {name} {found:g}, and profile {self._profile.press} is for"
                    f" {expected}"
                )
        return ""

    def decode(self, words: Sequence[int]) -> Reading:
        """Return the reading of a read block's registers."""
        bits = self._profile.status_bits
        status = int(self._read["status"].raw(words))
        faults = self._integer("faults", words) or 0

        def flag(bit: int | None, otherwise: bool) -> bool:
            return otherwise if bit is None else bool(status >> bit & 1)

        return Reading(
            forces=tuple(
                math.nan if faults & fault else point.decode(words) for point, fault in self._forces
            ),
            position=self._value("position", words),
            velocity=self._value("velocity", words),
            upper_temperature=self._value("upper_temperature", words),
            lower_temperature=self._value("lower_temperature", words),
            frame_temperature=self._value("frame_temperature", words),
            upper_output=self._value("upper_output", words),
            lower_output=self._value("lower_output", words),
            motion_enabled=flag(bits.motion_enabled, otherwise=False),
            guard_closed=flag(bits.guard_closed, otherwise=True),
            estop_released=flag(bits.estop_released, otherwise=True),
            at_open_limit=flag(bits.at_open_limit, otherwise=False),
            at_closed_limit=flag(bits.at_closed_limit, otherwise=False),
            part_present=flag(bits.part_present, otherwise=False),
            ram_locked=flag(bits.ram_locked, otherwise=False),
            heating_enabled=flag(bits.heating_enabled, otherwise=False),
            faults=faults,
            heartbeat_echo=self._integer("heartbeat_echo", words),
            sequence=self._integer("sequence", words),
        )

    def _value(self, name: str, words: Sequence[int]) -> float:
        point = self._read.get(name)
        return math.nan if point is None else point.decode(words)

    def _integer(self, name: str, words: Sequence[int]) -> int | None:
        point = self._read.get(name)
        return None if point is None else int(point.raw(words))

    # ---- write -----------------------------------------------------------------------------------

    def encode(self, command: PressCommand, heartbeat: int) -> tuple[int, ...]:
        """Return the registers of the write block.

        Args:
            command: what the press shall do.
            heartbeat: 0..65535, must differ from the last one.

        Raises:
            ValueError: a number is not finite or beyond what the press takes, and is not clipped.
        """
        velocity, limit = command.velocity or 0.0, self._profile.limits.velocity
        if not abs(velocity) <= limit:
            raise ValueError(f"velocity {velocity} m/s; allowed are -{limit} to {limit} m/s")
        for power in (command.upper_power, command.lower_power):
            if not -1.0 <= power <= 1.0:
                raise ValueError(f"power {power}; allowed are -1 to 1")
        values = {
            "heartbeat": float(heartbeat),
            "command": float(self._command_bits(command)),
            "velocity": velocity,
            "upper_power": command.upper_power,
            "lower_power": command.lower_power,
        }
        words = [0] * self._profile.write.count
        for name, point in self._write.items():
            words[point.offset : point.offset + point.size] = point.encode(values[name])
        return tuple(words)

    def _command_bits(self, command: PressCommand) -> int:
        bits = self._profile.command_bits
        heating = command.upper_power != 0.0 or command.lower_power != 0.0
        levels = (
            (bits.enable_motion, command.velocity is not None),
            (bits.enable_heating, heating),
            (bits.reset, command.reset),
            (bits.lock, command.lock),
            (bits.unlock, command.unlock),
        )
        return sum(1 << bit for bit, level in levels if bit is not None and level)
