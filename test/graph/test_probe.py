"""``stackpress probe`` on real ports with the simulated devices at their other ends."""

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from graph.device_bench import CONFIGS, PATIENCE, Bench, running, wait_for
from stackpress_py.cli.exit_codes import CliError, ExitCode
from stackpress_py.cli.probe import ProbeOptions, probe
from stackpress_py.devices.bus.serial_port import LineSettings, SerialPort
from stackpress_py.devices.device.profile import known_devices

CONFIG = Path(__file__).with_name("profiles_bench.yaml")
LINES = yaml.safe_load(CONFIG.read_text())["lines"]
#: Devices by their names, which are those of their profiles: line and unit.
DEVICES = {
    name: (line, str(entry.get("unit", 1)))
    for line, section in LINES.items()
    for name, entry in section["devices"].items()
    if name in known_devices()
}
NOTHING = ProbeOptions("", "", "", (), "", "", "", "all", "", False, False)
#: What a write would change.
KEPT = ("set_point", "tare", "wear", "writes", "servo", "homed", "position", "state")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running(CONFIG) as it:
        yield it


def ask(options: ProbeOptions) -> tuple[ExitCode, str]:
    """Return exit code and output, errors included."""
    console = Console(file=io.StringIO(), width=200)
    try:
        code = probe(options, console)
    except CliError as error:
        return error.code, str(error)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


def options(bench: Bench, line: str) -> ProbeOptions:
    """Return the options for a line at its own setting."""
    entry = LINES[line]
    parity = {"none": "N", "even": "E", "odd": "O"}[entry.get("parity", "none")]
    framing = f"8{parity}{entry.get('stop_bits', 1)}"
    return replace(NOTHING, port=bench.link(line), baud=str(entry["baud"]), framing=framing)


def of_device(bench: Bench, name: str) -> ProbeOptions:
    line, unit = DEVICES[name]
    return replace(options(bench, line), device=name, units=unit)


def kept(bench: Bench) -> dict[str, dict[str, object]]:
    """Return all that a write would have changed."""
    devices = bench.do(op="state")["devices"]
    assert isinstance(devices, dict)
    return {
        name: {key: state[key] for key in KEPT if key in state} for name, state in devices.items()
    }


# ---- search ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_every_device_of_a_line_is_found_with_its_profile(bench: Bench, line: str) -> None:
    before = kept(bench)
    devices = LINES[line]["devices"]
    units = {name: str(entry.get("unit", 1)) for name, entry in devices.items()}
    code, text = ask(replace(options(bench, line), units=",".join(units.values())))
    assert code is ExitCode.OK, text
    rows = [row for row in text.splitlines() if row.startswith(("modbus ", "aibus ", "ascii "))]
    assert len(rows) == len(devices), text
    for name, unit in units.items():
        if name in known_devices():
            shown = "–" if rows[0].startswith("ascii ") else unit
            assert any(f" {shown} " in row for row in rows), text
            assert f" {name}" in text
    assert "read it: stackpress probe" in text
    assert kept(bench) == before


def test_units_that_nobody_has_are_told_as_silence(bench: Bench) -> None:
    code, text = ask(replace(options(bench, "force"), units="200", protocol="modbus", wait="50 ms"))
    assert code is ExitCode.NOT_READY
    assert re.match(r"nobody answered any of \d+ questions\n", text), text


def test_a_port_that_another_program_uses_is_told(bench: Bench) -> None:
    port = SerialPort(bench.link("heat"), LineSettings(9600, "even", 1))
    port.open()
    try:
        code, text = ask(options(bench, "heat"))
    finally:
        port.close()
    assert code is ExitCode.NOT_READY
    assert text.startswith(f"another program uses the port {bench.link('heat')}")


# ---- reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEVICES)
def test_every_shipped_profile_reads_its_device_and_writes_nothing(bench: Bench, name: str) -> None:
    before = kept(bench)
    code, text = ask(of_device(bench, name))
    assert code in (ExitCode.OK, ExitCode.FAILED), text
    assert text.startswith(name)
    assert f" on {bench.link(DEVICES[name][0])} at " in text
    # All registers of the profile are there, whatever is in them.
    assert "refuses" not in text and "does not answer" not in text, text
    assert kept(bench) == before


def row(text: str, point: str) -> list[str]:
    """Return the words of a point's line."""
    (found,) = (line.split() for line in text.splitlines() if line.split()[:1] == [point])
    return found


def test_a_controller_shows_what_it_measures(bench: Bench) -> None:
    bench.do(op="set", device="eurotherm_3200", value=61.5)
    code, text = ask(of_device(bench, "eurotherm_3200"))
    bench.do(op="release", device="eurotherm_3200")
    assert code is ExitCode.OK, text
    assert row(text, "temperature")[1:3] == ["61.5", "°C"]
    # It could be a room in Fahrenheit: a question, and no fault.
    assert "look:  temperature is 61.5 degC; if the device is at room temperature" in text


def test_a_controller_in_fahrenheit_is_told(bench: Bench) -> None:
    code, text = ask(of_device(bench, "watlow_ezzone_pm"))
    assert code is ExitCode.FAILED
    assert row(text, "temperature")[1:3] == ["77", "°C"]
    assert "temperature_unit is 30 and should be 15 (degrees Celsius over the bus)" in text
    assert "77 degF are 25 degC" in text


