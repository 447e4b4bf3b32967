"""The same press and hold twice: through the whole graph in real time, and law and plant alone."""

import json
import tempfile
from pathlib import Path

from rich.console import Console

from _force.contenders import Ours
from _force.holding import Heater, hold_trace
from _force.laws import tuning
from _force.machine import Case, Machine
from _force.scenarios import ANNEAL, COLD, press_trace
from _force.trace import ARRIVAL, Trace
from stackpress_py import launch_support
from stackpress_py.cli.demo import DemoOptions, demo
from stackpress_py.cli.exit_codes import ExitCode
from stackpress_py.cli.press import PressOptions
from stackpress_py.control.force import ForceController
from stackpress_py.sim.plant import LONGEST_STEP

RECIPE = Path(__file__).with_name("recipe.yaml")
#: The simulated reference press as it is shipped: Li6PS5Cl on 50 kN/mm.
CASE = Case("reference", 50.0)
RATE = 1e6  # Pa/s
HOLD, WARM = 10.0, 35.0  # s, degC
#: s of the hold that count: until the platens are warm, which takes 120 s at 5 K/min, and some more.
HELD = 140.0


def whole_graph(console: Console) -> Trace:
    """Return the trace of the recipe on a simulated press, bus, graph and robot included.

    Raises:
        RuntimeError: the cell was not finished.
        CliError: the graph could not be started, or ended.
    """
    with tempfile.TemporaryDirectory(prefix="stackpress-bench-") as name:
        folder = Path(name)
        truth = folder / "truth.jsonl"
        press = PressOptions(sim_config=launch_support.simulator_config(), truth=truth)
        options = DemoOptions(press, str(RECIPE), (), folder, domain=None, verbose=False)
        code = demo(options, console)
        if code is not ExitCode.OK:
            raise RuntimeError(f"the run through the graph ended with {code.name}")
        return _read(truth)


def _read(path: Path) -> Trace:
    trace = Trace()
    for line in path.read_text().splitlines():
        state = json.loads(line)
        if "force" in state:
            trace.times.append(state["t"])
            trace.forces.append(state["force"])
    return trace


def offline() -> Trace:
    """Return the trace of the same by law and plant alone, with the same tuning and the same errors of sensors.

    Raises:
        RuntimeError: the law gave up.
    """
    machine, who = Machine(CASE, LONGEST_STEP), Ours(ForceController(tuning().force))
    pressed = press_trace(machine, who, COLD * machine.area, RATE * machine.area, HOLD)
    eased = hold_trace(machine, who, ANNEAL, HELD + ARRIVAL, Heater(WARM, HOLD))
    if pressed.lost or eased.lost:
        raise RuntimeError(f"the law alone gave up: {pressed.lost or eased.lost}")
    return Trace(pressed.times + eased.times, pressed.forces + eased.forces)
