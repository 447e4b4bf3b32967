"""The dry run: a recipe on the simulated plant, under the real procedure and control laws, without bus, clock or ROS.

The one place that joins recipes, control and the simulated press. It plays the parts of the nodes: orders of the
procedure become targets of the loops, readings of the plant become their samples, one bus cycle late as on the wire.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from stackpress_py.account import AVERAGING, Approach, HoldAccount, Working, farthest
from stackpress_py.control.force import ForceController, ForceOutput
from stackpress_py.control.job import Job, JobLimits, JobState
from stackpress_py.control.law import ForceSample, Stage
from stackpress_py.control.thermal import ThermalController
from stackpress_py.control.tuning import Tuning
from stackpress_py.devices.guard.ranges import ForceFusion
from stackpress_py.devices.press.profile import PressProfile
from stackpress_py.machine.phase import PhaseOutcome, Sample
from stackpress_py.machine.procedure import Procedure, RunVerdict, Wish
from stackpress_py.machine.slots import (
    OrderState,
    PressureMode,
    PressureOrder,
    Slot,
    Slots,
    TemperatureMode,
    TemperatureOrder,
)
from stackpress_py.recipes.model import Recipe
from stackpress_py.sim.plant import Command, Plant

#: s between two steps of the temperature loops.
THERMAL_PERIOD = 0.1


@dataclass(frozen=True, slots=True)
class Point:
    """One cycle: s, Pa as measured and as it truly is, set-point Pa (NaN without), degC of both platens, ram m."""

    time: float
    pressure: float
    true_pressure: float
    setpoint: float
    upper_temperature: float
    lower_temperature: float
    position: float


class _Order:
    """The order that a slot's loops are working on, with its job."""

    def __init__(self, slot: "Slot[PressureOrder] | Slot[TemperatureOrder]") -> None:
        self._slot = slot
        self._number = 0
        self._job: Job | None = None

    def begin(self, job: Job | None) -> None:
        """Note that the latest order is being worked on."""
        self._number, self._job = self._slot.number, job

    def end(self, state: OrderState, message: str) -> None:
        """Settle the order."""
        self._slot.settle(self._number, state, message)

    def update(self, value: float, now: float) -> None:
        """Feed the job, and settle the order when it has ended."""
        if self._job is None or self._slot.state is not OrderState.RUNNING:
            return
        state = self._job.update(value, now)
        if state is JobState.DONE:
            self.end(OrderState.DONE, "reached and held")
        elif state is JobState.TIMED_OUT:
            self.end(OrderState.TIMED_OUT, "not reached in time")


