"""Files of benches: what they may say, and what is said of a mistake."""

from dataclasses import fields
from pathlib import Path

import pytest

from stackpress_py.sim.config import ConfigError
from stackpress_py.sim.devices import eurotherm_3200
from stackpress_py.sim.devices.bench_config import load
from stackpress_py.sim.devices.catalogue import MODELS

FOLDER = Path(__file__).parents[4] / "config" / "sim" / "devices"
HEAT = "lines:\n  heat:\n    devices:\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "bench.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_files_of_the_repository(path: Path) -> None:
    config = load(path)
    assert config.name == path.stem


def test_the_press_of_instruments() -> None:
    config = load(FOLDER / "bench_press.yaml")
    assert config.plant is not None
    wires = {line.name: (line.wire.baud, line.wire.parity) for line in config.lines}
    assert wires == {"axis": (115200, "none"), "force": (115200, "none"), "heat": (9600, "none")}
    driven = {each.drives for line in config.lines for each in line.devices}
    assert driven == {"ram", "upper_heater", "lower_heater", "nothing"}


def test_one_file_has_all_models() -> None:
    config = load(FOLDER / "all_models.yaml")
    groups = (*config.lines, *config.ports)
    assert {each.model for group in groups for each in group.devices} == set(MODELS)


def test_no_setting_has_the_name_of_a_key_of_every_device() -> None:
    names = {each.name for model in MODELS.values() for each in fields(model.settings)}
    assert not names & {"kind", "value", "measures", "drives"}


def test_settings_and_defaults(tmp_path: Path) -> None:
    text = (
        HEAT
        + "      upper: {kind: eurotherm_3200, unit: 3, decimals: 2, remote_s: 1e1, value: 20}\n"
    )
    line = load(written(tmp_path, text)).lines[0]
    assert line.wire.baud == 9600 and line.wire.parity == "none" and not line.duplex
    device = line.devices[0]
    assert device.settings == eurotherm_3200.Settings(unit=3, decimals=2, remote_s=10.0)
    assert (device.value, device.measures, device.drives) == (20.0, "nothing", "nothing")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "the file must hold keys and values"),
        ("lines: [", "is not valid YAML"),
        ("lines: {}\nlines: {}\n", "line 2: 'lines' stands twice"),
        ("lines: {}\n", "'lines' or 'tcp' must hold at least one line"),
        ("line: {}\n", "'line' is unknown; allowed are name, seed, world, lines, tcp"),
        ("world: flat\n", "'world' must be one of fixed, press, found 'flat'"),
        ("world: press\nplant: no.yaml\n", "there is no file 'no.yaml'"),
        ("seed: -1\n", "'seed' must be a whole number from 0"),
        ("lines: 3\n", "'lines' must hold keys and values, found 3"),
        ("lines: {Heat: {}}\n", "'lines.Heat' must be a name of small letters"),
        ("lines: {world: {}}\n", "other than world"),
        ("lines: {heat: {}}\n", "'lines.heat.devices' must be a section with at least one device"),
        ("lines: {heat: {speed: 1, devices: {a: {kind: delta_dtb}}}}\n", "'lines.heat.speed' is unknown"),
        ("lines: {heat: {parity: mark, devices: {a: {}}}}\n", "one of none, even, odd, found 'mark'"),
        (HEAT + "      upper: {}\n", "'lines.heat.devices.upper.kind' must be one of eurotherm_3200"),
        (HEAT + "      upper: {kind: delta_dtb, unit: 300}\n", "whole number from 0 to 255, found 300"),
        (HEAT + "      upper: {kind: delta_dtb, disabled: maybe}\n", "one of refused, ignored, found 'maybe'"),
        (HEAT + "      upper: {kind: iai_rcp, homed: 1}\n", "must be true or false, found 1"),
        (HEAT + "      upper: {kind: delta_dtb, decimals: 1}\n", "'lines.heat.devices.upper.decimals' is unknown"),
        (HEAT + "      upper: {kind: delta_dtb, start_s: .inf}\n", "must be a number from 0 to 60, found inf"),
        (HEAT + "      upper: {kind: delta_dtb, measures: force}\n", "'lines.heat.devices.upper.measures' is unknown"),
        (
            HEAT + "      a: {kind: delta_dtb}\n      b: {kind: delta_dtb}\n",
            "'b' has unit 1 like another device of 'heat'",
        ),
        (HEAT + "      heat: {kind: delta_dtb}\n", "the name 'heat' stands twice"),
        ("tcp: {net: {port: 99999, devices: {a: {kind: generic_plc}}}}\n", "from 0 to 65535"),
        ("tcp: {net: {devices: {a: {kind: vacuum_gauge}}}}\n", "vacuum_gauge does not speak Modbus"),
        (
            "world: press\n" + HEAT + "      a: {kind: delta_dtb, drives: upper_heater}\n"
            "      b: {kind: delta_dtb, unit: 2, drives: upper_heater}\n",
            "'upper_heater' is driven by two devices",
        ),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, text: str, part: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        load(path)
    assert str(path) in str(error.value) and part in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.yaml: cannot be read: No such file"):
        load(tmp_path / "no.yaml")


def test_a_plant_may_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("base: reference.yaml\nseed: 9\n")
    text = "world: press\nplant: mine.yaml\n" + HEAT + "      a: {kind: delta_dtb}\n"
    plant = load(written(tmp_path, text)).plant
    assert plant is not None and plant.seed == 9
