"""The part of a press profile that describes the bus: link, register blocks and bits."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from stackpress_py.devices.registers import Register, WordOrder, measuring
from stackpress_py.documents import Document
from stackpress_py.quantities import (
    DURATION,
    FORCE,
    FRACTION,
    LENGTH,
    TEMPERATURE,
    VELOCITY,
    Duration,
    Frequency,
)

NumberRegister = Annotated[Register, measuring(FRACTION)]
ForceRegister = Annotated[Register, measuring(FORCE)]
LengthRegister = Annotated[Register, measuring(LENGTH)]
VelocityRegister = Annotated[Register, measuring(VELOCITY)]
TemperatureRegister = Annotated[Register, measuring(TEMPERATURE)]
DurationRegister = Annotated[Register, measuring(DURATION)]
Bit = Annotated[int, Field(ge=0, le=31)]


class Link(Document):
    """How the press is reached.

    Attributes:
        bus: protocol.
        port: device, unless the node is given another.
        baud: bit/s.
        parity, stop_bits: of the line.
        unit: Modbus address.
        word_order: of values with two registers.
        reply_latency: longest time from the end of a request to the begin of its answer.
        cycle_rate: how often the press is asked.
        lost_after: silence after which the press counts as lost; shorter gaps are single errors.
        reopen_every: time between two attempts to open a port that is missing.
    """

    bus: Literal["modbus_rtu"]
    port: str = Field(min_length=1)
    baud: int = Field(ge=1200, le=4_000_000)
    parity: Literal["none", "even", "odd"]
    stop_bits: Literal[1, 2]
    unit: int = Field(ge=1, le=247)
    word_order: WordOrder = WordOrder.HIGH_FIRST
    reply_latency: Duration = Field(gt=0.0, le=2.0)
    cycle_rate: Frequency = Field(gt=0.0, le=1000.0)
    lost_after: Duration = Field(gt=0.0)
    reopen_every: Duration = Field(ge=0.05)


class _Block(Document):
    address: int = Field(ge=0, le=0xFFFF)
    count: int = Field(ge=1, le=125)

    def _require_inside(self, registers: Iterable[tuple[str, Register | None]]) -> None:
        taken: dict[int, str] = {}
        for name, register in registers:
            for address in register.addresses if register is not None else ():
                if not self.address <= address < self.address + self.count:
                    last = self.address + self.count - 1
                    raise ValueError(
                        f"{name} lies in register {address}, and the block has"
                        f" {self.address} to {last}"
                    )
                if address in taken:
                    raise ValueError(f"{name} and {taken[address]} both lie in register {address}")
                taken[address] = name


class Identity(_Block):
    """What the device says of itself, read once before anything else.

    Attributes:
        device: the text that it must begin with.
        watchdog_time .. temperature_limit: the device's own numbers, compared with the profile.
    """

    device: str = Field(min_length=1)
    watchdog_time: DurationRegister | None = None
    force_limit: ForceRegister | None = None
    travel: LengthRegister | None = None
    velocity_limit: VelocityRegister | None = None
    temperature_limit: TemperatureRegister | None = None

    @model_validator(mode="after")
    def _inside(self) -> "Identity":
        self._require_inside(
            (
                ("watchdog_time", self.watchdog_time),
                ("force_limit", self.force_limit),
                ("travel", self.travel),
                ("velocity_limit", self.velocity_limit),
                ("temperature_limit", self.temperature_limit),
            )
        )
        return self


class ReadBlock(_Block):
    """What is read in each cycle; a value without a register is unknown.

    Attributes:
        heartbeat_echo: repeats what was last written to the heartbeat.
        sequence: changes as long as the device works.
        upper_output, lower_output: power of a platen, 1 is full heating, -1 full cooling.
        map_version: of the register map; give it an ``expected`` value.
    """

    heartbeat_echo: NumberRegister | None = None
    sequence: NumberRegister | None = None
    status: NumberRegister
    faults: NumberRegister | None = None
    position: LengthRegister
    velocity: VelocityRegister | None = None
    upper_temperature: TemperatureRegister | None = None
    lower_temperature: TemperatureRegister | None = None
    frame_temperature: TemperatureRegister | None = None
    upper_output: NumberRegister | None = None
    lower_output: NumberRegister | None = None
    map_version: NumberRegister | None = None

    def named(self) -> Mapping[str, Register | None]:
        """Return the registers by their names."""
        return {
            "heartbeat_echo": self.heartbeat_echo,
            "sequence": self.sequence,
            "status": self.status,
            "faults": self.faults,
            "position": self.position,
            "velocity": self.velocity,
            "upper_temperature": self.upper_temperature,
            "lower_temperature": self.lower_temperature,
            "frame_temperature": self.frame_temperature,
            "upper_output": self.upper_output,
            "lower_output": self.lower_output,
            "map_version": self.map_version,
        }

    def require_free(self, others: Mapping[str, Register]) -> None:
        """Check that these and other registers lie in the block, each in its own place."""
        self._require_inside([*self.named().items(), *others.items()])


class StatusBits(Document):
    """Bits of the status register; one that the press does not have reads as the harmless state."""

    motion_enabled: Bit | None = None
    guard_closed: Bit | None = None
    estop_released: Bit | None = None
    at_open_limit: Bit | None = None
    at_closed_limit: Bit | None = None
    part_present: Bit | None = None
    ram_locked: Bit | None = None
    heating_enabled: Bit | None = None


class WriteBlock(_Block):
    """What is written in each cycle; registers that are not named are written as 0."""

    heartbeat: NumberRegister | None = None
    command: NumberRegister
    velocity: VelocityRegister
    upper_power: NumberRegister | None = None
    lower_power: NumberRegister | None = None

    def named(self) -> Mapping[str, Register | None]:
        """Return the registers by their names."""
        return {
            "heartbeat": self.heartbeat,
            "command": self.command,
            "velocity": self.velocity,
            "upper_power": self.upper_power,
            "lower_power": self.lower_power,
        }

    @model_validator(mode="after")
    def _inside(self) -> "WriteBlock":
        self._require_inside(self.named().items())
        return self


class CommandBits(Document):
    """Bits of the command register; reset, lock and unlock act on their rising edge."""

    enable_motion: Bit
    enable_heating: Bit | None = None
    reset: Bit | None = None
    lock: Bit | None = None
    unlock: Bit | None = None
