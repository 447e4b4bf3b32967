"""The bench of simulated devices on serial lines, read by masters that are not ours."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import minimalmodbus
import pytest
import serial
from pymodbus.client import ModbusSerialClient

from graph.device_bench import CONFIGS, PATIENCE, Bench, complaint, running, wait_for

BAUD = {"heat": 38400, "force": 115200, "axis": 115200}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One bench for all tests of this module: each leaves it as it was."""
    with running(CONFIGS / "all_models.yaml") as one:
        names = ("laumas", "pavone", "flintec", "seneca")
        for name in names:
            one.do(op="set", device=name, value=-1234.5)
        wait_for(lambda: all(one.device(name)["stable"] for name in names), "standstill")
        yield one


@contextmanager
def pymodbus_on(bench: Bench, line: str, timeout: float = 5.0) -> Iterator[ModbusSerialClient]:
    client = ModbusSerialClient(
        bench.link(line), baudrate=BAUD.get(line, 9600), timeout=timeout, retries=0
    )
    assert client.connect()
    try:
        yield client
    finally:
        client.close()


@contextmanager
def minimalmodbus_on(bench: Bench, line: str, unit: int) -> Iterator[minimalmodbus.Instrument]:
    instrument = minimalmodbus.Instrument(bench.link(line), unit)
    assert instrument.serial is not None
    instrument.serial.baudrate, instrument.serial.timeout = BAUD[line], 5.0
    try:
        yield instrument
    finally:
        instrument.serial.close()


# ---- three masters read every device ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """What a device is asked, and what its manual has for the values that the bench has set."""

    device: str
    line: str
    unit: int
    function: int
    address: int
    registers: list[int]


#: 25 degC are 77 degF; -1234.5 N are -12345 tenths.
READS = [
    Read("eurotherm", "heat", 1, 3, 32770, [0x41C8, 0x0000]),
    Read("omron", "heat", 2, 3, 0x2000, [250]),
    Read("watlow", "heat", 3, 3, 360, [0x0000, 0x429A]),
    Read("delta", "heat", 4, 3, 0x1000, [250, 800]),
    Read("autonics", "heat", 5, 4, 0x03E8, [250, 1]),
    Read("laumas", "force", 1, 3, 6, [0x0980, 0, 12344, 0, 12344, 0, 0, 0x0408]),
    Read("pavone", "force", 2, 3, 0, [0x0002, 0xFFFF, 0xFB2E, 0xFFFF, 0xFB2E]),
    Read("flintec", "force", 3, 3, 0x3300, [0xFFFF, 0xCFC7, 0xFFFF, 0xCFC7, 0x0010]),
    Read("seneca", "force", 4, 3, 63, [0xC49A, 0x5000]),
    Read("azd", "force", 5, 3, 0x007F, [0x4030]),
    Read("iai", "force", 6, 3, 0x9005, [0x2000, 0x8000, 0x0000]),
    Read("plc", "force", 7, 4, 3, [3, 4, 5]),
]
ALL = pytest.mark.parametrize("read", READS, ids=lambda read: read.device)


@ALL
def test_pymodbus_reads(bench: Bench, read: Read) -> None:
    with pymodbus_on(bench, read.line) as client:
        ask = client.read_holding_registers if read.function == 3 else client.read_input_registers
        reply = ask(read.address, count=len(read.registers), device_id=read.unit)
        assert not reply.isError() and reply.registers == read.registers


@ALL
def test_minimalmodbus_reads(bench: Bench, read: Read) -> None:
    with minimalmodbus_on(bench, read.line, read.unit) as instrument:
        count = len(read.registers)
        assert instrument.read_registers(read.address, count, read.function) == read.registers


@ALL
def test_mbpoll_reads(bench: Bench, read: Read) -> None:
    mbpoll = shutil.which("mbpoll")
    if mbpoll is None:
        pytest.skip("mbpoll is not installed (Debian: apt install mbpoll)")
    table = "4:hex" if read.function == 3 else "3:hex"
    words = ["-m", "rtu", "-a", str(read.unit), "-b", str(BAUD[read.line]), "-P", "none", "-o", "5"]
    words += ["-0", "-1", "-t", table, "-r", str(read.address), "-c", str(len(read.registers))]
    done = subprocess.run(
        [mbpoll, *words, bench.link(read.line)], capture_output=True, timeout=PATIENCE
    )
    output = done.stdout.decode()
    assert done.returncode == 0, output
    values = [line.split()[1] for line in output.splitlines() if line.startswith("[")]
    assert [int(each, 16) for each in values] == read.registers


