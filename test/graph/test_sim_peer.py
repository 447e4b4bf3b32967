"""The simulated press as a process of its own: independent Modbus masters on its wire, a robot's hand in its world."""

import json
import math
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import minimalmodbus
import pytest
import serial
from pymodbus.client import ModbusSerialClient

REFERENCE = Path(__file__).parents[2] / "config" / "sim" / "reference.yaml"
PATIENCE = 20.0
ENABLE_MOTION, ENABLE_HEAT, RESET = 1, 2, 4
WATCHDOG, GUARD_FAULT, ESTOP_FAULT = 0, 1, 2
Reply = dict[str, object]


def crc(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(0.02)


class Hand:
    """A client of the world's socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")

    def send(self, *requests: Reply | bytes) -> None:
        lines = [
            each if isinstance(each, bytes) else json.dumps(each).encode() for each in requests
        ]
        self._socket.sendall(b"".join(line + b"\n" for line in lines))

    def reply(self) -> Reply:
        answer = json.loads(self._lines.readline())
        assert isinstance(answer, dict)
        return answer

    def ask(self, request: Reply | bytes) -> Reply:
        self.send(request)
        return self.reply()

    def do(self, **request: object) -> Reply:
        answer = self.ask(request)
        assert answer["ok"], answer
        return answer

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Master:
    """The least of a master: the reference press's FC23 cycle, and raw frames."""

    def __init__(self, link: Path, baud: int = 115200) -> None:
        # A pseudo-terminal knows no parity; the simulator paces by its own.
        self.port = serial.Serial(str(link), baud, timeout=PATIENCE)
        self._heartbeat = 0

    def exchange(self, body: bytes, size: int) -> bytes:
        self.port.write(body + crc(body))
        return bytes(self.port.read(size))

    def cycle(self, command: int = 0, velocity_mm_s: float = 0.0, power: int = 0) -> list[int]:
        self._heartbeat = self._heartbeat % 0xFFFF + 1
        block = struct.pack(">HHfhhHH", self._heartbeat, command, velocity_mm_s, power, power, 0, 0)
        reply = self.exchange(struct.pack(">BBHHHHB", 1, 23, 0, 20, 100, 8, 16) + block, 45)
        assert reply[:3] == b"\x01\x17\x28" and crc(reply[:-2]) == reply[-2:], reply
        return list(struct.unpack(">20H", reply[3:-2]))

    def fault(self, bit: int) -> bool:
        return bool(self.cycle()[3] >> bit & 1)

    def status(self, bit: int) -> bool:
        return bool(self.cycle()[2] >> bit & 1)

    def reset(self) -> None:
        self.cycle()
        self.cycle(RESET)

    def move(self, velocity_mm_s: float, until: Callable[[list[int]], bool]) -> None:
        """Move; a watchdog that trips because this computer was too busy to feed it is reset."""
        deadline = time.monotonic() + PATIENCE
        while not until(registers := self.cycle(ENABLE_MOTION, velocity_mm_s)):
            assert time.monotonic() < deadline, registers
            if registers[3] == 1 << WATCHDOG:
                self.reset()
        self.cycle()


def number(registers: list[int], address: int) -> float:
    return float(struct.unpack(">f", struct.pack(">2H", *registers[address : address + 2]))[0])


class Press:
    """A running simulator."""

    def __init__(self, folder: Path, config: Path) -> None:
        self.link, self.world, self.truth = folder / "port", folder / "world", folder / "truth"
        words = ["--config", config, "--link", self.link, "--world", self.world]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stackpress_py.sim", *map(str, words), "--truth", self.truth],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "it does not start"
        assert self.process.stdout.readline() == f"ready {self.link}\n"
        self.hand = Hand(self.world)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Stop it; return what it said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.communicate(timeout=PATIENCE)[1]

    def master(self, baud: int = 115200) -> Master:
        return Master(self.link, baud)


@contextmanager
def running(config: Path = REFERENCE) -> Iterator[Press]:
    # The usual folder of a test has too long a name for a socket.
    with tempfile.TemporaryDirectory(prefix="sim") as folder:
        press = Press(Path(folder), config)
        try:
            yield press
        finally:
            press.hand.close()
            errors = press.stop()
        assert (press.process.returncode, errors) == (0, "")


@pytest.fixture
def press() -> Iterator[Press]:
    with running() as one:
        yield one


@pytest.fixture
def master(press: Press) -> Iterator[Master]:
    one = press.master()
    yield one
    one.port.close()


# ---- independent masters ---------------------------------------------------------------------------------------------


@pytest.fixture
def client(press: Press) -> Iterator[ModbusSerialClient]:
    one = ModbusSerialClient(str(press.link), baudrate=115200, timeout=5, retries=0)
    assert one.connect()
    yield one
    one.close()


def test_pymodbus_reads_writes_and_is_refused(client: ModbusSerialClient) -> None:
    identity = client.read_holding_registers(200, count=24, device_id=1)
    assert struct.pack(">8H", *identity.registers[:8]) == b"STACKPRESS-REF-1"
    assert number(identity.registers, 10) == 25000.0
    block = [7, 0, *struct.unpack(">2H", struct.pack(">f", 1.5)), 100, 0x10000 - 100, 0, 0]
    both = client.readwrite_registers(
        read_address=0, read_count=20, write_address=100, values=block, device_id=1
    )
    assert both.registers[0] == 7 and both.registers[19] == 1
    assert not client.write_registers(100, [8, 0], device_id=1).isError()
    assert not client.write_register(104, 250, device_id=1).isError()
    held = client.read_holding_registers(100, count=8, device_id=1).registers
    assert held == [8, 0, *block[2:4], 250, *block[5:]]
    assert client.read_input_registers(0, count=1, device_id=1).exception_code == 1
    assert client.read_holding_registers(20, count=1, device_id=1).exception_code == 2
    assert client.write_register(104, 10001, device_id=1).exception_code == 3


def test_minimalmodbus_agrees_with_pymodbus(press: Press) -> None:
    with_pymodbus = ModbusSerialClient(str(press.link), baudrate=115200, timeout=5)
    assert with_pymodbus.connect()
    first = [
        with_pymodbus.read_holding_registers(address, count=count, device_id=1).registers
        for address, count in ((0, 20), (100, 8), (200, 24))
    ]
    with_pymodbus.close()
    instrument = minimalmodbus.Instrument(str(press.link), 1)
    assert instrument.serial is not None
    instrument.serial.baudrate, instrument.serial.timeout = 115200, 5.0
    second = [instrument.read_registers(*where) for where in ((0, 20), (100, 8), (200, 24))]
    device = instrument.read_string(200, 8)
    limit = instrument.read_float(210)
    instrument.write_register(104, -1000, signed=True, functioncode=6)
    power = instrument.read_register(104, signed=True)
    instrument.serial.close()
    assert first[1:] == second[1:]
    steady = (0, 2, 3, 18, 19)
    assert [first[0][i] for i in steady] == [second[0][i] for i in steady]
    assert number(first[0], 8) == pytest.approx(number(second[0], 8), abs=0.01)
    assert (device, limit, power) == ("STACKPRESS-REF-1", 25000.0, -1000)


def test_mbpoll_reads_the_identity(press: Press) -> None:
    mbpoll = shutil.which("mbpoll")
    if mbpoll is None:
        pytest.skip("mbpoll is not installed (Debian: apt install mbpoll)")
    line = ["-m", "rtu", "-a", "1", "-b", "115200", "-P", "none", "-o", "5"]
    words = [*line, "-0", "-1", "-t", "4:hex", "-r", "200", "-c", "8"]
    done = subprocess.run([mbpoll, *words, str(press.link)], capture_output=True, timeout=PATIENCE)
    output = done.stdout.decode()
    assert done.returncode == 0, output
    values = [line.split()[1] for line in output.splitlines() if line.startswith("[")]
    assert b"".join(bytes.fromhex(each[2:]) for each in values) == b"STACKPRESS-REF-1"


# ---- the wire --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("baud", [115200, 9600])
def test_a_cycle_takes_at_least_its_time_on_the_wire(tmp_path: Path, baud: int) -> None:
    config = tmp_path / "slow.yaml"
    config.write_text(f"base: reference.yaml\nwire: {{baud: {baud}}}\n")
    with running(config) as press:
        master = press.master(baud)
        master.cycle()
        times = []
        for _ in range(10):
            begin = time.monotonic()
            master.cycle()
            times.append(time.monotonic() - begin)
        master.port.close()
    # Request and reply, 11 bits a character, and the silence that ends the request.
    assert min(times) >= (29 + 45) * 11 / baud + 1.75e-3


def test_it_answers_nobody_but_its_unit_and_only_whole_frames(press: Press, master: Master) -> None:
    read = struct.pack(">BHH", 3, 19, 1)
    master.port.timeout = 0.3
    assert master.exchange(b"\x02" + read, 7) == b""
    assert master.exchange(b"\x00" + read, 7) == b""
    master.port.write(b"\x01" + read + b"\x00\x00")
    assert master.port.read(7) == b""
    master.port.write(b"\x01" + read[:3])
    assert master.port.read(7) == b""
    master.port.timeout = PATIENCE
    assert master.exchange(b"\x01" + read, 7)[:5] == b"\x01\x03\x02\x00\x01"


def test_the_watchdog_trips_when_the_master_falls_silent(press: Press, master: Master) -> None:
    master.move(1.0, lambda registers: bool(registers[2] >> 2 & 1))
    master.cycle(ENABLE_MOTION | ENABLE_HEAT, 1.0, 500)
    wait_for(lambda: press.hand.do(op="state")["faults"] == 1 << WATCHDOG, "the watchdog")
    wait_for(lambda: not press.hand.do(op="state")["moving"], "the ram to stand")
    state = press.hand.do(op="state")
    assert not state["motion_enabled"] and not state["heating_enabled"]
    master.reset()
    assert not master.fault(WATCHDOG)


# ---- the world -------------------------------------------------------------------------------------------------------


def test_a_cell_is_placed_once_and_taken_once(press: Press, master: Master) -> None:
    hand = press.hand
    assert not master.status(7)
    assert hand.do(op="place", cell_id="c1")["cell_id"] == "c1"
    assert master.status(7)
    again = hand.ask({"op": "place", "cell_id": "c2"})
    assert again["ok"] is False and "c1" in str(again["error"])
    taken = hand.do(op="take")
    assert taken["cell_id"] == "c1" and taken["peak_pressure"] == 0.0
    assert hand.ask({"op": "take"})["ok"] is False
    assert hand.do(op="state")["collisions"] == 1  # a cell was laid on another one


def test_a_hand_in_a_closed_press_is_a_collision(press: Press, master: Master) -> None:
    master.move(10.0, lambda registers: number(registers, 8) > 5.0)
    for count in (1, 2):
        refused = press.hand.ask({"op": "place", "cell_id": "c1"})
        assert refused["ok"] is False and " mm" in str(refused["error"])
        assert press.hand.do(op="state")["collisions"] == count
    assert not master.status(7)


def test_two_clients_see_one_world(press: Press) -> None:
    second = Hand(press.world)
    press.hand.do(op="place", cell_id="mine")
    assert second.do(op="take")["cell_id"] == "mine"
    second.close()
    assert press.hand.do(op="state")["ok"]


def test_nonsense_is_refused_and_does_no_harm(press: Press) -> None:
    deep = b"[" * 30_000 + b"]" * 30_000
    for line in (
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"op": []}', b'{"op": "dance"}', deep,
        b'{"op": "inject"}', b'{"op": "inject", "fault": ["unplug"]}',
        b'{"op": "inject", "fault": "noise", "rate": NaN}',
        b'{"op": "inject", "fault": "late_reply", "seconds": -1}',
        b'{"op": "inject", "fault": "late_reply", "seconds": 1' + b"0" * 400 + b"}",
        b'{"op": "inject", "fault": "thermocouple_open", "which": "middle"}',
    ):  # fmt: skip
        answer = press.hand.ask(line)
        assert answer["ok"] is False and answer["error"], line[:60]
    assert press.hand.do(op="state")["faults"] == 0


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_silence(press: Press, master: Master) -> None:
    press.hand.do(op="inject", fault="silence")
    master.port.timeout = 0.3
    assert master.exchange(struct.pack(">BBHH", 1, 3, 19, 1), 7) == b""
    press.hand.do(op="heal", fault="silence")
    master.port.timeout = PATIENCE
    assert master.cycle()[19] == 1


