"""The force loop: overshoot, settling, holding and what happens when a sample gives way, beside what others do.

All figures are of the simulated plants' true force. Every contender gets the same plants, sensors, noise and rates,
and the same approach to contact. A figure without the name of an actuation is the worst over all three.

`--only`, `--actuation`, `--contender`, `--quick` and `--worst` serve while a law is being written, `--whole` is for a
night; only a run of everything keeps its figures.
"""

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

import _results
from _force import report
from _force.contenders import NAMES
from _force.judged import Job, Result, Scenario, scenario
from _force.machine import ACTUATIONS
from _force.plot import plot
from _force.speed import speed

SCENARIOS = ("press", "anneal", "breathing", "relaxation", "fracture", "speed", "plot")
PROCESSES = 2


def do(job: Job) -> Result:
    """Do one job, in whatever process."""
    found: Result = job()
    return found


class Bench:
    """Runs scenarios, shows and keeps their figures.

    Args:
        pool: where they run.
        chosen: by the command line.
    """

    def __init__(self, pool: ProcessPoolExecutor, chosen: argparse.Namespace) -> None:
        self._pool = pool
        self._names: Sequence[str] = chosen.contender
        self._actuations: Sequence[str] = chosen.actuation
        self._worst: int = chosen.worst
        self.kept: dict[str, float] = {}

    def judge(self, scenario: Scenario) -> None:
        """Run one scenario for all contenders and ways to move the press."""
        begin = time.perf_counter()
        groups = [(name, means) for name in self._names for means in self._actuations]
        jobs = [scenario.jobs(*group) for group in groups]
        every = iter(self._pool.map(do, [job for group in jobs for job in group], chunksize=2))
        found = {
            group: [next(every) for _ in some] for group, some in zip(groups, jobs, strict=True)
        }
        table = report.Report(scenario.title)
        for (name, means), results in found.items():
            self._tell(table, scenario, name, means, results)
        for name in self._names:
            together = [each for means in self._actuations for each in found[name, means]]
            if len(self._actuations) == len(ACTUATIONS):
                self._tell(table, scenario, name, "", together)
        if scenario.ideal:
            table.row("ideal", "", scenario.ideal, "a perfect plant")
            self.kept.update(scenario.ideal_named())
        table.show(time.perf_counter() - begin)
        for name, means in groups:
            report.show_worst(name, means, found[name, means], self._worst)

    def _tell(
        self,
        table: report.Report,
        scenario: Scenario,
        name: str,
        means: str,
        found: Sequence[Result],
    ) -> None:
        table.row(name, means, scenario.figures(found), str(report.worst(found)))
        self.kept.update(scenario.named(found, means, name))


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=SCENARIOS, nargs="+", default=SCENARIOS)
    parser.add_argument("--actuation", choices=ACTUATIONS, nargs="+", default=ACTUATIONS)
    parser.add_argument("--contender", choices=NAMES, nargs="+", default=NAMES)
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the N worst cases")
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", action="store_true", help="fewer presses")
    sizes.add_argument("--whole", action="store_true", help="the whole matrix of holds")
    chosen = parser.parse_args()
    with ProcessPoolExecutor(PROCESSES) as pool:
        bench = Bench(pool, chosen)
        for name in chosen.only:
            if name == "speed":
                bench.kept.update(speed())
            elif name == "plot":
                plot(pool, chosen.contender, chosen.actuation)
            else:
                bench.judge(scenario(name, chosen.quick, chosen.whole))
    parts = (chosen.only, chosen.actuation, chosen.contender)
    everything = [len(part) for part in parts] == [len(SCENARIOS), len(ACTUATIONS), len(NAMES)]
    if everything and not chosen.quick:
        _results.merge(bench.kept)
        report.CONSOLE.print(f"kept in {_results.PATH.parent.name}/{_results.PATH.name}")


if __name__ == "__main__":
    main()
