"""A press with peers that do exactly what they are told, and what can go wrong with them, for the machine's tests."""

import math
from dataclasses import dataclass, field

from stackpress_py.account import Working
from stackpress_py.machine.coordinator import Coordinator
from stackpress_py.machine.handover import HandoverLimits, PressView
from stackpress_py.machine.packml import Command, State
from stackpress_py.machine.phase import Sample
from stackpress_py.machine.run import RunEnd, RunRequest
from stackpress_py.machine.seen import Event, Limits, Measurement, Seen
from stackpress_py.machine.slots import (
    OrderState,
    PressureMode,
    PressureOrder,
    StopRecordOrder,
    TemperatureMode,
    TemperatureOrder,
)
from stackpress_py.recipes.check import MachineLimits, expected_durations
from stackpress_py.recipes.loading import loads_recipe

TICK = 0.05
BOTTOM = 0.05  # m, position of the ram without anything between the punches
AREA = 100e-6
WALL = 1.79e9  # s, where the stamps begin

RECIPE = """\
recipe: test
version: 1.0.0
cell:
  die: {shape: square, side: 10 mm}
procedure:
  - phase: press
    pressure: {target: 50 MPa, rate: 25 MPa/s, tolerance: 1 %, overshoot: 1 %}
    hold: 3 s
    settling: 0.5 s
    timeout: 30 s
    safe_end: unload
  - phase: anneal
    pressure: {target: 1 MPa, rate: 25 MPa/s, tolerance: 1 %}
    temperature: {target: 30 degC, rate: 60 K/min, tolerance: 1 K}
    hold: 2 s
    settling: 0.5 s
    timeout: 30 s
    safe_end: freeze
  - phase: cool
    pressure: keep
    temperature: {target: 27 degC, rate: 60 K/min, tolerance: 1 K}
    settling: 0.5 s
    timeout: 30 s
    safe_end: vent
  - phase: unload
    unload: {rate: 10 MPa/s}
    temperature: off
    timeout: 10 s
"""


@dataclass
class Faults:
    """What does not work."""

    deaf_pressure: bool = False
    refusing_pressure: str = ""
    record: str = ""
    disconnected: bool = False
    interlocks: int = 0
    stuck_interlocks: bool = False
    deaf_lock: bool = False
    dead: tuple[str, ...] = ()
    silent_supervisor: bool = False
    drifted: bool = False
    offset: float = 0.0  # Pa, between what is ordered and what is measured
    apart: float = 0.0  # K, between the platens


LIMITS = Limits(handover=HandoverLimits(opening=20.0, force=5.0))


