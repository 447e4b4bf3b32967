"""The RTU master and pymodbus's server, which knows nothing of ours, at the two ends of a real line."""

import asyncio
import os
import select
import threading
import tty
from collections.abc import Iterator

import pytest
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from stackpress_py.devices.bus import modbus
from stackpress_py.devices.bus.errors import RefusedError
from stackpress_py.devices.bus.rtu import RtuMaster
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.bus.timing import Patience

#: s after which the other end counts as dead; it answers within milliseconds.
AT_MOST = 20.0
SETTINGS = LineSettings(115200, "none", 1)
#: Long enough for a busy computer; only its noise makes anybody wait for so long.
PATIENCE = Patience(0.5)


class Cable:
    """Two pseudo-terminals whose bytes go to each other."""

    def __init__(self) -> None:
        self._ends = [os.openpty(), os.openpty()]
        for _, slave in self._ends:
            tty.setraw(slave)
        self.paths = [os.ttyname(slave) for _, slave in self._ends]
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def _carry(self) -> None:
        (one, _), (other, _) = self._ends
        across = {one: other, other: one}
        while True:
            ready, _, _ = select.select([*across, self._stop], [], [])
            if self._stop in ready:
                return
            for end in ready:
                os.write(across[end], os.read(end, 1000))

    def close(self) -> None:
        os.write(self._stopped, b"x")
        self._thread.join(AT_MOST)
        for descriptor in (*self._ends[0], *self._ends[1], self._stop, self._stopped):
            os.close(descriptor)


class Server:
    """Unit 1: 40 of each, with the number of its address in each register, every third bit set."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._ready, self._end = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._thread.start()
        assert self._ready.wait(AT_MOST)

    async def _run(self) -> None:
        bits = [SimData(0, values=[place % 3 == 0 for place in range(48)], datatype=DataType.BITS)]
        words = [SimData(0, values=list(range(40)), datatype=DataType.REGISTERS)]
        device = SimDevice(1, (bits, bits, words, words))
        server = ModbusSerialServer(device, port=self._path, baudrate=115200)
        await server.serve_forever(background=True)
        self._ready.set()
        await self._end.wait()
        await server.shutdown()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(AT_MOST)
        self._loop.close()


@pytest.fixture
def port() -> Iterator[SerialPort]:
    cable = Cable()
    server = Server(cable.paths[0])
    port = SerialPort(cable.paths[1], SETTINGS)
    port.open()
    yield port
    port.close()
    server.close()
    cable.close()


def test_pymodbus_answers_every_function(port: SerialPort) -> None:
    master = RtuMaster(port, SETTINGS.character)

    def ask(request: modbus.Request) -> bytes:
        return master.transact(1, request, PATIENCE)

    every_third = tuple(place % 3 == 0 for place in range(20))
    assert modbus.bits(ask(modbus.read_bits(0, 20)), 20) == every_third
    assert modbus.bits(ask(modbus.read_bits(0, 20, "discrete")), 20) == every_third
    assert modbus.registers(ask(modbus.read_registers(5, 10))) == tuple(range(5, 15))
    assert modbus.registers(ask(modbus.read_registers(7, 2, "input"))) == (7, 8)
    ask(modbus.write_bit(1, True))
    ask(modbus.write_bits(2, [True, False, True]))
    assert modbus.bits(ask(modbus.read_bits(0, 6)), 6) == (True, True, True, False, True, False)
    ask(modbus.write_register(3, 0xABCD))
    ask(modbus.write_registers(4, [1, 0xFFFF]))
    assert modbus.registers(ask(modbus.read_registers(3, 3))) == (0xABCD, 1, 0xFFFF)
    exchange = modbus.read_write_registers(4, 3, 5, [77, 78])
    assert modbus.registers(ask(exchange)) == (1, 77, 78)


def test_a_write_comes_first_and_a_refusal_is_told(port: SerialPort) -> None:
    """The first request is one whose answer looks like an echo."""
    master = RtuMaster(port, SETTINGS.character)
    assert master.transact(1, modbus.write_register(3, 9), PATIENCE)
    with pytest.raises(RefusedError, match="illegal address"):
        master.transact(1, modbus.read_registers(39, 2), PATIENCE)
    assert modbus.registers(master.transact(1, modbus.read_registers(3, 1), PATIENCE)) == (9,)
