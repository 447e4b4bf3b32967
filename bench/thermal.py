"""The temperature loop: overshoot and deviation of both platens in a ramp and a soak, beside what others do.

5 K/min from 25 to 120 degC, then five minutes more, on platens that differ from the tuning by up to twice and half in
capacity, losses, heater and lags, with and without a die between them. All figures are of the plates' true
temperatures, so the constant error of the thermocouples, up to 0.3 K, is in them.

`--contender` and `--worst` serve while a law is being written; only a run of everything keeps its figures.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.console import Console
from rich.table import Table

import _results
from _thermal.contenders import CONTENDERS
from _thermal.plants import cases
from _thermal.trial import Outcome, trial

CONSOLE = Console(width=170)
PROCESSES = 2
HEADINGS = {
    "overshoot_k": "overshoot, K",
    "ramp_dev_k": "off the set-point, K",
    "ramp_dev_k.median": "median of that, K",
    "difference_k": "between platens, K",
    "late_s": "late, s",
}


def figures(found: Sequence[Outcome]) -> dict[str, float]:
    """Return the worst of some outcomes, and the median of the deviation and of the delay."""
    deviations = sorted(each.deviation for each in found)
    lates = sorted(each.late for each in found)
    return {
        "overshoot_k": max(each.overshoot for each in found),
        "ramp_dev_k": deviations[-1],
        "ramp_dev_k.median": deviations[len(found) // 2],
        "difference_k": max(each.difference for each in found),
        "late_s": lates[len(found) // 2],
    }


IDEAL: Mapping[str, float] = dict.fromkeys(HEADINGS, 0.0)


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", choices=CONTENDERS, nargs="+", default=list(CONTENDERS))
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="show the N worst cases")
    chosen = parser.parse_args()
    plants, kept = cases(), {}
    table = Table(title=f"5 K/min from 25 to 120 degC and a soak, on {len(plants)} plants")
    for heading in ("contender", *HEADINGS.values(), "worst case"):
        table.add_column(heading, justify="right" if heading in HEADINGS.values() else "left")
    begin = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for name in chosen.contender:
            found = list(pool.map(partial(trial, name), plants, chunksize=4))
            kept.update(_named(name, figures(found)))
            found.sort(key=lambda each: -each.deviation)
            _row(table, name, figures(found), str(found[0].case))
            for each in found[: chosen.worst]:
                CONSOLE.print(name, str(each), highlight=False, soft_wrap=True)
    _row(table, "ideal", IDEAL, "a perfect plant")
    kept.update(_named("ideal", IDEAL))
    CONSOLE.print(table)
    CONSOLE.print(f"{time.perf_counter() - begin:.0f} s", highlight=False)
    if set(chosen.contender) == set(CONTENDERS):
        _results.merge(kept)
        CONSOLE.print(f"kept in {_results.PATH.parent.name}/{_results.PATH.name}")


def _named(contender: str, values: Mapping[str, float]) -> dict[str, float]:
    suffix = "" if contender == "ours" else f".{contender}"
    return {f"thermal.{key}{suffix}": round(value, 3) for key, value in values.items()}


def _row(table: Table, name: str, values: Mapping[str, float], worst: str) -> None:
    table.add_row(name, *(f"{values[key]:.2f}" for key in HEADINGS), worst)


if __name__ == "__main__":
    main()
