"""The report: its numbers are those of the messages, and what was told wrongly is shown."""

import copy
import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stackpress_py.account import LONGEST_GAP
from stackpress_py.record import phases, reader, report, summary
from unit.record import readers, synthetic

Row = dict[str, str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = synthetic.record(tmp_path_factory.mktemp("report"))
    report.build(folder)
    return folder


def rows(run: Path) -> list[Row]:
    with (run / "phases.csv").open() as file:
        return list(csv.DictReader(file))


def averaged(time: np.ndarray, value: np.ndarray, target: dict[str, float]) -> Any:
    """Which samples are in tolerance by the rule for pressures, from whole arrays; and the averages."""
    window = time[:, None] - time[None, :]
    window = (window >= 0.0) & (window < 0.5)
    average = window @ value / window.sum(axis=1)
    squares = np.concatenate([[0.0, 0.0], np.diff(value, 2) ** 2])
    # Each sample is judged by the second differences of the sixty before it, at least 32 of them.
    noise = [
        np.sqrt(squares[max(2, i - 60) : i].mean() / 6.0) if i >= 34 else 0.0
        for i in range(len(value))
    ]
    away, allowed = np.abs(value - target["target"]), target["tolerance"]
    inside = (np.abs(average - target["target"]) <= allowed) & (
        away <= allowed + 6.0 * np.array(noise)
    )
    return inside, average


def held(time: np.ndarray, value: np.ndarray, target: dict[str, float], settling: float) -> Any:
    """Account of a hold by another way: runs of samples in tolerance, then sums over them."""
    inside, average = np.abs(value - target["target"]) <= target["tolerance"], value
    if target["target"] > 1e3:
        inside, average = averaged(time, value, target)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        settled = np.flatnonzero(time[first:end] - time[first] >= settling)
        if settled.size:
            break
    else:
        return None
    since = first + settled[0]
    steps = np.diff(time[since:])
    assert steps.max() <= LONGEST_GAP
    both = inside[since:-1] & inside[since + 1 :]
    return {
        "time_to_reach": time[first] - time[0],
        "mean": np.sum(value[since + 1 :] * steps) / steps.sum(),
        "minimum": value[since:].min(),
        "maximum": value[since:].max(),
        "worst_deviation": np.abs(value[since:] - target["target"]).max(),
        "worst_average": np.abs(average[since:] - target["target"]).max(),
        "duration": steps.sum(),
        "time_in_tolerance": steps[both].sum(),
    }


def check(row: Row, quantity: str, expected: Any) -> None:
    for name, value in expected.items():
        found = float(row[f"{quantity}_{name}"])
        assert found == pytest.approx(value, rel=1e-9, abs=1e-5), f"{row['phase']} {name}"


def test_the_numbers_are_those_that_rosbags_reads(run: Path) -> None:
    every = [m for topic, _, m in readers.by_rosbags(run) if topic == "/press/state"]
    states = [m for m in every if m.connected]
    time = np.array([m.header.stamp.sec + m.header.stamp.nanosec * 1e-9 for m in states])
    pressure = np.array([m.force for m in states]) / synthetic.AREA
    platens = np.array([[m.upper_platen_temperature, m.lower_platen_temperature] for m in states])
    table = rows(run)
    assert [row["phase"] for row in table] == [p["name"] for p in synthetic.PHASES]
    for index, (phase, row) in enumerate(zip(synthetic.PHASES, table, strict=True)):
        begin, end = (synthetic.BEGIN + synthetic.BOUNDS[index + i] for i in (0, 1))
        part = (time > begin) & (time <= end)
        heated = part
        if "pressure" in phase:
            found = held(time[part], pressure[part], phase["pressure"], phase["settling"])
            check(row, "pressure", found)
            settled = time[part][0] + found["time_to_reach"] + phase["settling"]
            heated = part & (time > settled + 1e-3)
        if "temperature" in phase:
            target = phase["temperature"]
            away = np.abs(platens[heated] - target["target"]).argmax(axis=1)
            value = platens[heated][np.arange(len(away)), away]
            check(row, "temperature", held(time[heated], value, target, phase["settling"]))


def test_the_stack_is_shown_as_it_was_recorded(run: Path) -> None:
    first, second, third, last = rows(run)
    assert float(first["heckel_slope"]) == synthetic.SLOPE
    assert float(first["density"]) == pytest.approx(1.0 - np.exp(-(2e-9 * 74e6 + 1.0)), abs=1e-3)
    assert float(third["height_uncertainty"]) == 2e-6
    assert last["density"] == ""
    page = (run / "report.html").read_text()
    assert "Between the punches" in page
    for text in ("500 \u00b1 25 MPa", "2.00 \u00b1 0.10 /GPa", "0.0600 \u00b1 0.0120 %/min"):
        assert text in page
    for axis in ("relative density / %", "|rate| / (%/min)", "mean yield pressure 500 MPa"):
        assert axis in page


def test_the_wear_is_counted_from_the_commands_and_positions(run: Path) -> None:
    every = list(readers.by_rosbags(run))
    given = [
        (m.header.stamp, m.velocity) for topic, _, m in every if topic == "/press/actuator_command"
    ]
    time = np.array([stamp.sec + stamp.nanosec * 1e-9 for stamp, _ in given])
    driving = np.array([velocity != 0.0 for _, velocity in given])
    for index, row in enumerate(rows(run)):
        begin, end = (synthetic.BEGIN + synthetic.BOUNDS[index + i] for i in (0, 1))
        # A sample goes with the command that was given to the one before.
        part = (time > begin - 0.06) & (time < end)
        starts = np.diff(driving[part].astype(int)).clip(0).sum()
        assert int(row["actuator_starts"]) == starts
        running = driving[part][:-1].sum() / synthetic.RATE
        assert float(row["actuator_running"]) == pytest.approx(running, abs=0.11)
    # The synthetic ram goes 46 mm in 5 s; 1 s of them was before the first phase.
    assert float(rows(run)[0]["actuator_travel"]) == pytest.approx(0.8 * 0.046 + 148e-6, rel=0.01)


def test_alarms_are_counted_again(tmp_path: Path) -> None:
    told = synthetic.outcome()
    order = copy.deepcopy(synthetic.ORDER)
    # The pressure is 74 MPa at most: an alarm below 80 MPa goes on from its delay to the end.
    order["phases"][0]["alarm"] = {"below": 80e6, "after": 2.0}
    told["phases"][0]["low_pressure"] = {"alarms": 0, "time": 0.0}
    folder = synthetic.record(tmp_path, told, order)
    phase = phases.phases(reader.read(folder))[0]
    assert phase.low_pressure is not None
    assert phase.low_pressure.alarms == 1
    assert phase.low_pressure.time == pytest.approx(20.0 - 9.3 - 1.0, abs=0.5)
    assert "low-pressure alarms: told was 0, the messages say 1" in phase.differences
    report.build(folder)
    assert rows(folder)[0]["low_pressure_alarms"] == "1"
    assert rows(folder)[1]["low_pressure_alarms"] == ""


def test_what_was_told_rightly_is_not_contradicted(run: Path) -> None:
    for phase in phases.phases(reader.read(run)):
        assert phase.differences == ()
    page = (run / "report.html").read_text()
    assert "Read this first" not in page


def test_the_page_needs_nothing_else(run: Path) -> None:
    page = (run / "report.html").read_text()
    assert page.count("<svg") == 1
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert "http" not in re.sub(
        r'xmlns(:\w+)?="[^"]*"|<metadata>.*?</metadata>', "", page, flags=re.S
    )
    for text in ("Cold press", "Anneal", "74.00 MPa", "cold_press_and_anneal", "PASSED", "c1"):
        assert text in page
    assert (run / "report.png").read_bytes().startswith(b"\x89PNG")


def change(told: dict[str, Any], index: int, quantity: str, **values: Any) -> None:
    told["phases"][index][quantity] |= values


LIES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda told: change(told, 0, "pressure", mean=74.2e6), "pressure mean: told was 74.2 MPa"),
    (lambda told: change(told, 1, "pressure", reached=False), "told was not reached"),
    (lambda told: change(told, 1, "temperature", peak=None), "temperature peak: told was nothing"),
    (lambda told: change(told, 2, "pressure", duration=3.0), "pressure duration: told was 3 s"),
    (lambda told: told["phases"][0].update(pressure=None), "no pressure was told"),
    (lambda told: told["phases"][3].update(outcome="FAILED"), "although a phase is not"),
]


