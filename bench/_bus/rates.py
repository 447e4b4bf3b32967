"""How fast and at what cost the contenders read ten registers over a paced line."""

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from _bus import paced
from _bus.contenders import Minimalmodbus, Ours, Pymodbus, PymodbusAsync, Wire

#: Rate (baud): rounds of every contender, and transactions a round. The last gives the CPU time too.
PLAN = {9600: (3, 30), 19200: (3, 50), 38400: (3, 90), 115200: (7, 150)}
CPU_BAUD = 115200
ADDRESS, COUNT = 0, 10
REQUEST_SIZE, ANSWER_SIZE = 8, 5 + 2 * COUNT
WARM_UP = 5
TIMEOUT = 0.5
Master = Ours | Pymodbus | PymodbusAsync | Minimalmodbus
CONTENDERS: dict[str, Callable[[Wire], Master]] = {
    "ours": Ours,
    "pymodbus": Pymodbus,
    "pymodbus_async": PymodbusAsync,
    "minimalmodbus": Minimalmodbus,
}
#: Their clients send the next request at once (seen in their source, client/serial.py and transport/).
WITHOUT_SILENCE = ("pymodbus", "pymodbus_async")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one transaction takes.

    Attributes:
        wall: s.
        cpu: s of this process.
    """

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians of all rounds of one contender at one rate.

    Attributes:
        ratio: of the rate that the line would allow.
        cost: of one transaction.
    """

    ratio: float
    cost: Cost


def measure(folder: Path) -> dict[int, dict[str, Speed]]:
    """Return each contender's speed at each rate; they take turns."""
    return {baud: _measure(folder, baud) for baud in PLAN}


def _measure(folder: Path, baud: int) -> dict[str, Speed]:
    rounds, times = PLAN[baud]
    costs: dict[str, list[Cost]] = {name: [] for name in CONTENDERS}
    with _slave(folder / f"line{baud}", baud) as link:
        for _ in range(rounds):
            for name in CONTENDERS:
                costs[name].append(_round(name, Wire(str(link), baud, TIMEOUT), times))
    shortest = paced.limit(baud, REQUEST_SIZE, ANSWER_SIZE)
    return {name: _speed(found, shortest) for name, found in costs.items()}


def _speed(costs: list[Cost], shortest: float) -> Speed:
    wall = statistics.median(cost.wall for cost in costs)
    cpu = statistics.median(cost.cpu for cost in costs)
    return Speed(shortest / wall, Cost(wall, cpu))


def _round(name: str, wire: Wire, times: int) -> Cost:
    master = CONTENDERS[name](wire)
    master.connect()
    try:
        _read(master, WARM_UP)
        gc.collect()
        wall, cpu = time.monotonic(), time.process_time()
        _read(master, times)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    finally:
        master.close()
    return Cost(wall / times, cpu / times)


def _read(master: Master, times: int) -> None:
    truth = [paced.register(address) for address in range(ADDRESS, ADDRESS + COUNT)]
    if isinstance(master, PymodbusAsync):
        answers = master.read_many(ADDRESS, COUNT, times)
    else:
        answers = [master.read(ADDRESS, COUNT) for _ in range(times)]
    if any(answer != truth for answer in answers):
        raise RuntimeError(f"{type(master).__name__} returned a wrong value on a clean line")


@contextmanager
def _slave(link: Path, baud: int) -> Iterator[Path]:
    command = [sys.executable, paced.__file__, str(link), str(baud)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            if process.stdout is None or process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"the paced slave does not start: {' '.join(command)}")
            yield link
        finally:
            process.terminate()
