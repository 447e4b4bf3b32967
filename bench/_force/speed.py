"""How fast law and plant run in one process, and how fast the law alone answers what was recorded."""

import time

from stackpress_py.control.law import ForceSample

from . import report
from .contenders import contender
from .machine import PERIOD, Case, Machine
from .scenarios import COLD
from .trace import run

CASE = Case("reference", 50.0)
REPETITIONS = 5


def speed() -> dict[str, float]:
    """Return the simulated seconds per second of a press and a minute's hold; the best of some repetitions.

    ``sim.speed_ratio`` counts all that a cycle needs: plant, sensors, range fusion and law; the plant's longest step
    is one cycle. ``law.speed_ratio`` counts the law, which answers the samples of such a press.
    """
    ratio = max(_press() for _ in range(REPETITIONS))
    samples = _samples()
    alone = max(_answer(samples) for _ in range(REPETITIONS))
    for what, each in (("law and plant in one process", ratio), ("the law alone", alone)):
        report.CONSOLE.print(
            f"{what}: {each:.0f} simulated seconds a second, {1e6 * PERIOD / each:.1f} us a cycle",
            highlight=False,
        )
    return {"sim.speed_ratio": round(ratio, 1), "law.speed_ratio": round(alone, 1)}


def _press() -> float:
    machine, who = Machine(CASE, PERIOD), contender("ours", CASE)
    who.press(COLD * machine.area, 1e6 * machine.area)
    begin = time.perf_counter()
    run(machine, who, 60.0)
    return machine.plant.time / (time.perf_counter() - begin)


def _samples() -> list[ForceSample]:
    """Return what was measured in a press and a minute's hold."""
    machine, who = Machine(CASE, PERIOD), contender("ours", CASE)
    who.press(COLD * machine.area, 1e6 * machine.area)
    samples: list[ForceSample] = []
    held = 0.0
    while held < 60.0:
        samples.append(machine.cycle())
        machine.command(who.step(samples[-1]))
        held += PERIOD if who.holding else 0.0
    return samples


def _answer(samples: list[ForceSample]) -> float:
    who = contender("ours", CASE)
    who.press(COLD * Machine(CASE).area, 1e6 * Machine(CASE).area)
    begin = time.perf_counter()
    for sample in samples:
        who.step(sample)
    return (samples[-1].time - samples[0].time) / (time.perf_counter() - begin)
