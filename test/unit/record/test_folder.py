"""Run folders and manifests: names that are safe, and files that are whole."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackpress_py.record import manifest, run_folder
from stackpress_py.record.press_facts import press_facts
from stackpress_py.record.run_folder import RecordError
from unit.record import synthetic


@pytest.mark.parametrize(
    "run_id",
    ["", ".", "..", ".hidden", "a/b", "../a", "/etc", "a\\b", "a b", "a\n", "é", "a\0", "x" * 129],
)
def test_a_dangerous_id_is_refused(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(RecordError, match="run id"):
        run_folder.create(tmp_path, run_id, 0.0)
    assert list(tmp_path.iterdir()) == []


@given(run_id=st.text(max_size=40))
def test_an_accepted_id_is_one_visible_name(run_id: str) -> None:
    try:
        run_folder.check_run_id(run_id)
    except RecordError:
        return
    assert Path("/a", run_id).parent == Path("/a")
    assert run_id.isascii()
    assert not run_id.startswith(".")


def test_a_second_run_of_the_same_id_is_refused(tmp_path: Path) -> None:
    run_folder.create(tmp_path, "run_1", 0.0)
    with pytest.raises(RecordError, match="exists already"):
        run_folder.create(tmp_path, "run_1", 0.0)


def test_a_relative_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordError, match="absolute"):
        run_folder.create(Path("runs"), "run_1", 0.0)


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="make room"):
        run_folder.create(tmp_path, "run_1", 1e18)
    assert not (tmp_path / "run_1").exists()


def test_an_impossible_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot be made"):
        run_folder.create(tmp_path / "file" / "runs", "run_1", 0.0)


def test_the_manifest_says_what_was_run(tmp_path: Path) -> None:
    folder = synthetic.record(tmp_path)
    found = manifest.read(folder / "manifest.json")
    assert found.cell_id == "c1"
    assert found.order["recipe_text"] == (folder / "recipe.yaml").read_text()
    assert found.order["parameters"] == {"press_pressure": "74 MPa"}
    assert found.outcome is not None
    assert found.outcome["verdict"] == "PASSED"
    assert sum(found.messages.values()) == len(synthetic.messages())
    assert found.versions["numpy"][0].isdigit()
    assert not (folder / "manifest.json.new").exists()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other/1"}', "nonsense"])
def test_a_wrong_manifest_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(RecordError, match=r"manifest\.json"):
        manifest.read(tmp_path / "manifest.json")


@pytest.mark.parametrize("text", ["[]", "3", "{", "[" * 100_000])
def test_an_order_must_be_an_object(text: str) -> None:
    with pytest.raises(RecordError, match="the manifest is not"):
        manifest.parse_object(text, "manifest")


def test_the_press_is_told_with_its_calibration() -> None:
    profile = Path(__file__).parents[3] / "config" / "presses" / "reference_plc.yaml"
    device = profile.parents[1] / "devices" / "reference_press_plc.yaml"
    facts = press_facts(profile, [device])
    assert facts["name"] == "reference_plc"
    assert facts["profile"]["text"] == profile.read_text()
    assert {s["name"] for s in facts["force_sensors"]} == {"force_low", "force_high"}
    assert all("calibration" in sensor for sensor in facts["force_sensors"])
    assert [found["text"] for found in facts["devices"]] == [device.read_text()]
    assert "force:" in facts["tuning"]["text"]
    json.dumps(facts, allow_nan=False)


def test_a_calibration_with_dates_is_told(tmp_path: Path) -> None:
    profile = tmp_path / "press.yaml"
    record = "{date: 2026-03-02, expires: 2027-03-02, certificate: LAB-1}"
    profile.write_text(f"press: mine\nforce_sensors: [{{name: cell, calibration: {record}}}]\n")
    facts = press_facts(profile)
    assert facts["force_sensors"][0]["calibration"]["expires"] == "2027-03-02"
    json.dumps(facts, allow_nan=False)
