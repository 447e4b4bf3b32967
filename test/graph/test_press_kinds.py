"""The press profiles that are shipped, on real ports against simulated instruments; without ROS."""

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.device_bench import CONFIGS, PATIENCE, Bench, running, wait_for
from stackpress_py.devices.guard.interlocks import Interlock
from stackpress_py.devices.guard.station import Snapshot, Station
from stackpress_py.devices.press.command import Heat, Motion, Velocity
from stackpress_py.devices.press.connection import Press, connect
from stackpress_py.devices.press.loading import load_profile
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.paths import config

CONFIG = Path(__file__).with_name("press_kinds.yaml")


class Rig:
    """A station that is stepped by hand, at about the rate of its press."""

    def __init__(self, profile: PressProfile, press: Press) -> None:
        self.station = Station(profile, press)
        self.press = press
        self.motion: Motion | None = None
        self.heat: Heat | None = None
        self.codes: list[str] = []
        self._period = 1.0 / profile.cycle.rate

    def step(self) -> Snapshot:
        now, wall = time.monotonic(), time.time()
        if self.motion is not None:
            self.station.offer_motion(self.motion, wall, wall, now)
        if self.heat is not None:
            self.station.offer_heat(self.heat, wall, wall, now)
        snapshot = self.station.step(now, wall)
        self.codes += [note.code for note in snapshot.notes]
        time.sleep(max(0.0, now + self._period - time.monotonic()))
        return snapshot

    def until(self, condition: Callable[[Snapshot], bool], what: str) -> Snapshot:
        deadline = time.monotonic() + PATIENCE
        while not condition(snapshot := self.step()):
            assert time.monotonic() < deadline, f"still waiting for {what}: {snapshot}"
        return snapshot

    def until_force(self, force: float, tolerance: float) -> Snapshot:
        def there(seen: Snapshot) -> bool:
            return seen.force is not None and abs(seen.force.force - force) <= tolerance

        return self.until(there, f"a force of {force}")


@contextmanager
def connected(name: str, ports: dict[str, str]) -> Iterator[Rig]:
    profile = load_profile(name)
    press = connect(profile, ports)
    press.open(time.monotonic())
    rig = Rig(profile, press)
    try:
        rig.until(lambda seen: seen.reading is not None, "a reading")
        yield rig
    finally:
        assert rig.station.finish() == ""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running(CONFIG) as it:
        yield it


def test_every_kind_of_press_has_a_profile() -> None:
    kinds = {load_profile(path.stem).kind for path in config("presses").glob("*.yaml")}
    assert kinds == {"uniaxial", "heated", "vacuum", "isostatic_cold", "isostatic_warm", "sealing"}


def test_a_hand_press_is_measured_and_judged_and_takes_no_commands(bench: Bench) -> None:
    with connected("hand_press", {"force": bench.link("hand_force")}) as rig:
        rig.until(lambda seen: seen.zero_valid, "zeros")
        bench.do(op="set", device="hand_cell", value=9_820.0)
        snapshot = rig.until_force(9_820.0, 60.0)
        assert snapshot.reading is not None
        assert math.isnan(snapshot.reading.position)
        assert snapshot.interlocks == 0
        rig.motion = Velocity(0.001)
        rig.step()
        assert "command.refused" in rig.codes
        rig.motion = None
        bench.do(op="set", device="hand_cell", value=161_000.0)
        rig.until(lambda seen: Interlock.FORCE in seen.interlocks, "the trip")


def test_an_isostatic_press_measures_the_pressure_of_its_fluid(bench: Bench) -> None:
    with connected("cold_isostatic_press", {"pressure": bench.link("fluid_pressure")}) as rig:
        bench.do(op="set", device="fluid_sensor", value=300e6)
        snapshot = rig.until_force(300e6, 0.1e6)
        assert snapshot.force is not None
        assert snapshot.force.uncertainty == pytest.approx(1.0e6, rel=0.02)
        bench.do(op="set", device="fluid_sensor", value=402e6)
        rig.until(lambda seen: Interlock.FORCE in seen.interlocks, "the trip")
        bench.do(op="set", device="fluid_sensor", value=0.0)


def test_a_warm_isostatic_press_heats_its_fluid(bench: Bench) -> None:
    ports = {"pressure": bench.link("fluid_pressure"), "heat": bench.link("fluid_heat")}
    bench.do(op="set", device="fluid_heater", value=40.0)
    with connected("warm_isostatic_press", ports) as rig:
        rig.heat = Heat(80.0, 80.0)
        snapshot = rig.until(
            lambda seen: seen.reading is not None and seen.reading.upper_output > 0.01, "heat"
        )
        assert snapshot.reading is not None
        assert snapshot.reading.lower_temperature == pytest.approx(40.0, abs=0.1)
        assert bench.device("fluid_heater")["set_point"] == pytest.approx(80.0)
        rig.heat = None
        rig.until(
            lambda seen: seen.reading is not None and seen.reading.upper_output == 0.0, "no heat"
        )
    assert bench.device("fluid_heater")["output"] == 0.0


