"""A device in its place: what it measures, and what can be wrong with it as its master sees it."""

from ..line import Answer
from ..modbus_slave import crc
from .bench_config import DeviceEntry
from .catalogue import MODELS
from .device import SimulatedDevice
from .signals import Signal


class Mounted:
    """One device on a line or behind a port.

    Attributes:
        name, unit: of its entry.
        device: itself.
        signal: what it measures.
        silent: it does not answer.
        delay: s by which it answers later than it should.
        foreign_unit: unit that its replies bear instead of its own; None: its own.
        answered: replies so far.
        modbus: it speaks Modbus.
        number: among all devices.
    """

    def __init__(self, entry: DeviceEntry, signal: Signal, number: int) -> None:
        model = MODELS[entry.model]
        self.name = entry.name
        self.unit = entry.settings.unit
        self.device: SimulatedDevice = model.make(entry.settings, signal)
        self.signal = signal
        self.silent = False
        self.delay = 0.0
        self.foreign_unit: int | None = None
        self.answered = 0
        self.modbus = model.modbus
        self._latency = entry.settings.latency_ms * 1e-3
        self.number = number

    def answer(self, frame: bytes, now: float) -> Answer | None:
        """Return the reply to a frame; None: it is silent."""
        data = self.device.answer(frame, now)
        if data is None or self.silent:
            return None
        self.answered += 1
        if self.foreign_unit is not None:
            body = bytes((self.foreign_unit,)) + data[1:-2]
            data = body + crc(body)
        return Answer(data, self._latency + self.delay, self.number)
