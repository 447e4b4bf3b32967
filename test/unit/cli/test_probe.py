"""``stackpress probe``: what the user writes, and how what is found is shown."""

import io
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.probe import ProbeOptions, probe
from stackpress_py.cli.probe_input import (
    is_tcp,
    parse_bauds,
    parse_framings,
    parse_units,
    parse_wait,
)
from stackpress_py.cli.probe_view import (
    Sight,
    fits_text,
    milliseconds,
    print_report,
    print_sights,
    raw_text,
    value_text,
)
from stackpress_py.devices.device.profile import load_device
from stackpress_py.devices.probe.fits import Fit, Grade
from stackpress_py.devices.probe.read_only import Setting
from stackpress_py.devices.probe.report import Found, ScanReport
from stackpress_py.devices.probe.snapshot import Judge, PointReading, Snapshot

NOTHING = ProbeOptions("", "", "", (), "", "", "", "all", "", False, False)
USUAL = Setting(9600, "8N1")
EUROTHERM = load_device("eurotherm_3200")
RAWS = {
    "temperature": 25.25,
    "manual_output": 0.0,
    "output": 12.5,
    "working_target": 80.0,
    "target": 80.0,
    "local_target": 80.0,
    "status": 0x0011,
    "manual": 1,
    "remote": 0,
}


def paper() -> Console:
    return Console(file=io.StringIO(), width=120)


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# ---- what the user writes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "units"),
    [("", ()), ("5", (5,)), ("1-3", (1, 2, 3)), ("1,5,17", (1, 5, 17)), ("3,1-3", (3, 1, 2))],
)
def test_units(text: str, units: tuple[int, ...]) -> None:
    assert parse_units(text) == units


@pytest.mark.parametrize("text", ["x", "3-1", "0-256", "1-", "-1", "1.5"])
def test_wrong_units_are_refused(text: str) -> None:
    with pytest.raises(CliError, match="--units") as caught:
        parse_units(text)
    assert caught.value.code is ExitCode.BAD_INPUT


def test_bauds_and_framings() -> None:
    assert parse_bauds("9600, 19200") == (9600, 19200)
    assert parse_framings("8n1,8E1") == ("8N1", "8E1")
    for refused in ("fast", "100", "99999999"):
        with pytest.raises(CliError, match="--baud"):
            parse_bauds(refused)
    for refused in ("7E1", "8X1", "8N3"):
        with pytest.raises(CliError, match="--framing"):
            parse_framings(refused)


def test_a_wait_has_a_unit() -> None:
    assert parse_wait("") is None
    assert parse_wait("300 ms") == pytest.approx(0.3)
    for refused in ("300", "0 s", "1 h", "3 mm"):
        with pytest.raises(CliError, match="--wait"):
            parse_wait(refused)


@pytest.mark.parametrize(
    ("port", "tcp"),
    [
        ("192.168.0.20:502", True),
        ("press.lab:1502", True),
        ("/dev/ttyUSB0", False),
        ("/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0", False),
        ("ttyUSB0", False),
        (":502", False),
    ],
)
def test_a_tcp_port_is_known_by_its_form(port: str, tcp: bool) -> None:
    assert is_tcp(port) is tcp


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (NOTHING, "which port?"),
        (replace(NOTHING, press="reference_plc", device="delta_dtb"), "--press says itself"),
        (replace(NOTHING, press="reference_plc", baud="9600"), "--press says itself"),
        (replace(NOTHING, port="/dev/x", ports=("main=/dev/y",)), "--port bus=port is for a press"),
        (replace(NOTHING, port="/dev/x", live=True), "--live needs something to read"),
        (replace(NOTHING, port="/dev/x", device="delta_dtb", everything=True), "--all and"),
        (replace(NOTHING, port="/dev/x", protocol="profibus"), "there are modbus, aibus, ascii"),
        (replace(NOTHING, port="/dev/x", units="248-250"), "a serial line has units 1 to 247"),
        (replace(NOTHING, port="/dev/x", device="delta_dtb", units="1-3"), "give one unit"),
        (
            replace(NOTHING, port="/dev/x", device="delta_dtb", units="0"),
            "--unit 0 is not possible",
        ),
        (replace(NOTHING, port="/dev/x", device="delta_dtb", baud="1,2"), "--baud 1 is not"),
        (replace(NOTHING, port="/dev/x", device="nothing"), "there is no device profile 'nothing'"),
        (replace(NOTHING, port="x:502", device="yudian_ai"), "transports Modbus only"),
        (replace(NOTHING, port="x:502", device="delta_dtb", baud="9600"), "has no baud rate"),
        (replace(NOTHING, press="nothing"), "there is no press profile 'nothing'"),
        (replace(NOTHING, press="reference_plc", ports=("io=/dev/x",)), "not of the form bus=port"),
    ],
)
def test_wrong_usage_is_one_sentence(options: ProbeOptions, text: str) -> None:
    with pytest.raises(CliError) as caught:
        probe(options, paper())
    assert caught.value.code is ExitCode.BAD_INPUT
    assert text in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_the_command_says_what_is_wrong_on_stderr_and_with_its_exit_code() -> None:
    for words, code, text in (
        (["/dev/nothing"], 3, "stackpress: there is no port /dev/nothing"),
        (["/dev/null"], 3, "stackpress: /dev/null is no serial port"),
        (["localhost:1"], 3, "stackpress: localhost:1 refused the connection"),
        ([], 2, "stackpress: which port?"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "stackpress_py.cli.app", "probe", *words],
            capture_output=True,
            text=True,
            timeout=50,
        )
        assert (done.returncode, done.stderr.startswith(text)) == (code, True), done


