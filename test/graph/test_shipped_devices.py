"""Every device profile that is shipped, against a device that was built from the manual by itself.

The profiles and the simulated devices share nothing but the makers' manuals.
"""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from graph.device_bench import Bench, running, wait_for
from stackpress_py.devices.bus.errors import DeviceError
from stackpress_py.devices.device.device import HARMLESS, Device, Wish
from stackpress_py.devices.device.profile import known_devices, load_device
from stackpress_py.devices.press.buses import SerialBus
from stackpress_py.devices.press.wires import Wire, open_wire

CONFIG = Path(__file__).with_name("profiles_bench.yaml")
LINES = yaml.safe_load(CONFIG.read_text())["lines"]
PROTOCOLS = {"aibus": "aibus", "balance": "ascii", "arduino": "ascii", "vacuum": "ascii"}
CONTROLLERS = (
    "eurotherm_3200",
    "omron_e5c",
    "watlow_ezzone_pm",
    "delta_dtb",
    "autonics_tk",
    "yudian_ai",
    "yudian_ai_v7",
)
LOAD_CELLS = (
    "laumas_tlb",
    "pavone_dat",
    "flintec_dad141",
    "seneca_zsg",
    "mt_sics",
    "arduino_scale",
)
AXES = ("oriental_az", "iai_rcp")
#: SI, largest error that a display's resolution makes.
RESOLUTION = {"temperature": 0.06, "force": 1.0, "position": 2e-5}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running(CONFIG) as it:
        yield it


class Rig:
    """One device by its profile, on the bench."""

    def __init__(self, bench: Bench, profile: str) -> None:
        self.bench = bench
        self.name = profile
        line = next(name for name, entry in LINES.items() if self.name in entry["devices"])
        self.wire = wire_of(bench, line)
        kind = load_device(profile)
        unit = LINES[line]["devices"][self.name].get("unit", 0)
        paths = [name for name, point in kind.all_points().items() if point.read]
        texts = [name for name, point in kind.all_points().items() if point.is_text]
        self.device = Device(
            profile, kind, self.wire.link(kind, unit), [p for p in paths if p not in texts]
        )
        self.wire.port.open()
        self.device.identify(time.monotonic())

    def ask(self, wish: Wish = HARMLESS) -> dict[str, float]:
        """Exchange, over single errors as the driver does."""
        for _ in range(3):
            try:
                return self.device.exchange(wish, time.monotonic())
            except DeviceError as error:
                last = error
        raise last

    def set(self, value: float) -> None:
        self.bench.do(op="set", device=self.name, value=value)

    def until(self, point: str, value: float, tolerance: float, wish: Wish = HARMLESS) -> None:
        wait_for(
            lambda: abs(self.ask(wish)[point] - value) <= tolerance, f"{self.name}: {point} {value}"
        )


def wire_of(bench: Bench, line: str) -> Wire:
    entry = LINES[line]
    bus = SerialBus(
        protocol=PROTOCOLS.get(line, "modbus_rtu"),
        port=bench.link(line),
        baud=entry["baud"],
        parity=entry.get("parity", "none"),
        stop_bits=entry.get("stop_bits", 1),
    )
    return open_wire(bus)


@pytest.fixture
def rig(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Rig]:
    it = Rig(bench, request.param)
    try:
        yield it
    finally:
        it.device.make_harmless()
        it.wire.port.close()
        for fault in ("sensor_open", "silence"):
            bench.do(op="heal", device=it.name, fault=fault)
        bench.do(op="release", device=it.name)


