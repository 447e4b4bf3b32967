"""A made-up run, serialised by rosbags from our message definitions: no ROS, no decoder of ours."""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from stackpress_py.account import AVERAGING, Approach, HoldAccount, HoldOutcome, farthest
from stackpress_py.record import run_folder, schema
from stackpress_py.record.mcap_writer import RawMessage
from stackpress_py.record.press_facts import press_facts
from stackpress_py.record.recorder import Graph, Recorder
from stackpress_py.record.rosbag2 import Topic

BEGIN = 1_800_000_000.0
RATE = 20.0
AREA = math.pi * 0.012**2 / 4.0
FOLDER = Path(__file__).parents[3] / "msg"

TOPICS = (
    Topic("/press/state", "stackpress/msg/PressState"),
    Topic("/press/loops/pressure", "stackpress/msg/LoopState"),
    Topic("/press/loops/upper_platen", "stackpress/msg/LoopState"),
    Topic("/press/loops/lower_platen", "stackpress/msg/LoopState"),
    Topic("/press/machine_state", "stackpress/msg/MachineState", latched=True, depth=1),
    Topic("/press/run_event", "stackpress/msg/RunEvent", latched=True, depth=200),
    Topic("/press/stack", "stackpress/msg/StackState"),
    Topic("/press/actuator_command", "stackpress/msg/ActuatorCommand"),
)


@cache
def typestore() -> Typestore:
    """Types of Jazzy and our own."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for file in FOLDER.glob("*.msg"):
        store.register(get_types_from_msg(file.read_text(), f"stackpress/msg/{file.stem}"))
    return store


@cache
def shares(base: Path) -> list[Path]:
    """Share folders with our definitions, whether they are installed or not, and ROS's own."""
    folder = base / "share" / "stackpress"
    folder.mkdir(parents=True)
    (folder / "msg").symlink_to(FOLDER)
    return [base / "share", *schema.share_directories()]


def graph(base: Path) -> Graph:
    """What a synthetic run is recorded of."""
    schemas = {topic.type: schema.load(topic.type, shares(base)) for topic in TOPICS}
    press = press_facts(FOLDER.parent / "config" / "presses" / "reference_plc.yaml")
    return Graph(TOPICS, schemas, {6: "Execute", 16: "Completing"}, press)