def test_a_sealing_press_tells_force_and_stroke(bench: Bench) -> None:
    ports = {"force": bench.link("seal_force"), "axis": bench.link("seal_axis")}
    with connected("button_cell_sealer", ports) as rig:
        rig.motion = Velocity(0.005)
        rig.until(lambda seen: seen.reading is not None and seen.reading.position > 0.003, "motion")
        for force in range(400, 5200, 400):  # slower than what counts as a crash
            bench.do(op="set", device="seal_cell", value=float(force))
            rig.until_force(float(force), 5.0)
            for _ in range(3):
                rig.step()
        rig.motion = None

        def stands(seen: Snapshot) -> bool:
            return seen.reading is not None and seen.reading.velocity == 0.0

        rig.until(stands, "standstill")
        assert rig.step().interlocks == 0
        bench.do(op="set", device="seal_cell", value=0.0)
        rig.until_force(0.0, 5.0)
        bench.do(op="set", device="seal_cell", value=5000.0)
        rig.until(lambda seen: Interlock.FORCE_RATE in seen.interlocks, "the trip of a jump")


def test_a_vacuum_hot_press_reads_its_gauge(bench: Bench) -> None:
    bench.do(op="set", device="gauge", value=2.5)
    with tempfile.TemporaryDirectory(prefix="sim") as folder:
        link = Path(folder) / "plc"
        process = subprocess.Popen(
            [sys.executable, "-m", "stackpress_py.sim", "--config"]
            + [str(config("sim", "reference.yaml")), "--link", str(link)]
            + ["--world", str(Path(folder) / "world")],
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(link.exists, "the simulated press")
            ports = {"main": str(link), "vacuum": bench.link("vacuum")}
            with connected("vacuum_hot_press", ports) as rig:

                def evacuated(seen: Snapshot) -> bool:
                    reading = seen.reading
                    return reading is not None and abs(reading.chamber_pressure - 2.5) < 0.01

                snapshot = rig.until(evacuated, "the gauge")
                assert snapshot.reading is not None
                assert snapshot.reading.upper_temperature == pytest.approx(25.0, abs=2.0)
        finally:
            process.terminate()
            process.wait(PATIENCE)


# ---- a press of instruments on three buses -------------------------------------------------------


@pytest.fixture
def servo() -> Iterator[tuple[Rig, Bench]]:
    with running(CONFIGS / "bench_press.yaml") as bench:
        ports = {name: bench.link(name) for name in ("axis", "force", "heat")}
        with connected("servo_press", ports) as rig:
            yield rig, bench


def test_a_press_of_instruments_moves_weighs_and_heats(servo: tuple[Rig, Bench]) -> None:
    rig, bench = servo
    snapshot = rig.step()
    assert snapshot.interlocks == 0
    assert snapshot.force is not None
    assert abs(snapshot.force.force) < 1.0
    rig.motion, rig.heat = Velocity(0.004), Heat(60.0, 60.0)
    snapshot = rig.until(
        lambda seen: (
            seen.reading is not None
            and seen.reading.position > 0.004
            and seen.reading.upper_output > 0.1
        ),
        "motion and heat",
    )
    assert snapshot.interlocks == 0
    world = bench.do(op="state")["world"]
    assert isinstance(world, dict)
    assert world["position"] == pytest.approx(snapshot.reading.position, abs=2e-3)  # type: ignore[union-attr]
    assert rig.press.writes["upper.local_target"] == 1, "its memory wears out"


def test_an_unplugged_heat_bus_is_told_and_survived(servo: tuple[Rig, Bench]) -> None:
    rig, bench = servo
    rig.heat = Heat(60.0, 60.0)
    rig.until(lambda seen: seen.reading is not None and seen.reading.upper_output > 0.1, "heat")
    bench.do(op="inject", line="heat", fault="unplug")
    rig.until(lambda seen: Interlock.SENSOR in seen.interlocks, "the trip")
    rig.until(
        lambda seen: seen.reading is not None and math.isnan(seen.reading.upper_temperature),
        "unknown temperatures",
    )
    forces = [rig.step() for _ in range(20)]
    assert all(seen.force is not None and math.isfinite(seen.force.force) for seen in forces)
    rig.heat = None
    bench.do(op="heal", line="heat", fault="unplug")
    back = rig.until(
        lambda seen: seen.reading is not None and not seen.reading.missing, "the temperatures"
    )
    assert Interlock.SENSOR in back.interlocks, "a trip stays until it is cleared"
    cleared = rig.station.request_clear()
    rig.until(lambda seen: not seen.interlocks, "the clearing")
    assert cleared.result(0) == ""
    snapshot = rig.until(lambda seen: seen.reading is not None, "a reading")
    assert snapshot.reading is not None
    assert snapshot.reading.upper_output == 0.0, "nothing resumes by itself"
