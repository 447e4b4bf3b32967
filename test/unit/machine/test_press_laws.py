"""Which control laws a press gets, and what the machine takes from its profile."""

import math
from pathlib import Path

import pytest

from stackpress_py.control.by_hand import ByHandLaw
from stackpress_py.control.force import ForceController
from stackpress_py.control.force_setpoint import ForceSetpointLaw
from stackpress_py.control.law import ForceMove, ForceSample, Stage
from stackpress_py.control.pump_and_valve import PumpAndValveLaw
from stackpress_py.control.thermal import ThermalController, ThermalStage
from stackpress_py.control.thermal_setpoint import ThermalSetpointLaw
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.documents import DocumentError
from stackpress_py.machine.press_laws import contact_force, is_open, pressure_law, temperature_laws
from stackpress_py.machine.press_limits import release_rate, why_no_handover
from unit.machine.box_press import FORCE, LOCK, PUMP_AND_VALVE, box

# ---- laws ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actuation", "law"),
    [
        (FORCE, ForceSetpointLaw),
        (PUMP_AND_VALVE, PumpAndValveLaw),
        ("{by: hand}", ByHandLaw),
    ],
)
def test_a_press_without_tuning_gets_the_law_that_it_is_moved_by(
    tmp_path: Path, actuation: str, law: type
) -> None:
    profile = box(tmp_path, actuation)
    found = pressure_law(profile)
    assert isinstance(found, law)
    assert found.contact_force == pytest.approx(2.0 * 10.0 + 2.0)
    assert found.contact_force == contact_force(profile)


def test_presses_that_are_moved_by_velocity_or_travel_get_the_tuned_loop() -> None:
    for name in ("reference_plc", "servo_press"):
        assert isinstance(pressure_law(load_profile(name)), ForceController)


def test_a_tuning_without_the_needed_section_is_told(tmp_path: Path) -> None:
    profile = load_profile("reference_plc")
    tuning = tmp_path / "tuning.yaml"
    tuning.write_text("tuning: empty\n")
    broken = profile.complete(str(tuning), dict(profile.device_profiles))
    with pytest.raises(DocumentError, match="the section `force` is missing"):
        pressure_law(broken)
    with pytest.raises(DocumentError, match="the section `thermal` is missing"):
        temperature_laws(broken)


def test_the_law_never_asks_for_more_than_the_profile_allows(tmp_path: Path) -> None:
    law = pressure_law(box(tmp_path))
    law.step(ForceSample(0.0, 10_008.0, 10.0, math.nan))
    law.hold_present()
    move = law.step(ForceSample(0.02, 10_008.0, 10.0, math.nan)).move
    assert isinstance(move, ForceMove)
    assert move.force == 10_000.0
    assert 0.0 < move.rate <= 5_000.0


def test_temperature_laws_follow_the_heating(tmp_path: Path) -> None:
    for law in temperature_laws(load_profile("reference_plc")):
        assert isinstance(law, ThermalController)
    heated = box(tmp_path, heating="{by: setpoint, upper: oven.target, lower: oven.target}")
    for law in temperature_laws(heated):
        assert isinstance(law, ThermalSetpointLaw)
        assert (law.limits.coolest, law.limits.hottest) == pytest.approx((15.0, 150.0))
        # 3.6 degF are 2 K.
        assert law.limits.step == pytest.approx(2.0)


def test_a_memory_that_wears_out_is_written_in_larger_steps(tmp_path: Path) -> None:
    means = "{by: setpoint, upper: oven.kept_target, lower: oven.kept_target}"
    law, _ = temperature_laws(box(tmp_path, heating=means))
    assert isinstance(law, ThermalSetpointLaw)
    assert law.limits.step == 1.0


def test_a_press_that_does_not_heat_has_idle_laws() -> None:
    for law in temperature_laws(load_profile("hand_press")):
        output = law.step(1.0, math.nan, math.nan)
        assert output.stage is ThermalStage.IDLE
        assert not law.step(100.0, math.nan, math.nan).lost


def test_every_shipped_press_has_its_laws() -> None:
    for name in ("hand_press", "servo_press", "button_cell_sealer", "warm_isostatic_press"):
        profile = load_profile(name)
        assert pressure_law(profile).stage is Stage.IDLE
        assert len(temperature_laws(profile)) == 2


# ---- what the machine takes ------------------------------------------------------------------------


def test_whether_a_press_is_open_by_its_own_word(tmp_path: Path) -> None:
    assert is_open(box(tmp_path), False, math.nan) is None
    switch = box(tmp_path, signals="{at_open_limit: box.status.open}")
    assert is_open(switch, True, math.nan) is True
    assert is_open(switch, False, math.nan) is False
    scale = box(tmp_path, signals="{position: box.position}")
    assert is_open(scale, False, 0.0005) is True
    assert is_open(scale, False, 0.02) is False
    assert is_open(scale, False, math.nan) is False


@pytest.mark.parametrize(
    ("signals", "commands", "why"),
    [
        ("{}", "{}", "has no lock of its own"),
        ("{at_open_limit: box.status.open}", "{}", "has no lock of its own"),
        ("{at_open_limit: box.status.open}", LOCK, "has no lock of its own"),
        ("{ram_locked: box.status.locked}", LOCK, "cannot tell that it is open"),
        ("{ram_locked: box.status.locked, position: box.position}", LOCK, ""),
        ("{ram_locked: box.status.locked, at_open_limit: box.status.open}", LOCK, ""),
    ],
)
def test_a_robot_needs_a_lock_and_a_press_that_knows_that_it_is_open(
    tmp_path: Path, signals: str, commands: str, why: str
) -> None:
    found = why_no_handover(box(tmp_path, signals=signals, commands=commands))
    assert why in found
    assert bool(found) is bool(why)


def test_the_release_of_an_isostatic_press_goes_by_its_range() -> None:
    assert release_rate(load_profile("reference_plc"), 200.0) == 200.0
    assert release_rate(load_profile("cold_isostatic_press"), 200.0) == pytest.approx(3.8e6)
