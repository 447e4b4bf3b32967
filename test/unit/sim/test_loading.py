from pathlib import Path

import pytest

from stackpress_py.sim.config import ConfigError
from stackpress_py.sim.loading import load
from unit.sim.plants import CONFIG


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(CONFIG.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_plant_of_the_repository_loads_under_its_name(path: Path) -> None:
    assert load(path).name == path.stem


def test_a_small_file_overrides_some_keys_of_the_reference(tmp_path: Path) -> None:
    path = write(tmp_path, "base: reference.yaml\nsample: {mass_mg: 50}\nseed: 9\n")
    config = load(path)
    assert config.sample.mass_mg == 50.0
    assert config.sample.tap_density == 0.35
    assert (config.seed, config.name) == (9, "reference")


def test_a_base_beside_the_file_comes_first(tmp_path: Path) -> None:
    write(tmp_path, f"base: {CONFIG / 'glass.yaml'}\nseed: 77\n", "reference.yaml")
    assert load(write(tmp_path, "base: reference.yaml\n")).seed == 77


def test_a_number_with_an_exponent_needs_no_dot(tmp_path: Path) -> None:
    path = write(tmp_path, "base: reference.yaml\nforce_low: {quantum_fs: 1e-5}\n")
    assert load(path).force_low.quantum_fs == 1e-5


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sample: {mass: 1}", ("'sample.mass' is unknown", "mass_mg")),
        ("smaple: {}", ("'smaple' is unknown", "sample")),
        ("sample: {mass_mg: heavy}", ("'sample.mass_mg'", "number above 0", "'heavy'")),
        ("sample: {mass_mg: -1}", ("'sample.mass_mg'", "above 0", "-1")),
        ("sample: {mass_mg: .nan}", ("'sample.mass_mg'", "nan")),
        ("sample: {mass_mg: true}", ("'sample.mass_mg'", "True")),
        ("sample: {mass_mg:}", ("'sample.mass_mg'", "None")),
        ("sample: 3", ("'sample' must hold keys",)),
        ("sample: {kind: brick}", ("'sample.kind'", "powder, blank", "'brick'")),
        ("sample: {tap_density: 0.9}", ("'sample.tap_density'", "0.659")),
        ("wire: {baud: 9600.5}", ("'wire.baud'", "whole number")),
        ("wire: {parity: mark}", ("'wire.parity'", "none, even, odd")),
        ("press: {die_bottom_mm: 70}", ("'press.die_bottom_mm'", "travel_mm")),
        ("press: {stall_force_kn: 20}", ("'press.stall_force_kn'", "force_limit_kn")),
        ("force_low: {saturation_n: 100}", ("'force_low.saturation_n'", "500")),
        ("seed: x", ("'seed'", "whole number")),
        ("seed: 1\nseed: 2", ("line 3", "'seed' stands twice")),
        ("sample: {mass_mg: 1", ("not valid YAML",)),
    ],
)
def test_a_wrong_file_is_refused_in_one_sentence(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    path = write(tmp_path, f"base: reference.yaml\n{text}\n")
    with pytest.raises(ConfigError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("name: x\n", "section 'sample' is missing"),
        ("base: none.yaml\n", "no file 'none.yaml'"),
        ("base: mine.yaml\n", "in a circle"),
        ("base: 3\n", "'base' must be the name of a file"),
        ("- 1\n", "must contain sections"),
        ("\x80", "UTF-8"),
    ],
)
def test_a_file_that_leads_nowhere_is_refused(tmp_path: Path, text: str, part: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=part):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml: cannot be read"):
        load(tmp_path / "no.yaml")
