import json
from pathlib import Path

import pytest

from stackpress_py.sim.plant import Command
from stackpress_py.sim.press import SimulatedPress
from stackpress_py.sim.world import World
from unit.sim.plants import REFERENCE


class Robot:
    """A press and its world, without sockets."""

    def __init__(self, folder: Path) -> None:
        self.press = SimulatedPress(REFERENCE, folder / "port")
        self.world = World(self.press)

    def ask(self, **request: object) -> dict[str, object]:
        line = self.world.answer(json.dumps(request).encode())
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        reply: dict[str, object] = json.loads(line)
        assert reply["ok"] is True or str(reply["error"])
        return reply

    def move(self, seconds: float, velocity: float) -> None:
        self.press.plant.step(seconds, Command(velocity=velocity))


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


def test_place_and_take(robot: Robot) -> None:
    assert robot.ask(op="place", cell_id="c1") == {"ok": True, "cell_id": "c1"}
    state = robot.ask(op="state")
    assert (state["sample"], state["cell_id"], state["collisions"]) == (True, "c1", 0)
    taken = robot.ask(op="take")
    assert (taken["cell_id"], taken["peak_pressure"], taken["broken"]) == ("c1", 0.0, False)
    assert robot.ask(op="state")["sample"] is False


def test_placing_on_a_cell_is_a_collision(robot: Robot) -> None:
    robot.ask(op="place", cell_id="c1")
    refused = robot.ask(op="place", cell_id="c2")
    assert refused["ok"] is False and "c1" in str(refused["error"])
    state = robot.ask(op="state")
    assert (state["cell_id"], state["collisions"]) == ("c1", 1)


def test_taking_nothing_is_refused_but_no_collision(robot: Robot) -> None:
    assert robot.ask(op="take")["ok"] is False
    assert robot.ask(op="state")["collisions"] == 0


@pytest.mark.parametrize(
    "request_", [{"op": "place", "cell_id": "c"}, {"op": "take"}, {"op": "enter"}]
)
def test_a_hand_in_a_moving_or_closed_press_is_a_collision(
    robot: Robot, request_: dict[str, str]
) -> None:
    robot.move(0.1, 5e-3)
    assert "moves" in str(robot.ask(**request_)["error"])
    robot.move(0.5, 5e-3)
    robot.move(0.2, 0.0)
    assert "not open" in str(robot.ask(**request_)["error"])
    assert robot.ask(op="state")["collisions"] == 2


def test_motion_while_the_arm_is_inside_counts_once_an_entry(robot: Robot) -> None:
    robot.ask(op="enter")
    robot.press.plc.advance(0.1)
    assert robot.ask(op="state")["collisions"] == 0
    plc = robot.press.plc
    plc.beat(1)
    plc.order(1)
    plc.velocity = 1e-3
    robot.press.advance(robot.press.plant.time + 0.2)
    assert robot.ask(op="state")["collisions"] == 1
    robot.ask(op="leave")
    assert robot.ask(op="state")["arm_inside"] is False


def test_a_press_cycle_is_counted_when_it_opens_again(robot: Robot) -> None:
    robot.move(5.0, 10e-3)
    robot.move(0.02, 10e-3)
    robot.press.advance(robot.press.plant.time + 0.01)
    assert robot.ask(op="state")["cycles"] == 0
    robot.move(5.1, -10e-3)
    robot.press.advance(robot.press.plant.time + 0.01)
    assert robot.ask(op="state")["cycles"] == 1


@pytest.mark.parametrize(
    ("fault", "details", "seen"),
    [
        ("silence", {}, lambda press: press.line.faults.silent),
        ("noise", {"rate": 0.2}, lambda press: press.line.faults.flipped == 0.2),
        ("late_reply", {"seconds": 0.3}, lambda press: press.line.faults.delay == 0.3),
        ("guard_open", {}, lambda press: not press.plc.guard_closed),
        ("estop", {}, lambda press: not press.plc.estop_closed),
        ("drive", {}, lambda press: press.plc.drive_failed),
        ("thermocouple_open", {"which": "upper"}, lambda press: press.plant.upper_thermometer.open),
        ("thermocouple_open", {"which": "frame"}, lambda press: press.plant.frame_thermometer.open),
        ("force_sensor_fail", {"which": "low"}, lambda press: press.plant.low.failed),
        ("stuck_force", {}, lambda press: press.plant.high.stuck is not None),
        ("stuck_force", {"which": "low"}, lambda press: press.plant.low.stuck is not None),
        ("heartbeat_frozen", {}, lambda press: press.plc.halted),
    ],
)
def test_inject_and_heal(
    robot: Robot, fault: str, details: dict[str, object], seen: object
) -> None:
    assert callable(seen)
    assert not seen(robot.press)
    assert robot.ask(op="inject", fault=fault, **details)["ok"]
    assert seen(robot.press)
    assert robot.ask(op="heal", fault=fault, **details)["ok"]
    assert not seen(robot.press)


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b"3",
        b'{"op": "explode"}',
        b'{"op": 1}',
        b'{"op": "place"}',
        b'{"op": "place", "cell_id": ""}',
        b'{"op": "place", "cell_id": 3}',
        b'{"op": "inject"}',
        b'{"op": "inject", "fault": "gremlins"}',
        b'{"op": "inject", "fault": ["silence"]}',
        b'{"op": "inject", "fault": "thermocouple_open"}',
        b'{"op": "inject", "fault": "thermocouple_open", "which": []}',
        b'{"op": "inject", "fault": "noise", "rate": 7}',
        b'{"op": "inject", "fault": "late_reply", "seconds": NaN}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_bad_request_gets_one_sentence(robot: Robot, line: bytes) -> None:
    reply = json.loads(robot.world.answer(line))
    assert reply["ok"] is False and reply["error"]
    assert robot.ask(op="state")["ok"]


def test_the_state_is_plain_json(robot: Robot) -> None:
    text = robot.world.answer(b'{"op": "state"}').decode()
    assert "NaN" not in text
    state = json.loads(text)
    for key in ("t", "force", "sample_pressure", "position", "upper_temperature", "lower_temperature",
                "sample", "moving", "collisions", "cycles", "requests"):  # fmt: skip
        assert key in state
