"""A bench without ports and clock: its worlds, and what its socket is asked."""

import json
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stackpress_py.sim.config import ConfigError
from stackpress_py.sim.devices.bench import Bench
from stackpress_py.sim.devices.bench_config import load
from stackpress_py.sim.devices.bench_requests import Requests
from unit.sim.devices.master import Master

FOLDER = Path(__file__).parents[4] / "config" / "sim" / "devices"
Ask = Callable[..., dict[str, object]]


@contextmanager
def made(path: Path, folder: Path) -> Iterator[Bench]:
    with selectors.SelectSelector() as selector:
        bench = Bench(load(path), folder, selector, lambda: 0.0)
        try:
            yield bench
        finally:
            bench.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with made(FOLDER / "all_models.yaml", tmp_path) as one:
        yield one


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Bench]:
    with made(FOLDER / "bench_press.yaml", tmp_path) as one:
        yield one


def asking(bench: Bench) -> Ask:
    requests = Requests(bench)

    def ask(**request: object) -> dict[str, object]:
        answer = json.loads(requests.answer(json.dumps(request).encode()))
        assert isinstance(answer, dict)
        return answer

    return ask


class Driver(Master):
    """A master of one device on a bench; time passes for all of it."""

    def __init__(self, bench: Bench, name: str, now: float = 0.0) -> None:
        mounted = bench.devices[name]
        super().__init__(mounted.device, mounted.unit)
        self._bench = bench
        self.now = now

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 0.02)
            self._bench.world.advance(self.now)


# ---- fixed values --------------------------------------------------------------------------------


def test_a_value_is_set_and_released(bench: Bench) -> None:
    ask, master = asking(bench), Driver(bench, "laumas")
    assert ask(op="set", device="laumas", value=1234.4) == {"ok": True}
    master.wait(0.5)
    assert master.long(7) == 12344
    assert ask(op="release", device="laumas")["ok"]
    master.wait(0.5)
    assert master.long(7) == 0


def test_a_sensor_opens_and_heals(bench: Bench) -> None:
    ask, master = asking(bench), Driver(bench, "delta")
    ask(op="inject", fault="sensor_open", device="delta")
    master.wait(0.5)
    assert master.word(0x1000) == 0x8003
    ask(op="heal", fault="sensor_open", device="delta")
    master.wait(0.5)
    assert master.word(0x1000) == 250


def test_a_value_sticks(bench: Bench) -> None:
    ask, master = asking(bench), Driver(bench, "eurotherm")
    ask(op="set", device="eurotherm", value=40.0)
    ask(op="inject", fault="stuck", device="eurotherm")
    master.wait(0.5)
    assert master.word(1) == 400
    ask(op="heal", fault="stuck", device="eurotherm")
    master.wait(0.5)
    assert master.word(1) == 250


def test_a_fault_of_the_device_itself(bench: Bench) -> None:
    ask, master = asking(bench), Driver(bench, "iai")
    assert ask(op="inject", fault="estop", device="iai")["ok"]
    assert master.word(0x9005) >> 15 == 1
    ask(op="heal", fault="estop", device="iai")
    assert master.word(0x9005) >> 15 == 0


def test_what_goes_wrong_between_device_and_line(bench: Bench) -> None:
    ask, mounted = asking(bench), bench.devices["delta"]
    frame = bytes.fromhex("04 03 1000 0001 80 9F")
    reply = mounted.answer(frame, 1.0)
    assert reply is not None and reply.data[0] == 4 and reply.delay == 0.0
    ask(op="inject", fault="wrong_unit", device="delta", unit=9)
    ask(op="inject", fault="late_reply", device="delta", seconds=0.4)
    foreign = mounted.answer(frame, 1.0)
    assert foreign is not None and foreign.delay == 0.4
    assert foreign.data[0] == 9 and foreign.data[1:-2] == reply.data[1:-2]
    ask(op="inject", fault="silence", device="delta")
    assert mounted.answer(frame, 1.0) is None
    for fault in ("wrong_unit", "late_reply", "silence"):
        ask(op="heal", fault=fault, device="delta")
    assert mounted.answer(frame, 1.0) == reply