def test_noise(press: Press, master: Master) -> None:
    press.hand.do(op="inject", fault="noise", rate=0.1)
    master.port.timeout = 0.1
    good = 0
    for _ in range(40):
        reply = master.exchange(struct.pack(">BBHH", 1, 3, 19, 1), 7)
        good += len(reply) == 7 and crc(reply[:5]) == reply[5:]
        master.port.reset_input_buffer()
    assert good < 30
    press.hand.do(op="heal", fault="noise")
    master.port.timeout = PATIENCE
    assert master.cycle()[19] == 1


def test_late_reply(press: Press, master: Master) -> None:
    press.hand.do(op="inject", fault="late_reply", seconds=0.3)
    begin = time.monotonic()
    master.cycle()
    assert time.monotonic() - begin >= 0.3
    press.hand.do(op="heal", fault="late_reply")
    wait_for(lambda: _timed(master) < 0.3, "a timely reply")


def _timed(master: Master) -> float:
    begin = time.monotonic()
    master.cycle()
    return time.monotonic() - begin


@pytest.mark.parametrize(
    ("fault", "which", "bit"),
    [
        ("estop", "", ESTOP_FAULT),
        ("force_sensor_fail", "high", 6),
        ("force_sensor_fail", "low", 7),
        ("thermocouple_open", "upper", 8),
        ("thermocouple_open", "lower", 9),
    ],
)
def test_a_fault_stays_until_healed_and_reset(
    press: Press, master: Master, fault: str, which: str, bit: int
) -> None:
    assert master.status(0)
    press.hand.do(op="inject", fault=fault, which=which)
    wait_for(lambda: master.fault(bit), fault)
    assert not master.status(0)
    registers = master.cycle(ENABLE_MOTION)
    assert not registers[2] & 2
    seen = {
        ESTOP_FAULT: not registers[2] >> 4 & 1,
        6: math.isnan(number(registers, 4)),
        7: math.isnan(number(registers, 6)),
        8: registers[12] == 0x8000,
        9: registers[13] == 0x8000,
    }
    assert [each for each, there in seen.items() if there] == [bit]
    master.reset()
    assert master.fault(bit)
    press.hand.do(op="heal", fault=fault, which=which)
    assert master.fault(bit)
    master.reset()
    assert not master.fault(bit) and master.status(0)


