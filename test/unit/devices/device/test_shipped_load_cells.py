"""Profiles of load cell transmitters, frame by frame after the makers' manuals."""

import math

import pytest

from unit.devices.device.bus_fakes import Rig

KILOGRAM = 9.80665


def laumas(answer: str) -> dict[str, float]:
    rig = Rig("laumas_tlb", "force", "net_force", "peak_force")
    good = ("01 03 0006 0008", "01 03 10 0000 0000 0000 0000 0000 0000 0000 000A")
    rig.identified(good)
    return rig.exchanged((good[0], f"01 03 10 {answer}"))


def test_laumas_tells_magnitudes_and_signs_in_one_answer() -> None:
    # gross and peak negative, 12.35 kg with a division of 0.05
    found = laumas("0280 0000 04D3 0000 0064 0001 0000 000A")
    assert found["force"] == pytest.approx(-12.35 * KILOGRAM)
    assert found["net_force"] == pytest.approx(1.00 * KILOGRAM)
    assert found["peak_force"] == pytest.approx(-655.36 * KILOGRAM)


@pytest.mark.parametrize(
    ("division", "kilograms"),
    [("0000", 1235.0), ("0007", 123.5), ("000D", 1.235), ("0012", 0.1235)],
)
def test_the_division_of_a_laumas_tells_the_decimals(division: str, kilograms: float) -> None:
    found = laumas(f"0800 0000 04D3 0000 0000 0000 0000 {division}")
    assert found["force"] == pytest.approx(kilograms * KILOGRAM)


@pytest.mark.parametrize("status", ["0001", "0002", "0010"])
def test_a_laumas_with_a_broken_cell_knows_no_force(status: str) -> None:
    found = laumas(f"{status} 0000 04D3 0000 0000 0000 0000 000A")
    assert math.isnan(found["force"])


def test_a_laumas_division_that_nobody_knows_is_no_scale() -> None:
    assert math.isnan(laumas("0000 0000 04D3 0000 0000 0000 0000 0013")["force"])


@pytest.mark.parametrize(
    ("unit", "newtons"),
    [("01", 12.35e-3 * KILOGRAM), ("02", 12350 * KILOGRAM), ("03", 54.9355), ("04", 12.35)],
)
def test_a_laumas_tells_its_unit(unit: str, newtons: float) -> None:
    found = laumas(f"0000 0000 04D3 0000 0000 0000 0000 {unit}0A")
    assert found["force"] == pytest.approx(newtons, rel=1e-5)


def test_a_laumas_that_shows_a_pressure_knows_no_force() -> None:
    assert math.isnan(laumas("0000 0000 04D3 0000 0000 0000 0000 060A")["force"])


def pavone(answer: str, decimals: str = "0002") -> dict[str, float]:
    rig = Rig("pavone_dat", "force", "net_force")
    rig.identified(
        ("01 03 044D 0001", f"01 03 02 {decimals}"),
        ("01 03 0000 0005", "01 03 0A 0002 0000 0000 0000 0000"),
    )
    return rig.exchanged(("01 03 0000 0005", f"01 03 0A {answer}"))


def test_pavone_is_signed_and_tells_its_decimals() -> None:
    found = pavone("0002 FFFF FB2D 0001 0000")
    assert found["force"] == pytest.approx(-12.35)
    assert found["net_force"] == pytest.approx(655.36)
    assert pavone("0002 0000 04D3 0000 0000", decimals="0000")["force"] == 1235.0


@pytest.mark.parametrize("status", ["0040", "0020", "0010"])
def test_a_pavone_out_of_range_knows_no_force(status: str) -> None:
    assert math.isnan(pavone(f"{status} 0000 04D3 0000 0000")["force"])


def flintec(answer: str) -> dict[str, float]:
    rig = Rig("flintec_dad141", "force", "net_force")
    rig.identified(("01 03 3500 0005", "01 03 0A 0000 0000 0000 0000 0010"))
    return rig.exchanged(("01 03 3500 0005", f"01 03 0A {answer}"))


def test_flintec_tells_gross_net_and_quality_in_one_answer() -> None:
    found = flintec("42F6 E979 C2F6 E979 0010")
    assert found["force"] == pytest.approx(123.456, abs=1e-4)
    assert found["net_force"] == pytest.approx(-123.456, abs=1e-4)


@pytest.mark.parametrize("quality", ["0001", "0002"])
def test_a_flintec_out_of_range_knows_no_force(quality: str) -> None:
    assert math.isnan(flintec(f"42F6 E979 42F6 E979 {quality}")["force"])


SENECA_VALUE, SENECA_STATUS = "01 03 003F 0002", "01 03 004D 0001"


def seneca(value: str, status: str = "0010", unit: str = "00") -> dict[str, float]:
    rig = Rig("seneca_zsg", "force")
    rig.identified(
        ("01 03 0002 0001", f"01 03 02 {unit}01"),
        (SENECA_VALUE, "01 03 04 0000 0000"),
        (SENECA_STATUS, "01 03 02 0010"),
    )
    return rig.exchanged((SENECA_VALUE, f"01 03 04 {value}"), (SENECA_STATUS, f"01 03 02 {status}"))


def test_seneca_tells_its_net_weight_in_its_unit() -> None:
    assert seneca("42F6 E979")["force"] == pytest.approx(123.456 * KILOGRAM, rel=1e-6)
    assert seneca("C2F6 E979", unit="05")["force"] == pytest.approx(-123.456, rel=1e-6)


@pytest.mark.parametrize(("status", "unit"), [("0002", "00"), ("0010", "06"), ("0010", "08")])
def test_a_seneca_at_its_end_or_in_another_unit_knows_no_force(status: str, unit: str) -> None:
    assert math.isnan(seneca("42F6 E979", status, unit)["force"])
