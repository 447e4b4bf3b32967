"""The part of a press profile that says on which wires its devices are."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from stackpress_py.devices.device.fields import Name
from stackpress_py.documents import Document
from stackpress_py.quantities import Duration, Frequency


class SerialBus(Document):
    """A serial line.

    Attributes:
        protocol: that its devices speak.
        port: device file; better a link in /dev/serial/by-id, which does not change its name.
        baud: bit/s.
        parity, stop_bits: of the line; there are always 8 data bits.
    """

    protocol: Literal["modbus_rtu", "aibus", "ascii"]
    port: str = Field(min_length=1)
    baud: int = Field(ge=300, le=4_000_000)
    parity: Literal["none", "even", "odd"]
    stop_bits: Literal[1, 2]

    @property
    def framing(self) -> str:
        """As in manuals: ``8E1``."""
        return f"8{self.parity[0].upper()}{self.stop_bits}"

    @property
    def speaks(self) -> str:
        """Protocol of the device profiles that fit."""
        return "modbus" if self.protocol == "modbus_rtu" else self.protocol


class TcpBus(Document):
    """A connection to one device or gateway over Ethernet.

    Attributes:
        protocol: that its devices speak.
        host: name or address.
        tcp_port: usually 502.
    """

    protocol: Literal["modbus_tcp"]
    host: str = Field(min_length=1, max_length=253)
    tcp_port: int = Field(default=502, ge=1, le=65535)

    @property
    def port(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.tcp_port}"

    @property
    def speaks(self) -> str:
        """Protocol of the device profiles that fit."""
        return "modbus"


Bus: TypeAlias = Annotated[SerialBus | TcpBus, Field(discriminator="protocol")]


class Installed(Document):
    """One device of the press.

    Attributes:
        profile: name in config/devices, or a file (a relative path begins in this file's folder).
        bus: on which it is.
        unit: its address, up to 247 on a serial line; a line-oriented device has none.
        every: how often it is asked; None: in every cycle of the press.
        lost_after: silence after which it counts as lost; None: the press's, but three questions.
    """

    profile: str = Field(min_length=1)
    bus: Name
    unit: int | None = Field(default=None, ge=0, le=255)
    every: Duration | None = Field(default=None, ge=0.001, le=60.0)
    lost_after: Duration | None = Field(default=None, gt=0.0, le=60.0)


class CycleRules(Document):
    """The rhythm of the press.

    Attributes:
        bus: whose devices are asked in every cycle; it should be that of the force.
        rate: cycles a second.
        lost_after: silence after which a device counts as lost; shorter gaps are single errors.
        reopen_every: time between two attempts to open a port that is missing.
    """

    bus: Name
    rate: Frequency = Field(gt=0.0, le=1000.0)
    lost_after: Duration = Field(gt=0.0, le=1.0)
    reopen_every: Duration = Field(ge=0.05)

    @model_validator(mode="after")
    def _order(self) -> "CycleRules":
        if self.lost_after * self.rate < 3.0:
            raise ValueError("lost_after is shorter than three cycles")
        return self