class DryRun:
    """One recipe on one plant.

    Args:
        plant: with a sample in its die, ram open.
        profile: of the press.
        tuning: of its loops.
        recipe: control recipe's model.
    """

    def __init__(self, plant: Plant, profile: PressProfile, tuning: Tuning, recipe: Recipe) -> None:
        self._plant = plant
        self._period = 1.0 / profile.cycle.rate
        self._area = recipe.cell.die.area
        self._slots = Slots()
        self._force = ForceController(tuning.force)
        self._upper = ThermalController(tuning.upper_platen)
        self._lower = ThermalController(tuning.lower_platen)
        self._fusion = ForceFusion(profile.force_sensors, profile.fusion)
        phases = len(recipe.procedure)
        contact = tuning.force.contact_force
        expected = (1.0,) * phases
        self._procedure = Procedure(
            recipe, expected, self._slots, contact, compliance=tuning.compliance
        )
        self._pressure_order = _Order(self._slots.pressure)
        self._temperature_order = _Order(self._slots.temperature)
        self._temperature_target = math.nan
        self._command = self._acting = Command()
        self._thermal_due = 0.0
        self.verdict: RunVerdict | None = None
        self.reason = ""

    def run(self, limit: float) -> Iterator[Point]:
        """Yield every cycle until the recipe has ended, or ``limit`` s have passed (verdict ABORTED)."""
        now = self._plant.time
        begin = now
        sample = self._measure(now)
        self._procedure.begin(sample, now)
        while self.verdict is None:
            self._take_orders(sample, now)
            sample, point = self._cycle()
            now = point.time
            wish = self._procedure.update(sample, now)
            if wish is Wish.FINISH:
                self.verdict = self._procedure.verdict()
            elif wish is not Wish.GO_ON or now - begin > limit:
                self.verdict = RunVerdict.ABORTED
                self.reason = self._procedure.reason or f"no end within {limit:g} s"
                self._procedure.interrupt(self.reason, now)
            yield point

    def outcomes(self) -> tuple[PhaseOutcome, ...]:
        """Return what was requested and reached, phase by phase."""
        return self._procedure.outcomes(self.reason)

    # ---- one cycle ----------------------------------------------------------------------------

    def _cycle(self) -> tuple[Sample, Point]:
        # A command is on the wire while the next reading is: it acts one cycle after the one it answers.
        self._plant.step(self._period, self._acting)
        self._acting = self._command
        now = self._plant.time
        sample = self._measure(now)
        measured = ForceSample(
            now,
            sample.force,
            sample.force_uncertainty,
            sample.position,
            temperature=sample.temperature,
            current=self._current,
        )
        output = self._force.step(measured)
        upper, lower = self._heat(sample, now)
        self._command = Command(output.velocity, upper, lower)
        self._settle(output, sample, now)
        point = Point(
            time=now,
            pressure=sample.force / self._area,
            true_pressure=self._plant.force / self._area,
            setpoint=output.setpoint / self._area,
            upper_temperature=sample.upper_temperature,
            lower_temperature=sample.lower_temperature,
            position=sample.position,
        )
        return sample, point

    def _measure(self, now: float) -> Sample:
        readings = self._plant.sense()
        fused = self._fusion.step((readings.force_low, readings.force_high), now)
        sample = Sample(
            force=fused.force,
            force_uncertainty=fused.uncertainty,
            upper_temperature=readings.upper_temperature,
            lower_temperature=readings.lower_temperature,
            position=readings.position,
            working=Working.DRIVING if self._command.velocity else Working.NOTHING,
        )
        self._frame_temperature = readings.frame_temperature
        self._current = readings.current
        return sample

    def _heat(self, sample: Sample, now: float) -> tuple[float, float]:
        if now < self._thermal_due:
            return self._command.upper_power, self._command.lower_power
        self._thermal_due = now + THERMAL_PERIOD - 0.5 * self._period
        frame = self._frame_temperature
        upper = self._upper.step(now, sample.upper_temperature, frame)
        lower = self._lower.step(now, sample.lower_temperature, frame)
        temperatures = (sample.upper_temperature, sample.lower_temperature)
        self._temperature_order.update(farthest(self._temperature_target, *temperatures), now)
        if upper.lost or lower.lost:
            self._temperature_order.end(OrderState.FAILED, upper.lost or lower.lost)
        return upper.power, lower.power

    def _settle(self, output: ForceOutput, sample: Sample, now: float) -> None:
        self._pressure_order.update(sample.force / self._area, now)
        order = self._slots.pressure.order
        opening = order is not None and order.mode in (PressureMode.UNLOAD, PressureMode.OPEN)
        if output.lost:
            self._pressure_order.end(OrderState.FAILED, output.lost)
        elif opening and output.stage is Stage.IDLE:
            self._pressure_order.end(OrderState.DONE, "unloaded and open")

    # ---- orders -------------------------------------------------------------------------------

    def _take_orders(self, sample: Sample, now: float) -> None:
        pressure = self._slots.pressure.take()
        if pressure is not None:
            self._pressure_order.begin(self._begin_pressure(pressure, sample, now))
        temperature = self._slots.temperature.take()
        if temperature is not None:
            self._temperature_order.begin(self._begin_temperature(temperature, sample, now))
            if temperature.mode is TemperatureMode.OFF:
                self._temperature_order.end(OrderState.DONE, "heating and cooling are off")

    def _begin_pressure(self, order: PressureOrder, sample: Sample, now: float) -> Job | None:
        if order.mode is not PressureMode.PRESS:
            self._force.unload(order.rate * self._area)
            return None
        self._force.press(order.pressure * self._area, order.rate * self._area)
        present = sample.force / self._area
        return _job(order.pressure, present, order, now, AVERAGING)

    def _begin_temperature(self, order: TemperatureOrder, sample: Sample, now: float) -> Job | None:
        if order.mode is not TemperatureMode.REGULATE:
            self._upper.off()
            self._lower.off()
            return None
        for loop in (self._upper, self._lower):
            loop.regulate(order.temperature, order.rate)
        self._temperature_target = order.temperature
        return _job(order.temperature, sample.temperature, order, now)


def _job(
    target: float,
    present: float,
    order: PressureOrder | TemperatureOrder,
    now: float,
    averaging: float = 0.0,
) -> Job:
    approach = Approach.to(target, present)
    account = HoldAccount(target, order.tolerance, order.settling_time, approach, averaging)
    return Job(account, JobLimits(order.duration, order.timeout), now)