@pytest.mark.parametrize(("lie", "shown"), LIES)
def test_what_was_told_wrongly_is_shown(
    tmp_path: Path, lie: Callable[[dict[str, Any]], None], shown: str
) -> None:
    told = synthetic.outcome()
    lie(told)
    run = reader.read(synthetic.record(tmp_path, told))
    problems = summary.summarise(run, phases.phases(run)).problems
    assert any(shown in problem for problem in problems)


@pytest.mark.parametrize("word", ["FAILED", "STOPPED", "ABORTED", "SPLENDID", ""])
def test_the_verdict_is_the_one_told(tmp_path: Path, word: str) -> None:
    told = synthetic.outcome() | {"verdict": word}
    run = reader.read(synthetic.record(tmp_path, told))
    known = word in ("FAILED", "STOPPED", "ABORTED")
    assert summary.summarise(run, ()).verdict == (word if known else "NO VERDICT")


def test_words_of_others_are_shown_as_words(tmp_path: Path) -> None:
    told = synthetic.outcome() | {"verdict": "STOPPED", "reason": "a <b>person</b> & a robot"}
    change(told, 0, "pressure", mean=74.2e6)
    page = report.build(synthetic.record(tmp_path, told)).read_text()
    assert "<title>STOPPED" in page
    assert "A &lt;b&gt;person&lt;/b&gt; &amp; a robot" in page
    assert "Read this first" in page
    assert "told was 74.2 MPa" in page


def test_an_empty_record_has_a_report_too(tmp_path: Path) -> None:
    folder = synthetic.record(tmp_path)
    for file in (folder / "bag").glob("*.mcap"):
        file.unlink()
    page = report.build(folder).read_text()
    assert "holds no measurement" in page


def test_a_folder_that_is_no_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(reader.RecordError, match=r"manifest\.json"):
        report.build(tmp_path)


def test_the_area_follows_from_force_and_pressure(run: Path) -> None:
    assert reader.area(reader.read(run)) == pytest.approx(synthetic.AREA)
