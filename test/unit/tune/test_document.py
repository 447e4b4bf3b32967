"""From what was found to a tuning file that the program reads, and nothing that it could not."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stackpress_py.control.tuning import load_tuning
from stackpress_py.documents import DocumentError
from stackpress_py.quantities import DURATION, LENGTH, STIFFNESS, TEMPERATURE
from stackpress_py.tune.constants import Blank, plus_minus
from stackpress_py.tune.document import assemble, write
from stackpress_py.tune.figure import write_figure
from stackpress_py.tune.findings import Findings
from stackpress_py.tune.fits import Measured
from stackpress_py.tune.noise import sensor_noise
from stackpress_py.tune.sections import Circumstances, heading, sections
from stackpress_py.tune.session import Row
from stackpress_py.tune.table import write_table
from unit.tune.machines import HEAT_STEP, LIMITS, PROFILE, Machine, finish, trial_of, wanted

MADE = Circumstances(
    PROFILE, LIMITS, Blank(2e-3, 2e-6, 2e11, 4e-3, 1e-5), (800.0, 800.0), "2026-03-02"
)


@pytest.fixture(scope="module")
def found() -> Findings:
    trial = trial_of(wanted(LIMITS, "force", "heat"), LIMITS)
    finish(trial, Machine(step=HEAT_STEP))
    assert trial.result is not None
    return trial.result


def test_the_file_is_read_back_with_what_was_found(found: Findings, tmp_path: Path) -> None:
    path = tmp_path / "press.yaml"
    write(path, assemble("press", heading(MADE), sections(found, MADE)), replace=False)
    tuning = load_tuning(path)
    assert found.ram is not None and found.heat is not None and found.heat.platens is not None
    force, upper = tuning.force, tuning.upper_platen
    assert force.frame_stiffness == pytest.approx(found.ram.compliance.stiffness.value, rel=1e-2)
    # Half a cycle more than measured.
    assert force.dead_time == pytest.approx(found.ram.dead_time.value.value + 1 / 120, rel=1e-2)
    assert force.approach_velocity == pytest.approx(8e-3)
    assert force.contact_force == pytest.approx(10.0)
    assert force.touch_position == pytest.approx(0.046, abs=1e-5)
    assert force.thermal_expansion == pytest.approx(1.3e-6, rel=0.05)
    assert upper.heat_capacity == pytest.approx(found.heat.platens[0].capacity.value, rel=1e-2)
    assert upper.heater_power == 800.0
    give = tuning.compliance
    assert give is not None
    # 2 mm of steel in the frame of 50 kN/mm, whose joints give 3 um.
    assert give.deflection(4e3) == pytest.approx(4e3 / 5e7 + 3e-6, abs=3e-7)
    assert give.zero == pytest.approx(0.050, abs=2e-6)


def test_what_is_not_measured_anew_stays_with_its_remarks(found: Findings) -> None:
    whole = assemble("press", heading(MADE), sections(found, MADE))
    anew = sections(replace(found, heat=None), replace(MADE, date="2027-01-01"))
    text = assemble("press", ["Again."], anew, before=whole)
    thermal = whole[whole.index("# Measured on 2026-03-02 up to") :]
    assert thermal in text and "2027-01-01 on a blank" in text
    assert text.count("\nforce:") == text.count("\nthermal:") == 1
    assert text.startswith("# Again.\n")


def test_nothing_is_written_that_the_program_could_not_read(found: Findings) -> None:
    assert found.ram is not None
    nonsense = replace(
        found.ram, dead_time=replace(found.ram.dead_time, value=Measured(-0.1, 0.01))
    )
    with pytest.raises(DocumentError, match="dead_time"):
        assemble("press", [], sections(Findings(nonsense), MADE))


def test_a_file_is_replaced_only_when_asked_and_never_half(tmp_path: Path) -> None:
    path = tmp_path / "press.yaml"
    write(path, "one\n", replace=False)
    with pytest.raises(FileExistsError, match="--replace"):
        write(path, "two\n", replace=False)
    assert path.read_text() == "one\n"
    write(path, "two\n", replace=True)
    assert path.read_text() == "two\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("value", "deviation", "kind", "text"),
    [
        (0.02481, 0.00043, DURATION, "24.81 ± 0.43 ms"),
        (4.978e7, 9.2e3, STIFFNESS, "49.7800 ± 0.0092 kN/mm"),
        (16.54, 2.31, TEMPERATURE, "16.5 ± 2.3 degC"),
        (0.048, 0.0, LENGTH, "48.000 ± 0.000 mm"),
    ],
)
def test_a_measurement_shows_the_digits_it_knows(
    value: float, deviation: float, kind: object, text: str
) -> None:
    assert plus_minus(Measured(value, deviation), kind) == text  # type: ignore[arg-type]


def test_the_evidence_is_a_picture_and_a_table(found: Findings, tmp_path: Path) -> None:
    write_figure(tmp_path / "it.png", found, "A press")
    assert (tmp_path / "it.png").read_bytes()[:4] == b"\x89PNG"
    machine = Machine()
    trial = trial_of(wanted(LIMITS, "force"), LIMITS)
    orders = finish(trial, machine)
    again = Machine()
    rows = [Row(again.cycle(order), order) for order in orders]
    write_table(tmp_path / "it.csv", rows, ["low", "high"])
    lines = list(_table(tmp_path / "it.csv"))
    assert len(lines) == len(rows)
    largest = max(float(line["force_n"]) for line in lines)
    assert largest == pytest.approx(max(row.seen.force for row in rows), rel=1e-6)
    assert {line["upper_power"] for line in lines} == {""}


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as file:
        yield from csv.DictReader(file)


def test_noise_is_told_beside_the_profile(found: Findings) -> None:
    assert found.ram is not None
    low, high = sensor_noise(PROFILE, found.ram)
    assert low.at_rest == pytest.approx(0.075, rel=0.3)
    assert high.under_load == pytest.approx(3.0, rel=0.3)
    assert "correct it" not in high.sentence
    assert "correct it" in replace(high, under_load=6.0).sentence