# ---- manners ---------------------------------------------------------------------------------------------------------


def test_floats_and_doubtful_word_orders(bench: Bench) -> None:
    swapped = minimalmodbus.BYTEORDER_LITTLE_SWAP
    with minimalmodbus_on(bench, "heat", 3) as watlow:
        assert watlow.read_float(360, byteorder=swapped) == 77.0
        watlow.write_float(2160, 212.0, byteorder=swapped)
        assert watlow.read_float(2160, byteorder=swapped) == 212.0
        watlow.write_float(2160, 75.02, byteorder=swapped)
    with minimalmodbus_on(bench, "heat", 1) as eurotherm:
        assert eurotherm.read_float(32770) == 25.0


def test_refusals_reach_the_master(bench: Bench) -> None:
    with pymodbus_on(bench, "heat") as client:
        assert client.write_registers(0x2103, [900], device_id=2).exception_code == 4
        assert client.read_holding_registers(0x1000, count=9, device_id=4).exception_code == 3
        assert client.write_registers(0x1001, [900], device_id=4).exception_code == 1
        assert client.read_holding_registers(1000, count=1, device_id=1).exception_code == 2


def test_bits_and_coils(bench: Bench) -> None:
    with pymodbus_on(bench, "force") as client:
        assert not client.write_coils(0, [True, False, True], device_id=7).isError()
        assert client.read_coils(0, count=3, device_id=7).bits[:3] == [True, False, True]
        inverted = client.read_discrete_inputs(0, count=3, device_id=7).bits[:3]
        assert inverted == [False, True, False]
        assert not client.write_coil(0x0403, True, device_id=6).isError()
        wait_for(lambda: client.read_coils(0x0103, count=1, device_id=6).bits[0], "servo on")
        assert not client.write_coil(0x0403, False, device_id=6).isError()


def test_a_silent_device_leaves_the_others_alone(bench: Bench) -> None:
    bench.do(op="inject", fault="silence", device="omron")
    with pymodbus_on(bench, "heat", timeout=0.3) as client:
        assert not client.read_holding_registers(1, count=1, device_id=1).isError()
        with pytest.raises(Exception, match="No response"):
            client.read_holding_registers(0x2000, count=1, device_id=2)
    bench.do(op="heal", fault="silence", device="omron")
    with pymodbus_on(bench, "heat") as client:
        for unit, address in ((1, 1), (2, 0x2000), (4, 0x1000)):
            reply = client.read_holding_registers(address, count=1, device_id=unit)
            assert reply.registers == [250]


def test_a_late_device_and_a_foreign_one(bench: Bench) -> None:
    with minimalmodbus_on(bench, "force", 1) as laumas:
        bench.do(op="inject", fault="late_reply", device="laumas", seconds=0.4)
        begin = time.monotonic()
        assert laumas.read_register(13) == 0x0408
        assert time.monotonic() - begin >= 0.4
        bench.do(op="heal", fault="late_reply", device="laumas")
        bench.do(op="inject", fault="wrong_unit", device="laumas", unit=3)
        with pytest.raises(minimalmodbus.InvalidResponseError, match="slave address: 3"):
            laumas.read_register(13)
        bench.do(op="heal", fault="wrong_unit", device="laumas")
        assert laumas.read_register(13) == 0x0408


def test_a_value_is_set_and_a_sensor_opens(bench: Bench) -> None:
    with minimalmodbus_on(bench, "heat", 4) as delta:
        bench.do(op="set", device="delta", value=-3.5)
        wait_for(lambda: delta.read_register(0x1000, signed=True) == -35, "the set value")
        bench.do(op="inject", fault="sensor_open", device="delta")
        wait_for(lambda: delta.read_register(0x1000) == 0x8003, "the open sensor")
        bench.do(op="heal", fault="sensor_open", device="delta")
        bench.do(op="release", device="delta")
        wait_for(lambda: delta.read_register(0x1000) == 250, "the old value")


def test_an_unplugged_line_comes_back(bench: Bench) -> None:
    bench.do(op="inject", fault="unplug", line="heat")
    assert not Path(bench.link("heat")).exists()
    bench.do(op="heal", fault="unplug", line="heat")
    with pymodbus_on(bench, "heat") as client:
        assert client.read_holding_registers(1, count=1, device_id=1).registers == [250]


