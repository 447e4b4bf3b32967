"""The raw data of a measurement as CSV, SI and degC: every cycle, and of the slow warming one each half second."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from stackpress_py.devices.press.command import PumpAndValve, Velocity
from stackpress_py.tune.session import Row

#: s between two rows while the platens are heated.
SLOW = 0.5


def write_table(path: Path, rows: Sequence[Row], sensors: Sequence[str]) -> None:
    """Write the table; ``sensors`` are the names of the force sensors.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["time_s", "force_n", *(f"{name}_n" for name in sensors), "position_m"]
            + ["upper_degc", "lower_degc", "frame_degc"]
            + ["velocity_m_s", "pump", "valve", "upper_power", "lower_power"]
        )
        for row in _thinned(rows):
            writer.writerow(_cells(row, rows[0].seen.time))
    draft.replace(path)


def _thinned(rows: Sequence[Row]) -> Iterator[Row]:
    due = -1.0
    for row in rows:
        if row.order.heat is None or row.seen.time >= due:
            due = row.seen.time + SLOW
            yield row


def _cells(row: Row, begin: float) -> list[str]:
    seen, motion, heat = row.seen, row.order.motion, row.order.heat
    velocity = motion.velocity if isinstance(motion, Velocity) else None
    pump, valve = (motion.pump, motion.valve) if isinstance(motion, PumpAndValve) else (None, None)
    upper, lower = (None, None) if heat is None else (heat.upper, heat.lower)
    numbers = (seen.force, *seen.sensors, seen.position, seen.upper, seen.lower, seen.frame)
    orders = (velocity, pump, valve, upper, lower)
    return [
        f"{seen.time - begin:.4f}",
        *(f"{number:.9g}" for number in numbers),
        *("" if order is None else f"{order:.6g}" for order in orders),
    ]
