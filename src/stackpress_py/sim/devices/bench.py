"""A bench as a whole: devices in their places, lines, ports and the world, without a clock."""

import random
import selectors
from collections.abc import Callable
from pathlib import Path

from ..config import ConfigError
from .bench_config import BenchConfig, DeviceEntry
from .buses import Bus
from .mounted import Mounted
from .signals import Signal
from .tcp import TcpPort
from .worlds import FixedWorld, PressWorld, World


class Bench:
    """Everything of a bench that lasts.

    Raises ConfigError where a device cannot be what its entry says, tcp.ListenError where a port is taken.

    Attributes:
        world: what the devices measure and drive.
        devices: by name.
        buses, ports: by name.
    """

    def __init__(
        self,
        config: BenchConfig,
        folder: Path,
        selector: selectors.BaseSelector,
        clock: Callable[[], float],
    ) -> None:
        self._source = config.source
        self.world: World = FixedWorld() if config.plant is None else PressWorld(config.plant)
        self.devices: dict[str, Mounted] = {}
        self.buses: dict[str, Bus] = {}
        self.ports: dict[str, TcpPort] = {}
        root = random.Random(config.seed)
        for line in config.lines:
            mounted = [self._mount(entry) for entry in line.devices]
            rng = random.Random(root.getrandbits(64))
            self.buses[line.name] = Bus(line, mounted, folder, rng)
        for entry in config.ports:
            mounted = [self._mount(each) for each in entry.devices]
            self.ports[entry.name] = TcpPort(entry, mounted, selector, clock)

    def _mount(self, entry: DeviceEntry) -> Mounted:
        signal = Signal(self.world.source(entry))
        try:
            mounted = Mounted(entry, signal, len(self.devices))
            self.world.connect(entry, mounted.device)
        except ValueError as error:
            raise ConfigError(f"{self._source}: device '{entry.name}': {error}") from None
        self.devices[entry.name] = mounted
        return mounted

    def plug(self) -> None:
        """Make all serial ports.

        Raises:
            ..port.PortError: one cannot be made.
        """
        for bus in self.buses.values():
            bus.port.plug()

    def close(self) -> None:
        """Take all ports away."""
        for bus in self.buses.values():
            bus.port.unplug()
        for port in self.ports.values():
            port.close()

    def addresses(self) -> list[str]:
        """Return where masters find the lines and ports."""
        links = [str(bus.port.link) for bus in self.buses.values()]
        return links + [port.address for port in self.ports.values()]

    def step(self, now: float) -> None:
        """Answer and send what is due."""
        for bus in self.buses.values():
            bus.step(now)
        for port in self.ports.values():
            port.step(now)

    def due(self, now: float) -> float:
        """Return when there is something to do."""
        times = [bus.due(now) for bus in self.buses.values()]
        late = (port.due() for port in self.ports.values())
        times += [each for each in late if each is not None]
        return min(times, default=now + 0.02)
