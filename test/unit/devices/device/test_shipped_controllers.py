"""Profiles of temperature controllers on Modbus, frame by frame after the makers' manuals."""

import math

import pytest

from stackpress_py.devices.bus.errors import DeviceError, RefusedError, ReplyError
from stackpress_py.devices.device.device import Wish
from unit.devices.device.bus_fakes import Rig
from unit.devices.fakes import crc

HEAT_TO_80 = Wish({"target": 80.0}, active=True)


def eurotherm() -> Rig:
    rig = Rig("eurotherm_3200", "temperature", "output")
    rig.identified(
        ("01 03 004B 0001", "01 03 02 0010"),  # status: manual
        ("01 03 8002 0002", "01 03 04 41C8 0000"),  # 25.0
        ("01 03 8008 0002", "01 03 04 0000 0000"),
        ("01 03 8030 0002", "01 03 04 42C8 0000"),  # SP1 is 100: it must be 0
        ("01 10 8030 0002 04 0000 0000", "01 10 8030 0002"),
    )
    return rig


EUROTHERM_STANDING_BY = [
    ("01 03 004B 0001", "01 03 02 0010"),
    ("01 10 8006 0002 04 0000 0000", "01 10 8006 0002"),  # manual output 0
    ("01 03 8006 0002", "01 03 04 0000 0000"),
    ("01 10 8034 0002 04 0000 0000", "01 10 8034 0002"),  # remote set-point 0
    ("01 03 004B 0001", "01 03 02 0010"),
    ("01 03 8002 0002", "01 03 04 41C8 0000"),
    ("01 03 8008 0002", "01 03 04 0000 0000"),
]


def test_eurotherm_heats_by_its_remote_set_point_and_never_wears_its_memory_out() -> None:
    rig = eurotherm()
    found = rig.exchanged(*EUROTHERM_STANDING_BY)
    assert (found["temperature"], found["output"]) == (25.0, 0.0)
    found = rig.exchanged(
        ("01 10 0114 0001 02 0001", "01 10 0114 0001"),  # 276: remote
        ("01 03 0114 0001", "01 03 02 0001"),
        ("01 10 0111 0001 02 0000", "01 10 0111 0001"),  # 273: auto
        ("01 03 0111 0001", "01 03 02 0000"),
        ("01 10 8034 0002 04 42A0 0000", "01 10 8034 0002"),  # 80.0
        ("01 03 004B 0001", "01 03 02 0000"),
        ("01 03 8002 0002", "01 03 04 41C8 6666"),
        ("01 03 8008 0002", "01 03 04 42A0 0000"),
        wish=HEAT_TO_80,
    )
    assert found["temperature"] == pytest.approx(25.05, abs=1e-5)
    assert found["output"] == pytest.approx(0.8)
    assert rig.device.writes["local_target"] == 1


@pytest.mark.parametrize("status", ["0030", "0410"])
def test_eurotherm_knows_no_temperature_without_a_sensor(status: str) -> None:
    rig = eurotherm()
    broken = (EUROTHERM_STANDING_BY[4][0], f"01 03 02 {status}")
    found = rig.exchanged(*EUROTHERM_STANDING_BY[:4], broken, *EUROTHERM_STANDING_BY[5:])
    assert math.isnan(found["temperature"])
    assert max(found["status.sensor_break"], found["status.over_range"]) == 1.0


def omron() -> Rig:
    rig = Rig("omron_e5c", "temperature", "output")
    rig.identified(
        ("01 03 2410 0001", "01 03 02 0001"),  # one decimal
        ("01 03 2000 0001", "01 03 02 00FA"),
        ("01 03 2004 0001", "01 03 02 0000"),
        ("01 03 2406 0002", "01 03 04 0000 0100"),  # stopped, writing disabled
        ("01 03 2406 0002", "01 03 04 0000 0100"),
        ("01 06 0000 0001", "01 06 0000 0001"),
        ("01 03 2406 0002", "01 03 04 0000 0300"),
        ("01 06 0000 0401", "01 06 0000 0401"),
    )
    return rig


OMRON_STOPPED = [
    ("01 06 0000 0101", "01 06 0000 0101"),
    ("01 03 2000 0001", "01 03 02 00FA"),
    ("01 03 2004 0001", "01 03 02 0000"),
    ("01 03 2406 0002", "01 03 04 0000 0310"),
]


def test_the_published_stop_command_of_omron_has_the_published_checksum() -> None:
    assert crc(bytes.fromhex("010600000101")) == bytes.fromhex("499A")