@dataclass
class World:
    """A machine, its press and its peers, on one clock."""

    recipe: str = RECIPE
    part: bool = True
    now: float = 1000.0
    faults: Faults = field(default_factory=Faults)
    limits: Limits = LIMITS

    def __post_init__(self) -> None:
        self.machine = Coordinator(self.limits, self.now)
        self.pressure, self.upper, self.lower = 0.0, 25.0, 25.0
        self.open, self.locked = True, False
        self.height, self.thinning = 1e-3, 0.0  # m; 1/s, under pressure
        self.ram: PressureOrder | None = None
        self.heat: TemperatureOrder | None = None
        self.opening = False
        self.events: list[Event] = []
        self.motions: list[PressureOrder] = []
        self.motions_while_locked: list[PressureOrder] = []
        self.heats: list[TemperatureOrder] = []
        self.records: list[str] = []
        self.outcomes: list[StopRecordOrder] = []
        self.ends: list[RunEnd] = []
        self.states: list[State] = [self.machine.packml.state]
        self._heard = self.now
        self._connected = self.now

    # ---- what a test does -----------------------------------------------------------------------

    def to_idle(self) -> None:
        self.tick(0.2)
        assert self.command(Command.CLEAR) == ""
        self.until(State.STOPPED)
        assert self.command(Command.RESET) == ""
        self.until(State.IDLE)

    def command(self, command: Command) -> str:
        return self.machine.command(command, "the test", self.now)

    def start(self, recipe: str = "", run_id: str = "r1") -> str:
        control = loads_recipe(recipe or self.recipe)
        expected = expected_durations(
            control.recipe, MachineLimits(25e3, approach_time=0.0, opening_time=0.0)
        )
        request = RunRequest(run_id, control, "c1", "", expected)
        return self.machine.start(request, self.now)

    def until(self, *states: State, limit: float = 200.0) -> None:
        end = self.now + limit
        while self.machine.packml.state not in states:
            assert self.now < end, f"{self.machine.packml.state.name}: {self.machine.packml.reason}"
            self.tick()

    def until_phase(self, index: int, limit: float = 100.0) -> None:
        end = self.now + limit
        while self.machine.run is None or self.machine.run.procedure.index != index:
            assert self.now < end
            self.tick()

    def tick(self, seconds: float = TICK) -> None:
        for _ in range(max(1, round(seconds / TICK))):
            self._tick()

    @property
    def end(self) -> RunEnd:
        """Result of the only run."""
        assert len(self.ends) == 1
        return self.ends[0]

    def codes(self) -> list[str]:
        return [event.code for event in self.events]

    # ---- the world ------------------------------------------------------------------------------

    def _tick(self) -> None:
        self.now += TICK
        self._move()
        faults = self.faults
        if not faults.disconnected:
            self._connected = self.now
        if not faults.silent_supervisor:
            self._heard = self.now
        seen = Seen(
            measurements=[self._measure()],
            silence=self.now - self._connected,
            dead=faults.dead,
            health_silence=self.now - self._heard,
        )
        self.machine.tick(seen, self.now)
        self._serve()
        self.events += self.machine.drain_events()
        if self.machine.packml.state is not self.states[-1]:
            self.states.append(self.machine.packml.state)
        end = self.machine.take_run_end()
        if end is not None:
            self.ends.append(end)

    @property
    def _position(self) -> float:
        if self.open:
            return 0.0
        return BOTTOM - self.height if self.pressure else 0.04

    @property
    def _working(self) -> Working:
        order = self.ram
        pressing = order is not None and order.mode is PressureMode.PRESS
        return Working.DRIVING if pressing and self.pressure != order.pressure else Working.NOTHING

    def _measure(self) -> Measurement:
        connected = not self.faults.disconnected
        force = (self.pressure + (self.faults.offset if self.pressure else 0.0)) * AREA
        nan = math.nan
        sample = (
            Sample(
                force,
                0.5,
                self.upper,
                self.lower - self.faults.apart,
                self._position,
                self._working,
            )
            if connected
            else Sample(nan, nan, nan, nan)
        )
        view = PressView(
            connected=connected,
            force=sample.force,
            position=self._position if connected else nan,
            velocity=0.0 if connected else nan,
            at_open_limit=connected and self.open,
            locked=connected and self.locked,
            part_present=connected and self.part,
        )
        interlocks = self.faults.interlocks
        text = "emergency stop" if interlocks else ""
        zero_valid = not self.faults.drifted
        return Measurement(WALL + self.now, sample, view, interlocks, text, zero_valid)

    def _move(self) -> None:
        self._move_ram()
        if self.pressure:
            self.height *= math.exp(-self.thinning * TICK)
        heat = self.heat
        if heat is not None and heat.mode is TemperatureMode.REGULATE:
            self.upper = self.lower = _towards(self.upper, heat.temperature, heat.rate * TICK)
        slot = self.machine.slots.temperature
        if heat is not None and self.upper == heat.temperature:
            slot.settle(slot.number, OrderState.DONE, "reached")

    def _move_ram(self) -> None:
        order, slot = self.ram, self.machine.slots.pressure
        if order is None or self.locked or self.faults.interlocks:
            return
        if order.mode is PressureMode.PRESS:
            self.open = False
            self.pressure = _towards(self.pressure, order.pressure, order.rate * TICK)
            if self.pressure == order.pressure:
                slot.settle(slot.number, OrderState.DONE, "reached")
        elif order.mode in (PressureMode.UNLOAD, PressureMode.OPEN):
            rate = order.rate * order.area / AREA
            self.pressure = _towards(self.pressure, 0.0, rate * TICK)
            if self.pressure == 0.0:
                self.open = True
                slot.settle(slot.number, OrderState.DONE, "open")

    def _serve(self) -> None:
        slots, faults = self.machine.slots, self.faults
        pressure = slots.pressure.take()
        if pressure is not None:
            self._serve_pressure(pressure)
        temperature = slots.temperature.take()
        if temperature is not None:
            self.heats.append(temperature)
            self.heat = temperature
            if temperature.mode is not TemperatureMode.REGULATE:
                slots.temperature.settle(slots.temperature.number, OrderState.DONE, "done")
        start = slots.start_record.take()
        if start is not None and faults.record:
            slots.start_record.settle(slots.start_record.number, OrderState.FAILED, faults.record)
        elif start is not None:
            self.records.append(start.manifest)
            slots.start_record.settle(
                slots.start_record.number, OrderState.DONE, f"/runs/{start.run_id}"
            )
        stop = slots.stop_record.take()
        if stop is not None:
            self.outcomes.append(stop)
            slots.stop_record.settle(slots.stop_record.number, OrderState.DONE, "")
        lock = slots.lock.take()
        if lock is not None and not faults.deaf_lock:
            self.locked = lock.locked
            slots.lock.settle(slots.lock.number, OrderState.DONE, "")
        if slots.clear.take() is not None:
            if not faults.stuck_interlocks:
                faults.interlocks = 0
            slots.clear.settle(slots.clear.number, OrderState.DONE, "")

    def _serve_pressure(self, order: PressureOrder) -> None:
        slot = self.machine.slots.pressure
        self.motions.append(order)
        if order.mode is not PressureMode.STAND_STILL and self.locked:
            self.motions_while_locked.append(order)
        if self.faults.deaf_pressure:
            return
        if self.faults.refusing_pressure:
            slot.settle(slot.number, OrderState.FAILED, self.faults.refusing_pressure)
            return
        self.ram = order
        if order.mode in (PressureMode.HOLD_PRESENT, PressureMode.STAND_STILL):
            slot.settle(slot.number, OrderState.DONE, "done")


def _towards(value: float, target: float, step: float) -> float:
    return min(value + step, target) if value < target else max(value - step, target)