def test_every_profile_is_tried() -> None:
    tried = {*CONTROLLERS, *LOAD_CELLS, *AXES, "thyracont_smartline"}
    assert tried | {"reference_press_plc"} == set(known_devices())


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_a_temperature_is_told_and_a_set_point_is_followed(rig: Rig) -> None:
    for celsius in (21.7, 118.3):
        rig.set(celsius)
        rig.until("temperature", celsius, RESOLUTION["temperature"])
    rig.set(40.0)
    heat = Wish({"target": 80.0}, active=True)
    rig.until("output", 1.0, 0.99, heat)  # anything above 1 %
    assert rig.device.not_taken == {}
    told = rig.bench.device(rig.name)
    assert told["set_point"] == pytest.approx(80.0, abs=0.1)
    rig.until("output", 0.0, 0.001)


@pytest.mark.parametrize("rig", CONTROLLERS, indirect=True)
def test_an_open_thermocouple_is_unknown_and_a_fault_where_the_device_says_so(rig: Rig) -> None:
    rig.set(25.0)
    rig.until("temperature", 25.0, RESOLUTION["temperature"])
    rig.bench.do(op="inject", device=rig.name, fault="sensor_open")
    wait_for(lambda: math.isnan(rig.ask()["temperature"]), "an unknown temperature")


@pytest.mark.parametrize("rig", LOAD_CELLS, indirect=True)
def test_a_force_is_told_with_its_sign(rig: Rig) -> None:
    for newtons in (113.1, 8370.0, -250.0, 0.0):
        rig.set(newtons)
        rig.until("force", newtons, RESOLUTION["force"])


@pytest.mark.parametrize("rig", LOAD_CELLS[:-1], indirect=True)
def test_a_broken_load_cell_is_unknown(rig: Rig) -> None:
    rig.set(500.0)
    rig.until("force", 500.0, RESOLUTION["force"])
    rig.bench.do(op="inject", device=rig.name, fault="sensor_open")

    def unknown() -> bool:
        try:
            return math.isnan(rig.device.exchange(HARMLESS, time.monotonic())["force"])
        except DeviceError:
            return True  # a balance that says nothing but "overload" has no weight either

    wait_for(unknown, "an unknown force")


@pytest.mark.parametrize("rig", ["arduino_scale"], indirect=True)
def test_a_bare_converter_cannot_tell_a_broken_wire_from_its_end(rig: Rig) -> None:
    """So its `saturation` in the press profile must be below that end: then it is a trip."""
    rig.bench.do(op="inject", device=rig.name, fault="sensor_open")
    wait_for(lambda: rig.ask()["force"] > 20_000.0, "the end of its range")


@pytest.mark.parametrize("rig", ["thyracont_smartline"], indirect=True)
def test_a_pressure_is_told(rig: Rig) -> None:
    for pascal in (101_325.0, 2.5, 0.034):
        rig.set(pascal)
        rig.until("pressure", pascal, 1e-3 * pascal)


@pytest.mark.parametrize("rig", AXES, indirect=True)
def test_an_axis_goes_where_it_is_sent_and_stops_when_it_is_told(rig: Rig) -> None:
    go = Wish({"target": 0.004, "target_speed": 0.005}, active=True)
    rig.until("position", 0.004, RESOLUTION["position"], go)
    far = Wish({"target": 0.030, "target_speed": 0.005}, active=True)
    wait_for(lambda: rig.ask(far)["position"] > 0.0045, "motion")
    stopped = [rig.ask()["position"] for _ in range(2)][-1]
    assert stopped < 0.03
    wait_for(
        lambda: abs(rig.ask()["position"] - rig.ask()["position"]) <= RESOLUTION["position"],
        "standstill",
    )
    rig.until("position", 0.030, RESOLUTION["position"], far)  # and the same target once more


@pytest.mark.parametrize("rig", [*CONTROLLERS, *LOAD_CELLS[:4], *AXES], indirect=True)
def test_silence_is_told_and_survived(rig: Rig) -> None:
    rig.ask()
    rig.bench.do(op="inject", device=rig.name, fault="silence")
    with pytest.raises(DeviceError):
        rig.device.exchange(HARMLESS, time.monotonic())
    rig.bench.do(op="heal", device=rig.name, fault="silence")
    rig.ask()
