"""Our master and the libraries behind one face, each set up as its documentation recommends.

All wait equally long for an answer. pymodbus gets ``retries=0``: a retry would hide what the first
attempt did. Everything else is its default, as for minimalmodbus. The libraries ask for no parity: a
pseudo-terminal has none, and for who asks a second time that is an error (our port knows it).
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import minimalmodbus
from pymodbus.client import AsyncModbusSerialClient, ModbusSerialClient
from pymodbus.pdu import ModbusPDU

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import RefusedError
from stackpress_py.devices.bus.rtu import SLACK, RtuMaster
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.bus.timing import Patience

UNIT = 1
PARITY = "even"

# The libraries tell on the console what they also raise.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


class ExceptionReplyError(Exception):
    """The contender told that the slave answered with an exception."""


@dataclass(frozen=True, slots=True)
class Wire:
    """Where and how to speak.

    Attributes:
        port: link to the pseudo-terminal.
        baud: bit/s.
        timeout: s, from the end of a request to the begin of its answer.
        echo: the line gives the master's own bytes back; for who has a setting for it.
    """

    port: str
    baud: int
    timeout: float
    echo: bool = False


class Contender(Protocol):
    """A Modbus master for unit 1; every method may raise whatever the library raises."""

    def connect(self) -> None:
        """Open the port, or open it again after it was lost, as the library documents it."""

    def close(self) -> None:
        """Close the port."""

    def read(self, address: int, count: int) -> list[int]:
        """Read holding registers (03)."""

    def write(self, address: int, words: Sequence[int]) -> None:
        """Write holding registers (16)."""

    def write_one(self, address: int, word: int) -> None:
        """Write one holding register (06)."""


class Ours:
    """The RTU master of this project."""

    def __init__(self, wire: Wire) -> None:
        settings = LineSettings(wire.baud, PARITY, 1)
        self._port = SerialPort(wire.port, settings)
        self._master = RtuMaster(self._port, settings.character)
        # Our time-out adds the slack by itself.
        self._patience = Patience(wire.timeout - SLACK)

    def connect(self) -> None:
        """Open the port, or open it again after it was lost."""
        self._port.open()

    def close(self) -> None:
        """Close the port."""
        self._port.close()

    def read(self, address: int, count: int) -> list[int]:
        """Read holding registers (03)."""
        request = modbus.read_registers(address, count)
        try:
            answer = self._master.transact(UNIT, request, self._patience)
        except RefusedError as error:
            raise ExceptionReplyError(str(error)) from error
        return list(modbus.registers(answer))

    def write(self, address: int, words: Sequence[int]) -> None:
        """Write holding registers (16)."""
        self._master.transact(UNIT, modbus.write_registers(address, words), self._patience)

    def write_one(self, address: int, word: int) -> None:
        """Write one holding register (06)."""
        self._master.transact(UNIT, modbus.write_register(address, word), self._patience)


class Pymodbus:
    """pymodbus, synchronous."""

    def __init__(self, wire: Wire) -> None:
        self._client = ModbusSerialClient(
            wire.port,
            baudrate=wire.baud,
            timeout=wire.timeout,
            retries=0,
            handle_local_echo=wire.echo,
        )

    def connect(self) -> None:
        """Open the port, or open it again after it was lost."""
        if not self._client.connect():
            raise ConnectionError("pymodbus cannot connect")

    def close(self) -> None:
        """Close the port."""
        self._client.close()  # type: ignore[no-untyped-call]

    def read(self, address: int, count: int) -> list[int]:
        """Read holding registers (03)."""
        answer = self._client.read_holding_registers(address, count=count, device_id=UNIT)
        return list(_accepted(answer).registers)

    def write(self, address: int, words: Sequence[int]) -> None:
        """Write holding registers (16)."""
        _accepted(self._client.write_registers(address, list(words), device_id=UNIT))

    def write_one(self, address: int, word: int) -> None:
        """Write one holding register (06)."""
        _accepted(self._client.write_register(address, word, device_id=UNIT))


class PymodbusAsync:
    """pymodbus, asynchronous, in an event loop of its own that runs only while it is asked."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.new_event_loop()
        self._client: AsyncModbusSerialClient | None = None

    def connect(self) -> None:
        """Open the port."""
        self._loop.run_until_complete(self._connect())

    async def _connect(self) -> None:
        wire = self._wire
        self._client = AsyncModbusSerialClient(
            wire.port, baudrate=wire.baud, timeout=wire.timeout, retries=0
        )
        if not await self._client.connect():
            raise ConnectionError("pymodbus cannot connect")

    def close(self) -> None:
        """Close the port."""
        if self._client is not None:
            self._loop.run_until_complete(self._close(self._client))
        self._loop.close()

    async def _close(self, client: AsyncModbusSerialClient) -> None:
        client.close()
        await asyncio.sleep(0)

    def read_many(self, address: int, count: int, times: int) -> list[list[int]]:
        """Read holding registers again and again, without leaving the event loop."""
        return self._loop.run_until_complete(self._read_many(address, count, times))

    async def _read_many(self, address: int, count: int, times: int) -> list[list[int]]:
        client = self._client
        if client is None:
            raise ConnectionError("pymodbus is not connected")
        answers = []
        for _ in range(times):
            answer = await client.read_holding_registers(address, count=count, device_id=UNIT)
            answers.append(list(_accepted(answer).registers))
        return answers


class Minimalmodbus:
    """minimalmodbus."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._instrument: minimalmodbus.Instrument | None = None

    def connect(self) -> None:
        """Open the port, or open it again after it was lost."""
        if self._instrument is not None:
            self._instrument.serial.close()
            self._instrument.serial.open()
            return
        # The constructor opens the port with its own rate.
        self._instrument = minimalmodbus.Instrument(self._wire.port, UNIT)
        self._instrument.handle_local_echo = self._wire.echo
        line = self._instrument.serial
        line.baudrate = self._wire.baud
        line.timeout = line.write_timeout = self._wire.timeout

    def close(self) -> None:
        """Close the port."""
        self._opened.serial.close()

    def read(self, address: int, count: int) -> list[int]:
        """Read holding registers (03)."""
        try:
            return list(self._opened.read_registers(address, count))
        except minimalmodbus.SlaveReportedException as error:
            raise ExceptionReplyError(str(error)) from error

    def write(self, address: int, words: Sequence[int]) -> None:
        """Write holding registers (16)."""
        self._opened.write_registers(address, list(words))

    def write_one(self, address: int, word: int) -> None:
        """Write one holding register (06)."""
        self._opened.write_register(address, word, functioncode=6)

    @property
    def _opened(self) -> minimalmodbus.Instrument:
        if self._instrument is None:
            raise ConnectionError("minimalmodbus is not connected")
        return self._instrument


def _accepted(answer: ModbusPDU) -> ModbusPDU:
    if answer.isError():
        raise ExceptionReplyError(str(answer))
    return answer


#: Those that take part in the fault matrix; both kinds of pymodbus read frames in the same way.
SYNCHRONOUS: dict[str, type[Ours] | type[Pymodbus] | type[Minimalmodbus]] = {
    "ours": Ours,
    "pymodbus": Pymodbus,
    "minimalmodbus": Minimalmodbus,
}
