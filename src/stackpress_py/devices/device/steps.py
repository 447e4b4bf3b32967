"""What is checked and written at certain moments: at the connection, before and after action."""

from pydantic import Field, model_validator

from stackpress_py.devices.device.fields import Integer, Name, ValuePath
from stackpress_py.documents import Document

RawNumber = Integer | float


class Check(Document):
    """What the device must say of itself at every connection; else it is not used.

    Attributes:
        point: that is read.
        raw: value that it must have.
        among: values of which it must have one.
        text: what it must begin with.
        set: another value is corrected by writing ``raw``, and read again.
        why: what it is about, for the message: "degrees Celsius over the bus".
    """

    point: Name
    raw: RawNumber | None = None
    among: tuple[RawNumber, ...] = ()
    text: str | None = Field(default=None, min_length=1)
    set: bool = False
    why: str = ""

    @model_validator(mode="after")
    def _one(self) -> "Check":
        if [self.raw is not None, bool(self.among), self.text is not None].count(True) != 1:
            raise ValueError("needs either `raw`, `among` or `text`")
        if self.set and self.raw is None:
            raise ValueError("only a `raw` value can be set")
        return self

    @property
    def numbers(self) -> tuple[RawNumber, ...]:
        """Values of which it must have one; empty: it is a text."""
        return self.among if self.raw is None else (self.raw,)

    @property
    def wanted(self) -> str:
        """What is wanted, for messages."""
        if self.text is not None:
            return f"'{self.text}'"
        return " or ".join(str(number) for number in self.numbers)


class Step(Document):
    """One write of a sequence.

    Attributes:
        write: point.
        raw: value as it goes into its register.
        unless: the step is left out while this bit is set.
        verify: the point is read back and must hold the value.
        until: bits that must be set before the sequence goes on; so long the device is not enabled.
    """

    write: Name
    raw: RawNumber
    unless: ValuePath | None = None
    verify: bool = False
    until: tuple[ValuePath, ...] = ()


class Heartbeat(Document):
    """How both sides know that the other one lives.

    Attributes:
        write: point that gets a new number in every cycle, and feeds the device's watchdog.
        echo: point that repeats it in the answer of the same cycle.
        sequence: point that changes with every answer of a device that works.
    """

    write: Name | None = None
    echo: Name | None = None
    sequence: Name | None = None

    @model_validator(mode="after")
    def _pair(self) -> "Heartbeat":
        if self.echo is not None and self.write is None:
            raise ValueError("an `echo` needs a `write` that it repeats")
        return self