def test_guard(press: Press, master: Master) -> None:
    press.hand.do(op="inject", fault="guard_open")
    wait_for(lambda: not master.status(3), "the open guard")
    assert not master.fault(GUARD_FAULT)
    master.cycle(ENABLE_MOTION, 1.0)
    wait_for(lambda: master.fault(GUARD_FAULT), "the fault")
    master.reset()
    assert master.fault(GUARD_FAULT)
    press.hand.do(op="heal", fault="guard_open")
    master.reset()
    assert not master.fault(GUARD_FAULT) and master.status(3)


def test_stuck_force(press: Press, master: Master) -> None:
    def forces() -> set[tuple[int, ...]]:
        return {tuple(master.cycle()[4:8]) for _ in range(8)}

    assert len(forces()) > 1
    press.hand.do(op="inject", fault="stuck_force")
    assert len(forces()) == 1
    press.hand.do(op="heal", fault="stuck_force")
    assert len(forces()) > 1


def test_frozen_heartbeat(press: Press, master: Master) -> None:
    assert master.cycle()[0] != master.cycle()[0]
    press.hand.do(op="inject", fault="heartbeat_frozen")
    assert master.cycle()[0] == master.cycle()[0]
    press.hand.do(op="heal", fault="heartbeat_frozen")
    assert master.cycle()[0] != master.cycle()[0]


