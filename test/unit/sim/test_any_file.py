"""Whatever a user's file says: either it is refused with a sentence, or the press that it describes runs."""

import math
from dataclasses import asdict, fields
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackpress_py.sim import config as constants
from stackpress_py.sim.config import ConfigError, SimConfig
from stackpress_py.sim.fields import Bounds
from stackpress_py.sim.loading import load
from stackpress_py.sim.plant import Command, Plant
from stackpress_py.sim.plc import Plc
from stackpress_py.sim.registers import Registers

SECTIONS = {each.name: each.type for each in fields(SimConfig) if each.name not in ("name", "seed")}
NOTHING_SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def values_of(bounds: Bounds, whole: bool) -> st.SearchStrategy[object]:
    """Numbers over all magnitudes that are allowed, and the ends."""
    if whole:
        return st.integers(int(bounds.low), int(bounds.high))
    ends = [bounds.high] if bounds.above else [bounds.low, bounds.high]
    powers = st.floats(-12.0, 0.0).map(lambda power: bounds.high * 10.0**power)
    return st.one_of(st.sampled_from(ends), powers.filter(bounds.admits))


def overrides() -> st.SearchStrategy[dict[str, dict[str, object]]]:
    choices: list[st.SearchStrategy[tuple[str, str, object]]] = []
    for section, kind in SECTIONS.items():
        for each in fields(kind):
            words = each.metadata.get("words")
            if words is not None:
                allowed: st.SearchStrategy[object] = st.sampled_from(words)
            else:
                allowed = values_of(each.metadata["bounds"], each.type is int)
            choices.append(st.tuples(st.just(section), st.just(each.name), allowed))

    def tree(chosen: list[tuple[str, str, object]]) -> dict[str, dict[str, object]]:
        result: dict[str, dict[str, object]] = {}
        for section, key, value in chosen:
            result.setdefault(section, {})[key] = value
        return result

    return st.lists(st.one_of(choices), min_size=1, max_size=12).map(tree)


COMMANDS = st.lists(
    st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(1e-3, 0.2)), max_size=6
)


@settings(max_examples=150, deadline=None, suppress_health_check=NOTHING_SLOW)
@given(tree=overrides(), commands=COMMANDS)
def test_any_admitted_press_runs(
    tmp_path: Path, tree: dict[str, dict[str, object]], commands: list[tuple[float, float, float]]
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump({"base": "reference.yaml", **tree}))
    try:
        config = load(file)
    except ConfigError as error:
        assert str(error).startswith(f"{file}: '") and "\n" not in str(error)
        return
    plant = Plant(config)
    registers = Registers(Plc(plant))
    plant.place()
    fastest = config.press.velocity_limit_mm_s * 1e-3
    near = 0.9 * config.press.die_bottom_mm * 1e-3
    plant.step(min(5.0, near / fastest), Command(fastest))
    for share, power, seconds in [(1.0, 1.0, 0.1), *commands, (0.01, 0.0, 0.1), (-1.0, 0.0, 0.1)]:
        plant.step(seconds, Command(share * fastest, power, -power))
        truth = plant.truth()
        assert all(math.isfinite(value) for value in asdict(truth).values()), truth
        assert truth.force >= 0.0 and truth.sample_pressure >= 0.0 and truth.density > 0.0
        assert all(0 <= word <= 0xFFFF for word in registers.read(0, 20))
        registers.read(200, 24)


@pytest.mark.parametrize(
    "text",
    [
        "base: reference.yaml\nseed: 2026-13-41\n",
        "base: reference.yaml\nseed: " + "9" * 5000 + "\n",
        "base: reference.yaml\nsample: {mass_mg: 1" + "0" * 400 + "}\n",
        "[" * 3000,
        "base: reference.yaml\nsample: &a {mass_mg: *a}\n",
        "base: [reference.yaml]\n",
        "base: .\n",
        "base: reference.yaml\n? [a, b]\n: 1\n",
        "base: reference.yaml\nsample:\n",
        "base: reference.yaml\nsample: 3\n",
        "base: reference.yaml\nwire: {baud: 115200.5}\n",
        "base: reference.yaml\nsample: {mass_mg: .nan}\n",
        "base: reference.yaml\nsample: {mass_mg: 50000}\n",
        "base: reference.yaml\nsample: {kind: blank, blank_height_mm: 49}\n",
        "base: own.yaml\n",
        "a: 1\n",
        "just words\n",
        "",
    ],
    ids=range(18),
)
def test_nonsense_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ") and "\n" not in str(caught.value)


def test_a_file_may_have_the_name_of_its_base(tmp_path: Path) -> None:
    file = tmp_path / "reference.yaml"
    file.write_text("base: reference.yaml\nsample: {mass_mg: 80}\n")
    assert load(file).sample.mass_mg == 80.0


def test_every_number_has_bounds() -> None:
    for kind in SECTIONS.values():
        for each in fields(kind):
            assert ("words" in each.metadata) != ("bounds" in each.metadata), each.name
    assert constants.WireConfig in SECTIONS.values()


def test_no_ram_pushes_a_soft_blank_through_the_bottom(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    blank = {"kind": "blank", "blank_height_mm": 2, "blank_stiffness_kn_mm": 0.5}
    file.write_text(yaml.safe_dump({"base": "reference.yaml", "sample": blank}))
    plant = Plant(load(file))
    plant.place()
    body = plant.mechanics.sample
    assert body is not None
    plant.step(4.79, Command(10e-3))
    while plant.force < 5000.0:
        plant.step(0.01, Command(0.5e-3))
        assert 0.0 < body.height <= 2e-3
        assert plant.truth().position < 50.2e-3, "it went through the bottom"