def test_a_request_takes_its_time_on_the_wire(bench: Bench) -> None:
    with minimalmodbus_on(bench, "heat", 4) as delta:
        times = []
        for _ in range(5):
            begin = time.monotonic()
            delta.read_registers(0x1000, 8)
            times.append(time.monotonic() - begin)
    # 8 and 21 characters of 10 bits, the silence that ends the request, the line's turn-around.
    assert min(times) >= 29 * 10 / 38400 + 1.75e-3 + 2e-3


# ---- lines of text and AIBUS -----------------------------------------------------------------------------------------


def test_a_balance_answers_in_lines(bench: Bench) -> None:
    bench.do(op="set", device="mettler", value=9.80665 * 12.5)
    with serial.Serial(bench.link("balance"), 9600, timeout=PATIENCE) as port:

        def said(command: bytes) -> bytes:
            port.write(command + b"\r\n")
            return bytes(port.readline())

        wait_for(lambda: b"12.50" in said(b"SI"), "the load")
        assert said(b"S") == b"S S      12.50 kg\r\n"
        assert said(b"DANCE") == b"ES\r\n"


def test_an_arduino_talks_by_itself(bench: Bench) -> None:
    bench.do(op="set", device="hx711", value=9.80665 * 2.0)
    with serial.Serial(bench.link("arduino"), 115200, timeout=PATIENCE) as port:
        # Without a pause between two lines: it does not wait for its reader.
        while port.readline() != b"2.00 kg\r\n":
            pass
        begin = time.monotonic()
        lines = [port.readline() for _ in range(40)]
        seconds = time.monotonic() - begin
    assert lines == [b"2.00 kg\r\n"] * 40
    # 80 lines a second.
    assert 0.4 < seconds < PATIENCE


def test_a_gauge_and_a_yudian_answer_their_own_frames(bench: Bench) -> None:
    with serial.Serial(bench.link("vacuum"), 9600, timeout=PATIENCE) as port:
        port.write(b"001M^\r")
        assert port.read_until(b"\r")[:10] == b"001M101323"
    with serial.Serial(bench.link("aibus"), 9600, timeout=PATIENCE) as port:
        port.write(bytes.fromhex("81 81 52 00 00 00 53 00"))
        reply = port.read(10)
    assert int.from_bytes(reply[:2], "little", signed=True) == 250


# ---- a press of instruments ------------------------------------------------------------------------------------------


def test_a_press_of_instruments_moves_weighs_and_heats() -> None:
    with running(CONFIGS / "bench_press.yaml") as bench:
        assert [Path(each).name for each in bench.addresses] == ["axis", "force", "heat"]
        with pymodbus_on(bench, "axis") as axis:
            axis.write_coil(0x0403, True, device_id=1)
            wait_for(lambda: axis.read_coils(0x0103, count=1, device_id=1).bits[0], "servo on")
            axis.write_coil(0x040B, True, device_id=1)
            wait_for(lambda: axis.read_coils(0x010B, count=1, device_id=1).bits[0], "home")
            axis.write_registers(0x9900, [0, 300, 0, 10, 0, 1000, 30, 0, 0], device_id=1)
            wait_for(lambda: axis.read_coils(0x010C, count=1, device_id=1).bits[0], "the target")
            assert axis.read_holding_registers(0x9000, count=2, device_id=1).registers == [0, 300]
        with pymodbus_on(bench, "force") as force:
            for unit in (1, 2):
                status = force.read_holding_registers(6, count=8, device_id=unit).registers
                assert status[0] & 0x000F == 0
        with pymodbus_on(bench, "heat") as heat:
            for unit in (1, 2):
                measured = heat.read_holding_registers(1, count=1, device_id=unit).registers[0]
                assert measured == pytest.approx(250, abs=10)
        assert bench.do(op="state")["answered"]["axis"] > 0  # type: ignore[index]


# ---- mistakes --------------------------------------------------------------------------------------------------------


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("lines: {heat: {devices: {a: {kind: eurotherm}}}}\n")
    assert "'lines.heat.devices.a.kind' must be one of" in complaint(config, tmp_path)
    assert "cannot be read" in complaint(tmp_path / "no.yaml", tmp_path)
    config.write_text("lines: {heat: {devices: {a: {kind: delta_dtb}}}}\n")
    assert "cannot be made" in complaint(config, tmp_path / "nowhere")
