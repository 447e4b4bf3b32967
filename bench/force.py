"""The force loop: overshoot, settling, holding and what happens when a sample gives way, beside what others do.

All figures are of the simulated plants' true force. Every contender gets the same plants, sensors, noise and rates,
and the same approach to contact. `--only`, `--contender` and `--quick` serve while a law is being written; only a
whole run keeps its figures.
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.table import Table

import _results
from _force import scenarios
from _force.contenders import NAMES, Ours
from _force.machine import FRAMES, PERIOD, Case, Machine, matrix
from _force.scenarios import Chased, Held, Pressed

CONSOLE = Console(width=132)
RATES = (1e6, 2e6)  # Pa/s
PROCESSES = 2
Result = TypeVar("Result")


def everything(
    pool: ProcessPoolExecutor, work: Callable[..., Result], jobs: Sequence[tuple[object, ...]]
) -> list[Result]:
    """Return the results of all jobs, in their order."""
    return list(pool.map(work, *zip(*jobs, strict=True), chunksize=2))


def _suffix(name: str) -> str:
    return "" if name == "ours" else f".{name}"


class Bench:
    """The scenarios, each with its table and figures.

    Args:
        pool: where they run.
        names: of the contenders.
        quick: fewer plants.
    """

    def __init__(self, pool: ProcessPoolExecutor, names: Sequence[str], quick: bool) -> None:
        self._pool = pool
        self._names = names
        self._quick = quick
        self.kept: dict[str, float] = {}

    def press(self) -> None:
        """Press to 74 MPa."""
        cases = matrix(noises=(1.0,), seeds=1) if self._quick else matrix()
        table = _table("74 MPa at 1 and 2 MPa/s", "overshoot %", "settling ratio, p95", "given up")
        for name in self._names:
            jobs = [(case, name, rate) for case in cases for rate in RATES]
            found: list[Pressed] = everything(self._pool, scenarios.press, jobs)
            worst = max(found, key=lambda each: each.overshoot)
            ratio = float(np.percentile([each.ratio for each in found], 95.0))
            lost = sum(bool(each.lost) for each in found)
            table.add_row(
                name, f"{worst.overshoot:.3f}", f"{ratio:.3f}", str(lost), str(worst.case)
            )
            self.kept[f"force.overshoot_pct.velocity{_suffix(name)}"] = round(worst.overshoot, 4)
            self.kept[f"force.settle_ratio.velocity_p95{_suffix(name)}"] = round(ratio, 4)
        CONSOLE.print(table)

    def anneal(self) -> None:
        """Hold 1 MPa while the platens heat."""
        self._hold("anneal", "1 MPa, 25 to 120 degC at 5 K/min", scenarios.anneal, self._cases())

    def relaxation(self) -> None:
        """Hold 74 MPa for an hour."""
        title = "74 MPa for an hour"
        self._hold("relaxation", title, scenarios.relaxation, self._cases())

    def fracture(self) -> None:
        """Let samples give way."""
        table = _table("A sample that gives way", "ram goes on, mm")
        for name in self._names:
            jobs = [(Case("fragile", frame), name) for frame in FRAMES]
            found: list[Chased] = everything(self._pool, scenarios.cracks, jobs)
            gone = [
                (Case(sample, frame), name)
                for sample in ("reference", "stiff_blank")
                for frame in FRAMES
            ]
            found += everything(self._pool, scenarios.vanishes, gone)
            worst = max(found, key=lambda each: each.chase)
            table.add_row(name, f"{worst.chase:.4f}", f"{worst.case}, {worst.how}")
            self.kept[f"force.fracture_chase_mm{_suffix(name)}"] = round(worst.chase, 4)
        CONSOLE.print(table)

    def speed(self) -> None:
        """Simulated seconds per second of law and plant in one process."""
        ratios = []
        for _ in range(3):
            case = Case("reference", 50.0)
            machine, who = Machine(case, PERIOD), Ours(case)
            who.press(scenarios.COLD * machine.area, 1e6 * machine.area)
            begin = time.perf_counter()
            scenarios.run(machine, who, 60.0)
            ratios.append(machine.plant.time / (time.perf_counter() - begin))
        self.kept["sim.speed_ratio"] = round(max(ratios), 1)
        CONSOLE.print(f"law and plant in one process: {max(ratios):.0f} simulated seconds a second")

    def _cases(self) -> list[Case]:
        return matrix(noises=(1.0,), seeds=1) if self._quick else matrix(noises=(1.0,), seeds=2)

    def _hold(
        self, key: str, title: str, work: Callable[[Case, str], Held], cases: Sequence[Case]
    ) -> None:
        table = _table(title, "worst %", "rms %", "given up")
        for name in self._names:
            found: list[Held] = everything(self._pool, work, [(case, name) for case in cases])
            worst = max(found, key=lambda each: each.worst)
            rms = max(each.rms for each in found)
            lost = sum(bool(each.lost) for each in found)
            where = f"{worst.case} {worst.lost}"
            table.add_row(name, f"{worst.worst:.3f}", f"{rms:.3f}", str(lost), where)
            if math.isfinite(worst.worst):
                self.kept[f"force.hold_dev_pct.{key}{_suffix(name)}"] = round(worst.worst, 4)
                self.kept[f"force.hold_dev_pct.{key}_rms{_suffix(name)}"] = round(rms, 4)
        CONSOLE.print(table)


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title)
    table.add_column("contender")
    for heading in headings:
        table.add_column(heading, justify="right")
    table.add_column("worst case")
    return table


SCENARIOS = ("press", "anneal", "relaxation", "fracture", "speed")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SCENARIOS, nargs="+", default=SCENARIOS)
    parser.add_argument("--contender", choices=NAMES, nargs="+", default=NAMES)
    parser.add_argument("--quick", action="store_true", help="fewer plants")
    chosen = parser.parse_args()
    with ProcessPoolExecutor(PROCESSES) as pool:
        bench = Bench(pool, chosen.contender, chosen.quick)
        for scenario in chosen.only:
            getattr(bench, scenario)()
    whole = len(chosen.only) == len(SCENARIOS) and len(chosen.contender) == len(NAMES)
    if whole and not chosen.quick:
        _results.merge(bench.kept)
        CONSOLE.print(f"kept in {_results.PATH.parent.name}/{_results.PATH.name}")


if __name__ == "__main__":
    main()