def test_a_broken_sensor_is_unknown_and_told(bench: Bench) -> None:
    bench.do(op="inject", device="delta_dtb", fault="sensor_open")
    try:
        wait_for(lambda: "8003h" in ask(of_device(bench, "delta_dtb"))[1], "the broken sensor")
        code, text = ask(of_device(bench, "delta_dtb"))
    finally:
        bench.do(op="heal", device="delta_dtb", fault="sensor_open")
    assert code is ExitCode.FAILED
    assert "the device gives 8003h, which stands for no value" in text
    assert row(text, "temperature")[1] == "unknown"


def test_a_device_that_is_silent_is_not_there(bench: Bench) -> None:
    bench.do(op="inject", device="omron_e5c", fault="silence")
    try:
        code, text = ask(of_device(bench, "omron_e5c"))
    finally:
        bench.do(op="heal", device="omron_e5c", fault="silence")
    assert code is ExitCode.NOT_READY
    assert text.startswith("unit 2 does not answer, on ")


def test_a_device_that_is_slower_than_its_profile_is_told(bench: Bench) -> None:
    bench.do(op="inject", device="seneca_zsg", fault="late_reply", seconds=0.4)
    try:
        _, text = ask(of_device(bench, "seneca_zsg"))
    finally:
        bench.do(op="heal", device="seneca_zsg", fault="late_reply")
    assert "the device answers later than the 50 ms of the profile" in text
    assert row(text, "status")[1] == "stable"


def test_the_profile_of_another_device_is_told_as_wrong(bench: Bench) -> None:
    other = replace(of_device(bench, "eurotherm_3200"), device="delta_dtb")
    code, text = ask(other)
    assert code is ExitCode.FAILED
    assert "refuses all that delta_dtb has: it is another one" in text


# ---- a press, and live -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def press() -> Iterator[Bench]:
    with running(CONFIGS / "bench_press.yaml") as it:
        yield it


def ports(press: Bench) -> tuple[str, ...]:
    return tuple(f"{line}={press.link(line)}" for line in ("force", "axis", "heat"))


def test_all_devices_of_a_press_are_read_on_their_own_ports(press: Bench) -> None:
    before = kept(press)
    code, text = ask(replace(NOTHING, press="servo_press", ports=ports(press)))
    assert code in (ExitCode.OK, ExitCode.FAILED), text
    for device, profile in (
        ("cell_high", "laumas_tlb"),
        ("cell_low", "laumas_tlb"),
        ("ram", "iai_rcp"),
        ("upper", "eurotherm_3200"),
        ("lower", "eurotherm_3200"),
    ):
        assert f"{device} ({profile}), unit " in text
    assert "does not answer" not in text
    assert kept(press) == before


def test_a_press_with_one_port_missing_is_read_without_it(press: Bench) -> None:
    code, text = ask(replace(NOTHING, press="servo_press", ports=(ports(press)[2],)))
    assert code is ExitCode.FAILED
    assert "upper (eurotherm_3200), unit 1" in text
    assert "ram on /dev/ttyUSB1 at 115200 8N1" in text


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "50"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackpress_py.cli.app", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Read until a text is shown."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            left = deadline - time.monotonic()
            assert left > 0.0 and self.process.poll() is None, self.shown
            if select.select([self._master], [], [], left)[0]:
                self.shown += os.read(self._master, 65536).decode(errors="replace")

    def end(self, number: signal.Signals) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        deadline = time.monotonic() + PATIENCE
        # Nobody ends who cannot write.
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self._master], [], [], 0.05)[0]:
                try:
                    self.shown += os.read(self._master, 65536).decode(errors="replace")
                except OSError:
                    break
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(bench: Bench) -> Iterator[Terminal]:
    wanted = of_device(bench, "eurotherm_3200")
    words = ["--baud", wanted.baud, "--framing", wanted.framing, "--live"]
    one = Terminal("probe", wanted.port, "--device", wanted.device, *words)
    yield one
    one.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_live_table_follows_the_device_until_it_is_ended(
    bench: Bench, terminal: Terminal, number: signal.Signals
) -> None:
    terminal.wait_for("read 2 times; Ctrl-C ends")
    bench.do(op="set", device="eurotherm_3200", value=48.5)
    terminal.wait_for("48.5 °C")
    bench.do(op="inject", device="eurotherm_3200", fault="silence")
    terminal.wait_for("does not answer")
    bench.do(op="heal", device="eurotherm_3200", fault="silence")
    bench.do(op="set", device="eurotherm_3200", value=49.5)
    terminal.wait_for("49.5 °C")
    assert terminal.end(number) == ExitCode.OK
    bench.do(op="release", device="eurotherm_3200")
    assert "Traceback" not in terminal.shown


def test_a_live_table_survives_an_unplug(bench: Bench, terminal: Terminal) -> None:
    terminal.wait_for("read 2 times; Ctrl-C ends")
    bench.do(op="inject", line="heat", fault="unplug")
    terminal.wait_for("there is no port")
    bench.do(op="heal", line="heat", fault="unplug")
    bench.do(op="set", device="eurotherm_3200", value=47.5)
    terminal.wait_for("47.5 °C")
    assert terminal.end(signal.SIGINT) == ExitCode.OK
    bench.do(op="release", device="eurotherm_3200")


def test_a_search_that_is_ended_shows_what_it_has_found(bench: Bench) -> None:
    terminal = Terminal(
        "probe", bench.link("force"), "--units", "1,200-247", "--protocol", "modbus"
    )
    try:
        terminal.wait_for("found: modbus at")
        assert terminal.end(signal.SIGINT) == ExitCode.STOPPED
        assert "laumas_tlb" in terminal.shown
        assert "ended before everything was tried" in terminal.shown
    finally:
        terminal.close()
