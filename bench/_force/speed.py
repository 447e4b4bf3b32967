"""How fast law and plant run in one process."""

import time

from . import report
from .contenders import contender
from .machine import PERIOD, Case, Machine
from .scenarios import COLD
from .trace import run

CASE = Case("reference", 50.0)
REPETITIONS = 5


def speed() -> dict[str, float]:
    """Return the simulated seconds per second of a press and a minute's hold; the best of some repetitions.

    All that a cycle needs counts: plant, sensors, range fusion and law. The plant's longest step is one cycle.
    """
    ratio = max(_press() for _ in range(REPETITIONS))
    cycle = 1e6 * PERIOD / ratio
    report.CONSOLE.print(
        f"law and plant in one process: {ratio:.0f} simulated seconds a second, {cycle:.1f} us a cycle",
        highlight=False,
    )
    return {"sim.speed_ratio": round(ratio, 1)}


def _press() -> float:
    machine, who = Machine(CASE, PERIOD), contender("ours", CASE)
    who.press(COLD * machine.area, 1e6 * machine.area)
    begin = time.perf_counter()
    run(machine, who, 60.0)
    return machine.plant.time / (time.perf_counter() - begin)
