"""Tuning files with only the sections that a press needs."""

from pathlib import Path

import pytest

from stackpress_py.control.tuning import load_tuning
from stackpress_py.documents import DocumentError
from stackpress_py.paths import config

REFERENCE = config("control", "reference_plc.yaml")


def part(folder: Path, section: str) -> Path:
    """Write a tuning file with one section of the reference press's."""
    text = REFERENCE.read_text()
    force, thermal = text.index("force:"), text.index("thermal:")
    body = text[force:thermal] if section == "force" else text[thermal:]
    path = folder / "part.yaml"
    path.write_text(f"tuning: part\n{body}")
    return path


def test_each_section_stands_alone(tmp_path: Path) -> None:
    whole = load_tuning(REFERENCE)
    assert load_tuning(part(tmp_path, "force")).force == whole.force
    assert load_tuning(part(tmp_path, "thermal")).upper_platen == whole.upper_platen
    assert load_tuning(part(tmp_path, "thermal")).lower_platen == whole.lower_platen


def test_a_section_that_is_needed_and_missing_is_named(tmp_path: Path) -> None:
    only_force = load_tuning(part(tmp_path, "force"))
    with pytest.raises(DocumentError, match=r"part\.yaml: the section `thermal` is missing"):
        _ = only_force.upper_platen
    only_thermal = load_tuning(part(tmp_path, "thermal"))
    with pytest.raises(DocumentError, match=r"the section `force` is missing.*add it"):
        _ = only_thermal.force
