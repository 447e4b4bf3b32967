"""The course of a run: phase after phase, the orders for the controllers, and the verdict."""

import math
from dataclasses import dataclass, replace
from enum import Enum, IntEnum

from stackpress_py.control.compliance import Compliance
from stackpress_py.control.densification import StackReading
from stackpress_py.machine.alarms import RunAlarm
from stackpress_py.machine.by_hand import Guide
from stackpress_py.machine.phase import PhaseCourse, PhaseOutcome, PhaseVerdict, Sample
from stackpress_py.machine.slots import (
    OrderState,
    PressureMode,
    PressureOrder,
    Slots,
    TemperatureMode,
    TemperatureOrder,
)
from stackpress_py.machine.stack import stack_gauge
from stackpress_py.recipes.model import (
    OFF,
    PressureTarget,
    Reaction,
    Recipe,
    SafeEnd,
    TemperatureTarget,
)


class RunVerdict(IntEnum):
    """How a run ended; numbers as in RunRecipe."""

    PASSED = 0
    FAILED = 1
    STOPPED = 2
    ABORTED = 3
    REJECTED = 4


class Wish(Enum):
    """What the procedure wants of the machine."""

    GO_ON = "go on"
    HOLD = "hold"
    ABORT = "abort"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the procedure is; units and NaN as in RunStatus."""

    index: int
    phase: str
    step: str
    elapsed: float
    hold_remaining: float
    remaining: float
    progress: float
    pressure_target: float
    pressure_tolerance: float
    temperature_target: float
    temperature_tolerance: float


class Procedure:
    """The phases of one run in their order.

    The pressure is ordered first; once it is reached, the temperature. When every target is reached
    the hold counts the time in which all are in tolerance.

    Args:
        recipe: control recipe's model.
        expected: s that each phase should take, for the progress.
        slots: the controllers.
        contact: N, force below which the ram is not pressing.
        by_hand: a person moves the press: the steps tell what to do.
        compliance: of the press; None: it cannot tell the height of a cell.

    Attributes:
        index: phase in progress.
        alarm: low-pressure alarm of the run.
        reason: why the procedure wishes to hold or abort, one sentence.
    """

    def __init__(
        self,
        recipe: Recipe,
        expected: tuple[float, ...],
        slots: Slots,
        contact: float,
        by_hand: bool = False,
        compliance: Compliance | None = None,
    ) -> None:
        self.recipe = recipe
        self.index = 0
        self.reason = ""
        self.alarm = RunAlarm()
        self._gauge = stack_gauge(recipe.cell, compliance)
        self._expected = expected
        self._slots = slots
        self._contact = contact
        self._guide = Guide() if by_hand else None
        self._force = math.nan
        self._area = recipe.cell.die.area
        self._course: PhaseCourse | None = None
        self._outcomes: list[PhaseOutcome] = []
        self._ordered_pressure: PressureOrder | None = None
        self._ordered_temperature: TemperatureOrder | None = None

    # ---- the machine's doings ----------------------------------------------------------------

    def begin(self, sample: Sample, now: float) -> None:
        """Begin the first phase."""
        self._begin_phase(0, sample, now)

    def update(self, sample: Sample, now: float) -> Wish:
        """Advance in Execute; return what the machine shall do."""
        self._force = sample.force
        course = self._course
        if course is None:
            return Wish.FINISH
        broke_promise = self._take(course, sample, now, executing=True)
        lost = self._why_lost()
        if lost:
            self._end_phase(PhaseVerdict.FAILED, lost, now)
            return self._wish(Wish.ABORT, lost)
        if self._phase_complete(course):
            verdict = PhaseVerdict.FAILED if course.violation else PhaseVerdict.PASSED
            return self._next_phase(verdict, course.violation, sample, now)
        if course.timed_out:
            return self._time_out(course, sample, now)
        if course.needs_heat:
            course.begin_heat(sample)
            self._order_temperature()
        if broke_promise:
            return self._react(course.phase.on_violation, course, now)
        return Wish.GO_ON

    def observe(self, sample: Sample, now: float) -> None:
        """Take a sample while the machine is held: the accounts go on, the clocks stand."""
        self._force = sample.force
        if self._course is not None:
            self._take(self._course, sample, now, executing=False)

    def hold(self, sample: Sample) -> None:
        """Order both controllers to keep what there is."""
        pressing = sample.force > self._contact
        mode = PressureMode.HOLD_PRESENT if pressing else PressureMode.STAND_STILL
        rate = self.unload_rate
        self._slots.pressure.give(
            PressureOrder(mode, self._area, rate=rate, safe_end=self.safe_end)
        )
        if self._ordered_temperature is not None:
            self._slots.temperature.give(TemperatureOrder(TemperatureMode.HOLD_PRESENT))

    def unhold(self) -> None:
        """Order again what was in force before the hold, for what remains of it."""
        left = self._time_left()
        if self._ordered_pressure is not None:
            self._slots.pressure.give(replace(self._ordered_pressure, timeout=left))
        if self._ordered_temperature is not None:
            self._slots.temperature.give(replace(self._ordered_temperature, timeout=left))

    def interrupt(self, reason: str, now: float) -> None:
        """End the phase in progress before its time."""
        if self._course is not None:
            self._end_phase(PhaseVerdict.INTERRUPTED, reason, now)

    # ---- what is asked of it -----------------------------------------------------------------

    @property
    def safe_end(self) -> SafeEnd:
        """What an abort does with the ram in the phase in progress, or in the last one."""
        return self.recipe.procedure[self.index].safe_end

    @property
    def stack(self) -> StackReading | None:
        """What lies between the punches, by the latest sample; None: the press cannot tell."""
        return None if self._gauge is None else self._gauge.reading

    @property
    def unload_rate(self) -> float:
        """Rate of a controlled stop, Pa/s."""
        return self.recipe.unload_rate() or math.nan

    @property
    def phase_name(self) -> str:
        """Name of the phase in progress."""
        return self.recipe.procedure[self.index].phase

    def outcomes(self, reason: str) -> tuple[PhaseOutcome, ...]:
        """Return every phase's outcome; those that never began were skipped for ``reason``."""
        missing = self.recipe.procedure[len(self._outcomes) :]
        skipped = [PhaseOutcome(phase.phase, PhaseVerdict.SKIPPED, reason) for phase in missing]
        return (*self._outcomes, *skipped)

    @property
    def finished(self) -> bool:
        """True when every phase has ended."""
        return len(self._outcomes) == len(self.recipe.procedure)

    def ended(self) -> tuple[PhaseOutcome, ...]:
        """Return the outcomes of the phases that have ended."""
        return tuple(self._outcomes)

    def verdict(self) -> RunVerdict:
        """Return PASSED if every phase passed, else FAILED."""
        passed = all(outcome.verdict is PhaseVerdict.PASSED for outcome in self._outcomes)
        return RunVerdict.PASSED if self.finished and passed else RunVerdict.FAILED

    def progress(self) -> Progress:
        """Return how far the procedure is."""
        course = self._course
        total, later = sum(self._expected), sum(self._expected[self.index + 1 :])
        left = later + self._expected_left(course)
        pressure = course.pressure if course is not None else None
        heat = course.temperature if course is not None else None
        return Progress(
            index=self.index,
            phase=self.phase_name,
            step=self._step(course),
            elapsed=course.elapsed if course is not None else 0.0,
            hold_remaining=course.remaining if course and course.reached else math.nan,
            remaining=left,
            progress=min(1.0, max(0.0, 1.0 - left / total)) if total > 0.0 else 0.0,
            pressure_target=pressure.target if pressure is not None else math.nan,
            pressure_tolerance=pressure.tolerance if pressure is not None else 0.0,
            temperature_target=heat.target if heat is not None else math.nan,
            temperature_tolerance=heat.tolerance if heat is not None else 0.0,
        )

    # ---- inside ------------------------------------------------------------------------------

    def _take(self, course: PhaseCourse, sample: Sample, now: float, executing: bool) -> bool:
        """Take a sample; return True if a promise has just been broken."""
        stack = None
        if self._gauge is not None:
            stack = self._gauge.update(
                sample.force, sample.force_uncertainty, sample.position, sample.temperature, now
            )
        broke_promise = course.update(sample, now, executing, stack)
        if course.alarm is not None and course.watch_pressure(now):
            self.alarm.note(course.phase.phase, course.alarm)
        return broke_promise

    def _step(self, course: PhaseCourse | None) -> str:
        if self._guide is not None:
            instruction = self._guide.instruction(self._slots.pressure, self._force)
            if instruction:
                return instruction
        if course is not None:
            return course.step.value
        return "end" if self._outcomes else "start"

    def _expected_left(self, course: PhaseCourse | None) -> float:
        if course is None:
            return 0.0 if self._outcomes else self._expected[self.index]
        if course.reached:
            return course.remaining
        return max(self._expected[self.index] - course.elapsed, course.remaining)

    def _begin_phase(self, index: int, sample: Sample, now: float) -> None:
        self.index = index
        course = PhaseCourse(self.recipe, index, sample, now)
        self._course = course
        phase = course.phase
        if phase.unload is not None:
            self._give_pressure(
                PressureOrder(
                    PressureMode.UNLOAD,
                    self._area,
                    rate=phase.unload.rate,
                    timeout=phase.time_limit,
                    safe_end=phase.safe_end,
                )
            )
        elif isinstance(phase.pressure, PressureTarget):
            self._give_pressure(self._press_order(phase.pressure, course))
        if phase.temperature == OFF:
            self._give_temperature(TemperatureOrder(TemperatureMode.OFF))

    def _press_order(self, target: PressureTarget, course: PhaseCourse) -> PressureOrder:
        phase = course.phase
        return PressureOrder(
            PressureMode.PRESS,
            self._area,
            rate=target.rate,
            pressure=target.target,
            tolerance=target.tolerance.around(target.target),
            settling_time=phase.settling,
            # Until the next order: a controller that gives up later must not have said DONE before.
            duration=math.inf,
            timeout=phase.time_limit,
            safe_end=phase.safe_end,
        )

    def _order_temperature(self) -> None:
        phase = self.recipe.procedure[self.index]
        target = phase.temperature
        if not isinstance(target, TemperatureTarget):
            return  # `keep`: the controller still has it
        order = TemperatureOrder(
            TemperatureMode.REGULATE,
            temperature=target.target,
            rate=target.rate,
            tolerance=target.tolerance,
            settling_time=phase.settling,
            duration=math.inf,
            timeout=self._time_left(),
        )
        self._give_temperature(order)

    def _give_pressure(self, order: PressureOrder) -> None:
        self._ordered_pressure = order
        self._slots.pressure.give(order)

    def _give_temperature(self, order: TemperatureOrder) -> None:
        self._ordered_temperature = order
        self._slots.temperature.give(order)

    def _time_left(self) -> float:
        course = self._course
        return 1.0 if course is None else max(1.0, course.phase.time_limit - course.elapsed)

    def _why_lost(self) -> str:
        """Return why a controller has given up; its time-out is none, the phase has its own."""
        for name, slot in (
            ("pressure", self._slots.pressure),
            ("temperature", self._slots.temperature),
        ):
            if slot.state is OrderState.FAILED:
                return f"the {name} controller gave up: {slot.message}"
        return ""

    def _phase_complete(self, course: PhaseCourse) -> bool:
        if course.phase.unload is not None and self._slots.pressure.state is not OrderState.DONE:
            return False
        return course.complete if course.judged else course.phase.unload is not None

    def _time_out(self, course: PhaseCourse, sample: Sample, now: float) -> Wish:
        why = course.why_not_reached()
        # Without an unload that works there is no going on.
        if course.phase.on_timeout is Reaction.CONTINUE and course.phase.unload is None:
            return self._next_phase(PhaseVerdict.FAILED, why, sample, now)
        self._end_phase(PhaseVerdict.FAILED, why, now)
        return self._wish(Wish.ABORT, f"phase '{self.phase_name}' timed out: {why}")

    def _react(self, reaction: Reaction, course: PhaseCourse, now: float) -> Wish:
        why = f"phase '{self.phase_name}': {course.violation}"
        if reaction is Reaction.ABORT:
            self._end_phase(PhaseVerdict.FAILED, course.violation, now)
            return self._wish(Wish.ABORT, why)
        return self._wish(Wish.HOLD, why) if reaction is Reaction.HOLD else Wish.GO_ON

    def _next_phase(self, verdict: PhaseVerdict, reason: str, sample: Sample, now: float) -> Wish:
        self._end_phase(verdict, reason, now)
        if self.index + 1 >= len(self.recipe.procedure):
            return Wish.FINISH
        self._begin_phase(self.index + 1, sample, now)
        return Wish.GO_ON

    def _end_phase(self, verdict: PhaseVerdict, reason: str, now: float) -> None:
        if self._course is not None:
            self._outcomes.append(self._course.outcome(verdict, reason, now))
            self._course = None

    def _wish(self, wish: Wish, reason: str) -> Wish:
        self.reason = reason
        return wish
