"""What a device understands of Modbus."""

from typing import Literal

from pydantic import Field, model_validator

from stackpress_py.devices.device.words import Table, WordOrder
from stackpress_py.documents import Document


class ModbusRules(Document):
    """What the device understands of Modbus.

    Attributes:
        functions: that it has. Without 01 coils are read with 02: there are devices that have one set
            of bits for both.
        most_read, most_written: registers in one request.
        most_bits: coils or discrete inputs in one request.
        word_order: of values with several registers.
        bridge: registers between two points that may be read along, so that they need one request.
        exchange: the points of each cycle are written and read in one request (function 23).
    """

    functions: tuple[Literal[1, 2, 3, 4, 5, 6, 15, 16, 23], ...] = Field(min_length=1)
    most_read: int = Field(default=125, ge=1, le=125)
    most_written: int = Field(default=123, ge=1, le=123)
    most_bits: int = Field(default=1968, ge=1, le=1968)
    word_order: WordOrder = WordOrder.HIGH_FIRST
    bridge: int = Field(default=0, ge=0, le=124)
    exchange: bool = False

    def reader(self, table: Table) -> int:
        """Return the function that reads a table."""
        if table == "coil":
            return 1 if 1 in self.functions else 2
        return {"discrete": 2, "holding": 3, "input": 4}[table]

    @model_validator(mode="after")
    def _known(self) -> "ModbusRules":
        if self.exchange and 23 not in self.functions:
            raise ValueError("`exchange` needs function 23 among `functions`")
        return self
