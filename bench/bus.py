"""The bus: what faults do to our RTU master, how fast it is and what it costs, beside the libraries.

Run it on a quiet machine; it takes about three minutes. A wrong value (a value that is not the answer
to the question, a write that was not confirmed) is told apart from an error, which is honest.
"""

import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

import _results
from _bus import random_frames, rates, rows_answers, rows_line
from _bus.contenders import SYNCHRONOUS
from _bus.trial import TIMEOUT, Verdict, judge
from stackpress_py.devices.bus.timing import wake_on_time

CONSOLE = Console(width=132)
LOOKS = {"pass": "[green]pass", "wrong": "[bold red]WRONG VALUE", "fail": "[yellow]fails"}
Verdicts = dict[str, dict[str, Verdict]]


def faults(folder: Path) -> Verdicts:
    """Return the verdict of each row for each contender."""
    rows = (*rows_line.ROWS, *rows_answers.ROWS)
    found = {
        row.name: {name: judge(row, name, folder / "line") for name in SYNCHRONOUS}
        for row in track(rows, "faults", console=CONSOLE, transient=True)
    }
    found["random frames"] = {name: random_frames.judge(name) for name in SYNCHRONOUS}
    return found


def show_faults(found: Verdicts) -> None:
    """Print the fault matrix and what went wrong."""
    table = Table(title=f"Faults on a real pseudo-terminal, time-out {TIMEOUT * 1e3:.0f} ms")
    for heading in ("fault", *SYNCHRONOUS):
        table.add_column(heading)
    for row, verdicts in found.items():
        table.add_row(row, *(LOOKS[verdict.kind] for verdict in verdicts.values()))
    CONSOLE.print(table)
    for row, verdicts in found.items():
        for name, verdict in verdicts.items():
            if verdict.why:
                CONSOLE.print(
                    f"  {row}, {name}: {verdict.why}", style="dim", markup=False, soft_wrap=True
                )


def show_rates(found: dict[int, dict[str, rates.Speed]]) -> None:
    """Print rates and costs."""
    table = Table(title="Reading 10 registers over a paced 8E1 line: rate as a share of its limit")
    table.add_column("baud")
    table.add_column("limit", justify="right")
    for name in rates.CONTENDERS:
        table.add_column(name + (" *" if name in rates.WITHOUT_SILENCE else ""), justify="right")
    for baud, speeds in found.items():
        limit = speeds["ours"].ratio * speeds["ours"].cost.wall
        shares = [f"{speed.ratio:.3f}" for speed in speeds.values()]
        table.add_row(str(baud), f"{limit * 1e3:.2f} ms", *shares)
    costs = [f"{speed.cost.cpu * 1e6:.0f} µs" for speed in found[rates.CPU_BAUD].values()]
    table.add_row("CPU", f"at {rates.CPU_BAUD}", *costs, style="bold")
    CONSOLE.print(table)
    CONSOLE.print("  * skips the silent interval before a request, so that it can exceed the limit")


def figures(verdicts: Verdicts, speeds: dict[int, dict[str, rates.Speed]]) -> dict[str, float]:
    """Return what is kept."""
    kept: dict[str, float] = {"bus.faults.total": len(verdicts)}
    for name in SYNCHRONOUS:
        passed = sum(row[name].kind == "pass" for row in verdicts.values())
        kept["bus.faults.passed" if name == "ours" else f"bus.faults.{name}"] = passed
    for baud, at_baud in speeds.items():
        for name, speed in at_baud.items():
            kept[f"bus.rate_ratio.{baud}{_suffix(name)}"] = round(speed.ratio, 4)
    cpu = {name: speed.cost.cpu * 1e6 for name, speed in speeds[rates.CPU_BAUD].items()}
    for name, cost in cpu.items():
        kept[f"bus.cpu_us{_suffix(name)}"] = round(cost, 1)
    best = min(cost for name, cost in cpu.items() if name != "ours")
    kept["bus.cpu_ratio"] = round(cpu["ours"] / best, 4)
    return kept


def _suffix(name: str) -> str:
    return "" if name == "ours" else f".{name}"


def main() -> None:
    """Measure, print and keep."""
    wake_on_time()  # as the driver's bus threads do; it holds for all who are measured here
    with tempfile.TemporaryDirectory() as folder:
        speeds = rates.measure(Path(folder))
        show_rates(speeds)
        verdicts = faults(Path(folder))
        show_faults(verdicts)
    kept = figures(verdicts, speeds)
    _results.merge(kept)
    CONSOLE.print(f"bus.cpu_ratio {kept['bus.cpu_ratio']}: ours over the best library's")
    passed = f"{kept['bus.faults.passed']} of {kept['bus.faults.total']} faults"
    CONSOLE.print(f"ours passes {passed}; kept in {_results.PATH.parent.name}/{_results.PATH.name}")


if __name__ == "__main__":
    main()