# ---- the cable -------------------------------------------------------------------------------------------------------


def _replugged(press: Press) -> bool:
    with suppress(OSError, AssertionError):
        master = press.master()
        master.port.timeout = 1.0
        try:
            return master.cycle()[19] == 1
        finally:
            master.port.close()
    return False


def test_unplug_breaks_the_line_and_replug_makes_a_new_one(press: Press, master: Master) -> None:
    master.cycle()
    press.hand.do(op="inject", fault="unplug")
    assert not press.link.is_symlink()
    with pytest.raises((serial.SerialException, OSError)):
        master.cycle()
    press.hand.do(op="inject", fault="unplug")
    press.hand.do(op="heal", fault="unplug")
    wait_for(lambda: _replugged(press), "the new line")


def test_unplug_and_replug_in_one_go(press: Press) -> None:
    for _ in range(3):
        press.hand.send({"op": "inject", "fault": "unplug"}, {"op": "heal", "fault": "unplug"})
        assert press.hand.reply()["ok"] and press.hand.reply()["ok"]
        wait_for(lambda: _replugged(press), "the new line")


def test_the_number_of_an_unplugged_descriptor_goes_to_a_client(press: Press) -> None:
    press.hand.do(op="inject", fault="unplug")
    others = [Hand(press.world) for _ in range(3)]
    assert all(each.do(op="state")["ok"] for each in others)
    press.hand.do(op="heal", fault="unplug")
    wait_for(lambda: _replugged(press), "the new line")
    for each in others:
        assert each.do(op="state")["ok"]
        each.close()