def test_state_tells_all_devices_without_nan(bench: Bench) -> None:
    ask = asking(bench)
    ask(op="inject", fault="sensor_open", device="omron")
    state = ask(op="state")
    devices = state["devices"]
    assert isinstance(devices, dict) and set(devices) == set(bench.devices)
    assert devices["omron"]["measured"] is None
    assert devices["eurotherm"]["wear"] == {"24": 0, "25": 0}
    assert state["answered"] == dict.fromkeys((*bench.buses, *bench.ports), 0)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b"", "one JSON object"),
        (b"[]", "'op' must be one of state, set"),
        (b'{"op": "place"}', "'op' must be one of"),
        (b'{"op": "set", "device": "nobody", "value": 1}', "'device' must be one of eurotherm"),
        (b'{"op": "set", "device": "omron"}', "'value' must be a number"),
        (b'{"op": "set", "device": "omron", "value": NaN}', "'value' must be a number"),
        (b'{"op": "inject", "device": "omron", "fault": "fire"}', "'fault' must be one of silence"),
        (b'{"op": "inject", "line": "cold", "fault": "noise"}', "'line' must be one of heat"),
        (b'{"op": "inject", "line": "heat", "fault": "noise", "rate": 2}', "'rate' must be"),
        (
            b'{"op": "inject", "line": "ethernet", "fault": "noise"}',
            "'fault' must be one of unplug",
        ),
        (b'{"op": "inject", "device": "gauge", "fault": "wrong_unit"}', "'gauge' has no unit"),
    ],
)
def test_requests_that_cannot_be_understood(bench: Bench, line: bytes, part: str) -> None:
    answer = json.loads(Requests(bench).answer(line))
    assert answer["ok"] is False and part in answer["error"]


# ---- a press -------------------------------------------------------------------------------------


def test_instruments_press_a_cell(press: Bench) -> None:
    ask, axis = asking(press), Driver(press, "ram")
    assert ask(op="place", cell_id="c1")["ok"]
    axis.coil(0x0403, True)
    axis.wait(0.1)
    axis.coil(0x040B, True)
    axis.wait(0.5)
    axis.write(0x9900, 0, 4700, 0, 10, 0, 1000, 30, 0, 0)
    axis.wait(6.0)
    assert axis.long(0x9000) == 4700 and axis.word(0x9005) >> 3 & 1
    refused = ask(op="take")
    assert refused["ok"] is False and "47.00 mm" in str(refused["error"])
    # A push with 51 of 255 of 25 kN: 5 kN.
    axis.write(0x9900, 0, 4750, 0, 300, 0, 100, 30, 51, 2)
    axis.wait(4.0)
    high = Driver(press, "cell_high", axis.now)
    low = Driver(press, "cell_low", axis.now)
    assert high.long(7) == pytest.approx(50_986, abs=500), "hundredths of a kg"
    assert low.word(6) >> 2 & 1, "the small cell is at its end"
    world = ask(op="state")["world"]
    assert isinstance(world, dict) and world["force"] == pytest.approx(5000, rel=0.01)
    assert world["cell_id"] == "c1"
    axis.write(0x9900, 0, 0, 0, 10, 0, 1000, 30, 0, 0)
    axis.wait(7.0)
    taken = ask(op="take")
    assert taken["ok"] and taken["cell_id"] == "c1"
    assert taken["peak_pressure"] == pytest.approx(5000 / 1.131e-4, rel=0.1)


def test_instruments_heat_a_platen(press: Bench) -> None:
    upper = Driver(press, "upper")
    upper.wait(0.5)
    upper.write_real(32772, 40.0)
    upper.wait(60.0)
    lower = Driver(press, "lower", upper.now)
    assert upper.real(32770) > 36.0 and lower.real(32770) < 32.0
    world = press.world.truth()
    assert world["upper_temperature"] == pytest.approx(upper.real(32770), abs=3.0)


@pytest.mark.parametrize(
    ("device", "part"),
    [
        ("{kind: laumas_tlb, drives: ram}", "device 'cell': a laumas_tlb cannot drive 'ram'"),
        ("{kind: iai_rcp, drives: upper_heater}", "iai_rcp cannot drive 'upper_heater'"),
        ("{kind: laumas_tlb, division: 0.3}", "device 'cell': 'division' must be one of 100, 50"),
    ],
)
def test_a_device_can_only_be_what_it_is(tmp_path: Path, device: str, part: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"world: press\nlines: {{a: {{devices: {{cell: {device}}}}}}}\n")
    with pytest.raises(ConfigError) as error, made(path, tmp_path):
        pass
    assert str(path) in str(error.value) and part in str(error.value)