def test_omron_gets_its_set_point_into_the_ram_before_it_runs() -> None:
    rig = omron()
    assert rig.exchanged(*OMRON_STOPPED)["temperature"] == 25.0
    found = rig.exchanged(
        ("01 10 2103 0001 02 0320", "01 10 2103 0001"),  # 80.0
        ("01 06 0000 0100", "01 06 0000 0100"),  # run
        ("01 03 2000 0001", "01 03 02 FFF6"),
        ("01 03 2004 0001", "01 03 02 03E8"),
        ("01 03 2406 0002", "01 03 04 0100 0210"),
        ("01 03 2103 0001", "01 03 02 0320"),  # read back
        wish=HEAT_TO_80,
    )
    assert found["temperature"] == pytest.approx(-1.0)
    assert found["output"] == pytest.approx(1.0)
    assert not rig.device.not_taken


def test_omron_knows_no_temperature_after_an_input_error() -> None:
    rig = omron()
    error = ("01 03 2406 0002", "01 03 04 0040 0310")
    found = rig.exchanged(*OMRON_STOPPED[:3], error)
    assert math.isnan(found["temperature"])
    assert found["status.input_error"] == 1.0


def test_omron_that_refuses_to_be_written_is_not_used() -> None:
    rig = Rig("omron_e5c", "temperature")
    with (
        rig.expects(
            ("01 03 2410 0001", "01 03 02 0001"),
            ("01 03 2000 0001", "01 03 02 00FA"),
            ("01 03 2406 0002", "01 03 04 0000 0100"),
            ("01 03 2406 0002", "01 03 04 0000 0100"),
            ("01 06 0000 0001", "01 86 04"),
        ),
        pytest.raises(RefusedError, match="exception 4"),
    ):
        rig.device.identify(0.0)
    assert not rig.device.identified


WATLOW_READ = [
    ("01 03 0168 0003", "01 03 06 0000 41C8 003D"),  # 25.0, low word first; error: none
    ("01 03 0770 0002", "01 03 04 0000 0000"),
]


def watlow() -> Rig:
    rig = Rig("watlow_ezzone_pm", "temperature", "output")
    rig.identified(
        ("01 03 09BA 0001", "01 03 02 001E"),  # Fahrenheit
        ("01 06 09BA 000F", "01 06 09BA 000F"),
        ("01 03 09BA 0001", "01 03 02 000F"),
        ("01 03 09BE 0001", "01 03 02 006A"),  # non-volatile save: yes
        ("01 06 09BE 003B", "01 06 09BE 003B"),
        ("01 03 09BE 0001", "01 03 02 003B"),
        ("01 03 09BA 0001", "01 03 02 000F"),
        *WATLOW_READ,
    )
    return rig


WATLOW_OFF = [("01 06 0758 003E", "01 06 0758 003E"), ("01 03 0758 0001", "01 03 02 003E")]


def test_watlow_is_set_to_celsius_and_speaks_with_its_low_word_first() -> None:
    rig = watlow()
    found = rig.exchanged(*WATLOW_OFF, *WATLOW_READ)
    assert (found["temperature"], found["output"]) == (25.0, 0.0)
    rig.exchanged(
        ("01 10 0870 0002 04 0000 42A0", "01 10 0870 0002"),  # 80.0
        ("01 06 0758 000A", "01 06 0758 000A"),  # auto
        ("01 03 0758 0001", "01 03 02 000A"),
        *WATLOW_READ,
        ("01 03 0870 0002", "01 03 04 0000 42A0"),
        wish=HEAT_TO_80,
    )


@pytest.mark.parametrize("error", ["0041", "007F", "0020", "0000"])
def test_watlow_knows_no_temperature_unless_its_input_has_no_error(error: str) -> None:
    rig = watlow()
    broken = ("01 03 0168 0003", f"01 03 06 0000 41C8 {error}")
    assert math.isnan(rig.exchanged(*WATLOW_OFF, broken, WATLOW_READ[1])["temperature"])


def test_watlow_that_stays_fahrenheit_is_not_used() -> None:
    rig = Rig("watlow_ezzone_pm", "temperature")
    with (
        rig.expects(
            ("01 03 09BA 0001", "01 03 02 001E"),
            ("01 06 09BA 000F", "01 06 09BA 000F"),
            ("01 03 09BA 0001", "01 03 02 001E"),
        ),
        pytest.raises(DeviceError, match=r"temperature_unit is 30, .* needs 15 \(degrees Celsius"),
    ):
        rig.device.identify(0.0)