# ---- ports -----------------------------------------------------------------------------------------


@pytest.fixture
def silent_port() -> Iterator[str]:
    """A pseudo-terminal with nobody at its other end."""
    master, slave = os.openpty()
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


def test_a_device_that_is_silent_is_not_ready(silent_port: str) -> None:
    with pytest.raises(CliError) as caught:
        probe(replace(NOTHING, port=silent_port, device="laumas_tlb"), paper())
    assert caught.value.code is ExitCode.NOT_READY
    assert str(caught.value) == (
        f"unit 1 does not answer, on {silent_port} at 9600 8N1: look for it with"
        f" `stackpress probe {silent_port}`"
    )


def test_a_search_that_finds_nothing_says_what_to_look_at(silent_port: str) -> None:
    console = paper()
    options = replace(
        NOTHING,
        port=silent_port,
        units="1",
        baud="115200",
        framing="8N2",
        protocol="modbus",
        wait="20 ms",
    )
    assert probe(options, console) is ExitCode.NOT_READY
    assert "nobody answered any of 1 questions" in printed(console)
    assert "A and B" in printed(console)


def test_a_press_none_of_whose_ports_can_be_opened_is_not_ready() -> None:
    console = paper()
    code = probe(replace(NOTHING, press="servo_press", ports=("heat=/dev/nothing",)), console)
    assert code is ExitCode.NOT_READY
    assert "upper, lower on /dev/nothing at 9600 8N1" in printed(console)


# ---- how it is shown -------------------------------------------------------------------------------


def reading(name: str, changes: dict[str, float] | None = None) -> PointReading:
    snapshot = Judge(EUROTHERM).snapshot("upper", 1, {**RAWS, **(changes or {})})
    (found,) = (each for each in snapshot.readings if each.name == name)
    return found


def test_values_are_shown_in_the_unit_of_their_profile() -> None:
    assert value_text(reading("temperature")) == "25.25 °C"
    assert value_text(reading("output")) == "12.5 %"
    assert value_text(reading("manual")) == "1"
    assert value_text(reading("status")) == "alarm_1, manual"
    assert value_text(reading("status", {"status": 0})) == "no bit set"
    assert value_text(reading("temperature", {"status": 0x20})) == "unknown"
    assert value_text(replace(reading("output"), raw=None, problem="refused")) == "–"


def test_raw_values_are_shown_as_manuals_print_them() -> None:
    assert raw_text(reading("status")) == "0011h"
    assert raw_text(reading("temperature")) == "25.25"
    assert raw_text(reading("temperature", {"temperature": math.nan})) == "nan"
    assert raw_text(reading("manual")) == "1"


def test_times_are_shown_in_milliseconds() -> None:
    assert milliseconds(0.0123) == "12.3 ms"
    assert milliseconds(0.0) == "–"


def fit(grade: Grade, remark: str = "", name: str = "eurotherm_3200") -> Fit:
    return Fit(load_device(name), grade, 9, remark)


def test_only_the_best_fits_are_shown() -> None:
    fits = (fit(Grade.LIKELY), fit(Grade.POSSIBLE, "strange", "delta_dtb"))
    assert fits_text(fits) == "fits eurotherm_3200"
    assert fits_text(fits[1:]) == "may be delta_dtb: strange"
    assert fits_text(()) == "none that comes with Stackpress"


def test_what_was_found_is_shown_with_the_command_that_reads_it() -> None:
    console = paper()
    found = Found("modbus", USUAL, 5, 0.0123, "values", (fit(Grade.LIKELY),))
    print_report(ScanReport([found]), "/dev/ttyUSB0", console)
    header, row, command = printed(console).splitlines()
    assert row.split() == ["modbus", "9600", "8N1", "5", "12.3", "ms", "values", "fits"] + [
        "eurotherm_3200"
    ]
    assert command == (
        "read it: stackpress probe /dev/ttyUSB0 --device eurotherm_3200 --unit 5 --baud 9600"
        " --framing 8N1"
    )
    assert "protocol" in header


def test_a_device_is_shown_with_what_is_wrong() -> None:
    console = paper()
    snapshot = Judge(EUROTHERM).snapshot("upper", 5, {**RAWS, "status": 0x20})
    print_sights([Sight("upper", "/dev/x at 9600 8N1", 5, snapshot, "")], ["slow"], console)
    text = printed(console)
    assert text.startswith("upper (eurotherm_3200), unit 5 on /dev/x at 9600 8N1\n")
    assert "status.sensor_break is set" in text
    assert "wrong:  the device reports the fault status.sensor_break" in text
    assert text.endswith("slow\n")


def test_a_device_that_is_not_there_is_shown_as_such() -> None:
    console = paper()
    print_sights([Sight("upper", "/dev/x", 5, None, "unit 5 does not answer")], [], console)
    assert printed(console).split("\n")[0] == "upper on /dev/x"
    assert "wrong:  unit 5 does not answer" in printed(console)


def test_a_snapshot_without_a_fault_is_fine() -> None:
    snapshot = Judge(EUROTHERM).snapshot("upper", 5, RAWS)
    assert isinstance(snapshot, Snapshot) and snapshot.fine