def message(type_name: str, time: float, frame: str = "", **values: Any) -> bytes:
    """Serialise a message; fields that are not given are 0, false or empty."""
    store = typestore()
    nanoseconds = round(time * 1e9)
    types = store.types
    stamp = types["builtin_interfaces/msg/Time"](nanoseconds // 10**9, nanoseconds % 10**9)
    header = types["std_msgs/msg/Header"](stamp, frame)
    found = {"header": header, **values}
    for name, (kind, detail) in store.get_msgdef(type_name).fields:
        found.setdefault(name, _default(kind, detail))
    return bytes(store.serialize_cdr(types[type_name](**found), type_name))


def _default(kind: int, detail: Any) -> Any:
    if kind == 4:
        return np.empty(0)
    return "" if detail[0] == "string" else False if detail[0] == "bool" else 0


@dataclass
class Sample:
    time: float
    pressure: float
    setpoint: float
    target: float
    upper: float
    lower: float
    heat: float
    position: float


PHASES: list[dict[str, Any]] = [
    {"name": "Cold press", "hold": 8.0, "settling": 1.0,
     "pressure": {"target": 74e6, "tolerance": 0.74e6}},
    {"name": "Anneal", "hold": 10.0, "settling": 1.0,
     "pressure": {"target": 1e6, "tolerance": 0.02e6},
     "temperature": {"target": 80.0, "tolerance": 1.0}},
    {"name": "Cool down", "hold": 0.0, "settling": 1.0,
     "pressure": {"target": 1e6, "tolerance": 0.02e6},
     "temperature": {"target": 40.0, "tolerance": 2.0}},
    {"name": "Unload", "hold": 0.0, "settling": 1.0},
]  # fmt: skip
PLATENS = ("upper_platen_temperature", "lower_platen_temperature")
#: Begin of each phase and end of the last one, s after the begin.
BOUNDS = (1.0, 20.0, 46.0, 66.0, 72.0)


def samples(seed: int = 1) -> Iterator[Sample]:
    """Yield the measurements of the run."""
    rng = np.random.default_rng(seed)
    pressure, upper, lower = 0.0, 23.0, 23.0
    for index in range(int(76.0 * RATE)):
        time = index / RATE
        target, heat = _demand(time)
        setpoint = _setpoint(time)
        pressure += (setpoint - pressure) * 0.35
        upper += (heat - upper) * 0.025
        lower += (heat - lower) * 0.022
        noise = rng.normal(0.0, 0.0008 * max(setpoint, 0.3e6))
        yield Sample(
            BEGIN + time, pressure + noise, setpoint, target,
            upper + rng.normal(0.0, 0.01), lower + rng.normal(0.0, 0.01), heat,
            0.046 * min(1.0, time / 5.0) + pressure * 2e-12 if time < 67 else 0.01,
        )  # fmt: skip


def _demand(time: float) -> tuple[float, float]:
    if time <= BOUNDS[1]:
        return 74e6, 23.0
    if time <= BOUNDS[2]:
        return 1e6, 80.0 if time > 25.0 else 23.0
    return (1e6, 40.0) if time <= BOUNDS[3] else (math.nan, 23.0)


def _setpoint(time: float) -> float:
    knots = [0.0, 3.0, 9.0, 20.0, 23.0, 66.0, 67.0, 76.0]
    return float(np.interp(time, knots, [0.0, 0.0, 74e6, 74e6, 1e6, 1e6, 0.0, 0.0]))


@cache
def messages(seed: int = 1) -> tuple[RawMessage, ...]:
    """Return the run's messages in their order."""
    return tuple(_messages(seed))


def _messages(seed: int) -> Iterator[RawMessage]:
    for number, sample in enumerate(samples(seed)):
        yield from _measured(sample)
        if number % 101 == 100:
            yield _unanswered(sample.time + 0.013)
    for index, begin in enumerate(BOUNDS[:-1]):
        data = json.dumps({"index": index, "phase": PHASES[index]["name"]})
        yield _raw(
            5, BEGIN + begin, frame="recipe_sequencer", severity=1, run_id="run_1",
            code="phase.begin", text=f"phase '{PHASES[index]['name']}' begins", data=data,
        )  # fmt: skip
    for state in (6, 6, 16):
        yield _raw(4, BEGIN + 74.0, state=state, mode=1, run_id="run_1", reason="all is well")


def _measured(sample: Sample) -> Iterator[RawMessage]:
    yield _raw(
        0, sample.time, frame="toy", cycle=int((sample.time - BEGIN) * RATE), connected=True,
        force=sample.pressure * AREA, force_uncertainty=12.0, position=sample.position,
        force_sensors=np.array([sample.pressure * AREA, math.nan]), frame_temperature=24.0,
        upper_platen_temperature=sample.upper, lower_platen_temperature=sample.lower,
    )  # fmt: skip
    yield _raw(
        1, sample.time, stage=3, target=sample.target, setpoint=sample.setpoint,
        value=sample.pressure, error=0.0, tolerance=0.74e6, output=0.0, in_tolerance=True,
    )  # fmt: skip
    yield _stack(sample)
    time = sample.time - BEGIN
    yield _raw(
        7, sample.time + 0.002, mode=1, velocity=velocity(time), state_cycle=int(time * RATE)
    )
    for index, value in ((2, sample.upper), (3, sample.lower)):
        yield _raw(
            index, sample.time, stage=3, target=sample.heat, setpoint=sample.heat, value=value,
            error=0.0, tolerance=1.0, output=0.1, in_tolerance=True,
        )  # fmt: skip


#: Heckel's line of the powder that is pressed: mean yield pressure 500 MPa.
SLOPE, INTERCEPT = 2e-9, 1.0


def _stack(sample: Sample) -> RawMessage:
    """Return what is told of the stack; without contact nothing."""
    known = sample.pressure > 0.1e6
    density = 1.0 - math.exp(-(SLOPE * sample.pressure + INTERCEPT))
    values = {
        "height": 0.7e-3 / density, "height_uncertainty": 2e-6, "height_loss": 0.2,
        "density": density, "density_uncertainty": 0.004,
        "densification_rate": 1e-5, "densification_rate_uncertainty": 2e-6,
    }  # fmt: skip
    line = sample.time - BEGIN > 9.0
    fitted = {
        "heckel_slope": SLOPE, "heckel_slope_uncertainty": 1e-10,
        "heckel_intercept": INTERCEPT, "heckel_intercept_uncertainty": 0.01,
        "yield_pressure": 1.0 / SLOPE, "yield_pressure_uncertainty": 25e6,
    }  # fmt: skip
    found = {name: value if known else math.nan for name, value in values.items()}
    found |= {name: value if line else math.nan for name, value in fitted.items()}
    return _raw(6, sample.time, **found)


def velocity(time: float) -> float:
    """Velocity (m/s) that is commanded at a time (s) after the begin: the set-point moves, or now and then."""
    moving = _setpoint(time + 0.01) != _setpoint(time) or round(time * RATE) % 40 < 3
    return 1e-5 if moving else 0.0


def _unanswered(time: float) -> RawMessage:
    """Return the state of a cycle in which the press did not answer."""
    nothing = dict.fromkeys(("force", "position", *PLATENS), math.nan)
    return _raw(0, time, frame="toy", connected=False, force_uncertainty=math.nan, **nothing)


def _raw(topic: int, time: float, **values: Any) -> RawMessage:
    data = message(TOPICS[topic].type, time, **values)
    stamp = round(time * 1e9)
    return RawMessage(TOPICS[topic].name, data, stamp + 200_000, stamp + 100_000)


def outcome(seed: int = 1) -> dict[str, Any]:
    """Return what the sequencer would tell, from accounts kept while the samples come."""
    told = []
    for index, phase in enumerate(PHASES):
        begin, end = BEGIN + BOUNDS[index], BEGIN + BOUNDS[index + 1]
        found = [s for s in samples(seed) if begin <= s.time <= end]
        told.append(_told(phase, found, begin, end))
    return {
        "verdict": "PASSED",
        "reason": "every phase reached and held its targets",
        "phases": told,
    }


def _told(phase: dict[str, Any], found: list[Sample], begin: float, end: float) -> dict[str, Any]:
    pressure = _account(phase, "pressure", found[0].pressure)
    temperature: HoldAccount | None = None
    for sample in found[1:]:
        if pressure is not None:
            pressure.update(sample.pressure, sample.time)
        if temperature is not None:
            value = farthest(temperature.target, sample.upper, sample.lower)
            temperature.update(value, sample.time)
        elif pressure is None or pressure.reached:
            temperature = _account(phase, "temperature", (sample.upper + sample.lower) / 2.0)
    return {
        "name": phase["name"], "outcome": "PASSED", "reason": "", "begin": begin,
        "duration": end - begin, "pressure": _object(pressure), "temperature": _object(temperature),
    }  # fmt: skip


def _account(phase: dict[str, Any], quantity: str, start: float) -> HoldAccount | None:
    asked = phase.get(quantity)
    if asked is None:
        return None
    side = Approach.FROM_ABOVE if start > asked["target"] else Approach.FROM_BELOW
    averaging = AVERAGING if quantity == "pressure" else 0.0
    return HoldAccount(asked["target"], asked["tolerance"], phase["settling"], side, averaging)


def _object(account: HoldAccount | None) -> dict[str, Any] | None:
    if account is None:
        return None
    made: HoldOutcome = account.result()
    return {**asdict(made), "approach": made.approach.name}


ORDER: dict[str, Any] = {
    "recipe": "cold_press_and_anneal",
    "recipe_version": "1.0",
    "recipe_text": "recipe: cold_press_and_anneal\n",
    "parameters": {"press_pressure": "74 MPa"},
    "cell_id": "c1",
    "die_area": AREA,
    "phases": PHASES,
}


def record(
    base: Path, told: dict[str, Any] | None = None, order: dict[str, Any] | None = None
) -> Path:
    """Record the whole run under a folder and return the run's folder."""
    folder = run_folder.create(base / "runs", "run_1", 0.0)
    recorder = Recorder(folder, graph(base), order or ORDER, BEGIN)
    for index, raw in enumerate(messages()):
        recorder.add(raw)
        if index % 50 == 0:
            recorder.commit()
    recorder.finish(outcome() if told is None else told, BEGIN + 76.0)
    recorder.close()
    return folder.path