def delta() -> Rig:
    rig = Rig("delta_dtb", "temperature", "output")
    rig.identified(
        ("01 02 0811 0001", "01 02 01 01"),  # Celsius
        ("01 02 0811 0001", "01 02 01 01"),
        ("01 03 1000 0001", "01 03 02 00FA"),
        ("01 03 1012 0001", "01 03 02 0000"),
        ("01 02 0810 0001", "01 02 01 00"),  # writing is not enabled
        ("01 05 0810 FF00", "01 05 0810 FF00"),
        ("01 02 0810 0001", "01 02 01 01"),
    )
    return rig


DELTA_STOPPED = [
    ("01 02 0814 0001", "01 02 01 01"),
    ("01 05 0814 0000", "01 05 0814 0000"),
    ("01 02 0814 0001", "01 02 01 00"),
]
DELTA_READ = [
    ("01 03 1000 0001", "01 03 02 00FA"),
    ("01 03 1012 0001", "01 03 02 01F4"),
]


def test_delta_is_written_with_05_and_06_only() -> None:
    rig = delta()
    found = rig.exchanged(*DELTA_STOPPED, *DELTA_READ)
    assert (found["temperature"], found["output"]) == (25.0, 0.5)
    rig.exchanged(
        ("01 03 1001 0001", "01 03 02 00C8"),
        ("01 06 1001 0320", "01 06 1001 0320"),  # 80.0
        ("01 02 0814 0001", "01 02 01 00"),
        ("01 05 0814 FF00", "01 05 0814 FF00"),  # run
        ("01 02 0814 0001", "01 02 01 01"),
        *DELTA_READ,
        ("01 03 1001 0001", "01 03 02 0320"),
        wish=HEAT_TO_80,
    )


@pytest.mark.parametrize("sentinel", ["8002", "8003", "8004", "8006", "8007"])
def test_deltas_error_codes_are_no_temperatures(sentinel: str) -> None:
    rig = delta()
    broken = ("01 03 1000 0001", f"01 03 02 {sentinel}")
    found = rig.exchanged(*DELTA_STOPPED, broken, DELTA_READ[1])
    assert math.isnan(found["temperature"])


def test_a_delta_in_fahrenheit_is_not_used() -> None:
    rig = Rig("delta_dtb", "temperature")
    with (
        rig.expects(("01 02 0811 0001", "01 02 01 00")),
        pytest.raises(DeviceError, match=r"celsius is 0, .* needs 1 \(degrees Celsius\)"),
    ):
        rig.device.identify(0.0)


AUTONICS_READ = ("01 04 03E8 0005", "01 04 0A 00FA 0001 0000 0320 01F4")
AUTONICS_STOPPED = [
    ("01 01 0000 0001", "01 01 01 00"),
    ("01 05 0000 FF00", "01 05 0000 FF00"),
    ("01 01 0000 0001", "01 01 01 01"),
]


def test_autonics_tells_value_decimals_and_unit_in_one_answer() -> None:
    rig = Rig("autonics_tk", "temperature", "working_target", "output")
    rig.identified(AUTONICS_READ)
    found = rig.exchanged(*AUTONICS_STOPPED, AUTONICS_READ)
    assert found == {"temperature": 25.0, "working_target": 80.0, "output": 0.5}
    whole = ("01 04 03E8 0005", "01 04 0A 0019 0000 0000 0050 01F4")
    rig.exchanged(
        ("01 03 0000 0001", "01 03 02 0000"),
        ("01 06 0000 0320", "01 06 0000 0320"),  # 80.0 with one decimal
        ("01 01 0000 0001", "01 01 01 01"),
        ("01 05 0000 0000", "01 05 0000 0000"),  # run
        ("01 01 0000 0001", "01 01 01 00"),
        whole,
        ("01 03 0000 0001", "01 03 02 0320"),
        wish=HEAT_TO_80,
    )


@pytest.mark.parametrize("value", ["7918", "7530", "8AD0"])
def test_an_open_sensor_of_an_autonics_is_no_temperature(value: str) -> None:
    rig = Rig("autonics_tk", "temperature")
    rig.identified(("01 04 03E8 0003", "01 04 06 00FA 0001 0000"))
    broken = ("01 04 03E8 0003", f"01 04 06 {value} 0001 0000")
    assert math.isnan(rig.exchanged(*AUTONICS_STOPPED, broken)["temperature"])


def test_an_autonics_that_is_switched_to_fahrenheit_is_not_believed() -> None:
    rig = Rig("autonics_tk", "temperature")
    rig.identified(("01 04 03E8 0003", "01 04 06 00FA 0001 0000"))
    with pytest.raises(ReplyError, match="temperature_unit is 1, and this profile is for 0"):
        rig.exchanged(*AUTONICS_STOPPED, ("01 04 03E8 0003", "01 04 06 0302 0001 0001"))
