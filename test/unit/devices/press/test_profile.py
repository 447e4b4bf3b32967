"""The press profile: the reference press, and what is refused."""

from pathlib import Path

import pytest

from stackpress_py.devices.press.loading import known_profiles, load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.documents import DocumentError
from stackpress_py.paths import config

REFERENCE = config("presses", "reference_plc.yaml").read_text()


def load_changed(folder: Path, old: str, new: str) -> PressProfile:
    assert old in REFERENCE
    path = folder / "changed.yaml"
    path.write_text(REFERENCE.replace(old, new, 1))
    return load_profile(str(path))


def test_every_profile_that_comes_with_stackpress_loads() -> None:
    assert "reference_plc" in known_profiles()
    for name in known_profiles():
        profile = load_profile(name)
        assert profile.press == name
        assert profile.tuning is None or profile.tuning_path.is_file()


def test_numbers_are_si() -> None:
    profile = load_profile("reference_plc")
    assert profile.limits.travel == pytest.approx(0.06)
    assert profile.limits.heat is not None
    assert profile.limits.heat.heating_rate == pytest.approx(1.0)
    assert profile.cycle.rate == 60.0
    assert profile.geometry.die_area == pytest.approx(113.1e-6, rel=1e-3)
    low, high = profile.force_sensors
    assert (low.range, high.range) == (500.0, 20_000.0)
    assert high.uncertainty == pytest.approx(11.66, abs=0.01)


def test_the_safety_chain_of_times_holds() -> None:
    """A stale command must stop the ram within 0.2 s, and before the press's own watchdog acts."""
    profile = load_profile("reference_plc")
    dogs, period = profile.watchdogs, 1.0 / profile.cycle.rate
    assert dogs.actuator_command + 2 * period < 0.2
    assert dogs.heater_command + 2 * period < 0.5
    assert dogs.device is not None
    assert profile.cycle.lost_after > dogs.device


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  force: 20 kN\n", "  force: 20\n", r"line \d+, limits.force: found '20', needs a force"),
        ("  force: 20 kN\n", "  force: 20 mm\n", r"limits.force: found '20 mm', needs a force"),
        ("  force: 20 kN\n", "  force: 20 MPa\n", "'20 MPa'; a press of kind heated needs a force"),
        ("  force: 20 kN\n", "  force: 23 kN\n", "limits.force <= trips.force"),
        ("  force: 22 kN\n", "  force: 25 kN\n", "<= its saturation must hold"),
        ("    temperature: 170 degC", "    temperature: 178 degC", "is above trips.temperature"),
        ("kind: heated", "kind: vacuum", "of kind vacuum needs signals.chamber_pressure"),
        ("kind: heated", "kind: isostatic_warm", "of kind isostatic_warm needs a pressure"),
        ("kind: heated", "kind: hydraulic", "kind: found 'hydraulic', needs 'uniaxial'"),
        (
            "profile: reference_press_plc",
            "profile: referenc",
            "there is no device profile 'referenc'",
        ),
        ("bus: main, unit: 1", "bus: mian, unit: 1", "devices.plc.bus: there is no bus 'mian'"),
        ("bus: main, unit: 1", "bus: main", "devices.plc.unit: reference_press_plc needs a `unit`"),
        ("protocol: modbus_rtu", "protocol: aibus", "speaks modbus, and the bus 'main' is aibus"),
        (
            "baud: 115200",
            "baud: 4800",
            r"buses.main.baud: found 4800; reference_press_plc knows 1152",
        ),
        (
            "position: plc.position",
            "position: plc.force_low",
            "has the unit 'N', needs that of a len",
        ),
        ("position: plc.position", "position: plc.positon", "has no point 'positon'"),
        ("position: plc.position", "position: plcc.position", "there is no device 'plcc'"),
        ("plc.status.guard_closed", "plc.status.gard", "has no bit 'gard'"),
        (
            "velocity: plc.velocity_setpoint",
            "velocity: plc.velocity",
            "cannot be written at 'velocity'",
        ),
        ("upper: plc.upper_power", "upper: plc.velocity_setpoint", "needs that of a fraction"),
        ("source: plc.force_low", "source: plc.position", "has the unit 'mm', needs a force"),
        ("parity: even", "parity: mark", "buses.main.*parity"),
        ("unit: 1}", "unit: 248}", "unit: found 248, needs 1 to 247 on a serial line"),
        ("actuator_command: 160 ms", "actuator_command: 0.3 s", "watchdogs.actuator_command"),
        ("blend_to: 95 %", "blend_to: 60 %", "blend_to must be above blend_from"),
        ("  velocity: 10 mm/s", "  velocty: 10 mm/s", "did you mean 'velocity'"),
        ("saturation: 550 N", "saturation: 450 N", "saturation is below range"),
    ],
)
def test_a_wrong_profile_is_refused_in_one_sentence(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        load_changed(tmp_path, old, new)
    assert "changed.yaml line" in caught.value.problems[0]


def test_an_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(DocumentError, match="no press profile 'refernce'; there are: .*reference"):
        load_profile("refernce")
    with pytest.raises(DocumentError, match="no press profile is given"):
        load_profile("")


def test_the_tuning_file_is_found_from_the_profiles_own_folder(tmp_path: Path) -> None:
    (tmp_path / "presses").mkdir()
    path = tmp_path / "presses" / "mine.yaml"
    path.write_text(REFERENCE)
    profile = load_profile(str(path))
    assert profile.tuning_path == tmp_path / "control" / "reference_plc.yaml"