# ---- start, stop, stall ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly(number: signal.Signals) -> None:
    with running() as press:
        assert press.link.is_symlink() and press.world.is_socket()
        assert press.stop(number) == "" and press.process.returncode == 0
        assert not press.link.is_symlink() and not press.world.exists()


def test_it_goes_on_after_a_stalled_computer(press: Press, master: Master) -> None:
    master.cycle()
    before = press.hand.do(op="state")["t"]
    press.process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    wait_for(lambda: time.monotonic() - stopped > 1.5, "the stall")
    press.process.send_signal(signal.SIGCONT)
    assert master.cycle()[19] == 1
    after = press.hand.do(op="state")["t"]
    assert isinstance(before, float) and isinstance(after, float)
    elapsed = time.monotonic() - stopped
    assert 0.0 < after - before < elapsed - 1.0


def test_the_truth_is_written_along(press: Press) -> None:
    press.hand.do(op="place", cell_id="c1")
    wait_for(lambda: press.truth.read_text().count("\n") > 20, "lines of truth")
    lines = [json.loads(line) for line in press.truth.read_text().splitlines()[:20]]
    samples = [line for line in lines if "event" not in line]
    assert any("c1" in line.get("event", "") for line in lines)
    assert {"t", "stamp", "force", "sample_pressure", "position", "velocity"} <= set(samples[0])
    times = [line["t"] for line in samples]
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    "text",
    ["base: nowhere.yaml\n", "base: reference.yaml\nsample: {mass_mg: -1}\n", "seed: [\n", "\x00"],
)
def test_a_bad_file_is_refused_with_one_sentence(tmp_path: Path, text: str) -> None:
    config = tmp_path / "own.yaml"
    config.write_text(text)
    words = ["--config", config, "--link", tmp_path / "l", "--world", tmp_path / "w"]
    done = subprocess.run(
        [sys.executable, "-m", "stackpress_py.sim", *map(str, words)],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and str(config) in done.stderr
    assert not (tmp_path / "l").is_symlink() and not (tmp_path / "w").exists()
